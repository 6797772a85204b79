"""What differs in the story by Springfield's trunk: ISDN is told by its link and its SETUP, CAMA by
its hooks and its digits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from lab.phones.call import State
from lab.pstn.cama_circuit import CamaCircuit, S
from lab.pstn.span_call import SpanCall
from lab.story.beats import Talk
from lab.story.narrator import Narrator
from lab.world import CAMA_TRUNKS, World

SPOKEN = {"*": "KP", "#": "ST", "A": "ST'", "B": "ST''", "C": "ST'''"}


class TrunkTelling(Protocol):
    """One of the two."""

    taken: str
    """What the first sign of a call is called at the far end."""
    called_back: str
    """How a PSAP's callback comes."""

    async def ready(self) -> None:
        """Wait until the trunk can be used."""

    def carried(self, talk: Talk) -> None:
        """A 911 call of Springfield must have gone this way, and no other."""

    def placed(self, talk: Talk) -> None:
        """What the far end got for a 911 call."""

    async def talked(self, talk: Talk) -> None:
        """What else the far end can do while both talk."""

    async def kill_agent(self, talk: Talk) -> None:
        """Kill it, and wait until it is there again and the far end knows that the call is gone."""


def telling_of(world: World, tell: Narrator) -> TrunkTelling:
    """Of this world's trunk."""
    return CamaTelling(world, tell) if world.kind == "cama" else IsdnTelling(world, tell)


@dataclass(slots=True)
class IsdnTelling:
    """A primary rate span."""

    world: World
    tell: Narrator
    taken: str = "SETUP"
    called_back: str = "on the PRI span"

    async def ready(self) -> None:
        """The D channel is up."""
        link = self.world.span.link
        await self.world.news.until(lambda: link.is_up, "the D channel to be established", 15)
        self.tell.ok("Springfield: an agent with one PRI span; its D channel is established")

    def carried(self, talk: Talk) -> None:
        """By the span."""
        circuit = talk.psap_call.circuit
        self.tell.expect(isinstance(circuit, SpanCall), "a call by the span", circuit.trunk)

    def placed(self, talk: Talk) -> None:
        """SETUP with the ELIN, and nothing else of the caller (R2)."""
        tell, circuit = self.tell, talk.psap_call.circuit
        self.carried(talk)
        began = circuit.began - talk.dialled_at
        setup = tell.measure("911 dialled to SETUP at the exchange", began)
        tell.ok("INVITE with SDP and PIDF-LO in; SETUP out on the PRI span", setup)
        octets = b"".join(self.world.span.setups[-1].elements.values())
        told = [talk.phone.number, *talk.phone.name.split()]
        named = [word for word in told if word.encode() in octets]
        tell.expect(not named, "nothing of the caller in the SETUP", octets)
        tell.ok("the SETUP holds the ELIN, and nothing else of the caller (R2)")

    async def talked(self, talk: Talk) -> None:
        """Nothing: a call-taker transfers by the network's own means."""

    async def kill_agent(self, talk: Talk) -> None:
        """The link comes up again, and the exchange asks after its calls."""
        world, link = self.world, self.world.span.link
        established = link.established
        killed_at = _kill(world, self.tell, talk)
        await world.news.until(
            lambda: link.established > established and link.is_up,
            "the restarted agent to establish its D channel",
            15,
        )
        took = self.tell.measure("SIGKILL to D channel up again", world.news.now - killed_at)
        self.tell.ok("restarted; the D channel is up again", took)
        await world.news.until(
            lambda: talk.psap_call.circuit.is_over, "the exchange to learn that the call is gone"
        )


