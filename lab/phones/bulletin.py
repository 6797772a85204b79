"""Nobody in the lab sleeps: whoever waits is woken when something happened, and looks again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Unmet(Exception):
    """Something did not come about in time; says what was expected, and what was seen instead."""

    def __init__(self, expected: str, seen: object = "") -> None:
        super().__init__(f"expected {expected}; seen: {seen or 'nothing of the kind'}")
        self.expected = expected
        self.seen = seen


class Bulletin:
    """Where every part of one lab says that something happened."""

    def __init__(self) -> None:
        self._waiting: list[asyncio.Future[None]] = []

    @property
    def now(self) -> float:
        """The clock by which everything in the lab is measured, in seconds."""
        return asyncio.get_running_loop().time()

    def post(self) -> None:
        """Something happened: everybody who waits looks again."""
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done():
                future.set_result(None)

    async def until(
        self,
        look: Callable[[], T | None],
        expected: str,
        timeout: float = 10.0,
        seen: Callable[[], object] = lambda: "",
    ) -> T:
        """What ``look`` returns once it is true.

        Raises:
            Unmet: ``timeout`` seconds went by; ``seen`` says what there was instead.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        while not (found := look()):
            future: asyncio.Future[None] = loop.create_future()
            self._waiting.append(future)
            timer = loop.call_at(deadline, _wake, future)
            await future
            timer.cancel()
            if loop.time() >= deadline and not look():
                raise Unmet(f"{expected} within {timeout:g} s", seen())
        return found


def _wake(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
