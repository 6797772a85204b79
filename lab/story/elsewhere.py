"""Step 9: who is in another branch, who is outside, and who is nobody knows where (R9, R1)."""

from __future__ import annotations

from dataclasses import dataclass

from lab.phones.call import State
from lab.phones.emergency_body import civic_pidf
from lab.pstn.sip_trunk import SipCircuit
from lab.story import beats
from lab.story.beats import Talk
from lab.story.narrator import Narrator
from lab.story.trunk_telling import TrunkTelling
from lab.world import World

REFUSED = "Emergency call: REFUSED, the caller is outside"


@dataclass(slots=True)
class Elsewhere:
    """The ninth step."""

    world: World
    tell: Narrator
    trunk: TrunkTelling

    async def other_branch(self) -> None:
        """A phone of Shelbyville that is in Springfield's building, by its address."""
        world, tell = self.world, self.tell
        phone, service = world.shelbyville.phone(0), world.shelbyville.service
        assert service is not None
        at_home = phone.address
        phone.address = world.springfield.office.people[0].address
        found = await phone.locate(service)
        phone.address = at_home
        tell.expect(found and found.erl == "spf-f2", "a location in Springfield", found)
        talk = await beats.emergency(world, tell, phone)
        beats.shows(tell, talk, world.shelbyville, 0)
        began = talk.psap_call.circuit.began - talk.dialled_at
        tell.measure("911 dialled to INVITE at Shelbyville's provider", began)
        self._only_the_elin_left(talk)
        await self._alarm("edge-shelbyville", "location-other-branch")
        tell.ok(
            "a phone of Shelbyville with an address of Springfield: its trunk lists no ERL of "
            "Springfield, so Shelbyville's own ELIN goes out; alarm location-other-branch",
            began,
        )
        await beats.psap_hangs_up(world, talk)

    def _only_the_elin_left(self, talk: Talk) -> None:
        """R2, on the INVITE that the provider received."""
        circuit = talk.psap_call.circuit
        assert isinstance(circuit, SipCircuit)
        octets = circuit.call.invite.render().lower()
        told = [talk.phone.number, talk.phone.user, *talk.phone.name.split()]
        named = [word for word in told if word.lower().encode() in octets]
        self.tell.expect(not named, "nothing of the caller in the INVITE", named)
        self.tell.ok("the INVITE to the provider holds the ELIN, nothing of the caller (R2)")

    async def outside(self) -> None:
        """A civic address that is nobody's: no ELIN, a refusal that says why."""
        world, tell = self.world, self.tell
        phone, before = world.springfield.phone(2), len(world.psap.calls)
        call = await phone.dial(pidf=civic_pidf(phone.contact, world.cast.elsewhere))
        await world.news.until(lambda: call.state is State.OVER, "a final response")
        assert call.final is not None
        warning = call.final.get("warning")
        tell.show("phone", f"{call.final.status} {call.final.reason}; Warning: {warning}")
        tell.expect(call.final.status == 503 and warning, "503 with a Warning", call.final.start)
        text = await world.news.until(
            lambda: next(iter(world.desk.about(REFUSED, phone.name)), None), "the desk to be told"
        )
        tell.show("desk", text.body)
        tell.expect(len(world.psap.calls) == before, "no call at the PSAP", world.psap.calls)
        tell.ok("outside the organisation: no ELIN, 503 and Warning; the desk is told (R9)")

    async def unknown(self) -> None:
        """No location at all: the call goes out with the branch's default."""
        world, tell = self.world, self.tell
        talk = await beats.emergency(world, tell, world.springfield.phone(2), pidf="")
        beats.shows(tell, talk, world.springfield, 0)
        self.trunk.carried(talk)
        await self._alarm("edge-springfield", "location-unknown")
        tell.ok("no location at all: the default ELIN of the branch; alarm location-unknown (R1)")
        await beats.psap_hangs_up(world, talk)

    async def _alarm(self, edge: str, slug: str) -> None:
        def raised() -> bool:
            health = self.world.admin.edge(edge)["health"] or {}
            return any(alarm["slug"] == slug for alarm in health.get("alarms", []))

        await self.world.eventually(raised, f"{edge} to report the alarm {slug}")