@dataclass(slots=True)
class CamaTelling:
    """A span of CAMA trunks to a tandem, Feature Group C."""

    world: World
    tell: Narrator
    taken: str = "seizure"
    called_back: str = "by DID through the platform, for no call comes in on CAMA"

    async def ready(self) -> None:
        """The agent answers: a line of hooks and tones has no link to wait for."""
        await self.world.springfield.platform.until_answered(15)
        self.tell.ok(f"Springfield: an agent with {CAMA_TRUNKS} CAMA trunks to the 911 tandem")

    def carried(self, talk: Talk) -> None:
        """By the tandem."""
        circuit = talk.psap_call.circuit
        self.tell.expect(isinstance(circuit, CamaCircuit), "a call by the tandem", circuit.trunk)

    def placed(self, talk: Talk) -> None:
        """Seized, winked at, the called number, ANI when it was asked for: the ELIN's, no more."""
        tell, circuit = self.tell, talk.psap_call.circuit
        self.carried(talk)
        assert isinstance(circuit, CamaCircuit)
        at, answered, since = circuit.times, talk.phone_call.times[State.UP], talk.dialled_at
        seized = tell.measure("911 dialled to seizure at the tandem", circuit.began - since)
        tell.ok("INVITE with SDP and PIDF-LO in; the agent goes off hook on the span", seized)
        wink = at[S.LISTENING] - at[S.SEIZED]
        tell.ok("the tandem winks", tell.measure("seizure to wink over (the tandem's)", wink))
        self._only_the_elin_left(circuit)
        asked = at[S.REQUESTING] - at[S.LISTENING]
        tell.measure("wink over to the called digits whole", asked)
        digits = at[S.OFFERED] - at[S.REQUESTING]
        tell.measure("called digits to the number whole, asked for between", digits)
        whole = tell.measure("911 dialled to all digits at the tandem", at[S.OFFERED] - since)
        tell.show("MF", spelled(circuit.signals))
        tell.ok("the tandem has asked for the number by going off hook, and has it", whole)
        tell.ok("the digits are an ELIN's, and hold nothing of the caller (R2)")
        tell.ok(f"seven came; the tandem's trunk group has made them ten: {circuit.calling}")
        told = tell.measure("911 dialled to 200 at the caller (cut-through)", answered - since)
        tell.ok("the caller is put through when the digits are out: it hears the tandem", told)

    async def talked(self, talk: Talk) -> None:
        """The call-taker flashes, to transfer the caller; the platform is told, the call stays."""
        tell, circuit, call = self.tell, talk.psap_call.circuit, talk.phone_call
        assert isinstance(circuit, CamaCircuit)
        circuit.flash()
        info = await self.world.news.until(
            lambda: next(iter(call.infos), None), "INFO at the caller's platform", 5.0
        )
        await self.world.news.until(lambda: circuit.state is S.UP, "the flash to be over", 5.0)
        tell.show("platform", f"INFO {info.get('content-type')}: {info.body.decode().strip()}")
        tell.expect(call.state is State.UP, "the caller still connected", call.state)
        tell.ok("the PSAP flashes its hook for a transfer: INFO to the platform, the call stays up")

    def _only_the_elin_left(self, circuit: CamaCircuit) -> None:
        """R2, on the signals that the tandem heard."""
        elins = [elin for floor in self.world.cast.springfield.floors for elin in floor.elins]
        pulsed = {elin: f"*911#*0{elin[3:]}#" for elin in elins}
        heard, wanted = circuit.signals, pulsed.get(circuit.calling, "an ELIN of Springfield")
        self.tell.expect(heard == wanted, spelled(wanted), spelled(heard))

    async def kill_agent(self, talk: Talk) -> None:
        """The card hangs up for the process that held it, and the agent is there again."""
        world, tell = self.world, self.tell
        killed_at = _kill(world, tell, talk)
        await world.news.until(
            lambda: talk.psap_call.circuit.is_over, "the tandem to see the channel on hook"
        )
        tell.ok("the channel is on hook: a card hangs up when the process that held it is gone")
        await world.springfield.platform.until_answered(15)
        took = tell.measure("SIGKILL to the agent answering again", world.news.now - killed_at)
        tell.ok("restarted; the agent answers again", took)
        tell.expect(not world.tandem.seized, "no channel off hook", world.tandem.seized)


def _kill(world: World, tell: Narrator, talk: Talk) -> float:
    """SIGKILL to Springfield's agent, and the caller's phone gives up; when it was."""
    killed_at = world.news.now
    world.springfield.edge.kill()
    tell.ok("a second caller is talking to the PSAP when the agent is killed with SIGKILL")
    talk.phone_call.hang_up()
    return killed_at


def spelled(signals: str) -> str:
    """As one reads MF: KP 911 ST, KP 0 5550142 ST."""
    words = "".join(f" {SPOKEN[each]} " if each in SPOKEN else each for each in signals)
    return " ".join(words.split()).replace("ST KP", "ST, KP")
