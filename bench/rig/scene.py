"""One agent with its phones and the far ends of its spans, open for as long as a budget runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bench.rig.agent import AgentProcess
from bench.rig.branch import FLOORS, Branch, elin_of
from bench.rig.exchange import Exchange
from bench.rig.phone import Call, Phones

PATIENCE_S = 10.0
APART_S = 0.02
"""One call at a time: the last one's rows are on disk before the next begins."""


class Scene:
    """What a budget plays with; who is at the far end of E&M spans is its own business."""

    def __init__(self, branch: Branch) -> None:
        self.branch = branch
        self.agent = AgentProcess(branch)
        self.phones = Phones(branch.phones, branch.sip)
        self.exchanges = tuple(
            Exchange(span.d_remote, span.d_local, span.channels)
            for span in branch.spans
            if span.trunk not in branch.camas
        )

    @property
    def first(self) -> Exchange:
        """The far end of the first span."""
        return self.exchanges[0]

    @property
    def second(self) -> Exchange:
        """The far end of the second span."""
        return self.exchanges[1]

    async def open(self, *, media: bool = True) -> None:
        """Start the agent and wait until its links are up."""
        for exchange in self.exchanges:
            exchange.start()
        self.agent.start()
        await self.agent.ready(media=media)
        for exchange in self.exchanges:
            await asyncio.wait_for(exchange.up.wait(), PATIENCE_S)

    def close(self) -> None:
        """End everything."""
        self.agent.stop()
        self.phones.close()
        for exchange in self.exchanges:
            exchange.close()

    async def seizure(self, n: int, exchange: Exchange | None = None) -> tuple[float, Call]:
        """The n-th caller dials 911; seconds from INVITE to SETUP, and the call, answered."""
        floor = n % FLOORS + 1
        setup = (exchange or self.first).expect()
        call = self.phones.dial(f"user{n % FLOORS}", elin_of(floor), floor)
        arrived = await asyncio.wait_for(setup, PATIENCE_S)
        await call.answered()
        return arrived - call.sent_at, call

    async def clear(self, call: Call) -> None:
        """Hang up and wait for the answer."""
        self.phones.hang_up(call)
        await call.over()

    async def seizures(self, count: int, exchange: Exchange | None = None) -> list[float]:
        """So many calls, one at a time."""
        taken = []
        for n in range(count):
            seconds, call = await self.seizure(n, exchange)
            taken.append(seconds)
            await self.clear(call)
            await asyncio.sleep(APART_S)
        return taken


@asynccontextmanager
async def scene(branch: Branch, *, media: bool = True) -> AsyncIterator[Scene]:
    """An open scene; everything is ended afterwards."""
    opened = Scene(branch)
    try:
        await opened.open(media=media)
        yield opened
    finally:
        opened.close()
