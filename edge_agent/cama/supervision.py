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


class Far(Enum):
    """What the far end has done."""

    WINK = auto()
    """Off hook and on hook again, as long as a wink is."""
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
        case Supervising.BITS, BitsChanged(bits=bits):
            return bool(bits & _BIT_A)
    return None


class Supervision:
    """One far end. What began before our seizure is none of our call's: it tells nothing."""

    def __init__(self, wink_least_ms: int, wink_most_ms: int, hearing_s: float) -> None:
        self.off_hook = False
        self.steady = False
        """Off hook for longer than a wink, since our seizure."""
        self.was_steady = False
        """Has been, since our seizure."""
        self.changed_at = 0.0
        self._least_ms = wink_least_ms
        self._most_ms = wink_most_ms
        self._hearing_s = hearing_s
        self._since = 0.0
        self._stale = False
        self._steady_at: float | None = None

    def begin(self, now: float) -> None:
        """We have seized the channel: only what comes after this means something."""
        self._since = now
        self._stale = self.off_hook
        self.steady = self.was_steady = False
        self._steady_at = None

    def resume(self) -> None:
        """The off-hook after a flash goes on with what was steady before it."""
        self.steady = self.off_hook
        self._steady_at = None

    def judge_anew(self, now: float) -> None:
        """What was shown during an alarm proves nothing: an off-hook begins now."""
        if self.off_hook and not self.steady and not self._stale:
            self.changed_at = now
            self._steady_at = now + self._patience_s

    def hear(self, is_off: bool, at: float) -> list[Far]:
        """The far end was off hook, or on hook, from ``at`` on."""
        if is_off == self.off_hook:
            return []
        length_ms = round(1000 * (at - self.changed_at))
        self.off_hook = is_off
        self.changed_at = at
        if not is_off:
            return self._hung_up(length_ms)
        self._stale = at < self._since
        self._steady_at = None if self._stale else at + self._patience_s
        return [] if self._stale else [Far.BACK]

    def winked(self, at: float) -> list[Far]:
        """The port says that there was a wink, which was over at ``at``."""
        if self.steady:
            return self.hear(False, at)  # it is on hook, and we have not heard how it came to be
        fresh = at >= self._since and not (self.off_hook and self._stale)
        self.off_hook = self._stale = False
        self.changed_at = at
        self._steady_at = None
        return [Far.WINK] if fresh else []

    def on_hook_ms(self, at: float) -> int:
        """How long it has been on hook at ``at``."""
        return round(1000 * (at - self.changed_at))

    def next_deadline(self) -> float | None:
        """When an off-hook is steady."""
        return self._steady_at

    def expire(self, now: float) -> list[Far]:
        """The off-hook is steady now, if it is due."""
        if self._steady_at is None or self._steady_at > now:
            return []
        self._steady_at = None
        self.steady = self.was_steady = True
        return [Far.STEADY]

    @property
    def _patience_s(self) -> float:
        return self._most_ms / 1000 + self._hearing_s

    def _hung_up(self, length_ms: int) -> list[Far]:
        was_steady, self.steady = self.steady, False
        self._steady_at = None
        if self._stale:
            self._stale = False
            return []
        if was_steady:
            return [Far.DROPPED]
        if length_ms > self._most_ms:
            self.was_steady = True
            return [Far.STEADY, Far.DROPPED]
        return [Far.WINK] if length_ms >= self._least_ms else []
