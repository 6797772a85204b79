"""Lync's files into the cloud's drafts, as an operator does it: look, mend, apply, look again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from e911.hints import ElementKind
from elingate_admin.api import Cloud
from elingate_admin.documents import held
from lab.cloud.web import LoopbackServer, Reply, Request
from tests.admin.lync_files import FLOOR_1, FLOOR_2, sheet
from tests.admin.terminal import Terminal
from tests.cloud.places import BRANCH

KINDS = ("erl", "elin", "element")
SUBNETS = sheet(
    ElementKind.SUBNET, {"Subnet": "10.1.1.0", **FLOOR_1}, {"Subnet": "10.1.2.0", **FLOOR_2}
)
WAPS = sheet(
    ElementKind.BSSID, {"BSSID": "0A-1B-2C-3D-4E-5F", **FLOOR_2}, {"BSSID": "0A-1B-2C-3D-4E-60"}
)


@pytest.fixture
def folder(elingate: Terminal, tmp_path: Path) -> Path:
    """A folder with subnets.csv and waps.csv, and the branch in the drafts."""
    put = ("draft", "put", "branch", "spf", "-f", "-")
    elingate.did(*put, stdin=json.dumps(BRANCH).encode())
    (tmp_path / "subnets.csv").write_bytes(SUBNETS)
    (tmp_path / "waps.csv").write_bytes(WAPS)
    return tmp_path


def _command(folder: Path, *more: str) -> list[str | Path]:
    files: list[str | Path] = ["--subnets", folder / "subnets.csv", "--waps", folder / "waps.csv"]
    return ["locations", "import", "--branch", "spf", "--prefix", "24", *files, *more]


def test_first_it_is_only_shown(elingate: Terminal, folder: Path, cloud: Cloud) -> None:
    ran = elingate.did(*_command(folder))
    assert held(cloud, KINDS) == {}
    assert "new" in ran.out
    assert "element/spf-bssid-0a-1b-2c-3d-4e-5f" in ran.out
    assert "waps.csv" in ran.out
    assert "has no location: left out" in ran.out
    assert "8 drafts would change, 0 unchanged, 1 warning, 0 faults" in ran.err
    assert "--apply" in ran.err


def test_a_fault_keeps_everything_out_until_the_rest_is_asked_for(
    elingate: Terminal, folder: Path, cloud: Cloud
) -> None:
    bad = {"Subnet": "10.1.3.7", **FLOOR_2, "Location": "Flr 3", "CompanyName": "425-555-013"}
    lines = SUBNETS + sheet(ElementKind.SUBNET, bad).splitlines(keepends=True)[1]
    (folder / "subnets.csv").write_bytes(lines)
    ran = elingate.run(*_command(folder, "--apply"))
    assert ran.code == 1
    assert held(cloud, KINDS) == {}
    shown = [line.split()[:3] for line in ran.out.splitlines()]
    assert ["subnets.csv", "4", "Subnet"] in shown
    assert ["subnets.csv", "4", "CompanyName"] in shown
    rest = elingate.run(*_command(folder, "--apply", "--skip-faults", "--json"))
    assert rest.code == 1
    assert rest.document["applied"]
    assert len(rest.document["faults"]) == 2
    assert len(held(cloud, KINDS)) == len(rest.document["changes"]) == 8


def test_applied_twice_it_changes_nothing(elingate: Terminal, folder: Path, cloud: Cloud) -> None:
    elingate.did(*_command(folder, "--apply"))
    before = held(cloud, KINDS)
    assert before["elin", "4255550122"]["rank"] == 1
    again = elingate.did(*_command(folder, "--apply", "--json")).document
    assert (again["changes"], again["unchanged"], again["failed"]) == ([], 8, [])
    assert held(cloud, KINDS) == before


def test_one_citys_lines_are_picked_from_a_file_of_all(elingate: Terminal, folder: Path) -> None:
    none = elingate.did(*_command(folder, "--where", "City=Shelbyville", "--json")).document
    assert (none["changes"], none["unchanged"], none["warnings"]) == ([], 0, [])
    one = elingate.did(*_command(folder, "--where", "location=flr 1", "--json")).document
    assert len(one["changes"]) + one["unchanged"] == 3
    ran = elingate.run(*_command(folder, "--where", "Town=x"))
    assert ran.code == 2
    assert "Town" in ran.err


def test_what_cannot_be_begun_is_said_so(elingate: Terminal, folder: Path) -> None:
    assert elingate.run("locations", "import", "--branch", "spf").code == 2
    missing = ("--subnets", folder / "no.csv")
    assert elingate.run("locations", "import", "--branch", "spf", *missing).code == 2
    there = ("--subnets", folder / "subnets.csv", "--prefix", "24")
    ran = elingate.run("locations", "import", "--branch", "ogdenville", *there)
    assert ran.code == 1
    assert "ogdenville" in ran.err


def test_a_draft_that_the_cloud_refuses_is_listed_and_the_rest_is_in(
    folder: Path, token_file: Path
) -> None:
    put: list[str] = []

    def refusing(request: Request) -> Reply:
        if request.method == "GET":
            return Reply.of(200, {"drafts": []})
        put.append(request.decoded_path)
        if request.path.endswith("4255550121"):
            return Reply.of(409, {"error": "conflict", "detail": [{"loc": "", "msg": "taken"}]})
        return Reply.of(200, {"version": 1})

    server = LoopbackServer(refusing).start()
    try:
        url = f"http://127.0.0.1:{server.server_port}"
        terminal = Terminal(("--api", url, "--token-file", str(token_file)))
        ran = terminal.run(*_command(folder, "--apply"))
    finally:
        server.stop()
    assert ran.code == 1
    assert len(put) == 8
    assert "7 drafts written" in ran.err
    assert ran.out.splitlines()[-1].split() == ["elin/4255550121", "subnets.csv:3", "taken"]
