"""The wall clock is UTC, and the kernel is asked whether to believe it."""

from __future__ import annotations

from datetime import UTC, timedelta

from edge_agent.drivers.clock import is_synchronised, utc_now


def test_the_clock_is_utc_and_goes_forward() -> None:
    first, second = utc_now(), utc_now()
    assert first.tzinfo is UTC
    assert timedelta() <= second - first < timedelta(minutes=1)


def test_the_kernel_has_an_answer_and_keeps_to_it() -> None:
    assert is_synchronised() in (True, False)
    assert is_synchronised() == is_synchronised()
