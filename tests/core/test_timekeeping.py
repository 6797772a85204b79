"""A clock that is behind, or jumps ahead without NTP, is doubted; then nothing expires."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from e911.timekeeping import LARGEST_STEP, SLACK, GuardedClock
from tests.core.springfield import NOON, after, binding


def test_the_first_reading_of_a_new_edge_is_believed() -> None:
    clock = GuardedClock()
    assert clock.observe(NOON, 100.0, synchronised=False)
    assert clock.trusted
    assert clock.read(160.0) == after(1)
    assert clock.highest == NOON


def test_a_clock_never_observed_says_so() -> None:
    with pytest.raises(ValueError, match="never observed"):
        GuardedClock().read(1.0)


def test_before_the_first_reading_the_journals_highest_is_the_time() -> None:
    clock = GuardedClock(NOON)
    assert clock.read(5.0) == NOON
    assert not clock.trusted


def test_a_clock_behind_the_journal_is_doubted_even_if_it_says_ntp() -> None:
    clock = GuardedClock(NOON)
    assert not clock.observe(after(-60), 100.0, synchronised=True)
    assert not clock.trusted
    assert clock.read(160.0) == after(1)
    assert clock.highest == NOON


def test_it_is_believed_again_once_it_has_caught_up() -> None:
    clock = GuardedClock(NOON)
    clock.observe(after(-1), 0.0, synchronised=False)
    assert not clock.trusted
    assert clock.observe(after(1), 120.0, synchronised=False)
    assert clock.read(120.0) == after(1)


def test_a_box_that_was_off_for_hours_waits_for_ntp() -> None:
    clock = GuardedClock(NOON)
    assert not clock.observe(after(240), 0.0, synchronised=False)
    assert clock.read(0.0) == NOON
    assert clock.observe(after(240), 5.0, synchronised=True)
    assert clock.read(5.0) == after(240)
    assert clock.highest == after(240)


def test_a_forward_step_of_ten_minutes_is_still_believed_one_second_more_is_not() -> None:
    for extra, believed in ((0, True), (1, False)):
        clock = GuardedClock()
        clock.observe(NOON, 0.0, synchronised=True)
        step = NOON + LARGEST_STEP + timedelta(seconds=extra)
        assert clock.observe(step, 0.0, synchronised=False) is believed


def test_time_that_passed_is_no_step() -> None:
    clock = GuardedClock()
    clock.observe(NOON, 0.0, synchronised=False)
    assert clock.observe(after(300), 300 * 60.0, synchronised=False)


def test_a_wild_reading_closes_no_window_and_does_not_make_the_right_one_look_late() -> None:
    clock = GuardedClock()
    clock.observe(NOON, 0.0, synchronised=False)
    window = binding("c1", end=0)
    assert not clock.observe(after(600), 60.0, synchronised=False)
    assert window.answers(clock.read(60.0))
    assert not clock.trusted
    assert clock.observe(after(2), 120.0, synchronised=False)
    assert clock.read(120.0) == after(2)


def test_a_clock_that_is_slewed_back_a_little_stays_trusted() -> None:
    clock = GuardedClock()
    clock.observe(NOON, 0.0, synchronised=True)
    assert clock.observe(NOON - SLACK, 0.1, synchronised=True)
    assert clock.read(0.1) == NOON


READINGS = st.lists(
    st.tuples(st.integers(-100_000, 100_000), st.floats(0, 5000), st.booleans()), max_size=25
)


@given(READINGS, st.none() | st.integers(-5000, 5000))
def test_whatever_the_clock_does_the_time_is_never_behind_the_highest_believed(
    readings: list[tuple[int, float, bool]], kept: int | None
) -> None:
    clock, now = GuardedClock(None if kept is None else after(kept)), 0.0
    highest = clock.highest
    for seconds, wait, synchronised in readings:
        now += wait
        before = clock.highest
        trusted = clock.observe(NOON + timedelta(seconds=seconds), now, synchronised)
        assert clock.trusted == trusted
        assert clock.highest is not None or not trusted
        if before is not None and clock.highest is not None:
            assert clock.highest >= before
        if not trusted:
            assert clock.highest == before
        highest = clock.highest
        if highest is not None:
            assert clock.read(now) >= highest
            assert clock.read(now + 10) >= clock.read(now)
