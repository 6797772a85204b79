"""Step 10, of CAMA: a tandem that does not wink costs a caller seconds, and never the call (R1)."""

from __future__ import annotations

from dataclasses import dataclass

from lab.phones.platform import Phone
from lab.pstn.sip_trunk import SipCircuit
from lab.story import beats
from lab.story.narrator import Narrator
from lab.world import World

MOST_S = 5.0
"""By which a trunk that says nothing must have been given up."""


@dataclass(slots=True)
class SilentTandem:
    """The tenth step."""

    world: World
    tell: Narrator

    async def moves_on(self) -> None:
        """No wink: on hook again, and out on the next step of the route."""
        world, tell = self.world, self.tell
        world.tandem.is_silent = True
        before = len(world.tandem.seizures)
        talk = await beats.emergency(world, tell, world.springfield.phone(0))
        beats.shows(tell, talk, world.springfield, 1)
        tried = world.tandem.seizures[before:]
        tell.expect(len(tried) == 1, "one seizure of the tandem", tried)
        circuit = talk.psap_call.circuit
        tell.expect(isinstance(circuit, SipCircuit), "a call on the sip trunk", circuit)
        began = circuit.began - talk.dialled_at
        tell.expect(began < MOST_S, f"the next step within {MOST_S:g} s", began)
        tell.measure("911 dialled to INVITE at the provider, the tandem being silent", began)
        tell.expect(tried[0].is_over, "the silent channel on hook", tried[0].state)
        tell.ok(
            "no wink came: the channel is on hook, the call is out on the sip trunk (R1)", began
        )
        await beats.psap_hangs_up(world, talk)
        await self._the_next_call(world.springfield.phone(1))

    async def _the_next_call(self, phone: Phone) -> None:
        """A trunk in doubt is chosen last: who calls next does not wait for it."""
        world, tell = self.world, self.tell
        before = len(world.tandem.seizures)
        talk = await beats.emergency(world, tell, phone)
        began = talk.psap_call.circuit.began - talk.dialled_at
        tell.expect(len(world.tandem.seizures) == before, "no seizure of a trunk in doubt", began)
        tell.measure("911 dialled to INVITE, the tandem being in doubt", began)
        tell.ok("the next caller does not wait for it: a trunk in doubt is chosen last", began)
        await beats.psap_hangs_up(world, talk)
