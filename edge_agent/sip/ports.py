"""RTP ports: one even port per leg, rested after use."""

from __future__ import annotations

from collections import deque


class PortPool:
    """Hands out the port that has rested longest; under exhaustion a port that has not rested is
    better than none.
    """

    def __init__(self, first: int, last: int, rest_s: float) -> None:
        if not 1024 <= first <= last <= 65534:
            raise ValueError("RTP ports must lie between 1024 and 65534")
        self._free = deque(range(first + first % 2, last + 1, 2))
        self._resting: deque[tuple[float, int]] = deque()
        self._rest_s = rest_s

    def take(self, now: float) -> int | None:
        """A port, or ``None`` where every one is in a call."""
        while self._resting and self._resting[0][0] <= now:
            self._free.append(self._resting.popleft()[1])
        if self._free:
            return self._free.popleft()
        return self._resting.popleft()[1] if self._resting else None

    def give_back(self, port: int, now: float) -> None:
        """The leg that had ``port`` is over."""
        self._resting.append((now + self._rest_s, port))
