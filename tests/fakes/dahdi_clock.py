"""A loop whose clock is the card's: where a real loop would wait, the card's time goes on.

Nothing here waits, and nothing depends on how busy the machine is.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any

from tests.fakes.dahdi_kernel import FakeKernel


class CardSelector(selectors.DefaultSelector):
    """Where a loop would wait, the card's time goes on."""

    def __init__(self, kernel: FakeKernel) -> None:
        super().__init__()
        self._kernel = kernel

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or timeout > 0:
            self._kernel.advance(0.001)
        return super().select(0)


class CardLoop(asyncio.SelectorEventLoop):
    """A loop on the card's clock."""

    def __init__(self, kernel: FakeKernel) -> None:
        self._kernel = kernel
        super().__init__(CardSelector(kernel))
        kernel.loop = self

    def time(self) -> float:
        return self._kernel.seconds


def play(kernel: FakeKernel, story: Coroutine[Any, Any, None]) -> None:
    """Run a story on the card's clock; whatever it left open is the story's mistake."""
    with asyncio.Runner(loop_factory=lambda: CardLoop(kernel)) as runner:
        runner.run(story)
