"""The limits of timers, and deadlines without a clock."""

from __future__ import annotations

import pytest

from edge_agent.isdn.timers import Deadlines, LinkTimer, T, call_seconds, check


def test_an_emergency_call_gives_a_dead_trunk_four_seconds_and_rings_without_limit() -> None:
    emergency = call_seconds({}, emergency=True)
    assert emergency[T.T303] == 2.0
    assert T.T303.value.tries == 2
    assert emergency[T.T301] is None
    assert emergency[T.T310] == 30.0


def test_an_ordinary_call_has_the_standards_values() -> None:
    ordinary = call_seconds({}, emergency=False)
    assert (ordinary[T.T303], ordinary[T.T301], ordinary[T.T305]) == (4.0, 180.0, 30.0)
    assert (ordinary[T.T308], ordinary[T.T313]) == (4.0, 4.0)


@pytest.mark.parametrize("timer", [*T, *LinkTimer])
def test_every_row_keeps_its_own_limits(timer: T | LinkTimer) -> None:
    spec = timer.value
    assert spec.least <= spec.seconds <= spec.most
    assert spec.emergency is None or spec.least <= spec.emergency <= spec.most


@pytest.mark.parametrize("seconds", [0.0, 0.49, 10.01, float("inf"), float("nan")])
def test_a_value_outside_the_limits_is_refused_by_name(seconds: float) -> None:
    with pytest.raises(ValueError, match="T303"):
        check(T.T303, seconds)


def test_an_override_does_not_start_a_timer_that_emergencies_do_not_have() -> None:
    assert call_seconds({T.T301: 60.0}, emergency=True)[T.T301] is None
    assert call_seconds({T.T301: 60.0}, emergency=False)[T.T301] == 60.0


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
