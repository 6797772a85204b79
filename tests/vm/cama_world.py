"""A branch whose E&M line is span 3 of the real driver: the agent, Lync, and a tandem that
answers."""

from __future__ import annotations

from pathlib import Path

from tests.vm.phone import Call
from tests.vm.tandem import CHANNELS, Seen, Tandem
from tests.vm.world import CardBranch, Scene
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


class CamaWorld(Scene):
    """Everybody on E&M channels."""

    def __init__(self, folder: Path, sheet: str, plan: Plan) -> None:
        super().__init__(CamaBranch(folder, route=("cama",), cama=sheet))
        self.tandem = Tandem(self.bell, dict.fromkeys(CHANNELS, plan), listens_on=True)

    async def begin(self) -> None:
        """Until the agent takes calls."""
        await self.ready()
        self.keep_time()

    async def call(self) -> tuple[Call, Seen]:
        """A 911 call that the PSAP has answered, at both its ends."""
        call = await self.phone.dial()
        await self.bell.until(lambda: call.is_up, lambda: (call.status, self.tandem.seen))
        return call, self.tandem.seen[-1]

    def close(self) -> None:
        """Let go of everybody, and of the tandem."""
        super().close()
        self.tandem.close()
