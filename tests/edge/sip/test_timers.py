"""Timers by the table of RFC 3261: how long, how they double, what a stream changes."""

from __future__ import annotations

import pytest

from edge_agent.sip.timers import LIMITS, Deadlines, T, Timing, seconds

TIMING = Timing()


class Owner:
    def expired(self, timer: T, now: float) -> None:
        raise AssertionError("the heap calls nobody")


@pytest.mark.parametrize(
    ("timer", "lengths"),
    [
        (T.TIMER_A, [0.5, 1, 2, 4, 8, 16]),
        (T.TIMER_B, [32, 32]),
        (T.TIMER_E, [0.5, 1, 2, 4, 4, 4]),
        (T.TIMER_G, [0.5, 1, 2, 4, 4]),
        (T.TIMER_I, [5]),
        (T.TIMER_K, [5]),
        (T.TIMER_L, [32]),
        (T.SUCCESS_AGAIN, [0.5, 1, 2, 4, 4]),
        (T.PROVISIONAL_AGAIN, [60, 60]),
        (T.FIRST_RESPONSE, [4]),
    ],
)
def test_a_timer_is_as_long_as_the_rfc_says(timer: T, lengths: list[float]) -> None:
    assert [seconds(timer, TIMING, start) for start in range(len(lengths))] == lengths


def test_on_a_stream_nothing_is_repeated_and_nothing_absorbed() -> None:
    for timer in (T.TIMER_A, T.TIMER_E, T.TIMER_G):
        assert seconds(timer, TIMING, stream=True) < 0
    for timer in (T.TIMER_D, T.TIMER_I, T.TIMER_J, T.TIMER_K):
        assert seconds(timer, TIMING, stream=True) == 0
    assert seconds(T.TIMER_B, TIMING, stream=True) == 32


@pytest.mark.parametrize(("name", "least", "most"), LIMITS)
def test_a_length_outside_its_limits_is_refused(name: str, least: float, most: float) -> None:
    for wrong in (least / 2 if least else -1.0, most * 2):
        with pytest.raises(ValueError, match=name):
            Timing(**{name: wrong})


def test_every_row_says_what_it_means() -> None:
    assert all(timer.value.meaning for timer in T)


def test_deadlines_come_earliest_first_and_stopped_ones_never() -> None:
    deadlines, one, other = Deadlines(), Owner(), Owner()
    deadlines.start(one, T.TIMER_B, 9.0)
    deadlines.start(other, T.TIMER_A, 3.0)
    deadlines.start(one, T.TIMER_A, 5.0)
    deadlines.start(one, T.TIMER_A, 6.0)
    assert deadlines.next() == 3.0
    deadlines.stop(other, T.TIMER_A)
    assert deadlines.next() == 6.0
    assert deadlines.pop_due(5.9) is None
    assert deadlines.pop_due(99.0) == (one, T.TIMER_A)
    deadlines.stop_all(one)
    assert deadlines.next() is None
    assert deadlines.pop_due(99.0) is None
