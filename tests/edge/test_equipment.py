"""What the cores are told of file and snapshot."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from e911.rows import PeerRow, TrunkKind, TrunkRow
from e911.snapshot import Header, Snapshot
from edge_agent import equipment
from edge_agent.config import Config
from edge_agent.isdn.switches import SwitchType
from edge_agent.leg import Law
from edge_agent.sip.config import Role
from tests.edge.office import LAST_ELIN, Office


def branch(folder: Path) -> tuple[Config, Snapshot]:
    office = Office(folder)
    rows = [
        *office.rows(),
        PeerRow("sbc", "springfield", "sbc.example", 5061, networks=("192.0.2.0/24",)),
        TrunkRow("carrier", "springfield", TrunkKind.SIP, host="198.51.100.1"),
    ]
    return office.config(), Snapshot.build(Header(1, 1, "springfield", 1, 1), rows)


def test_peers_are_platforms_sip_trunks_are_trunks_and_isdn_is_no_remote(tmp_path: Path) -> None:
    config, snapshot = branch(tmp_path)
    remotes = {remote.id: remote for remote in equipment.remotes_of(config, snapshot)}
    assert remotes.keys() == {"pbx", "sbc", "carrier"}
    assert remotes["sbc"].role is Role.PLATFORM
    assert str(remotes["sbc"].networks[0]) == "192.0.2.0/24"
    assert remotes["carrier"].role is Role.TRUNK


def test_without_a_snapshot_the_peers_of_the_last_resort_are_served_r1(tmp_path: Path) -> None:
    config, _ = branch(tmp_path)
    (peer,) = equipment.remotes_of(config, None)
    assert (peer.id, peer.role) == ("pbx", Role.PLATFORM)
    last = equipment.last_resort(config)
    assert (last.elin, last.trunk, last.called) == (LAST_ELIN, "spf-pri", "911")


def test_a_sip_trunk_of_the_last_resort_is_there_with_and_without_a_snapshot(
    tmp_path: Path,
) -> None:
    config, snapshot = branch(tmp_path)
    spare = replace(config.last_resort, trunk="spare", host="203.0.113.1")
    config = replace(config, last_resort=spare)
    for held in (None, snapshot):
        remotes = {remote.id: remote for remote in equipment.remotes_of(config, held)}
        assert remotes["spare"].host == "203.0.113.1"
    assert ("spare", ()) in equipment.trunks_of(config)


def test_a_name_becomes_an_address_and_stays_as_the_domain(tmp_path: Path) -> None:
    config, snapshot = branch(tmp_path)
    found = equipment.with_addresses(
        equipment.remotes_of(config, snapshot), {"sbc.example": "192.0.2.9"}
    )
    sbc = next(remote for remote in found if remote.id == "sbc")
    assert (sbc.host, sbc.domain) == ("192.0.2.9", "sbc.example")


def test_a_t1_has_23_channels_in_mu_law_and_an_e1_30_in_a_law(tmp_path: Path) -> None:
    span = branch(tmp_path)[0].spans[0]
    t1 = equipment.trunk_config(span)
    assert (len(t1.channels), t1.law, t1.switch) == (23, Law.MU, SwitchType.NI2)
    e1 = replace(span, line="e1")
    assert (len(equipment.channels_of(e1)), equipment.law_of(e1)) == (30, Law.A)
    assert equipment.open_span(e1).law == "a"
    assert equipment.span_ports(span).d_local == span.d_local


def test_every_switch_that_the_file_may_name_is_one_that_the_core_knows(tmp_path: Path) -> None:
    span = branch(tmp_path)[0].spans[0]
    for switch in SwitchType:
        assert equipment.trunk_config(replace(span, switch=switch.value)).switch is switch


def test_the_endpoint_stays_within_the_ports_of_the_file(tmp_path: Path) -> None:
    config, _ = branch(tmp_path)
    endpoint = equipment.endpoint_config(config)
    assert endpoint.rtp_first == config.sip.rtp_first
    assert endpoint.rtp_last + 1 < config.sip.rtp_first + config.sip.rtp_count
