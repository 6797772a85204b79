"""A whole organisation goes in and comes out; a bad line stops nothing, no line is sent twice."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from elingate_admin.api import Cloud
from elingate_admin.documents import ALL_KINDS, held
from lab.cloud.web import LoopbackServer, Reply, Request
from tests.admin.terminal import Terminal
from tests.cloud.places import DRAFTS

GOOD = {"kind": "erl", "id": "spf-3", **DRAFTS["erl", "spf-1"]}


def test_a_trial_writes_nothing(elingate: Terminal, organisation: Path, cloud: Cloud) -> None:
    before = held(cloud, ALL_KINDS)
    ran = elingate.did("draft", "import", organisation, "--dry-run", "--json")
    assert len(ran.document["written"]) == len(DRAFTS)
    assert held(cloud, ALL_KINDS) == before


def test_what_went_in_comes_out_and_goes_in_again_unchanged(
    elingate: Terminal, organisation: Path, tmp_path: Path
) -> None:
    assert len(elingate.did("draft", "import", organisation, "--json").document["written"]) == len(
        DRAFTS
    )
    out = tmp_path / "export.jsonl"
    elingate.did("draft", "export", "-o", out)
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert {(line["kind"], line["id"]) for line in lines} == set(DRAFTS)
    both = out.read_bytes() + b'{"kind": "erl", "id": "spf-1"}\n'
    again = elingate.run("draft", "import", "-", "--json", stdin=both)
    assert (again.document["written"], again.document["unchanged"]) == ([], len(DRAFTS))
    assert [fault["line"] for fault in again.document["failed"]] == [len(DRAFTS) + 1]


def test_the_same_drafts_are_the_same_file(elingate: Terminal, organisation: Path) -> None:
    assert elingate.did("draft", "import", organisation, "--json").document["written"] == []
    first = elingate.did("draft", "export", "--kind", "erl", "--kind", "elin").out
    kinds = [json.loads(line)["kind"] for line in first.splitlines()]
    assert kinds == sorted(kinds)
    assert elingate.did("draft", "export", "--kind", "elin", "--kind", "erl").out == first


def test_a_bad_line_stops_nothing_and_is_kept_to_be_mended(
    elingate: Terminal, cloud: Cloud, tmp_path: Path
) -> None:
    lines = [
        "{",
        json.dumps({**GOOD, "id": "spf-7"}),
        json.dumps({**GOOD, "id": "spf-8", "civic": {"HNO": "7" * 11}}),
        "",
        json.dumps({"kind": "floor", "id": "x"}),
        json.dumps({**GOOD, "id": "spf-9", "flor": 9}),
        json.dumps({"kind": "elin", "id": "2175550111", "branch": "springfield", "erl": "spf-7"}),
        json.dumps({**GOOD, "id": "spf-10"}),
    ]
    file, rest = tmp_path / "in.jsonl", tmp_path / "rest.jsonl"
    file.write_text("\n".join(lines))
    elingate.run("draft", "put", "elin", "2175550111", "-f", "-", stdin=_elin_of("spf-1"))
    ran = elingate.run("draft", "import", file, "--rest", rest, "--json")
    assert ran.code == 1
    failed = {fault["line"]: fault["reason"] for fault in ran.document["failed"]}
    assert sorted(failed) == [1, 3, 5, 6, 7]
    assert "another ERL" in failed[7]
    assert [each["id"] for each in ran.document["written"]] == ["spf-7", "spf-10"]
    assert rest.read_text().splitlines() == [lines[n - 1] for n in (1, 3, 5, 6, 7)]
    assert ("erl", "spf-10") in held(cloud, ["erl"])


def test_people_see_the_lines_that_failed_in_a_table(elingate: Terminal) -> None:
    ran = elingate.run("draft", "import", "-", stdin=b'{"kind": "erl", "id": "x"}\n')
    assert ran.out.splitlines()[1].split()[:2] == ["1", "erl/x.branch"]
    assert "1 line failed" in ran.err


@pytest.mark.parametrize("content", [b"", b"\n\n", b'{"kind": "header", "schema": 1}\n'])
def test_a_file_without_a_draft_is_a_mistake(elingate: Terminal, content: bytes) -> None:
    assert elingate.run("draft", "import", "-", stdin=content).code == 2


def test_a_cloud_that_goes_away_leaves_a_list_of_what_was_not_sent(
    token_file: Path, tmp_path: Path
) -> None:
    def once(request: Request) -> Reply:
        if request.method == "GET":
            return Reply.of(200, {"drafts": []})
        return Reply.of(200 if request.path.endswith("spf-3") else 500, {"version": 1})

    server, rest = LoopbackServer(once).start(), tmp_path / "rest.jsonl"
    url = f"http://127.0.0.1:{server.server_port}"
    lines = [json.dumps({**GOOD, "id": f"spf-{n}"}) for n in (3, 4, 5)]
    try:
        ran = Terminal(("--api", url, "--token-file", str(token_file))).run(
            "draft", "import", "-", "--rest", rest, stdin="\n".join(lines).encode()
        )
    finally:
        server.stop()
    assert ran.code == 4
    assert rest.read_text().splitlines() == lines[1:]


def _elin_of(erl: str) -> bytes:
    return json.dumps({"branch": "springfield", "erl": erl}).encode()
