"""One draft: put, listed, shown, changed on condition, deleted, as an operator would."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.admin.terminal import Terminal
from tests.cloud.places import BRANCH


@pytest.fixture
def branch(tmp_path: Path) -> Path:
    path = tmp_path / "branch.json"
    path.write_text(json.dumps(BRANCH))
    return path


def test_a_draft_from_a_file_can_be_shown_and_put_again(elingate: Terminal, branch: Path) -> None:
    first = elingate.did("draft", "put", "branch", "springfield", "-f", branch, "--json")
    shown = elingate.did("draft", "show", "branch", "springfield")
    again = elingate.did(
        "draft", "put", "branch", "springfield", "-f", "-", "--json", stdin=shown.out.encode()
    )
    assert again.document["version"] == first.document["version"] + 1
    assert shown.document["zone"] == BRANCH["zone"]


def test_a_table_has_a_line_for_each_draft(elingate: Terminal) -> None:
    contact = "sip:homer@pbx.example"
    body = json.dumps({"branch": "springfield", "name": "Homer\x1b[2J", "number": "2175550177"})
    elingate.did("draft", "put", "caller", contact, "-f", "-", stdin=body.encode())
    table = elingate.did("draft", "list", "caller").out
    header, line = table.splitlines()
    assert header.split()[:2] == ["id", "version"]
    assert line.startswith(contact)
    assert "\x1b" not in table
    elingate.did("draft", "delete", "caller", contact)
    assert elingate.did("draft", "list", "caller", "--json").document == []


def test_a_version_that_has_moved_on_is_not_overwritten(elingate: Terminal, branch: Path) -> None:
    put = ("draft", "put", "branch", "shelbyville", "-f", branch)
    elingate.did(*put, "--if-match", "0")
    ran = elingate.run(*put, "--if-match", "0")
    assert ran.code == 1
    assert "elingate draft show" in ran.err


def test_every_fault_of_a_field_is_shown(elingate: Terminal) -> None:
    body = json.dumps({**BRANCH, "window_minutes": 0, "reserve": -1}).encode()
    ran = elingate.run("draft", "put", "branch", "x", "-f", "-", stdin=body)
    assert ran.code == 1
    assert "  window_minutes: " in ran.err
    assert "  reserve: " in ran.err


@pytest.mark.parametrize(
    "text",
    ["{", "[]", '{"kind": "erl"}', '{"id": "other"}', "\udcff".encode("utf-8", "surrogateescape")],
)
def test_a_file_that_is_no_such_draft_is_not_sent(elingate: Terminal, text: str | bytes) -> None:
    content = text if isinstance(text, bytes) else text.encode()
    ran = elingate.run("draft", "put", "branch", "x", "-f", "-", stdin=content)
    assert ran.code == 2


def test_what_is_not_there_is_said_so(elingate: Terminal) -> None:
    assert elingate.run("draft", "show", "erl", "nowhere").code == 1
    assert elingate.run("draft", "delete", "erl", "nowhere").code == 1
    ran = elingate.run("draft", "list", "flor")
    assert ran.code == 1
    assert "outside-network" in ran.err


def test_a_file_that_is_not_there_is_named(elingate: Terminal, tmp_path: Path) -> None:
    ran = elingate.run("draft", "put", "branch", "x", "-f", tmp_path / "no.json")
    assert ran.code == 2
    assert "no.json" in ran.err
