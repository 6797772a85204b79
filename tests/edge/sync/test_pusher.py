"""The pusher alone: nothing is lost, nothing is hasty, and one bad record spoils no other."""

from __future__ import annotations

from typing import Any

import pytest

from edge_agent.store.outbox import Batch, Position
from edge_agent.sync.pusher import (
    Condition,
    Post,
    Posted,
    Pusher,
    ReadBatch,
    SetAside,
    Settle,
    Unposted,
)

UPTO = Position("started", 1, 100)


def batch(*ids: str) -> Batch:
    records: list[dict[str, Any]] = [{"id": each, "type": "call"} for each in ids]
    return Batch(tuple(records), UPTO if ids else None)


def sent(core: Pusher, *ids: str, now: float = 0.0) -> None:
    """Has the core post these."""
    assert any(isinstance(each, ReadBatch) for each in core.handle(None, now))
    assert core.receive(batch(*ids), now) == [Post(batch(*ids).records)]


def test_what_was_taken_is_settled_and_the_outbox_is_looked_into_again_at_once() -> None:
    core = Pusher(lambda: 0.0)
    sent(core, "a", "b")
    out = core.receive(Posted(frozenset({"a", "b"}), {}), 1.0)
    assert out == [Settle(UPTO), Condition("records-waiting", False)]
    assert core.next_deadline() == 1.0


def test_an_empty_outbox_is_left_alone_until_somebody_says_that_it_has_grown() -> None:
    core = Pusher(lambda: 0.0)
    core.handle_timeout(0.0)
    assert core.receive(batch(), 0.0) == []
    assert core.next_deadline() == 30.0
    assert core.handle(None, 3.0) == [ReadBatch(25)]


def test_while_the_cloud_is_away_the_batch_waits_longer_and_longer_and_is_then_sent_again_r12() -> (
    None
):
    core = Pusher(lambda: 0.0)
    now, pauses, alarms = 0.0, [], []
    for n in range(8):
        core.handle_timeout(now)
        core.receive(batch("a"), now)
        alarms.append(core.receive(Unposted("no answer"), now))
        deadline = core.next_deadline()
        assert deadline is not None
        pauses.append(deadline - now)
        assert n == 0 or core.handle(None, now) == []  # growing makes it no hastier
        now = deadline
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]
    assert alarms[1] == []
    assert alarms[2] == [Condition("records-waiting", True, "no answer")]
    core.handle_timeout(now)
    core.receive(batch("a"), now)
    out = core.receive(Posted(frozenset("a"), {}), now)
    assert Condition("records-waiting", False) in out


def test_an_answer_that_does_not_name_every_record_settles_none() -> None:
    core = Pusher(lambda: 0.0)
    sent(core, "a", "b")
    assert core.receive(Posted(frozenset("a"), {}), 0.0) == []
    assert core.next_deadline() == 1.0


def test_a_record_refused_by_name_is_set_aside_with_the_reason_and_an_alarm() -> None:
    core = Pusher(lambda: 0.0)
    sent(core, "a", "b")
    out = core.receive(Posted(frozenset("a"), {"b": "not your ELIN"}), 0.0)
    aside = out[0]
    assert isinstance(aside, SetAside)
    assert aside.records == ({"id": "b", "type": "call", "refused": "not your ELIN"},)
    assert out[1:3] == [Condition("records-refused", True, "1 set aside"), Settle(UPTO)]


@pytest.mark.parametrize("status", [400, 413, 422])
def test_a_batch_refused_whole_is_sent_one_by_one_until_the_bad_record_is_alone(
    status: int,
) -> None:
    core = Pusher(lambda: 0.0)
    sent(core, "a", "b")
    assert core.receive(Unposted("HTTP", status), 0.0) == []
    assert core.handle_timeout(0.0) == [ReadBatch(1)]
    core.receive(batch("a"), 0.0)
    out = core.receive(Unposted("HTTP", status), 0.0)
    assert isinstance(out[0], SetAside)
    assert Settle(UPTO) in out


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
def test_any_other_refusal_is_not_the_records_fault(status: int) -> None:
    core = Pusher(lambda: 0.0)
    sent(core, "a")
    assert core.receive(Unposted("HTTP", status), 0.0) == []
    assert core.next_deadline() == 1.0


def test_a_damaged_outbox_is_an_alarm_and_the_rest_still_goes() -> None:
    core = Pusher(lambda: 0.0)
    core.handle_timeout(0.0)
    out = core.receive(Batch(({"id": "a"},), UPTO, faults=2), 0.0)
    assert out == [
        Condition("outbox-damaged", True, "2 lines hold no record"),
        Post(({"id": "a"},)),
    ]


def test_r12_a_batch_that_takes_the_cloud_too_long_is_halved_until_it_passes_then_grows_again() -> (
    None
):
    core = Pusher(lambda: 0.0)
    asked, now = [], 0.0
    for takes in (False, False, False, True, True, True, True, True):
        (read,) = core.handle_timeout(now)
        assert isinstance(read, ReadBatch)
        asked.append(read.most)
        core.receive(batch("a"), now)
        core.receive(Posted(frozenset({"a"}), {}) if takes else Unposted("no answer"), now)
        now = core.next_deadline() or 0.0
    assert asked == [25, 12, 6, 3, 6, 12, 24, 25]
