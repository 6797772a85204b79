"""Deadlines without a clock: which timer of a core is due when, and which is the next."""

from __future__ import annotations

from enum import Enum
from typing import Generic, TypeVar

K = TypeVar("K", bound=Enum)


class Deadlines(Generic[K]):
    """When which timer is due, in monotonic seconds; it has no clock of its own."""

    __slots__ = ("_due",)

    def __init__(self) -> None:
        self._due: dict[K, float] = {}

    def start(self, timer: K, at: float) -> None:
        """Run ``timer`` until ``at``; a running one is started anew."""
        self._due[timer] = at

    def stop(self, timer: K) -> None:
        """Stop ``timer`` where it runs."""
        self._due.pop(timer, None)

    def stop_all(self, but: K | None = None) -> None:
        """Stop whatever runs; ``but`` goes on."""
        kept = None if but is None else self._due.get(but)
        self._due.clear()
        if but is not None and kept is not None:
            self._due[but] = kept

    def runs(self, timer: K) -> bool:
        """Whether ``timer`` runs."""
        return timer in self._due

    def next_deadline(self) -> float | None:
        """When the earliest is due; ``None`` where none runs."""
        return min(self._due.values(), default=None)

    def expire(self, now: float) -> K | None:
        """Remove and return the earliest timer that is due at ``now``."""
        due = [(at, timer.name, timer) for timer, at in self._due.items() if at <= now]
        if not due:
            return None
        timer = min(due)[2]
        del self._due[timer]
        return timer
