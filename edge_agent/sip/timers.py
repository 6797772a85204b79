"""Every timer of the endpoint as a row: how long, how it grows, what it is on a stream, and what it
means.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from enum import Enum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Timing:
    """The values that the rows are multiples of, in seconds, with the limits that configuration
    must keep.
    """

    t1: float = 0.5
    """Estimate of the round trip (RFC 3261 §17.1.1.1)."""
    t2: float = 4.0
    """Longest wait between repeats of a non-INVITE request or a response."""
    t4: float = 5.0
    """Longest life of a message in the network."""
    first_response: float = 4.0
    """How long a trunk may say nothing at all before the call moves on (R1)."""
    ping: float = 0.0
    """How often a trunk is asked whether it is there; 0 is never."""

    def __post_init__(self) -> None:
        for name, least, most in LIMITS:
            if not least <= getattr(self, name) <= most:
                raise ValueError(f"{name} must be {least:g} to {most:g} s")


LIMITS = (
    ("t1", 0.05, 2.0),
    ("t2", 1.0, 16.0),
    ("t4", 1.0, 10.0),
    ("first_response", 0.5, 32.0),
    ("ping", 0.0, 3600.0),
)


@dataclass(frozen=True, slots=True)
class TimerSpec:
    """One row. ``doubles_to`` names the cap of a timer that doubles at each start: ``t2``, or
    ``none``.
    """

    base: str
    times: float
    meaning: str
    doubles_to: str = ""
    on_stream: float | None = None
    """Seconds on a reliable transport where it differs; negative means that it is not started."""


class T(Enum):
    """RFC 3261 table 4 and RFC 6026 §7.1 first, then our own."""

    TIMER_A = TimerSpec("t1", 1, "INVITE sent, nothing heard: repeat it", "none", -1)
    TIMER_B = TimerSpec("t1", 64, "INVITE sent, nothing heard: give up")
    TIMER_D = TimerSpec("t1", 64, "INVITE refused: absorb repeats of the refusal", on_stream=0)
    TIMER_E = TimerSpec("t1", 1, "request sent, no final response: repeat it", "t2", -1)
    TIMER_F = TimerSpec("t1", 64, "request sent, no final response: give up")
    TIMER_G = TimerSpec("t1", 1, "INVITE refused by us, no ACK: repeat the refusal", "t2", -1)
    TIMER_H = TimerSpec("t1", 64, "INVITE refused by us, no ACK: give up")
    TIMER_I = TimerSpec("t4", 1, "ACK heard: absorb repeats of it", on_stream=0)
    TIMER_J = TimerSpec("t1", 64, "request answered: absorb repeats of it", on_stream=0)
    TIMER_K = TimerSpec("t4", 1, "final response heard: absorb repeats of it", on_stream=0)
    TIMER_L = TimerSpec("t1", 64, "INVITE accepted by us: absorb repeats of it (RFC 6026)")
    TIMER_M = TimerSpec("t1", 64, "INVITE accepted: hear 2xx of other forks (RFC 6026)")
    SUCCESS_AGAIN = TimerSpec("t1", 1, "2xx sent, no ACK: repeat it (§13.3.1.4)", "t2")
    SUCCESS_LAST = TimerSpec("t1", 64, "2xx sent, no ACK: repeat it no longer")
    PROVISIONAL_AGAIN = TimerSpec("one", 60, "18x sent: proxies forget after 3 min (§13.3.1.1)")
    FIRST_RESPONSE = TimerSpec("first_response", 1, "INVITE to a trunk, nothing heard at all")
    PING = TimerSpec("ping", 1, "a trunk was asked whether it is there: ask again")
    PING_ANSWER = TimerSpec("first_response", 1, "a trunk was asked and has not answered")
    CANCELLED = TimerSpec("t1", 64, "CANCEL sent, no final response (§9.1)")


def seconds(timer: T, timing: Timing, starts: int = 0, stream: bool = False) -> float:
    """Length of the start number ``starts`` (0 is the first); negative where it is not to be
    started.
    """
    row = timer.value
    if stream and row.on_stream is not None:
        return float(row.on_stream)
    length = row.times * (1.0 if row.base == "one" else float(getattr(timing, row.base)))
    if not row.doubles_to:
        return float(length)
    length *= 2.0 ** min(starts, 16)
    return float(
        length if row.doubles_to == "none" else min(length, getattr(timing, row.doubles_to))
    )


class Expires(Protocol):
    """Whoever owns timers: a transaction or a leg."""

    def expired(self, timer: T, now: float) -> None:
        """``timer`` ran out."""


class Deadlines:
    """All running timers of the endpoint in one heap; stopped ones are dropped when they
    surface.
    """

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Expires, T]] = []
        self._running: dict[tuple[Expires, T], int] = {}
        self._count = 0

    def start(self, owner: Expires, timer: T, at: float) -> None:
        """(Re)start one timer of ``owner``; ``at`` is monotonic."""
        self._count += 1
        self._running[owner, timer] = self._count
        heapq.heappush(self._heap, (at, self._count, owner, timer))

    def stop(self, owner: Expires, *timers: T) -> None:
        """Stop these timers of ``owner``."""
        for timer in timers:
            self._running.pop((owner, timer), None)

    def stop_all(self, owner: Expires) -> None:
        """Stop every timer of ``owner``."""
        self.stop(owner, *T)

    def next(self) -> float | None:
        """When the earliest timer runs out."""
        while self._heap:
            at, count, owner, timer = self._heap[0]
            if self._running.get((owner, timer)) == count:
                return at
            heapq.heappop(self._heap)
        return None

    def pop_due(self, now: float) -> tuple[Expires, T] | None:
        """Remove and return the earliest timer that is due, if any."""
        at = self.next()
        if at is None or at > now:
            return None
        _, _, owner, timer = heapq.heappop(self._heap)
        del self._running[owner, timer]
        return owner, timer
