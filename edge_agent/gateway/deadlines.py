"""Named deadlines of one call: set, dropped, and taken when due; nothing here ticks."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


class Deadlines(Generic[K]):
    """When what is due, by name; setting a name again moves it."""

    def __init__(self) -> None:
        self._due: dict[K, float] = {}

    def set(self, name: K, at: float) -> None:
        """``name`` is due at ``at``."""
        self._due[name] = at

    def drop(self, *names: K) -> None:
        """These are no longer due."""
        for name in names:
            self._due.pop(name, None)

    def clear(self) -> None:
        """Nothing is due."""
        self._due.clear()

    def take(self, now: float) -> list[K]:
        """What is due by ``now``, earliest first; each is taken once."""
        ready = sorted((at, n) for n, (name, at) in enumerate(self._due.items()) if at <= now)
        names = list(self._due)
        taken = [names[n] for _, n in ready]
        self.drop(*taken)
        return taken

    def earliest(self) -> float | None:
        """When the next is due."""
        return min(self._due.values(), default=None)

    def __contains__(self, name: object) -> bool:
        return name in self._due
