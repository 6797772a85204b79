"""A wait for whatever a test wants to have happened: looked at again each time the bell rings."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

PATIENCE_S = 20.0


class Bell:
    """Rung by whoever hears something."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Something happened."""
        self._rung.set()

    async def until(
        self, holds: Callable[[], bool], what: Callable[[], object], within_s: float = PATIENCE_S
    ) -> None:
        """Wait until ``holds()``; fails with ``what()`` there was instead."""
        try:
            async with asyncio.timeout(within_s):
                while not holds():
                    self._rung.clear()
                    await self._rung.wait()
        except TimeoutError:
            raise AssertionError(f"waited {within_s} s; there is {what()}") from None

    async def after(self, seconds: float) -> None:
        """Let so much of the guest's time go by."""
        passed = asyncio.Event()
        asyncio.get_running_loop().call_later(seconds, passed.set)
        await passed.wait()
