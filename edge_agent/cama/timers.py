"""Timers are rows: default, limits and meaning beside the word that an operator writes.

No standard gives these: the defaults are what is best known of wink-start trunks, and the interface
sheet of the carrier wins (``timers`` of a ``[[cama]]`` table).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True)
class TimerSpec:
    """One row: seconds, and between which limits they may be set. Rows without limits follow from
    other values of the trunk."""

    seconds: float
    least: float
    most: float
    meaning: str


class T(Enum):
    """The timers of a circuit; an operator writes their names in lower case."""

    __hash__ = object.__hash__  # by identity: that of Enum is made of the name, for every step

    START_WAIT = TimerSpec(4.0, 0.5, 10.0, "off hook, and no start signal yet")
    PULSE_DELAY = TimerSpec(0.07, 0.07, 2.0, "start signal over: the far end's receiver gets ready")
    SPILL_GRACE = TimerSpec(2.0, 0.1, 5.0, "the spill must be over by now, and media has not said")
    REQUEST_WAIT = TimerSpec(3.5, 1.0, 20.0, "called digits out, the number not asked for yet")
    REQUEST_DELAY = TimerSpec(0.1, 0.0, 2.0, "asked for the number: the receiver gets ready")
    ALARM_WAIT = TimerSpec(4.0, 0.1, 30.0, "span lost, nobody has answered yet: keep the call")
    ALARM_HOLD = TimerSpec(10.0, 0.1, 90.0, "span lost, a call is up: keep it")
    GUARD = TimerSpec(1.0, 0.1, 10.0, "hung up: the far end may not see a new seizure yet")
    STUCK = TimerSpec(5.0, 0.5, 120.0, "the far end is off hook without a call of ours")
    SUSPECT_CLEAR = TimerSpec(60.0, 5.0, 3600.0, "suspect, but on hook and without an alarm")
    HEARING = TimerSpec(0.03, 0.0, 0.5, "so late may a change of the far end be heard of")
    FLASH = TimerSpec(0.0, 0.0, 0.0, "on hook after answer: a flash, or is it over?")
    ANSWER_DELAY = TimerSpec(0.0, 0.0, 0.0, "digits out: counts as answered when it is over")

    @property
    def word(self) -> str:
        """How an operator writes it."""
        return self.name.lower()


FOLLOWING = frozenset({T.FLASH, T.ANSWER_DELAY})
"""Their seconds come from ``flash_most_ms`` and ``answer_delay_ms``."""

SETTABLE: Mapping[str, T] = {timer.word: timer for timer in T if timer not in FOLLOWING}

Seconds = Mapping[T, float]


def seconds_of(overrides: Mapping[str, float]) -> dict[T, float]:
    """Return the seconds of each row, with what an operator wrote in their place.

    Raises:
        ValueError: a name that is none, or seconds outside the limits of their row.
    """
    chosen = {timer: timer.value.seconds for timer in T}
    for word, seconds in overrides.items():
        timer = SETTABLE.get(word)
        if timer is None:
            raise ValueError(f"{word} is no timer; there are {', '.join(sorted(SETTABLE))}")
        spec = timer.value
        if not spec.least <= seconds <= spec.most:
            raise ValueError(f"{word} is {seconds} s; it must be {spec.least} to {spec.most} s")
        chosen[timer] = seconds
    return chosen
