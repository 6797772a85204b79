"""A branch whose PRI is span 1 of the real driver: the agent, Lync, and the carrier."""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import Callable
from pathlib import Path

from edge_agent.drivers.priority import VOICE, go_real_time
from tests.vm.bell import PATIENCE_S, Bell
from tests.vm.exchange import Exchange
from tests.vm.phone import Call, Phone
from tests.wires.agent.branch import Branch
from tests.wires.agent.process import AgentProcess
from tests.wires.agent.pump import Pump

ASK_AGAIN_S = 0.2


class CardBranch(Branch):
    """The branch of the wire tests with a card in its box."""

    def _toml(self) -> str:
        loop = f"""driver = "loop"
line = "t1"
switch = "ni2"
d_local = {self.d_local}
d_remote = {self.d_remote}
b_local = {self.b_local}
b_remote = {self.b_remote}
"""
        text = super()._toml()
        assert loop in text
        return text.replace(loop, 'driver = "dahdi"\ndahdi_span = 1\nline = "t1"\nswitch = "ni2"\n')


class Scene:
    """The agent, Lync, and what they stand on, until :meth:`close`."""

    def __init__(self, branch: Branch, kind: type[Call] = Call) -> None:
        self.branch = branch
        self.branch.write()
        self.bell = Bell()
        self.pump = Pump()
        self.phone = Phone(self.branch.sip, self.bell, kind)
        self.agent = AgentProcess(self.branch, self.pump)

    async def ready(self) -> None:
        """Until the agent takes calls, and has its voice."""
        await self.phone.open(self.branch.lync)
        await asyncio.to_thread(self.agent.until_ready)

    def keep_time(self) -> None:
        """From now on the phones of this process must not stop. They are other machines in life, so
        they come before everybody here; and pytest's heap takes the collector longer to walk than
        a jitter buffer is patient.
        """
        gc.collect()
        gc.disable()
        go_real_time(2 * VOICE)

    async def asked(self, holds: Callable[[], bool], within_s: float = PATIENCE_S) -> None:
        """Ask the agent again and again until ``holds()``."""
        limit = asyncio.get_running_loop().time() + within_s
        while not await asyncio.to_thread(holds):
            assert asyncio.get_running_loop().time() < limit, self.agent.ask("status")
            await self.bell.after(ASK_AGAIN_S)

    def close(self) -> None:
        """Let go of everybody."""
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
        gc.enable()
        self.phone.close()
        self.agent.end()
        self.pump.close()


class World(Scene):
    """Everybody on a PRI."""

    def __init__(self, folder: Path, kind: type[Call] = Call) -> None:
        super().__init__(CardBranch(folder), kind)
        self.exchange = Exchange(self.bell)

    async def begin(self) -> None:
        """Until the link is up on both sides."""
        await self.ready()
        await self.exchange.until("link")
        await self.asked(lambda: bool(self.agent.ask("status")["trunks"]["pri"]))
        self.keep_time()

    async def call(self) -> Call:
        """A 911 call that the PSAP has answered."""
        call = await self.phone.dial()
        await self.bell.until(lambda: call.is_up, lambda: (call.status, self.exchange.heard))
        return call

    async def hung_up(self, *calls: Call) -> None:
        """These calls end by the caller, and every channel is free again."""
        for call in calls:
            self.phone.hang_up(call)
            call.close()
        await self.asked(lambda: self.agent.ask("calls") == [])

    def close(self) -> None:
        """Let go of everybody, and of the exchange."""
        super().close()
        self.exchange.close()
