"""Which call is due next, found without asking every call.

Entries are hints and the call's own deadline is the truth: one that no longer agrees is dropped
when it comes to the top. So a frame costs the calls that it changes, however many are up.
"""

from __future__ import annotations

import heapq
from itertools import count
from typing import Generic, Protocol, TypeVar


class Timed(Protocol):
    """Something with a deadline of its own."""

    def next_deadline(self) -> float | None:
        """When it is due; ``None`` where nothing runs."""


K = TypeVar("K", bound=Timed)


class Agenda(Generic[K]):
    """Entries by time; of the same time, the one noted first."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, K]] = []
        self._order = count()

    def note(self, item: K) -> None:
        """Whatever changed ``item`` may have moved its deadline."""
        at = item.next_deadline()
        if at is not None:
            heapq.heappush(self._heap, (at, next(self._order), item))

    def next_deadline(self) -> float | None:
        """When the first is due."""
        heap = self._heap
        while heap and heap[0][2].next_deadline() != heap[0][0]:
            heapq.heappop(heap)
        return heap[0][0] if heap else None

    def due(self, now: float) -> K | None:
        """Return the first that is due at ``now``; it stays until its deadline moves."""
        at = self.next_deadline()
        return self._heap[0][2] if at is not None and at <= now else None
