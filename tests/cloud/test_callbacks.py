"""The callback table answers newest first, inside the window alone, however late rows go."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from e911.bindings import CallKind
from e911.records import CallStep
from e911_cloud.callbacks import Callbacks
from e911_cloud.tables import CallbackRow
from tests.cloud.calls_of import ELIN, NOON, record

pytestmark = pytest.mark.usefixtures("stack")

HOUR = timedelta(hours=1)
ENDED = NOON + timedelta(minutes=5)


def callers(at: datetime) -> list[str]:
    return [row.call for row in Callbacks().callers_of(ELIN, at)]


def test_an_elin_never_bound_rings_nobody() -> None:
    assert callers(NOON) == []


def test_a_call_that_lives_is_rung_and_has_no_expiry() -> None:
    Callbacks().take(record(), NOON)
    assert callers(NOON + HOUR * 23) == ["edge-springfield-b1-1"]
    assert next(iter(CallbackRow.scan())).expires_at is None


def test_a_call_whose_end_was_never_told_is_rung_for_a_day_and_no_longer() -> None:
    Callbacks().take(record(), NOON)
    assert callers(NOON + HOUR * 24) == []


def test_the_expiry_is_set_when_the_call_ends_and_the_row_outlives_it_unread() -> None:
    Callbacks().take(record(), NOON)
    Callbacks().take(record(CallStep.ENDED, 2, ended_at=ENDED), ENDED)
    row = next(iter(CallbackRow.scan()))
    assert row.expires_at == ENDED + HOUR
    assert callers(ENDED + HOUR - timedelta(seconds=1))
    # Expired, but not deleted: DynamoDB takes its time, moto never does.
    assert callers(ENDED + HOUR) == []


def test_an_end_that_comes_before_its_start_is_kept_all_the_same() -> None:
    Callbacks().take(record(CallStep.ENDED, 2, ended_at=ENDED), ENDED)
    Callbacks().take(record(), ENDED)
    assert next(iter(CallbackRow.scan())).ended_at == ENDED


def test_an_end_never_moves_back() -> None:
    later = ENDED + HOUR
    Callbacks().take(record(CallStep.ENDED, 2, ended_at=later), later)
    Callbacks().take(record(CallStep.ENDED, 2, ended_at=ENDED), later)
    assert next(iter(CallbackRow.scan())).ended_at == later


def test_both_callers_of_a_shared_elin_are_kept_newest_first() -> None:
    """R4: the newest is rung, the other is known."""
    Callbacks().take(record(), NOON)
    later = NOON + timedelta(minutes=1)
    Callbacks().take(record(call="edge-springfield-b1-2", bound_at=later), later)
    assert callers(later) == ["edge-springfield-b1-2", "edge-springfield-b1-1"]


def test_a_callback_restarts_the_window_of_the_binding_that_it_found() -> None:
    """R5: its end ends the binding again, at most 24 h after its beginning."""
    Callbacks().take(record(CallStep.ENDED, 2, ended_at=ENDED), ENDED)
    again = ENDED + timedelta(minutes=50)
    callback = record(
        CallStep.ENDED,
        call="edge-springfield-b1-9",
        kind=CallKind.CALLBACK,
        bound_call="edge-springfield-b1-1",
        ended_at=again,
    )
    Callbacks().take(callback, again)
    assert callers(again + HOUR - timedelta(seconds=1)) == ["edge-springfield-b1-1"]
    assert len(list(CallbackRow.scan())) == 1


def test_a_callback_holds_its_binding_while_it_lasts() -> None:
    """R5: one that begins just before the window ends must not find its row deleted at its end."""
    Callbacks().take(record(CallStep.ENDED, 2, ended_at=ENDED), ENDED)
    last = ENDED + HOUR - timedelta(minutes=1)
    facts: dict[str, Any] = {"call": "edge-springfield-b1-9", "kind": CallKind.CALLBACK}
    facts["bound_call"] = "edge-springfield-b1-1"
    started = record(at=last, **facts)
    Callbacks().take(started, last)
    assert callers(last + HOUR * 2) == ["edge-springfield-b1-1"]
    assert callers(NOON + HOUR * 24) == [], "but never longer than a day in all"
    end = last + HOUR * 2
    Callbacks().take(record(CallStep.ENDED, 2, at=end, ended_at=end, **facts), end)
    Callbacks().take(started, end)
    assert next(iter(CallbackRow.scan())).expires_at == end + HOUR


def test_a_callback_to_a_call_that_lives_sets_no_expiry() -> None:
    Callbacks().take(record(), NOON)
    facts: dict[str, Any] = {"kind": CallKind.CALLBACK, "bound_call": "edge-springfield-b1-1"}
    Callbacks().take(record(call="edge-springfield-b1-9", **facts), NOON)
    assert next(iter(CallbackRow.scan())).expires_at is None


def test_a_callback_to_a_binding_that_the_cloud_never_saw_makes_no_row() -> None:
    callback = record(CallStep.ENDED, kind=CallKind.CALLBACK, bound_call="x", ended_at=ENDED)
    Callbacks().take(callback, ENDED)
    assert list(CallbackRow.scan()) == []


def test_the_expiry_is_clamped_to_a_day_after_it_was_received() -> None:
    """An edge with a wrong clock cannot keep a caller's number for ever."""
    ahead = NOON + timedelta(days=400)
    ended = record(CallStep.ENDED, 2, bound_at=ahead, ended_at=ahead, window_s=86_400)
    Callbacks().take(ended, NOON)
    assert next(iter(CallbackRow.scan())).expires_at == NOON + timedelta(hours=24)


def test_a_record_without_an_elin_binds_nothing() -> None:
    Callbacks().take(record(CallStep.REFUSED, elin=None), NOON)
    assert list(CallbackRow.scan()) == []
