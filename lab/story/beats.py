"""What happens again and again in the story: a 911 call, a callback, somebody hangs up.

Each looks at both ends: what one says, the other must hear, and nobody hears themselves.
"""

from __future__ import annotations

from dataclasses import dataclass

from lab.phones.call import Call, State
from lab.phones.platform import Phone
from lab.pstn.psap import PsapCall
from lab.story.narrator import Narrator
from lab.world import Branch, World

PATIENCE_S = 10.0
"""How long to wait for what takes milliseconds on an idle machine."""
ECHO = 0.1
"""Share of one's own tone that counts as hearing oneself."""


@dataclass(frozen=True, slots=True)
class Talk:
    """A call that both ends are talking on."""

    phone: Phone
    phone_call: Call
    psap_call: PsapCall
    dialled_at: float

    @property
    def elin(self) -> str:
        """The number that the PSAP sees, and calls back."""
        return self.psap_call.screen.calling


async def emergency(world: World, tell: Narrator, phone: Phone, pidf: str | None = None) -> Talk:
    """Dial 911 and wait until both ends hear each other."""
    before, dialled_at = len(world.psap.calls), world.news.now
    phone_call = await phone.dial(pidf=pidf)
    psap_call = await world.news.until(
        lambda: world.psap.calls[before] if len(world.psap.calls) > before else None,
        "the PSAP's console to ring",
        PATIENCE_S,
        lambda: f"the phone got {phone_call.statuses}",
    )
    talk = Talk(phone, phone_call, psap_call, dialled_at)
    await both_hear(world, tell, talk)
    return talk


async def callback(world: World, tell: Narrator, branch: Branch, phone: Phone, elin: str) -> Talk:
    """The PSAP dials an ELIN; the phone that held it rings, marked, and both ends talk."""
    before, dialled_at = len(phone.calls_in), world.news.now
    psap_call = await world.psap.call_back(elin, branch.line)
    rung = await world.news.until(
        lambda: phone.calls_in[before] if len(phone.calls_in) > before else None,
        "the caller's phone to ring",
        PATIENCE_S,
        lambda: _state_of(psap_call),
    )
    priority = rung.invite.get("priority")
    tell.expect(priority == "psap-callback", "Priority: psap-callback", priority)
    talk = Talk(phone, rung, psap_call, dialled_at)
    await both_hear(world, tell, talk)
    return talk


async def both_hear(world: World, tell: Narrator, talk: Talk) -> None:
    """Wait until the call is up and each end hears the other's tone and not its own."""
    phone, circuit = talk.phone_call, talk.psap_call.circuit
    await world.news.until(
        lambda: phone.state is State.UP and circuit.is_up,
        "both ends to be connected",
        PATIENCE_S,
        lambda: f"phone {phone.state} {phone.statuses}; PSAP {_state_of(talk.psap_call)}",
    )
    ours, theirs = phone.tone, talk.psap_call.tone
    tell.expect(ours != theirs, "a tone of its own for each direction", (ours, theirs))
    await phone.voice.until_hears(theirs, "the phone", PATIENCE_S)
    await circuit.voice.until_hears(ours, "the PSAP", PATIENCE_S)
    echoes = phone.voice.ear.share(ours), circuit.voice.ear.share(theirs)
    tell.expect(max(echoes) < ECHO, "nobody to hear themselves", echoes)


async def psap_hangs_up(world: World, talk: Talk) -> None:
    """The call-taker is done; the call is gone at both ends."""
    world.psap.hang_up(talk.psap_call)
    await gone(world, talk)


async def gone(world: World, talk: Talk) -> None:
    """Wait until the call is gone at both ends."""
    await world.news.until(
        lambda: talk.phone_call.state is State.OVER and talk.psap_call.circuit.is_over,
        "the call to be gone at both ends",
        PATIENCE_S,
        lambda: f"phone {talk.phone_call.state}; PSAP {_state_of(talk.psap_call)}",
    )


def shows(tell: Narrator, talk: Talk, branch: Branch, floor: int) -> None:
    """Whether the PSAP's screen shows an ELIN and ALI's address of this floor."""
    place, screen = branch.office.floors[floor], talk.psap_call.screen
    tell.show("PSAP", screen.line())
    tell.expect(
        screen.calling in place.elins,
        f"an ELIN of {place.erl}: {' or '.join(place.elins)}",
        screen.calling,
    )
    wanted = (branch.office.address, place.loc.upper(), branch.office.name.upper())
    tell.expect(
        all(part in screen.address for part in wanted),
        f"ALI's address with {wanted}",
        screen.address,
    )


def _state_of(call: PsapCall) -> str:
    circuit = call.circuit
    if circuit.is_over:
        return f"cleared, cause {getattr(circuit, 'cause', '?')}"
    return "connected" if circuit.is_up else "ringing" if circuit.is_ringing else "nothing yet"
