"""From drafts to edges, and back to an earlier generation, with the progress that people watch."""

from __future__ import annotations

import json

import pytest

from elingate_admin.api import Cloud
from elingate_admin.errors import CloudRefused, TookTooLong
from elingate_admin.publishing import follow
from lab.cloud.web import LoopbackServer, Reply, Request
from tests.admin.terminal import Terminal
from tests.cloud.places import BRANCH, DRAFTS


def test_drafts_without_a_fault_can_be_published(published: Terminal) -> None:
    assert published.did("validate", "--json").document == {
        "valid": True,
        "detail": [],
        "warnings": [],
    }


def test_every_fault_of_the_whole_is_shown(published: Terminal) -> None:
    broken = json.dumps({**BRANCH, "default_erl": "nowhere"}).encode()
    published.did("draft", "put", "branch", "springfield", "-f", "-", stdin=broken)
    for command in ("validate", "publish"):
        ran = published.run(command)
        assert ran.code == 1
        assert "branch/springfield.default_erl" in ran.out + ran.err
    whole = json.dumps(BRANCH).encode()
    published.did("draft", "put", "branch", "springfield", "-f", "-", stdin=whole)


def test_a_branch_without_a_callback_path_is_published_and_warned_of_each_time(
    published: Terminal,
) -> None:
    trunk = DRAFTS["trunk", "spf-pri"]
    cama = json.dumps({**trunk, "trunk": "cama"}).encode()
    published.did("draft", "put", "trunk", "spf-pri", "-f", "-", stdin=cama)
    warned = "elingate: warning: branch/springfield: has no callback path"
    for command in (("validate",), ("publish", "--wait", "--timeout", "30")):
        ran = published.did(*command)
        assert warned in ran.err
        assert warned not in ran.out
    peer = json.dumps({**DRAFTS["peer", "spf-pbx"], "delivers_callbacks": True}).encode()
    published.did("draft", "put", "peer", "spf-pbx", "-f", "-", stdin=peer)
    assert "warning" not in published.did("validate").err
    for kind, id_ in (("trunk", "spf-pri"), ("peer", "spf-pbx")):
        whole = json.dumps(DRAFTS[kind, id_]).encode()
        published.did("draft", "put", kind, id_, "-f", "-", stdin=whole)


def test_an_earlier_generation_comes_back_under_the_next_number(published: Terminal) -> None:
    """R10: configuration moves forward only."""
    before = published.did("publish", "--wait", "--json").document["generation"]
    moved = {**DRAFTS["erl", "spf-1"], "name": "Ground floor"}
    published.did("draft", "put", "erl", "spf-1", "-f", "-", stdin=json.dumps(moved).encode())
    ran = published.did("publish", "--wait", "--timeout", "30")
    assert f"generation {before + 1}: done" in ran.err
    back = published.did("rollback", str(before), "--wait", "--timeout", "30", "--json").document
    assert (back["generation"], back["state"]) == (before + 2, "done")
    assert "springfield" in back["done"]
    assert back["branches"] == back["done"]


def test_without_wait_the_job_is_named(published: Terminal) -> None:
    started = published.did("publish", "--json")
    assert started.document["job"] in started.err


def test_a_generation_that_never_was_is_refused(published: Terminal) -> None:
    assert published.run("rollback", "999").code == 1
    assert published.run("rollback", "0").code == 2


def test_edges_are_listed_even_if_never_heard(published: Terminal) -> None:
    published.did(
        "draft", "put", "edge", "edge-spare", "-f", "-", stdin=b'{"branch": "springfield"}'
    )
    edges = {each["edge"]: each for each in published.did("edges", "--json").document}
    assert set(edges) == {"edge-springfield", "edge-shelbyville", "edge-spare"}
    assert edges["edge-spare"]["heard_at"] is None
    lines = published.did("edges").out.splitlines()
    assert any(line.split()[:2] == ["edge-spare", "springfield"] for line in lines)
    published.did("draft", "delete", "edge", "edge-spare")


def test_a_heard_edge_shows_its_alarms_that_stand() -> None:
    health = {
        "alarms": [{"slug": "trunk-down"}, {"slug": "old", "cleared": "2026-11-22T00:00:00Z"}],
        "trunks_down": ["spf-pri"],
        "calls": 1,
    }
    edge = {"edge": "e", "branch": "b", "serial": 9, "generation": 4, "heard_at": "now"}

    def answer(request: Request) -> Reply:
        if request.path == "/v1/draft/edge":
            return Reply.of(200, {"drafts": [{"id": "e", "body": {"branch": "b"}}]})
        return Reply.of(200, {**edge, "health": health})

    server = LoopbackServer(answer).start()
    try:
        lines = Terminal(("--api", f"http://127.0.0.1:{server.server_port}")).did("edges").out
    finally:
        server.stop()
    assert lines.splitlines()[1].split() == [
        "e",
        "b",
        "4",
        "9",
        "now",
        "1",
        "trunk-down",
        "spf-pri",
    ]


@pytest.fixture(autouse=True)
def _a_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ELINGATE_TOKEN", "jwt")


@pytest.mark.parametrize(
    ("states", "ends"),
    [
        (["accepted", "frozen", "rendering", "done"], None),
        (["accepted", "failed"], CloudRefused),
        (["frozen"] * 50, TookTooLong),
    ],
)
def test_a_job_is_followed_to_its_end_or_to_the_deadline(
    states: list[str], ends: type[Exception] | None
) -> None:
    left, waited = iter(states), [0.0]
    job = {"generation": 3, "branches": ["a", "b"], "done": ["a"]}
    server = LoopbackServer(lambda _: Reply.of(200, {**job, "state": next(left)})).start()
    cloud = Cloud(f"http://127.0.0.1:{server.server_port}", "jwt")

    def pause(seconds: float) -> None:
        waited[0] += seconds

    try:
        if ends is None:
            assert follow(cloud, "j", 10, clock=lambda: waited[0], pause=pause)["state"] == "done"
        else:
            with pytest.raises(ends):
                follow(cloud, "j", 10, clock=lambda: waited[0], pause=pause)
    finally:
        server.stop()
    assert waited[0] <= 10
