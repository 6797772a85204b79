"""One timer of the loop for a whole circle of cores: there is nothing else to cancel.

A step is synchronous: a wire feeds its core, the outputs feed the neighbours, and at the end of the
step the timer is set to the earliest deadline of them all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Protocol


class Timed(Protocol):
    """Anything that wants to be woken."""

    def next_deadline(self) -> float | None:
        """When to be woken next, on the loop's clock; ``None``: not at all."""


def earliest(cores: Iterable[Timed]) -> float | None:
    """The first deadline of several cores that are driven together in one step."""
    return min((at for core in cores if (at := core.next_deadline()) is not None), default=None)


class OneTimer:
    """Exactly one armed timer, for one core or for several that feed each other.

    ``fire(now)`` is called when the deadline has come, and the timer is set again after it;
    :meth:`rearm` is called after every other step.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        next_deadline: Callable[[], float | None],
        fire: Callable[[float], None],
    ) -> None:
        self._loop = loop
        self._next_deadline = next_deadline
        self._fire = fire
        self._armed: asyncio.TimerHandle | None = None
        self._is_cancelled = False

    def rearm(self) -> None:
        """Set the timer to the deadline as it is now."""
        if self._is_cancelled:
            return
        deadline = self._next_deadline()
        if self._armed is not None:
            if self._armed.when() == deadline:
                return
            self._armed.cancel()
        self._armed = None if deadline is None else self._loop.call_at(deadline, self._on_timer)

    def cancel(self) -> None:
        """Never fire again."""
        self._is_cancelled = True
        if self._armed is not None:
            self._armed.cancel()
            self._armed = None

    def _on_timer(self) -> None:
        armed, self._armed = self._armed, None
        # The loop wakes up to its clock's resolution early; what it was armed for counts as due.
        due = self._loop.time() if armed is None else max(self._loop.time(), armed.when())
        try:
            self._fire(due)
        finally:
            self.rearm()
