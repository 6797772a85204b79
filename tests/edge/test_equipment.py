"""What the cores are told of file and snapshot."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from e911.rows import PeerRow, TrunkKind, TrunkRow
from e911.snapshot import Header, Snapshot
from edge_agent import equipment
from edge_agent.config import Config, Fault
from edge_agent.drivers.dahdi_line import DahdiOrder
from edge_agent.drivers.ids import RandomIds
from edge_agent.drivers.span import Voice
from edge_agent.drivers.wires import SpanPorts
from edge_agent.gateway.requests import Equip
from edge_agent.gateway.trunks import Order
from edge_agent.isdn.elements import Npi, Screening, Ton
from edge_agent.isdn.switches import SwitchType
from edge_agent.isdn.timers import T
from edge_agent.leg import Law
from edge_agent.ops.timetable import Timetable
from edge_agent.ops.trunk_watch import Limits
from edge_agent.sections import TrunkSection
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
    assert Equip("spare", ()) in equipment.trunks_of(config)


def test_a_name_becomes_an_address_and_stays_as_the_domain(tmp_path: Path) -> None:
    config, snapshot = branch(tmp_path)
    found = equipment.with_addresses(
        equipment.remotes_of(config, snapshot), {"sbc.example": "192.0.2.9"}
    )
    sbc = next(remote for remote in found if remote.id == "sbc")
    assert (sbc.host, sbc.domain) == ("192.0.2.9", "sbc.example")


def test_a_t1_has_23_channels_in_mu_law_and_an_e1_30_in_a_law(tmp_path: Path) -> None:
    span = branch(tmp_path)[0].spans[0]
    t1 = equipment.trunk_config(span, TrunkSection(id="spf-pri"))
    assert (len(t1.channels), t1.law, t1.switch) == (23, Law.MU, SwitchType.NI2)
    e1 = replace(span, line="e1")
    assert (len(equipment.channels_of(e1)), equipment.law_of(e1)) == (30, Law.A)
    assert equipment.law_of(replace(e1, law="mu")) is Law.MU
    assert equipment.channels_of(replace(e1, channels=(1, 2, 3))) == (1, 2, 3)
    assert equipment.open_span(e1).law == "a"


def test_each_driver_is_told_where_its_line_is(tmp_path: Path) -> None:
    span = branch(tmp_path)[0].spans[0]
    ports = equipment.span_order(span)
    assert isinstance(ports, SpanPorts)
    assert (ports.span, ports.d_local) == (span.id, span.d_local)
    card = replace(span, driver="dahdi", dahdi_span=2)
    assert equipment.span_order(card) == DahdiOrder(span.id, 2, 24, tuple(range(1, 24)), Law.MU)
    assert equipment.span_order(replace(card, line="e1", law="")) == DahdiOrder(
        span.id, 2, 16, (*range(1, 16), *range(17, 32)), Law.A
    )
    assert equipment.span_order(replace(card, line="bri", echo_cancel=True)) == DahdiOrder(
        span.id, 2, 3, (1, 2), Law.A, echo_cancel=True
    )


def test_media_is_told_of_the_channels_that_are_open_and_of_no_others(tmp_path: Path) -> None:
    span = equipment.open_span(branch(tmp_path)[0].spans[0])
    assert equipment.lent(span, Voice((7,))) == span, "the loop has one socket for all"
    assert equipment.lent(span, Voice((7, 8), (2, 5))).channels == (2, 5)
    assert equipment.lent(span, Voice(())) == span


def test_every_switch_that_the_file_may_name_is_one_that_the_core_knows(tmp_path: Path) -> None:
    span = branch(tmp_path)[0].spans[0]
    for switch in SwitchType:
        made = equipment.trunk_config(replace(span, switch=switch.value), TrunkSection(id="x"))
        assert made.switch is switch


def test_the_endpoint_stays_within_the_ports_of_the_file(tmp_path: Path) -> None:
    config, _ = branch(tmp_path)
    endpoint = equipment.endpoint_config(config)
    assert endpoint.rtp_first == config.sip.rtp_first
    assert endpoint.rtp_last + 1 < config.sip.rtp_first + config.sip.rtp_count


def with_two_spans(folder: Path, trunk: TrunkSection) -> Config:
    config, _ = branch(folder)
    second = replace(config.spans[0], id="pri-2", line="e1", switch="euro")
    return replace(config, spans=(*config.spans, second), trunks=(trunk,))


def test_the_spans_of_one_trunk_are_one_group_and_their_channels_are_numbered_as_circuits(
    tmp_path: Path,
) -> None:
    config = with_two_spans(tmp_path, TrunkSection(id="spf-pri", order="rotating"))
    (equip,) = equipment.trunks_of(config)
    assert (equip.trunk, equip.order) == ("spf-pri", Order.ROTATING)
    (first, t1), (second, e1) = equip.spans
    assert (first, t1[0], t1[-1], second, e1[0], e1[-1]) == ("pri-1", 1, 23, "pri-2", 101, 131)
    assert equip.channels == t1 + e1
    (group,) = equipment.trunk_groups(config, RandomIds()).values()
    assert group.spans == ("pri-1", "pri-2")
    assert group.circuits("pri-2") == e1


def test_what_the_carrier_wants_is_said_once_for_all_spans_of_its_trunk(tmp_path: Path) -> None:
    wanted = TrunkSection(
        id="spf-pri",
        called_ton="national",
        calling_npi="private",
        screening="user-passed",
        emergency_timers={"T303": 1.0},
    )
    config = with_two_spans(tmp_path, wanted)
    for span in config.spans:
        made = equipment.trunk_config(span, config.trunk(span.trunk))
        assert (made.called_ton, made.calling_npi) == (Ton.NATIONAL, Npi.PRIVATE)
        assert (made.calling_ton, made.screening) == (None, Screening.USER_PASSED)
        assert made.emergency_timers == {T.T303: 1.0}
    assert equipment.span_faults(config) == ()


def test_what_only_the_core_can_refuse_is_a_fault_of_the_file(tmp_path: Path) -> None:
    config = with_two_spans(tmp_path, TrunkSection(id="spf-pri", timers={"T303": 99.0}))
    faults = equipment.span_faults(config)
    assert [fault.key for fault in faults] == ["span[0]", "span[1]"]
    assert "T303 is 99.0 s; it must be" in faults[0].reason
    config = with_two_spans(tmp_path, TrunkSection(id="spf-pri", timers={"T999": 1.0}))
    reason = "with trunk spf-pri: no timer is called T999"
    assert Fault("span[0]", reason) in equipment.span_faults(config)


def test_what_an_operator_wants_to_hear_of_a_trunk_is_in_its_table(tmp_path: Path) -> None:
    config = Office(tmp_path).config()
    told = TrunkSection(
        id="spf-pri",
        least_free=4,
        proof_days=7,
        test_number="2065550199",
        test_at="03:30",
        test_all=True,
    )
    config = replace(config, trunks=(told, TrunkSection(id="spare")))
    assert equipment.limits_of(config) == {"spf-pri": Limits(4, 7), "spare": Limits()}
    assert equipment.timetables_of(config) == (Timetable("spf-pri", "2065550199", "03:30", True),)


def test_a_basic_rate_line_has_two_channels_and_a_link_of_its_own(tmp_path: Path) -> None:
    span = replace(branch(tmp_path)[0].spans[0], line="bri", switch="euro")
    point = equipment.trunk_config(span, TrunkSection(id="spf-pri"))
    assert (point.channels, point.law, point.basic) == ((1, 2), Law.A, True)
    assert (point.link.window, point.link.tei) == (1, 0)
    shared = equipment.trunk_config(replace(span, tei="multipoint"), TrunkSection(id="spf-pri"))
    assert shared.link.tei is None


def test_the_timers_of_a_trunk_reach_its_link_its_channels_and_its_calls(tmp_path: Path) -> None:
    seconds = {"T200": 2.0, "T203": 20.0, "T309": 30.0, "T316": 60.0, "T310": 40.0}
    section = TrunkSection(id="spf-pri", timers=seconds, network_facility="00e6")
    made = equipment.trunk_config(branch(tmp_path)[0].spans[0], section)
    assert (made.link.t200_s, made.link.t203_s, made.t309_s, made.t316_s) == (2.0, 20.0, 30.0, 60.0)
    assert (made.timers, made.network_facility) == ({T.T310: 40.0}, b"\x00\xe6")
