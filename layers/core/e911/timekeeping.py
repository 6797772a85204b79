"""A wall clock that may be wrong: it never runs backwards here, and while it is doubted nothing
expires.
"""

from __future__ import annotations

from datetime import datetime, timedelta

LARGEST_STEP = timedelta(minutes=10)
"""A forward step above this is believed only from a clock that NTP keeps."""

SLACK = timedelta(seconds=2)
"""How far a clock may lie behind without having been set back: NTP slewing, a leap second, a late
reading.
"""


class GuardedClock:
    """Turns monotonic ``now`` into UTC by an anchor that only trusted readings move.

    ``highest`` is the highest UTC that the journal has kept; only trusted readings raise it, so
    that one wild reading does not make every right one look late.
    """

    def __init__(self, highest: datetime | None = None) -> None:
        self._highest = highest
        self._anchor: tuple[datetime, float] | None = None
        self._trusted = False

    @property
    def trusted(self) -> bool:
        """Whether the last reading was believed, so that windows may be closed for good; ``False``
        is the alarm ``clock-untrusted``.
        """
        return self._trusted

    @property
    def highest(self) -> datetime | None:
        """The highest UTC believed so far: what the journal keeps."""
        return self._highest

    def observe(self, utc: datetime, now: float, synchronised: bool) -> bool:
        """Take a reading of the wall clock; returns whether it is believed.

        A clock behind the highest UTC seen is not, nor is one that stepped forward by more than ten
        minutes while no NTP keeps it.
        """
        expected = self._expected(now)
        self._trusted = expected is None or self._believes(utc, expected, synchronised)
        if self._trusted:
            self._anchor = (utc, now)
            self._highest = max(utc, self._highest or utc)
        elif self._anchor is None and expected is not None:
            self._anchor = (expected, now)
        return self._trusted

    def read(self, now: float) -> datetime:
        """UTC at ``now``: the last believed reading and the time since, never behind the highest
        seen.

        Raises:
            ValueError: nothing was ever observed and the journal kept nothing.
        """
        expected = self._expected(now)
        if expected is None:
            raise ValueError("the clock was never observed")
        return expected

    def _expected(self, now: float) -> datetime | None:
        """What a right clock would show at ``now``, as far as is known."""
        if self._anchor is None:
            return self._highest
        utc, since = self._anchor
        reached = utc + timedelta(seconds=max(0.0, now - since))
        return max(reached, self._highest or reached)

    def _believes(self, utc: datetime, expected: datetime, synchronised: bool) -> bool:
        if self._highest is not None and utc < self._highest - SLACK:
            return False
        return synchronised or utc - expected <= LARGEST_STEP
