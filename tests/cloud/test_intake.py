"""What an edge sends is taken once, told first, and never believed about whose it is."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

import boto3
import pytest

from e911.bindings import CallKind
from e911.records import CallRecord, CallStep, HealthRecord
from e911.wire import to_document
from e911_cloud import lookups
from e911_cloud.callbacks import Callbacks
from e911_cloud.calls import Calls
from e911_cloud.edges import Edges
from e911_cloud.errors import NotFound
from e911_cloud.intake import Intake, NoticeQueue
from e911_cloud.lookups import Published
from e911_cloud.notices import LATE
from e911_cloud.tables import CallbackRow, CallRow
from tests.cloud.calls_of import ELIN, NOON, record
from tests.cloud.stack import messages
from tests.cloud.test_lookups import rows

EDGE = "edge-springfield"


@pytest.fixture
def intake(stack: None) -> Intake:
    lookups.write(lookups.values_of(rows()), 1)
    lookups.flip(1, ())
    for branch in ("springfield", "shelbyville"):
        Edges().register(f"edge-{branch}", branch)
    queue = NoticeQueue(boto3.client("sqs"), os.environ["NOTICE_QUEUE_URL"])
    return Intake(Edges(), Published(), queue, Calls(), Callbacks())


def call(value: CallRecord, **changed: Any) -> dict[str, Any]:
    return {"type": "call", **to_document(value), **changed}


def test_a_call_is_told_kept_and_bound(intake: Intake) -> None:
    outcome = intake.take(EDGE, [call(record())], NOON)
    assert (outcome.taken, outcome.refused) == ([record().id], [])
    (message,) = messages("Notice")
    assert (message["target"], message["late"]) == ("spf-desk", False)
    assert [row.call for row in CallRow.scan()] == [record().call]
    assert [row.elin for row in CallbackRow.scan()] == [ELIN.digits]


def test_a_test_call_is_kept_and_neither_told_nor_bound(intake: Intake) -> None:
    """A callback to the ELIN of a test is for whoever holds it, and nobody is woken by one."""
    steps = (CallStep.STARTED, CallStep.ANSWERED, CallStep.ENDED)
    tests = [
        CallRecord(
            id=f"{EDGE}-b1-9-{n}",
            call=f"{EDGE}-b1-9",
            incident=f"i-{EDGE}-b1-9",
            step=step,
            kind=CallKind.TEST,
            at=NOON,
            edge=EDGE,
            branch="springfield",
            elin=ELIN,
            dialled="2065550199",
            trunk="spf-pri",
            channel=23,
        )
        for n, step in enumerate(steps)
    ]
    outcome = intake.take(EDGE, [call(each) for each in tests], NOON)
    assert (len(outcome.taken), outcome.refused) == (3, [])
    assert messages("Notice") == []
    assert len(list(CallRow.scan())) == 3
    assert list(CallbackRow.scan()) == []


def test_the_same_request_again_is_harmless(intake: Intake) -> None:
    """R12: every row keeps its own key; R11: the second notice is known by its step."""
    for _ in range(2):
        assert intake.take(EDGE, [call(record())], NOON).taken == [record().id]
    assert len(list(CallRow.scan())) == len(list(CallbackRow.scan())) == 1
    first, second = messages("Notice")
    assert first == second


def test_one_notice_per_target_so_that_one_cannot_hold_up_another(intake: Intake) -> None:
    intake.take(EDGE, [call(record(targets=("a", "b")))], NOON)
    assert sorted(message["target"] for message in messages("Notice")) == ["a", "b"]


@pytest.mark.parametrize("step", [CallStep.SEIZED, CallStep.ALERTING])
def test_steps_on_the_way_are_kept_and_not_told(intake: Intake, step: CallStep) -> None:
    intake.take(EDGE, [call(record(step))], NOON)
    assert messages("Notice") == []
    assert len(list(CallRow.scan())) == 1


def test_a_record_that_waited_is_marked_late(intake: Intake) -> None:
    at = record().at
    intake.take(EDGE, [call(record())], at + LATE)
    intake.take(EDGE, [call(record(n=2))], at + LATE + timedelta(seconds=2))
    assert [message["late"] for message in messages("Notice")] == [False, True]


def test_edge_and_branch_are_those_of_the_path_whatever_the_body_says(intake: Intake) -> None:
    lie = call(record(), edge="edge-shelbyville", branch="shelbyville")
    intake.take(EDGE, [lie], NOON)
    row = next(iter(CallRow.scan()))
    assert (row.edge, row.branch, row.body["branch"]) == (EDGE, "springfield", "springfield")


def test_another_branchs_elin_is_refused(intake: Intake) -> None:
    foreign = call(record(), elin="2175550211")
    outcome = intake.take(EDGE, [foreign, call(record(n=2))], NOON)
    assert outcome.refused == [{"id": record().id, "reason": "elin: is another branch's"}]
    assert outcome.taken == [record(n=2).id]
    assert len(messages("Notice")) == 1


def test_a_lent_elin_is_taken(intake: Intake) -> None:
    """R9: a trunk of this branch lists the other branch's ERL."""
    lent = {"branch": "shelbyville", "erl": "shv-1", "lent": ["springfield"]}
    lookups.write({"ELIN#2175550211": lent}, 1)
    assert intake.take(EDGE, [call(record(), elin="2175550211")], NOON).refused == []


