"""What the far end of a channel does, judged by its own times: a wink is an off-hook of a length, a
steady off-hook one that is longer.

A port that itself tells no more than "wink" is believed (DAHDI's E&M reports 100, 200 and 280 ms
alike): the length of such a wink is not judged.
"""

from __future__ import annotations

from enum import Enum, auto

from edge_agent.cama.config import Supervising
from edge_agent.line import BitsChanged, HookChanged, PolarityChanged, Transition

_BIT_A = 0b1000
_TOLD_LATE_MS = 9
"""A port tells an off-hook so much later than an on-hook at most (DAHDI: 1 ms, its card's tick, and
our own turn): a wink is told shorter than it was, and one that may be long enough is one (R1)."""


class Far(Enum):
    """What the far end has done."""

    WINK = auto()
    """Off hook and on hook again, as long as a wink is."""
    LONG = auto()
    """Off hook and on hook again: too long for a wink, too short to be steady."""
    STEADY = auto()
    """Off hook, and longer than any wink."""
    DROPPED = auto()
    """On hook after a steady off-hook."""
    BACK = auto()
    """Off hook: how long is not known yet."""


def off_hook(supervising: Supervising, transition: Transition) -> bool | None:
    """Whether a transition shows the far end off hook; ``None`` where it is none of this line's."""
    match supervising, transition:
        case Supervising.EM, HookChanged(off_hook=is_off):
            return is_off
        case Supervising.LOOP, PolarityChanged(is_reversed=is_reversed):
            return is_reversed
        case Supervising.LOOP, HookChanged(off_hook=False):
            return False  # its battery is gone: the far end has let go of the line
        case Supervising.BITS, BitsChanged(bits=bits):
            return bool(bits & _BIT_A)
    return None


class Supervision:
    """One far end. What began before our seizure is none of our call's, and what is shown while the
    span is in alarm proves nothing: neither tells anything.
    """

    def __init__(self, wink_least_ms: int, wink_most_ms: int, hearing_s: float) -> None:
        self.off_hook = False
        self.steady = False
        """Off hook for longer than a wink, since our seizure."""
        self._was_steady = False
        """Has been, since our seizure."""
        self._changed_at = 0.0
        self._least_ms = wink_least_ms - _TOLD_LATE_MS
        self._most_ms = wink_most_ms
        self._patience_s = wink_most_ms / 1000 + hearing_s
        self._since = 0.0
        self._stale = False
        self._blind = False
        self._steady_at: float | None = None

    def begin(self, now: float) -> None:
        """We have seized the channel: only what comes after this means something."""
        self._since = now
        self._stale = self.off_hook
        self.steady = self._was_steady = False
        self._steady_at = None

    def hear(self, is_off: bool, at: float) -> list[Far]:
        """The far end was off hook, or on hook, from ``at`` on."""
        if is_off == self.off_hook:
            return []
        length_ms = self.lasted_ms(at)
        self.off_hook = is_off
        self._changed_at = at
        words = self._picked_up(at) if is_off else self._hung_up(length_ms)
        return [word for word in words if word is Far.WINK or not self._blind]

    def winked(self, at: float) -> list[Far]:
        """The port says that there was a wink, which was over at ``at``."""
        if self.steady:
            return self.hear(False, at)  # it is on hook, and we have not heard how it came to be
        fresh = at >= self._since and not self._stale
        self.off_hook = self._stale = False
        self._changed_at = at
        self._steady_at = None
        return [Far.WINK] if fresh else []

    def resume(self) -> None:
        """The off-hook after a flash goes on with what was steady before it."""
        self.steady = self.off_hook
        self._steady_at = None

    def look_away(self) -> None:
        """The span is in alarm: what was steady is taken to be so still."""
        self._blind = True
        self._steady_at = None

    def look_again(self, now: float) -> list[Far]:
        """The alarm is over: what is shown now is believed from now on."""
        self._blind = False
        if self.off_hook and self._was_steady:
            self.resume()
        elif self.off_hook and not self._stale:
            self._changed_at = now
            self._picked_up(now)
        elif self._was_steady:
            self.steady = False
            return [Far.DROPPED]
        return []

    def lasted_ms(self, at: float) -> int:
        """How long it has been as it is at ``at``."""
        return round(1000 * (at - self._changed_at))

    def next_deadline(self) -> float | None:
        """When an off-hook is steady."""
        return self._steady_at

    def expire(self, now: float) -> list[Far]:
        """The off-hook is steady now, if it is due."""
        if self._steady_at is None or self._steady_at > now:
            return []
        self._steady_at = None
        self.steady = self._was_steady = True
        return [Far.STEADY]

    def _picked_up(self, at: float) -> list[Far]:
        self._stale = at < self._since
        if self._stale:
            return []
        if not self._blind:
            self._steady_at = at + self._patience_s
        return [Far.BACK]

    def _hung_up(self, length_ms: int) -> list[Far]:
        stale, self._stale = self._stale, False
        self._steady_at = None
        if stale:
            return []
        if self._blind:
            return [Far.WINK] if self._least_ms <= length_ms <= self._most_ms else []
        was_steady, self.steady = self.steady, False
        if was_steady:
            return [Far.DROPPED]
        if length_ms > 1000 * self._patience_s:
            self._was_steady = True  # heard of so late that the time for it has passed
            return [Far.STEADY, Far.DROPPED]
        if length_ms > self._most_ms:
            return [Far.LONG]
        return [Far.WINK] if length_ms >= self._least_ms else []
