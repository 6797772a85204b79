"""A branch whose E&M line is span 3 of the real driver: the agent, Lync, and a tandem that
answers."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from pathlib import Path

from tests.vm.bell import PATIENCE_S, Bell
from tests.vm.phone import Call, Phone
from tests.vm.tandem import CHANNELS, Seen, Tandem
from tests.vm.world import ASK_AGAIN_S, CardBranch
from tests.wires.agent.process import AgentProcess
from tests.wires.agent.pump import Pump
from tests.wires.agent.tandem import Plan


class CamaBranch(CardBranch):
    """Both lines are on the card."""

    def _cama_toml(self) -> str:
        d_local, d_remote, b_local, b_remote = self.em_ports
        loop = f"""driver = "loop"
line = "t1"
signalling = "em"
d_local = {d_local}
d_remote = {d_remote}
b_local = {b_local}
b_remote = {b_remote}
"""
        text = super()._cama_toml()
        assert loop in text
        return text.replace(
            loop, 'driver = "dahdi"\ndahdi_span = 3\nline = "t1"\nsignalling = "em"\n'
        )


class CamaWorld:
    """Everybody, until :meth:`close`."""

    def __init__(self, folder: Path, sheet: str, plan: Plan) -> None:
        self.branch = CamaBranch(folder, route=("cama",), cama=sheet)
        self.branch.write()
        self.bell = Bell()
        self.pump = Pump()
        self.phone = Phone(self.branch.sip, self.bell)
        self.tandem = Tandem(self.bell, dict.fromkeys(CHANNELS, plan), listens_on=True)
        self.agent = AgentProcess(self.branch, self.pump)

    async def begin(self) -> None:
        """Until the agent takes calls; what speaks here must not stop after that."""
        await self.phone.open(self.branch.lync)
        await asyncio.to_thread(self.agent.until_ready)
        gc.collect()
        gc.disable()

    async def call(self) -> tuple[Call, Seen]:
        """A 911 call that the PSAP has answered, at both its ends."""
        call = await self.phone.dial()
        await self.bell.until(lambda: call.is_up, lambda: (call.status, self.tandem.seen))
        return call, self.tandem.seen[-1]

    async def asked(self, holds: Callable[[], bool], within_s: float = PATIENCE_S) -> None:
        """Ask the agent again and again until ``holds()``."""
        limit = asyncio.get_running_loop().time() + within_s
        while not await asyncio.to_thread(holds):
            assert asyncio.get_running_loop().time() < limit, self.agent.ask("status")
            await self.bell.after(ASK_AGAIN_S)

    def close(self) -> None:
        """Let go of everybody."""
        gc.enable()
        self.phone.close()
        self.agent.end()
        self.tandem.close()
        self.pump.close()
