"""Every value has a limit, every fault is named at once, and a bad edit never stops a branch."""

from __future__ import annotations

from pathlib import Path

import pytest

from e911.numbers import Elin
from edge_agent.config import (
    ConfigFaults,
    Fault,
    keep_good_copy,
    load,
    load_or_last_good,
    parse,
)
from edge_agent.equipment import span_faults

EXAMPLE = Path(__file__).parents[2] / "infra/edge/edge.toml"

SMALL = """
[edge]
id = "edge-1"
deployment = "lab"
branch = "springfield"
state_dir = "state"
admin_socket = "state/admin.sock"

[sip]
host = "127.0.0.1"
port = 5070
domain = "springfield.gateway.example"

[[span]]
id = "pri-1"
trunk = "spf-pri"
driver = "loop"
d_local = 6001
d_remote = 6002
b_local = 6003
b_remote = 6004

[last_resort]
elin = "425-555-0100"
trunk = "spf-pri"
"""


def faults_of(body: str) -> dict[str, str]:
    with pytest.raises(ConfigFaults) as refused:
        parse(body, Path("/etc/elingate/edge.toml"))
    return {fault.key: fault.reason for fault in refused.value.faults}


def test_the_example_that_ships_is_good() -> None:
    config = load(EXAMPLE, span_faults)
    assert config.edge.id == "edge-springfield"
    assert config.last_resort.elin == Elin("4255550100")
    assert config.last_resort.peers[0].transport == "tcp"
    assert config.sync is not None
    assert config.sync.trust == (Path("/etc/elingate/signing-key.pem"),)


def test_a_small_file_is_enough_and_its_paths_are_taken_from_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "edge.toml"
    path.write_text(SMALL)
    config = load(path)
    assert config.edge.state_dir == tmp_path / "state"
    assert config.sync is None
    assert config.sip.rtp_first == 20000
    assert config.trace.numbers is False


def test_without_a_last_resort_nothing_starts_r1() -> None:
    body = SMALL[: SMALL.index("[last_resort]")]
    assert list(faults_of(body)) == ["last_resort"]


def test_all_faults_are_listed_at_once_and_each_names_file_key_and_reason() -> None:
    body = (
        SMALL.replace("port = 5070", "port = 70000")
        .replace('id = "edge-1"', 'id = "no spaces please"')
        .replace('driver = "loop"', 'driver = "morse"')
        .replace('elin = "425-555-0100"', 'elin = "911"')
    )
    with pytest.raises(ConfigFaults) as refused:
        parse(body, Path("/etc/elingate/edge.toml"))
    lines = str(refused.value).splitlines()
    assert (
        "/etc/elingate/edge.toml: sip.port: must be a whole number from 1 to 65535, is 70000"
        in lines
    )
    assert {fault.key for fault in refused.value.faults} == {
        "sip.port",
        "edge.id",
        "span[0].driver",
        "last_resort.elin",
    }


@pytest.mark.parametrize(
    ("was", "becomes", "key"),
    [
        ('host = "127.0.0.1"', 'host = "localhost"', "sip.host"),
        ("port = 5070", 'port = "5070"', "sip.port"),
        ("port = 5070", "port = true", "sip.port"),
        ("port = 5070", "port = 5070\nrtp_first = 65000\nrtp_count = 4000", "sip.rtp_count"),
        ("port = 5070", "port = 5070\nprot = 5071", "sip.prot"),
        ("port = 5070", "port = 5070\ntcp = 1", "sip.tcp"),
        ("d_local = 6001", "d_local = 5070", "span[0].d_local"),
        ("d_local = 6001", "d_local = 6003", "span[0].b_local"),
        ("d_local = 6001\n", "", "span[0].d_local"),
        ('0100"\ntrunk = "spf-pri"', '0100"\ntrunk = "other"', "last_resort.trunk"),
        ("b_remote = 6004", 'b_remote = 6004\nchannels = "0-40"', "span[0].channels"),
        ("b_remote = 6004", 'b_remote = 6004\nchannels = "1, 1"', "span[0].channels"),
        ('driver = "loop"', 'driver = "dahdi"', "span[0].dahdi_span"),
        ("[last_resort]", '[[trunk]]\nid = "other"\n[last_resort]', "trunk[0].id"),
        (
            "[last_resort]",
            '[[trunk]]\nid = "spf-pri"\n[[trunk]]\nid = "spf-pri"\n[last_resort]',
            "trunk[1].id",
        ),
        (
            "[last_resort]",
            '[[trunk]]\nid = "spf-pri"\ntest_at = "03:30"\n[last_resort]',
            "trunk[0].test_at",
        ),
        (
            "[last_resort]",
            '[[trunk]]\nid = "spf-pri"\ntimers = {T3 = 1}\n[last_resort]',
            "trunk[0].timers",
        ),
        (
            "[last_resort]",
            '[[trunk]]\nid = "spf-pri"\ntimers = {T303 = "1"}\n[last_resort]',
            "trunk[0].timers",
        ),
        ("[edge]", "[egde]\n[edge]", "egde"),
        ("[last_resort]", '[trace]\nnumbers = "no"\n[last_resort]', "trace.numbers"),
        ("[last_resort]", "[metrics]\nport = -1\n[last_resort]", "metrics.port"),
        ("[last_resort]", "[sync]\n[last_resort]", "sync.api"),
        ("[[span]]", "[span]", "span"),
        ('state_dir = "state"', "state_dir = 7", "edge.state_dir"),
        ('elin = "425-555-0100"', 'elin = "425-555-0100"\npeer = 1', "last_resort.peer"),
        (
            'elin = "425-555-0100"',
            'elin = "425-555-0100"\npeer = [{id="a", host="h", networks=["10.0.0.1/8"]}]',
            "last_resort.peer[0].networks",
        ),
    ],
)
def test_a_value_outside_its_limit_is_blamed_by_key(was: str, becomes: str, key: str) -> None:
    assert was in SMALL
    assert key in faults_of(SMALL.replace(was, becomes, 1))


