"""The calling thread goes first, what it starts does not, and being refused is no error."""

from __future__ import annotations

import os
import threading

from edge_agent.drivers.priority import SIGNALLING, VOICE, go_real_time


def in_a_thread(priority: int) -> tuple[bool, int, int]:
    """Whether it was allowed, and the policies of that thread and of one that it started."""
    seen: list[tuple[bool, int, int]] = []

    def first() -> None:
        allowed = go_real_time(priority)
        inner: list[int] = []
        second = threading.Thread(target=lambda: inner.append(os.sched_getscheduler(0)))
        second.start()
        second.join()
        seen.append((allowed, os.sched_getscheduler(0), inner[0]))

    thread = threading.Thread(target=first)
    thread.start()
    thread.join()
    return seen[0]


def test_a_thread_goes_first_where_it_may_and_its_children_never() -> None:
    allowed, policy, inherited = in_a_thread(SIGNALLING)
    expected = os.SCHED_FIFO if allowed else os.SCHED_OTHER
    assert policy & ~os.SCHED_RESET_ON_FORK == expected
    assert inherited == os.SCHED_OTHER


def test_voice_goes_before_signalling() -> None:
    assert VOICE > SIGNALLING
