"""What an edge reported is what the operator reads: calls, callbacks, and the carrier's file."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from e911.wire import to_document
from lab.cloud import LocalCloud
from tests.admin.terminal import Terminal
from tests.cloud.calls_of import record
from tests.lab.asking import ask, keys_of, signed

EDGE = "edge-springfield"


@pytest.fixture(scope="module")
def called(published: Terminal, running: LocalCloud) -> Terminal:
    """An administrator after one 911 call of Springfield."""
    utc = datetime.now(UTC)
    body = {"type": "call", **to_document(record(at=utc, bound_at=utc))}
    files = running.edge_certificate(EDGE)
    keys = keys_of(running.addresses.credentials, running.addresses.role_aliases[0], EDGE, files)
    url = f"{running.addresses.http}/v1/edges/{EDGE}/records"
    content = json.dumps({"records": [body]}).encode()
    assert ask("POST", url, content, signed("POST", url, content, keys)).status == 200
    return published


def test_todays_calls_of_a_branch(called: Terminal) -> None:
    lines = called.did("calls", "--branch", "springfield").out.splitlines()
    assert len(lines) == 2
    for word in ("edge-springfield-b1-1", "started", "spf-2", "Homer Simpson 2175550177"):
        assert word in lines[1]
    assert called.did("calls", "--branch", "shelbyville", "--json").document == []


def test_another_day_has_other_calls(called: Terminal) -> None:
    ran = called.did("calls", "--branch", "springfield", "--day", "2020-01-01", "--json")
    assert ran.document == []
    assert called.run("calls", "--branch", "springfield", "--day", "yesterday").code == 2
    assert called.run("calls", "--branch", "springfield", "--day", "2026-13-01").code == 1


def test_the_steps_of_one_call(called: Terminal) -> None:
    (step,) = called.did("call", "edge-springfield-b1-1", "--json").document
    assert (step["step"], step["elin"]) == ("started", "2175550121")


def test_whom_an_elin_rings(called: Terminal) -> None:
    (caller,) = called.did("callbacks", "217-555-0121", "--json").document
    assert caller["call"] == "edge-springfield-b1-1"
    assert "Homer" in called.did("callbacks", "2175550121").out
    assert called.run("callbacks", "911").code == 1


def test_the_carriers_file_is_written_once(called: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "springfield.ali"
    export = ("ali", "export", "--branch", "springfield", "--cycle", "7", "-o", file)
    assert called.did(*export, "--json").document == {"file": str(file), "lines": 5}
    content = file.read_bytes()
    assert content.count(b"\n") == 5
    assert b"EVERGREEN" in content
    assert called.run(*export).code == 2
    called.did(*export, "--force")
    shown = called.did(*export[:-1], "-")
    assert shown.out.encode() == content


def test_a_branch_that_was_never_published_has_no_file(called: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "x.ali"
    assert called.run("ali", "export", "--branch", "ogdenville", "-o", file).code == 1
    assert not file.exists()
