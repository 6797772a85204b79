"""The command as an operator types it: processes, exit codes, and what is said."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path

import pytest

from edge_agent.__main__ import BAD_CONFIG, DONE, INTERRUPTED, REFUSED, UNAVAILABLE, main
from tests.edge.office import ELIN, Office

ROOT = Path(__file__).parents[2]
PATIENCE_S = 20.0
ENVIRONMENT = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'layers/core'}"}


@pytest.fixture
def office(tmp_path: Path) -> Office:
    made = Office(tmp_path)
    made.write_config()
    return made


@pytest.fixture
def agent(office: Office) -> Iterator[subprocess.Popen[str]]:
    """A whole agent process that takes calls."""
    process = subprocess.Popen(
        [sys.executable, "-m", "edge_agent", "--config", str(office.folder / "edge.toml")],
        env=ENVIRONMENT,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if "takes calls" in line:
            break
    yield process
    process.kill()
    process.wait()
    process.stderr.close()


def command(office: Office, *words: str) -> int:
    return main([*words, "--config", str(office.folder / "edge.toml")])


def test_a_good_file_is_ok_and_a_bad_one_is_78_with_every_fault(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(office, "--check-config") == DONE
    assert capsys.readouterr().out.endswith("edge.toml: OK\n")
    path = office.folder / "edge.toml"
    path.write_text(path.read_text().replace(f"port = {office.sip}", "port = 0", 1) + "\n[oops]\n")
    assert command(office, "--check-config") == BAD_CONFIG
    said = capsys.readouterr().err
    assert "sip.port: must be a whole number from 1 to 65535, is 0" in said
    assert "oops: is not a section" in said


def test_where_no_agent_runs_the_operator_is_told(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(office, "trunk", "results") == UNAVAILABLE
    assert command(office, "status") == UNAVAILABLE
    assert "no agent at" in capsys.readouterr().err


def test_the_help_names_examples_and_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert "examples:" in said
    assert "exit codes:" in said
    assert "A capture holds every number" in said, "whoever takes one knows what it is"


def test_a_capture_is_taken_by_the_agent_into_its_own_folder(
    office: Office, agent: subprocess.Popen[str], capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("capture", "--span", "pri-1", "--file", "d.pcap", "--seconds", "1", "--json")
    assert command(office, *words) == DONE
    answer = json.loads(capsys.readouterr().out)
    path = office.state / "d.pcap"
    assert (answer["file"], answer["full"]) == (str(path), False)
    assert (path.stat().st_size, stat.S_IMODE(path.stat().st_mode)) == (answer["bytes"], 0o600)
    assert answer["frames"] > 0, "a link that is down is asked for again and again"
    assert command(office, *words) == REFUSED
    assert "File exists" in capsys.readouterr().err
    assert command(office, "capture", "--file", "e.pcap") == REFUSED
    assert "span must be one of pri-1" in capsys.readouterr().err


def test_an_operator_who_waits_no_longer_is_told_that_the_agent_goes_on(
    office: Office, agent: subprocess.Popen[str], capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("capture", "--span", "pri-1", "--file", "long.pcap", "--seconds", "600")
    config = ("--config", str(office.folder / "edge.toml"))
    line = [sys.executable, "-m", "edge_agent", *words, *config]
    with subprocess.Popen(
        line, env=ENVIRONMENT, stderr=subprocess.PIPE, text=True, preexec_fn=_at_a_terminal
    ) as waiting:
        while not (office.folder / "state" / "long.pcap").exists():
            assert waiting.poll() is None
        waiting.send_signal(signal.SIGINT)
        assert waiting.wait(PATIENCE_S) == INTERRUPTED
        assert waiting.stderr is not None
        (said,) = waiting.stderr.read().splitlines()
    assert "goes on" in said
    assert command(office, *words) == REFUSED
    assert "is being taken, for" in capsys.readouterr().err


def _at_a_terminal() -> None:
    """Ctrl-C works, which it does not for what a shell starts in the background."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_an_operators_session_from_start_to_stop(
    office: Office, agent: subprocess.Popen[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(office, "status", "--json") == DONE
    status = json.loads(capsys.readouterr().out)
    assert (status["edge"], status["serial"], status["calls"]) == ("edge-1", None, 0)
    for words in (
        ["calls"],
        ["bindings"],
        ["trunks"],
        ["alarms"],
        ["trace"],
        ["metrics"],
        ["status"],
    ):
        assert command(office, *words) == DONE
    said = capsys.readouterr().out
    assert "spf-pri" in said
    assert "no-snapshot" in said
    assert "elingate_invite_to_seizure_seconds" in said
    assert command(office, "trace", "--lines", "0") == REFUSED
    assert command(office, "trunk", "results") == DONE
    assert capsys.readouterr().out == "none\n"
    test = ("trunk", "test", "spf-pri", "--elin", ELIN.digits, "--number")
    assert command(office, *test, "2065550199") == REFUSED
    assert "no snapshot is in use" in capsys.readouterr().err
    assert command(office, "stop", "--force", "no-such-call") == REFUSED
    assert command(office, "stop") == DONE
    assert agent.wait(PATIENCE_S) == DONE


def test_a_signal_ends_an_idle_agent_in_good_order(
    office: Office, agent: subprocess.Popen[str]
) -> None:
    agent.send_signal(signal.SIGTERM)
    assert agent.wait(PATIENCE_S) == DONE
    assert not (office.folder / "admin.sock").exists()


def test_a_second_agent_on_the_same_port_says_so_and_ends(
    office: Office, agent: subprocess.Popen[str]
) -> None:
    second = subprocess.run(
        [sys.executable, "-m", "edge_agent", "--config", str(office.folder / "edge.toml")],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
    assert second.returncode == UNAVAILABLE
    assert "cannot start" in second.stderr
    assert (office.folder / "admin.sock").exists()


def test_the_unit_that_ships_starts_this_command_and_gives_no_more_than_it_needs() -> None:
    unit = ConfigParser(strict=False, interpolation=None)
    unit.read(ROOT / "infra/edge/elingate-edge.service")
    service = unit["Service"]
    assert service["Type"] == "notify"
    assert service["ExecStart"].split()[1:] == ["--config", "/etc/elingate/edge.toml"]
    assert service["RestartPreventExitStatus"] == str(BAD_CONFIG)
    assert service["CapabilityBoundingSet"] == "CAP_SYS_NICE CAP_NET_BIND_SERVICE"
    assert (service["NoNewPrivileges"], service["ProtectSystem"]) == ("yes", "strict")
