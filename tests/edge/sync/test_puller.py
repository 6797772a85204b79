"""The puller alone: when it asks, what it asks for, and what it never lets in."""

from __future__ import annotations

from e911.manifest import Held
from edge_agent.sync.puller import (
    Absent,
    Condition,
    Failed,
    Fetch,
    Fetched,
    NotModified,
    NotStaged,
    Output,
    Puller,
    Stage,
    Staged,
    TrustKey,
    What,
)
from edge_agent.sync.verify import KeyRing
from tests.edge.sync.cloud import EDGE, Signer, published

SIGNER = Signer()
MANIFEST, SIGNATURE, BODY = f"edges/{EDGE}/manifest.json", f"edges/{EDGE}/manifest.sig", "body"


def puller(held: Held | None = None, manifest: bytes = b"", jitter: float = 0.5) -> Puller:
    return Puller(
        deployment="lab",
        branch="springfield",
        edge=EDGE,
        verify=KeyRing([SIGNER.pem]),
        jitter=lambda: jitter,
        poll_s=60,
        held=held,
        held_manifest=manifest,
    )


def fetch(core: Puller, parts: tuple[bytes, bytes, bytes], now: float = 0.0) -> list[Output]:
    """Manifest, signature and body as asked for; what the core says at the end."""
    assert core.handle_timeout(now) or core.handle(None, now)
    manifest, signature, body = parts
    out = core.receive(Fetched(manifest, '"e1"'), now)
    assert Fetch(What.SIGNATURE, SIGNATURE) in out
    out = core.receive(Fetched(signature), now)
    if not any(isinstance(each, Fetch) for each in out):
        return out
    return core.receive(Fetched(body), now)


def active(outputs: list[Output]) -> list[str]:
    return [each.slug for each in outputs if isinstance(each, Condition) and each.active]


def test_a_new_snapshot_is_fetched_judged_and_staged_and_then_asked_for_by_etag() -> None:
    core = puller()
    assert core.handle_timeout(0.0) == [Fetch(What.MANIFEST, MANIFEST)]
    assert core.next_deadline() is None
    core = puller()
    parts = published(SIGNER, 100)
    stage = [each for each in fetch(core, parts) if isinstance(each, Stage)]
    assert stage[0].manifest.serial == 100
    assert stage[0].body == parts[2]
    core.receive(Staged(), 1.0)
    assert core.held == Held(100, 7)
    # The manifest asked for a poll each second.
    assert core.next_deadline() == 2.0
    assert core.handle_timeout(2.0) == [Fetch(What.MANIFEST, MANIFEST, '"e1"')]
    assert active(core.receive(NotModified(), 2.0)) == []
    assert core.next_deadline() == 3.0


def test_polls_are_spread_so_that_edges_do_not_ask_in_step() -> None:
    deadlines = set()
    for jitter in (0.0, 0.5, 1.0):
        core = puller(jitter=jitter)
        core.handle_timeout(0.0)
        core.receive(Absent(), 0.0)
        deadlines.add(core.next_deadline())
    assert deadlines == {54.0, 60.0, 66.0}


def test_nothing_published_is_an_alarm_and_no_failure() -> None:
    core = puller()
    core.handle_timeout(0.0)
    assert active(core.receive(Absent(), 0.0)) == ["snapshot-missing"]


def test_a_cloud_that_is_away_is_asked_less_and_less_and_alarmed_at_the_third_time() -> None:
    core = puller(jitter=0.0)
    alarms, pauses, now = [], [], 0.0
    for _ in range(6):
        core.handle_timeout(now)
        alarms.append(active(core.receive(Failed("timeout"), now)))
        deadline = core.next_deadline()
        assert deadline is not None
        pauses.append(deadline - now)
        now = deadline
    assert alarms[:3] == [[], [], ["snapshot-unreachable"]]
    assert pauses == [5, 10, 20, 40, 60, 60]
    core.handle_timeout(now)
    assert Condition("snapshot-unreachable", False) in core.receive(NotModified(), now)


def test_a_signature_between_two_publishes_is_asked_for_once_more_before_anybody_is_alarmed() -> (
    None
):
    core = puller()
    manifest, _, body = published(SIGNER, 100)
    wrong = Signer().sign(manifest)
    assert active(fetch(core, (manifest, wrong, body))) == []
    assert core.next_deadline() == 1.0
    assert active(fetch(core, (manifest, wrong, body), 1.0)) == ["snapshot-signature"]


def test_a_refused_manifest_is_not_fetched_again_until_it_changes_r10() -> None:
    core = puller(Held(200, 7))
    assert active(fetch(core, published(SIGNER, 100))) == ["snapshot-serial"]
    assert core.held == Held(200, 7)
    deadline = core.next_deadline()
    assert deadline is not None
    assert core.handle_timeout(deadline) == [Fetch(What.MANIFEST, MANIFEST, '"e1"')]


def test_a_body_that_was_cut_is_asked_for_again_without_the_etag() -> None:
    core = puller()
    manifest, signature, body = published(SIGNER, 100)
    assert active(fetch(core, (manifest, signature, body[:-5]))) == ["snapshot-body"]
    deadline = core.next_deadline()
    assert deadline is not None
    assert core.handle_timeout(deadline) == [Fetch(What.MANIFEST, MANIFEST)]


def test_a_body_in_another_edges_folder_is_not_even_fetched() -> None:
    core = puller()
    parts = published(SIGNER, 100, body_key="edges/other/body.jsonl")
    assert active(fetch(core, parts)) == ["snapshot-edge"]


def test_after_a_restart_the_held_manifest_is_known_again_by_its_bytes() -> None:
    manifest, _, _ = published(SIGNER, 100)
    core = puller(Held(100, 7), manifest)
    core.handle_timeout(0.0)
    out = core.receive(Fetched(manifest, '"e9"'), 0.0)
    assert active(out) == []
    assert not any(isinstance(each, Fetch) for each in out)


def test_a_manifest_that_is_no_manifest_is_refused_without_a_body() -> None:
    core = puller()
    rubbish = b"{}\n"
    fetch(core, (rubbish, SIGNER.sign(rubbish), b""))
    assert active(fetch(core, (rubbish, SIGNER.sign(rubbish), b""), 1.0)) == ["snapshot-signature"]


def test_a_missing_body_is_a_publish_under_way() -> None:
    core = puller(jitter=0.0)
    manifest, signature, _ = published(SIGNER, 100)
    core.handle_timeout(0.0)
    core.receive(Fetched(manifest, '"e1"'), 0.0)
    core.receive(Fetched(signature), 0.0)
    assert active(core.receive(Absent(), 0.0)) == []
    assert core.next_deadline() == 5.0


def test_a_disk_that_does_not_take_it_is_an_alarm_and_the_held_one_stays() -> None:
    core = puller(Held(50, 1))
    fetch(core, published(SIGNER, 100))
    assert active(core.receive(NotStaged("No space left"), 0.0)) == ["snapshot-not-staged"]
    assert core.held == Held(50, 1)


def test_the_next_key_is_believed_only_from_a_manifest_that_was_accepted() -> None:
    core = puller()
    fetch(core, published(SIGNER, 100, next_key="PEM"))
    assert TrustKey("PEM") in core.receive(Staged(), 0.0)
    stranger = Signer()
    core = puller()
    out = fetch(core, published(stranger, 100, next_key="PEM"))
    assert not any(isinstance(each, TrustKey) for each in out)
