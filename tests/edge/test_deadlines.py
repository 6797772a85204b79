"""A deadline is due once, at its time, and the earliest first."""

from __future__ import annotations

from edge_agent.deadlines import Deadlines
from edge_agent.isdn.timers import T


def test_deadlines_expire_earliest_first_and_once() -> None:
    due: Deadlines[T] = Deadlines()
    due.start(T.T310, 30.0)
    due.start(T.T303, 4.0)
    assert due.next_deadline() == 4.0
    assert due.expire(3.9) is None
    assert [due.expire(31.0), due.expire(31.0), due.expire(31.0)] == [T.T303, T.T310, None]
    assert due.next_deadline() is None


def test_a_timer_started_again_counts_from_now() -> None:
    due: Deadlines[T] = Deadlines()
    due.start(T.T303, 2.0)
    due.start(T.T303, 5.0)
    assert due.expire(4.0) is None
    due.stop(T.T303)
    due.stop(T.T303)
    assert due.expire(9.0) is None


def test_one_timer_can_outlive_the_others() -> None:
    due: Deadlines[T] = Deadlines()
    due.start(T.T303, 2.0)
    due.start(T.T322, 5.0)
    due.stop_all(but=T.T322)
    assert (due.runs(T.T303), due.runs(T.T322)) == (False, True)
    due.stop_all(but=T.T303)
    assert due.next_deadline() is None