def test_a_last_resort_over_sip_needs_no_span_but_a_host() -> None:
    body = SMALL.replace('trunk = "spf-pri"\n\n', "").replace(
        'elin = "425-555-0100"\ntrunk = "spf-pri"',
        'elin = "4255550100"\ntrunk = "carrier"\nhost = "192.0.2.30"',
    )
    assert parse(body, Path("edge.toml")).last_resort.host == "192.0.2.30"


def test_a_file_that_is_not_toml_says_where() -> None:
    assert "line 1" in faults_of("[edge\n")["file"]


def test_a_missing_file_is_a_fault_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigFaults, match=r"edge\.toml: file: cannot be read"):
        load(tmp_path / "edge.toml")


@pytest.mark.parametrize("damage", ["port = 5070 5071", "port = 99999"])
def test_after_a_first_good_start_a_broken_file_means_the_last_good_copy(
    tmp_path: Path, damage: str
) -> None:
    path = tmp_path / "edge.toml"
    path.write_text(SMALL)
    config = load(path)
    config.edge.state_dir.mkdir()
    keep_good_copy(config)
    path.write_text(SMALL.replace("port = 5070", damage))

    used, faults = load_or_last_good(path)

    assert used == config
    assert faults is not None
    assert (config.edge.state_dir / "edge.toml.good").stat().st_mode & 0o777 == 0o600


def test_the_copy_is_found_by_systemds_folder_when_the_file_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "edge.toml"
    path.write_text(SMALL)
    config = load(path)
    config.edge.state_dir.mkdir()
    keep_good_copy(config)
    path.unlink()
    monkeypatch.setenv("STATE_DIRECTORY", str(config.edge.state_dir))
    assert load_or_last_good(path)[0] == config


def test_before_a_first_good_start_a_broken_file_stops_the_agent(tmp_path: Path) -> None:
    path = tmp_path / "edge.toml"
    path.write_text(SMALL.replace("port = 5070", "port = 0"))
    with pytest.raises(ConfigFaults, match=r"sip\.port"):
        load_or_last_good(path)


def test_files_that_sync_needs_are_named_but_stop_no_call(tmp_path: Path) -> None:
    config = load(EXAMPLE)
    assert {fault.key for fault in config.missing_files()} == {
        "sync.ca",
        "sync.certificate",
        "sync.key",
        "sync.trust[0]",
    }


DAHDI = SMALL.replace(
    "d_local = 6001\nd_remote = 6002\nb_local = 6003\nb_remote = 6004\n", "dahdi_span = 1\n"
).replace('driver = "loop"', 'driver = "dahdi"')


def test_a_card_needs_no_ports_but_the_number_of_its_span() -> None:
    (span,) = parse(DAHDI, Path("edge.toml")).spans
    assert (span.driver, span.dahdi_span, span.echo_cancel) == ("dahdi", 1, False)
    second = '[[span]]\nid = "pri-2"\ntrunk = "spf-pri"\ndriver = "dahdi"\ndahdi_span = 1\n'
    assert faults_of(DAHDI.replace("[last_resort]", f"{second}\n[last_resort]")) == {
        "span[1].dahdi_span": "is the span of span[0] too"
    }


def test_a_trunk_has_defaults_until_a_table_says_otherwise() -> None:
    table = '[[trunk]]\nid = "spf-pri"\ncalled_ton = "national"\ntimers = {T310 = 20}\n'
    config = parse(SMALL.replace("[last_resort]", f"{table}\n[last_resort]"), Path("edge.toml"))
    assert config.trunk("spf-pri").called_ton == "national"
    assert config.trunk("spf-pri").timers == {"T310": 20.0}
    assert config.trunk("another").order == "descending"


def test_what_the_cores_refuse_is_found_before_the_agent_starts(tmp_path: Path) -> None:
    path = tmp_path / "edge.toml"
    path.write_text(SMALL)
    fault = Fault("span[0]", "with trunk spf-pri: T303 is 99 s")
    with pytest.raises(ConfigFaults) as refused:
        load(path, lambda config: (fault,))
    assert refused.value.faults == (fault,)
