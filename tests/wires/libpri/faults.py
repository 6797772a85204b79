"""What a bad line does to frames, one direction at a time: it loses them, doubles them, or lets a
later one pass.
"""

from __future__ import annotations

from collections import Counter
from random import Random

HELD_S = 0.02
"""How long a frame is held where no other comes that could pass it."""


ALL = ("lost", "doubled", "late")


class Faults:
    """``share`` of the frames meet a fault, each of ``kinds`` as often as the others.

    A frame that is late arrives behind the next one: reordered. The dice are the caller's, so that
    both directions of one line throw the same ones.
    """

    def __init__(self, share: float, dice: Random, kinds: tuple[str, ...] = ALL) -> None:
        self._share, self._kinds = share, kinds
        self.cut = False
        """A line that is cut loses everything."""
        self.done: Counter[str] = Counter()
        self._dice = dice
        self._held: tuple[float, bytes] | None = None

    def carry(self, frame: bytes, now: float) -> list[bytes]:
        """Return what arrives at the other end because ``frame`` was sent."""
        fault = "lost" if self.cut else self._fault()
        behind = [] if self._held is None else [self._held[1]]
        self._held = None
        if fault:
            self.done[fault] += 1
        match fault:
            case "lost":
                return behind
            case "doubled":
                return [frame, frame, *behind]
            case "late" if not behind:
                self._held = now + HELD_S, frame
                return []
            case _:
                return [frame, *behind]

    def overdue(self, now: float) -> list[bytes]:
        """Return the held frame where nothing came to pass it."""
        if self._held is None or self._held[0] > now:
            return []
        frame = self._held[1]
        self._held = None
        return [frame]

    def next_deadline(self) -> float | None:
        """When :meth:`overdue` has something; ``None`` where nothing is held."""
        return None if self._held is None else self._held[0]

    def _fault(self) -> str:
        return self._dice.choice(self._kinds) if self._dice.random() < self._share else ""
