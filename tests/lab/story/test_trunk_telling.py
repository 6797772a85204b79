"""A call over CAMA is told only if what the tandem heard is the ELIN and nothing else."""

from __future__ import annotations

import asyncio
from io import StringIO
from pathlib import Path

import pytest

from lab.phones.bulletin import Unmet
from lab.phones.call import Call, State
from lab.phones.platform import Platform
from lab.phones.user_agent import UserAgent
from lab.pstn.circuit import Circuit
from lab.pstn.dialled import TrunkGroup
from lab.pstn.tandem import Tandem
from lab.story.beats import Talk
from lab.story.narrator import Narrator
from lab.story.trunk_telling import CamaTelling, IsdnTelling, spelled, telling_of
from lab.world import World, add_phone
from tests.lab.pstn.circuits import HeldCircuit
from tests.lab.pstn.hand import Hand, Offers, offered, tell


def test_digits_are_spelled_as_one_reads_them() -> None:
    assert spelled("*911#*05550142#") == "KP 911 ST, KP 05550142 ST"
    assert spelled("*404255550142A") == "KP 404255550142 ST'"


def test_the_telling_is_of_the_worlds_trunk(tmp_path: Path) -> None:
    narrator = Narrator(StringIO())
    assert isinstance(telling_of(World(7, tmp_path), narrator), IsdnTelling)
    assert isinstance(telling_of(World(7, tmp_path, "cama"), narrator), CamaTelling)


def test_a_call_whose_digits_are_an_elins_is_told_with_its_times(tmp_path: Path) -> None:
    world, narrator = World(7, tmp_path, "cama"), Narrator(StringIO())
    elin = world.cast.springfield.floors[1].elins[0]

    async def story(_: Tandem, hand: Hand, offers: Offers) -> None:
        await _pulse(hand, "*911#", f"*0{elin[3:]}#")
        call = await offered(hand, offers)
        CamaTelling(world, narrator).placed(await _talk(world, call))

    tell(story, _group(elin))
    assert _out(narrator).count("✓") == narrator.held == 6
    assert f"MF │ KP 911 ST, KP 0{elin[3:]} ST\n" in _out(narrator)
    assert f"ten: {elin}" in _out(narrator)
    measured = {row.what: row.seconds for row in narrator.measured}
    assert measured["seizure to wink over (the tandem's)"] >= 0.1
    assert len(measured) == 6


@pytest.mark.parametrize("digit", ["0", "2", "4"])
def test_other_digits_than_an_elins_end_the_story(digit: str, tmp_path: Path) -> None:
    world, narrator = World(7, tmp_path, "cama"), Narrator(StringIO())
    springfield = world.cast.springfield
    number = springfield.people[0].number if digit == "0" else springfield.floors[0].elins[0]

    async def story(_: Tandem, hand: Hand, offers: Offers) -> None:
        await _pulse(hand, "*911#", f"*{digit}{number[3:]}#")
        talk = await _talk(world, await offered(hand, offers))
        with pytest.raises(Unmet, match=f"seen: KP 911 ST, KP {digit}{number[3:]} ST"):
            CamaTelling(world, narrator).placed(talk)

    tell(story, _group(number))


def test_a_call_that_came_another_way_ends_the_story(tmp_path: Path) -> None:
    async def story() -> None:
        world = World(7, tmp_path, "cama")
        talk = await _talk(world, HeldCircuit(world.news, "4255550142", "911", "spf-sip"))
        with pytest.raises(Unmet, match="a call by the tandem; seen: spf-sip"):
            CamaTelling(world, Narrator(StringIO())).placed(talk)

    asyncio.run(story())


async def _pulse(hand: Hand, called: str, ani: str) -> None:
    await hand.seize(1)
    hand.pulse(1, called)
    await hand.until_shown(1, 1, 0, 1)
    hand.pulse(1, ani)


async def _talk(world: World, circuit: Circuit) -> Talk:
    """A call at the PSAP; the caller's phone has been answered."""
    gateway = await UserAgent(world.news, world.dice).open()
    gateway.on_call = Call.answer
    domain = "springfield.example"
    platform = await Platform.open("springfield", domain, gateway.address, world.news, world.dice)
    phone = add_phone(platform, world.cast.springfield.people[0], world.cast.tones)
    dialled_at = world.news.now
    call = await phone.dial()
    await world.news.until(lambda: call.state is State.UP, "an answer")
    world.psap.take(circuit, None)
    gateway.close()
    platform.agent.close()
    return Talk(phone, call, world.psap.calls[0], dialled_at)


def _group(number: str) -> TrunkGroup:
    return TrunkGroup("fgc", number[:3])


def _out(narrator: Narrator) -> str:
    assert isinstance(narrator.out, StringIO)
    return narrator.out.getvalue()