def test_an_elin_that_nobody_owns_is_told_and_kept_but_rings_nobody(intake: Intake) -> None:
    """The last resort of ``edge.toml`` may be unknown here; such a call must not be hidden."""
    assert intake.take(EDGE, [call(record(), elin="2175559999")], NOON).refused == []
    assert len(messages("Notice")) == 1
    assert list(CallbackRow.scan()) == []


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (call(record(), id="edge-shelbyville-b1-1-1"), "id: is not one of this edge"),
        (call(record(), call="edge-shelbyville-b1-1"), "call: is not one of this edge"),
        (call(record(), step="flown"), "records[0].step: must be one of"),
        ({"type": "call", "id": "x"}, "records[0].call: is missing"),
        # Each of these would fail for ever where it is written, and hold up all that wait behind.
        (call(record(dialled="9" * 70_000)), "records[0]: has more than 65536 bytes"),
        (call(record(), id=f"{EDGE}-{'1' * 300}"), "id: must be 1 to 256 visible"),
        (call(record(), id=f"{EDGE}-1\r\nx: y"), "id: must be 1 to 256 visible"),
        (call(record(), incident="i\n"), "incident: must be 1 to 256 visible"),
        (call(record(), window_s=86_401), "window_s: must be 0 to 86400"),
        (call(record(), window_s=-1), "window_s: must be 0 to 86400"),
        (call(record(), ended_at="9999-12-31T23:59:59Z"), "ended_at: is no instant of this age"),
        (call(record(), bound_at="0001-01-01T00:00:00Z"), "bound_at: is no instant of this age"),
        (call(record(targets=("t",) * 101)), "targets: are more than 100"),
        ({"type": "gossip", "id": "x"}, "records[0].type: must be call or health"),
    ],
)
def test_a_record_that_is_wrong_is_refused_by_itself(
    intake: Intake, document: dict[str, Any], reason: str
) -> None:
    outcome = intake.take(EDGE, [document, call(record(n=2))], NOON)
    assert outcome.refused[0]["reason"].startswith(reason)
    assert outcome.taken == [record(n=2).id]


def test_a_heartbeat_is_what_is_last_known_of_its_edge(intake: Intake) -> None:
    health = HealthRecord("h1", "edge-shelbyville", "shelbyville", NOON, serial=7)
    assert intake.take(EDGE, [{"type": "health", **to_document(health)}], NOON).taken == ["h1"]
    assert Edges().get(EDGE).health["serial"] == 7
    assert Edges().get("edge-shelbyville").health is None


def test_an_edge_that_was_never_published_is_told_to_keep_its_records(intake: Intake) -> None:
    with pytest.raises(NotFound):
        intake.take("edge-unknown", [call(record())], NOON)
    assert messages("Notice") == []
