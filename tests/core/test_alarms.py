"""An alarm counts while it holds, is cleared with its history, and begins anew after that."""

from __future__ import annotations

from datetime import timedelta

from e911.alarms import MOST_ALARMS, AlarmBoard
from tests.core.springfield import NOON, after


def test_raising_again_counts_and_keeps_the_first_time() -> None:
    board = AlarmBoard()
    board.raise_("trunk-down", NOON, "spf-pri", "no frames")
    again = board.raise_("trunk-down", after(5), "spf-pri")
    assert (again.count, again.first, again.last) == (2, NOON, after(5))
    assert again.detail == "no frames"
    assert [a.subject for a in board.active()] == ["spf-pri"]


def test_subjects_are_apart() -> None:
    board = AlarmBoard()
    board.raise_("trunk-down", NOON, "spf-pri")
    board.raise_("trunk-down", after(1), "spf-sip")
    assert [a.subject for a in board.active()] == ["spf-sip", "spf-pri"]
    assert {a.count for a in board} == {1}


def test_clearing_keeps_the_history_and_happens_once() -> None:
    board = AlarmBoard()
    board.raise_("trunk-down", NOON, "spf-pri")
    cleared = board.clear("trunk-down", after(9), "spf-pri")
    assert cleared is not None
    assert (cleared.cleared, cleared.first, cleared.is_active) == (after(9), NOON, False)
    assert board.active() == ()
    assert list(board) == [cleared]
    assert board.clear("trunk-down", after(10), "spf-pri") is None
    assert board.clear("never-raised", NOON) is None


def test_after_clearing_it_begins_anew() -> None:
    board = AlarmBoard()
    board.raise_("trunk-down", NOON)
    board.clear("trunk-down", after(1))
    fresh = board.raise_("trunk-down", after(2))
    assert (fresh.count, fresh.first, fresh.cleared) == (1, after(2), None)


def test_a_long_life_does_not_fill_the_memory_what_is_over_goes_first() -> None:
    board = AlarmBoard()
    board.raise_("trunk-down", NOON, "pri")
    board.raise_("call-failed", NOON, "over")
    board.clear("call-failed", NOON, "over")
    for n in range(MOST_ALARMS - 1):
        board.raise_("call-failed", NOON + timedelta(seconds=n + 1), f"call-{n}")
    held = {(alarm.slug, alarm.subject) for alarm in board}
    assert len(held) == MOST_ALARMS
    assert ("call-failed", "over") not in held
    assert ("trunk-down", "pri") in held
