"""A span of the real driver as the agent has it: voice exact, hooks timed, a card pulled."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from random import Random

import pytest

from edge_agent.drivers.dahdi import Request
from edge_agent.drivers.dahdi_kernel import LinuxKernel
from edge_agent.drivers.dahdi_line import DahdiOrder
from edge_agent.drivers.dahdi_spill import CUT_OFF
from edge_agent.drivers.span import BLOCK, SpanAlarm, Voice
from edge_agent.line import HookChanged
from tests.edge.drivers.dahdi_lines import End, t1_order
from tests.edge.drivers.span_conformance import SILENT, Ear
from tests.vm.ground import bring_back, complaints, configure, copy, device_of, dynamic, take_away

LINES = tuple(range(1, 5))
CAMA = DahdiOrder("cama", 3, 0, LINES), DahdiOrder("psap", 4, 0, LINES)
"""The E&M spans of ``system.conf``."""

Two = Callable[[End, End], Awaitable[None]]


def played(story: Two, near: DahdiOrder, far: DahdiOrder) -> None:
    """Both ends of a line on a loop of the guest."""

    async def whole() -> None:
        kernel = LinuxKernel(asyncio.get_running_loop())
        ends = [End(kernel, order, copy) for order in (near, far)]
        try:
            async with asyncio.timeout(60):
                await story(*ends)
        finally:
            for end in ends:
                end.close()

    asyncio.run(whole())


def _has_heard_until(ear: Ear, at: float) -> bool:
    """Cheap to ask at each block: a guest that is kept busy loses voice."""
    return ear.block_times[-1] > at


def speech(seed: int, seconds: float) -> list[bytes]:
    """Blocks that are all different, of octets that no silence has."""
    dice = Random(seed)
    return [bytes(dice.choices(range(1, 0x70), k=BLOCK)) for _ in range(round(seconds / 0.02))]


def test_ten_seconds_of_voice_pass_octet_for_octet_both_ways() -> None:
    async def story(near: End, far: End) -> None:
        there, back = speech(3, 10.0), speech(5, 10.0)
        await near.ear.until(lambda: len(near.ear.blocks) > 200)
        for end in (near, far):
            # As media does: the guest has no time for the other 44 idle channels.
            assert end.voice is not None
            end.voice.listen({1})
            end.ear.slips.clear()  # while the ends were opened nobody read
        near.say(1, there)
        far.say(1, back)
        await far.ear.until(lambda: not near.saying[1] and not far.saying[1], within_s=30.0)
        arrived = asyncio.get_running_loop().time() + 0.5
        for ear in (near.ear, far.ear):
            await ear.until(partial(_has_heard_until, ear, arrived))
        whole, answer = b"".join(there), b"".join(back)
        assert whole in far.ear.stream(1)
        assert answer in near.ear.stream(1)
        for ear, voice in ((far.ear, whole), (near.ear, answer)):
            assert set(ear.stream(1).replace(voice, b"")) <= SILENT
            assert ear.slips == []

    played(story, t1_order(1), t1_order(2))


def test_a_wink_on_the_real_line_is_two_facts_150_ms_apart() -> None:
    async def story(near: End, far: End) -> None:
        loop = asyncio.get_running_loop()
        near.span.hook(1, off_hook=True)
        await far.ear.until(lambda: len(far.ear.transitions) == 1)
        far.span.hook(1, off_hook=True)
        loop.call_later(0.150, lambda: far.span.hook(1, off_hook=False))
        await near.ear.until(lambda: len(near.ear.transitions) == 2)
        off, on = near.ear.transitions
        assert isinstance(off, HookChanged)
        assert isinstance(on, HookChanged)
        assert (off.off_hook, on.off_hook) == (True, False)
        assert 0.13 < on.at - off.at < 0.18
        quiet = asyncio.Event()
        loop.call_later(3.0, quiet.set)
        await quiet.wait()
        assert len(near.ear.transitions) == 2, "our own seizure is no answer"

    played(story, *CAMA)


@pytest.mark.parametrize("wink_ms", [100, 200, 280, 350])
def test_winks_of_every_length_are_told_with_their_length(wink_ms: int) -> None:
    async def story(near: End, far: End) -> None:
        loop = asyncio.get_running_loop()
        near.span.hook(1, off_hook=True)
        await far.ear.until(lambda: len(far.ear.transitions) == 1)
        far.span.hook(1, off_hook=True)
        loop.call_later(wink_ms / 1000, lambda: far.span.hook(1, off_hook=False))
        await near.ear.until(lambda: len(near.ear.transitions) == 2)
        off, on = near.ear.transitions
        assert [off, on] == [HookChanged(1, True, off.at), HookChanged(1, False, on.at)]
        print(f"a wink of {wink_ms} ms was told as {1000 * (on.at - off.at):.1f} ms")
        assert on.at - off.at == pytest.approx(wink_ms / 1000, abs=0.02)

    played(story, *CAMA)


def test_a_spill_of_twenty_digits_is_heard_whole_while_the_far_end_answers() -> None:
    async def story(near: End, far: End) -> None:
        loop = asyncio.get_running_loop()
        spill = b"".join(speech(7, 3.4))
        near.span.hook(1, off_hook=True)
        await far.ear.until(lambda: len(far.ear.transitions) == 1)
        assert near.voice is not None
        began = loop.time()
        near.voice.play(1, spill, near.ear.on_played)
        written = loop.time()
        loop.call_later(1.0, lambda: far.span.hook(1, off_hook=True))
        loop.call_later(1.5, lambda: near.span.hook(2, off_hook=True))
        loop.call_later(2.0, lambda: near.span.hook(2, off_hook=False))
        await near.ear.until(lambda: bool(near.ear.played))
        told = loop.time()
        await far.ear.until(lambda: spill in far.ear.stream(1))
        heard = zip(far.ear.blocks, far.ear.block_times, strict=True)
        times = [at for (channel, block), at in heard if channel == 1 and not set(block) <= SILENT]
        print(
            f"a spill of {len(spill) / 8:.0f} ms: written in {1000 * (written - began):.1f} ms,"
            f" its first 20 ms heard {1000 * (times[0] - written):.1f} ms after that, the last"
            f" {1000 * (times[-1] - written):.1f}; told {1000 * (told - written):.1f}"
        )
        assert near.ear.played == [""]
        assert set(far.ear.stream(1).replace(spill, b"")) <= SILENT
        assert 3.4 <= told - began < 3.46

    played(story, *CAMA)


def test_a_hang_up_in_the_middle_of_a_spill_is_found_out() -> None:
    async def story(near: End, far: End) -> None:
        loop = asyncio.get_running_loop()
        near.span.hook(1, off_hook=True)
        await far.ear.until(lambda: len(far.ear.transitions) == 1)
        assert near.voice is not None
        near.voice.play(1, b"".join(speech(7, 1.0)), near.ear.on_played)
        loop.call_later(0.3, lambda: near.span.hook(1, off_hook=False))
        await near.ear.until(lambda: bool(near.ear.played))
        assert near.ear.played == [CUT_OFF]

    played(story, *CAMA)


def test_a_card_that_is_pulled_and_plugged_in_again_carries_calls_again() -> None:
    async def story(near: End, far: End) -> None:
        loop = asyncio.get_running_loop()
        device = device_of(1)
        pulled = loop.run_in_executor(None, take_away, device)
        await near.ear.until(lambda: near.ear.alarms == [SpanAlarm.RED])
        assert near.lent[-1] == Voice(())
        await pulled
        near.span.send(b"nobody hears this")
        await loop.run_in_executor(None, bring_back, device)
        await near.ear.until(lambda: near.ear.alarms == [SpanAlarm.RED, SpanAlarm(0)])
        assert len(near.lent[-1].descriptors) == 23
        assert near.status().openings == 2
        near.span.send(b"frame")
        await far.ear.until(lambda: far.ear.frames == [b"frame"])
        assert complaints() == []

    played(story, t1_order(1), t1_order(2))
    configure()


def test_a_far_end_that_is_destroyed_is_a_red_alarm_and_its_return_the_end_of_it() -> None:
    async def story(near: End, far: End) -> None:
        loop = asyncio.get_running_loop()
        far.close()
        await loop.run_in_executor(None, dynamic, Request.DYNAMIC_DESTROY, "1:1")
        await near.ear.until(lambda: near.ear.alarms == [SpanAlarm.RED])
        assert near.status().alarms == SpanAlarm.RED
        await loop.run_in_executor(None, dynamic, Request.DYNAMIC_CREATE, "1:1")
        await near.ear.until(lambda: near.ear.alarms == [SpanAlarm.RED, SpanAlarm(0)])
        assert near.status().openings == 1

    played(story, t1_order(1), t1_order(2))
    configure()


def test_the_status_is_the_drivers() -> None:
    async def story(near: End, far: End) -> None:
        near.span.send(b"frame")
        await far.ear.until(lambda: far.ear.frames == [b"frame"])
        status = near.status()
        assert (status.name, status.channels, status.alarms) == ("DYN/loc/1:0", 24, SpanAlarm(0))
        assert (status.frames_sent, far.status().frames_heard) == (1, 1)

    played(story, t1_order(1), t1_order(2))
