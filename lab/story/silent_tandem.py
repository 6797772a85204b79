"""The last step, of CAMA: a tandem that does not wink costs seconds, and never the call (R1)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from lab.phones.platform import Phone
from lab.pstn.sip_trunk import SipCircuit
from lab.story import beats
from lab.story.main_job import FLOOR_2
from lab.story.narrator import Narrator
from lab.world import CAMA_TRUNKS, World

MOST_S = 5.0
"""By which a trunk that says nothing must have been given up."""


@dataclass(slots=True)
class SilentTandem:
    """The last step."""

    world: World
    tell: Narrator

    async def moves_on(self) -> None:
        """One caller waits for each of its channels; who comes then does not wait for any."""
        world, tell = self.world, self.tell
        tell.begin("The tandem is silent")
        world.tandem.is_silent = True
        phone = world.springfield.phone(0)
        for nth in range(1, CAMA_TRUNKS + 1):
            began = await self._call(phone, seizures=1)
            tell.expect(began < MOST_S, f"the next step within {MOST_S:g} s", began)
            tell.measure(f"911 dialled to INVITE, {nth} of {CAMA_TRUNKS} channels tried", began)
            tell.ok("no wink: on hook again, and out on the sip trunk (R1)", began)
        began = await self._call(phone, seizures=0)
        tell.measure("911 dialled to INVITE, the whole tandem being in doubt", began)
        tell.ok("the next caller does not wait: a trunk in doubt is chosen last", began)
        await self._an_operator_looks()
        tell.end_step()

    async def _an_operator_looks(self) -> None:
        """What ``elingate-edge trunks`` shows now."""
        shown = await asyncio.to_thread(self.world.springfield.edge.ask, "trunks")
        self.tell.show("trunks", shown)
        row = next((line for line in shown.splitlines() if "t1-1" in line), "")
        both = "suspect" in shown and f" 1-{CAMA_TRUNKS} " in f"{row} "
        self.tell.expect(both, "both channels shown as suspect", shown)
        self.tell.ok("an operator sees both channels suspect: in doubt, and never taken away")

    async def _call(self, phone: Phone, seizures: int) -> float:
        """A call that must get out beside the tandem; the time from 911 dialled to its INVITE."""
        world, tell = self.world, self.tell
        before = len(world.tandem.seizures)
        talk = await beats.emergency(world, tell, phone)
        beats.shows(tell, talk, world.springfield, FLOOR_2)
        circuit, tried = talk.psap_call.circuit, world.tandem.seizures[before:]
        tell.expect(isinstance(circuit, SipCircuit), "a call on the sip trunk", circuit.trunk)
        tell.expect(len(tried) == seizures, f"{seizures} seizures of the tandem", len(tried))
        left = [each.channel for each in tried if not each.is_over]
        tell.expect(not left, "every channel on hook", left)
        await beats.psap_hangs_up(world, talk)
        return circuit.began - talk.dialled_at
