"""Timers are rows: default, limits and meaning beside the standard's name.

Values from Q.931 Table 9-2 and Q.921 §5.9. "Again" and "last" are different inputs to the call, so
that no retry counter hides in the state machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True)
class TimerSpec:
    """One row: seconds for an ordinary call, how often it is started, and its limits."""

    seconds: float
    tries: int
    least: float
    most: float
    emergency: float | None
    """Seconds for an emergency call; ``None`` where it does not run on one."""
    meaning: str
    network: float | None = None
    """Seconds on the network side where they differ (Table 9-1)."""


class T(Enum):
    """Q.931 timers of a call: user-side values (Table 9-2), and the network's where they differ."""

    __hash__ = object.__hash__  # by identity: that of Enum is made of the name, for every frame

    T301 = TimerSpec(180.0, 1, 60.0, 600.0, None, "ALERTING heard, no answer yet")
    T302 = TimerSpec(15.0, 1, 4.0, 30.0, 15.0, "digits of a called number are being collected")
    T303 = TimerSpec(4.0, 2, 0.5, 10.0, 2.0, "SETUP sent, nothing heard yet")
    T304 = TimerSpec(30.0, 1, 5.0, 60.0, 15.0, "SETUP ACKNOWLEDGE heard, nothing after it", 20.0)
    T305 = TimerSpec(30.0, 1, 4.0, 60.0, 30.0, "DISCONNECT sent, waiting for RELEASE")
    T306 = TimerSpec(15.0, 1, 1.0, 60.0, 15.0, "DISCONNECT with an announcement heard", 30.0)
    T308 = TimerSpec(4.0, 2, 1.0, 10.0, 4.0, "RELEASE sent, waiting for RELEASE COMPLETE")
    T310 = TimerSpec(30.0, 1, 10.0, 120.0, 30.0, "CALL PROCEEDING heard, no ALERTING yet", 10.0)
    T313 = TimerSpec(4.0, 1, 1.0, 10.0, 4.0, "CONNECT sent, waiting for CONNECT ACKNOWLEDGE")
    T322 = TimerSpec(4.0, 2, 1.0, 10.0, None, "STATUS ENQUIRY sent, waiting for STATUS")


class ChannelTimer(Enum):
    """Q.931 timers of a channel without a call."""

    T316 = TimerSpec(120.0, 2, 4.0, 300.0, 120.0, "RESTART sent, waiting for its acknowledgement")


class LinkTimer(Enum):
    """Q.921 timers of a user (T201 is the assigning side's), the rest between two series of SABME
    or of TEI requests, and Q.931's T309, which belongs to the link. ``UNANSWERED`` is ours: the
    standard would clear such a call at once (§5.8.9); we wait as long as a dead trunk costs.
    """

    __hash__ = object.__hash__  # by identity: that of Enum is made of the name, for every frame

    T200 = TimerSpec(1.0, 4, 0.1, 5.0, 1.0, "command sent, no acknowledgement yet")
    T202 = TimerSpec(2.0, 3, 0.5, 10.0, 2.0, "TEI asked for or put in doubt, no answer yet")
    T203 = TimerSpec(10.0, 1, 1.0, 60.0, 10.0, "nothing exchanged: ask whether the peer is there")
    REST = TimerSpec(1.5, 1, 0.5, 30.0, 1.5, "the peer does not answer SABME: rest, then try again")
    T309 = TimerSpec(90.0, 1, 6.0, 90.0, 90.0, "link lost with calls up: keep them this long")
    UNANSWERED = TimerSpec(4.0, 1, 1.0, 10.0, 4.0, "link lost: keep unanswered calls this long")


Seconds = Mapping[T, float | None]


def call_seconds(
    overrides: Mapping[T, float], *, emergency: bool = False, network: bool = False
) -> dict[T, float | None]:
    """Return the seconds of each timer of a call; the network side knows no emergencies.

    Raises:
        ValueError: an override is outside the limits of its row.
    """
    chosen: dict[T, float | None] = {timer: timer.value.seconds for timer in T}
    if network:
        chosen |= {timer: timer.value.network or timer.value.seconds for timer in T}
    elif emergency:
        chosen |= {timer: timer.value.emergency for timer in T}
    for timer, seconds in overrides.items():
        check(timer, seconds)
        if chosen[timer] is not None:
            chosen[timer] = seconds
    return chosen


def check(timer: T | LinkTimer | ChannelTimer, seconds: float) -> None:
    """Raise ``ValueError`` where ``seconds`` is outside the limits of the timer's row."""
    spec = timer.value
    if not spec.least <= seconds <= spec.most:
        raise ValueError(f"{timer.name} is {seconds} s; it must be {spec.least} to {spec.most} s")
