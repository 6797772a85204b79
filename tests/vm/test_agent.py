"""The agent on a PRI of the real driver, libpri at the other end of it, Lync beside it.

One agent lives through all of it, in this order.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from random import Random

import pytest

from tests.vm.exchange import FarVoice
from tests.vm.ground import bring_back, complaints, device_of, take_away
from tests.vm.phone import Call
from tests.vm.world import World
from tests.wires.agent.branch import LOBBY, PSAP
from tests.wires.agent.capture import Capture

BLOCK = 160
TALK_S = 10
SECOND = 8000

Story = Callable[[World], Awaitable[None]]
Play = Callable[[Story], None]


@pytest.fixture(scope="module")
def play(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Play]:
    """Plays a story in the one world of this module."""
    with asyncio.Runner() as runner:

        async def made() -> World:
            return World(tmp_path_factory.mktemp("branch"))

        world = runner.run(made())

        async def played(story: Story) -> None:
            await story(world)

        async def closed() -> None:
            world.close()

        try:
            runner.run(world.begin())
            yield lambda story: runner.run(played(story))
        finally:
            runner.run(closed())


def speech(seed: int, seconds: float) -> list[bytes]:
    """Blocks that are all different, of octets that no silence has."""
    dice = Random(seed)
    return [bytes(dice.choices(range(1, 0x70), k=BLOCK)) for _ in range(round(seconds / 0.02))]


def gaps(blocks: list[bytes], heard: bytearray) -> list[tuple[int, int]]:
    """Where what was heard is not what was said: the block, and how many octets too far on."""
    found, last = [], heard.find(blocks[0]) - BLOCK
    for number, block in enumerate(blocks):
        at = heard.find(block, last + BLOCK)
        if at != last + BLOCK:
            found.append((number, at - last - BLOCK))
        last = max(at, last)
    return found


async def the_psap_is_heard(world: World, call: Call, channel: int) -> FarVoice:
    """What the PSAP says on a channel arrives at the caller octet for octet."""
    psap = world.exchange.voice(channel)
    second = speech(channel, 1.0)
    psap.say(second * 4)  # the first may be said before everybody listens
    said = b"".join(second)
    await world.bell.until(lambda: said in call.heard, lambda: len(call.heard))
    return psap


def test_911_goes_out_as_the_elin_and_ten_seconds_of_voice_pass_octet_for_octet(
    play: Play,
) -> None:
    async def story(world: World) -> None:
        call = await world.call()
        ring = await world.exchange.until("ring")
        assert (ring["called"], ring["calling"]) == ("911", LOBBY.digits)
        psap = world.exchange.voice(ring["channel"])
        asked, answered = speech(3, TALK_S), speech(5, TALK_S)
        # The jitter buffer corrects how long it waits in its first windows of one second.
        await world.bell.until(lambda: len(call.heard) > 4 * SECOND, lambda: len(call.heard))
        call.say(asked)
        psap.say(answered)
        enough = len(psap.heard) + (TALK_S + 1) * SECOND
        await world.bell.until(lambda: len(psap.heard) > enough, lambda: len(psap.heard))
        assert gaps(asked, psap.heard) == []
        assert gaps(answered, call.heard) == []
        psap.close()
        await world.hung_up(call)

    play(story)


def test_the_psap_calls_the_elin_back_and_the_caller_is_rung_and_heard(play: Play) -> None:
    async def story(world: World) -> None:
        known = set(world.phone.calls)
        world.exchange.do("call", called=LOBBY.digits, calling=PSAP, channel=3)
        await world.exchange.until("answer")
        (call,) = (each for name, each in world.phone.calls.items() if name not in known)
        psap = await the_psap_is_heard(world, call, 3)
        psap.close()
        placed = await world.exchange.until("placed")
        world.exchange.do("hangup", call=placed["call"], cause=16)
        await world.bell.until(lambda: call.is_over, lambda: world.phone.calls)

    play(story)


def test_23_calls_at_once_have_23_channels(play: Play) -> None:
    async def story(world: World) -> None:
        before = len(world.exchange.events("ring"))
        calls = [await world.phone.dial() for _ in range(23)]
        await world.bell.until(
            lambda: all(call.is_up for call in calls), lambda: [call.status for call in calls]
        )
        rings = world.exchange.events("ring")[before:]
        assert sorted(ring["channel"] for ring in rings) == list(range(1, 24))
        await world.hung_up(*calls)

    play(story)


def test_a_call_outlives_its_media_process(play: Play) -> None:
    async def story(world: World) -> None:
        call = await world.call()
        ring = world.exchange.events("ring")[-1]
        over = len(world.exchange.events("hangup_req"))
        pid = world.agent.media_pid()
        assert pid is not None
        world.agent.kill_media(pid)
        await world.asked(lambda: world.agent.media_pid() not in (None, pid))
        psap = await the_psap_is_heard(world, call, ring["channel"])
        assert len(world.exchange.events("hangup_req")) == over
        psap.close()
        await world.hung_up(call)

    play(story)


def test_a_call_outlives_a_d_channel_that_is_pulled_and_put_back(play: Play) -> None:
    async def story(world: World) -> None:
        call = await world.call()
        over = len(world.exchange.events("hangup_req"))
        world.exchange.is_pulled = True
        await world.asked(lambda: not world.agent.ask("status")["trunks"]["pri"], 60.0)
        heard = len(call.heard)
        await world.bell.until(lambda: len(call.heard) > heard + 8000, lambda: len(call.heard))
        world.exchange.is_pulled = False
        await world.asked(lambda: bool(world.agent.ask("status")["trunks"]["pri"]), 60.0)
        assert len(world.exchange.events("hangup_req")) == over, "held under T309"
        await world.hung_up(call)
        assert len(world.exchange.events("hangup_req")) == over + 1

    play(story)


def test_a_span_that_is_taken_away_is_an_alarm_and_carries_calls_when_it_is_back(
    play: Play,
) -> None:
    async def story(world: World) -> None:
        device = device_of(1)
        await asyncio.to_thread(take_away, device)
        await world.asked(lambda: "span-alarm" in world.agent.alarms())
        await asyncio.to_thread(bring_back, device)
        await world.asked(lambda: "span-alarm" not in world.agent.alarms())
        await world.asked(lambda: bool(world.agent.ask("status")["trunks"]["pri"]), 60.0)
        call = await world.call()
        psap = await the_psap_is_heard(world, call, world.exchange.events("ring")[-1]["channel"])
        psap.close()
        await world.hung_up(call)
        assert complaints() == []

    play(story)


def test_tshark_finds_nothing_malformed_in_what_went_over_the_line(
    play: Play, tmp_path: Path
) -> None:
    async def story(world: World) -> None:
        pcap = tmp_path / "pri-1.pcap"
        taken = await asyncio.to_thread(
            world.agent.command_begins,
            *("capture", "--span", "pri-1", "--file", str(pcap), "--seconds", "4"),
        )
        await world.asked(pcap.exists)
        await world.hung_up(await world.call())
        said, _ = await asyncio.to_thread(taken.communicate)
        assert taken.returncode == 0, said
        capture = Capture(pcap)
        assert capture.problems() == []
        assert "SETUP" in capture.everything()

    play(story)
