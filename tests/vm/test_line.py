"""A span of the real driver as the agent has it: voice exact, hooks timed, a card pulled."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from random import Random

from edge_agent.drivers.dahdi import Request
from edge_agent.drivers.dahdi_kernel import LinuxKernel
from edge_agent.drivers.dahdi_line import DahdiOrder
from edge_agent.drivers.span import BLOCK, SpanAlarm, Voice
from edge_agent.line import HookChanged
from tests.edge.drivers.dahdi_lines import End, t1_order
from tests.edge.drivers.span_conformance import SILENT
from tests.vm.ground import bring_back, complaints, configure, copy, device_of, dynamic, take_away

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


def speech(seed: int, seconds: float) -> list[bytes]:
    """Blocks that are all different, of octets that no silence has."""
    dice = Random(seed)
    return [bytes(dice.choices(range(1, 0x70), k=BLOCK)) for _ in range(round(seconds / 0.02))]


def test_ten_seconds_of_voice_pass_octet_for_octet_both_ways() -> None:
    async def story(near: End, far: End) -> None:
        there, back = speech(3, 10.0), speech(5, 10.0)
        await near.ear.until(lambda: len(near.ear.blocks) > 200)
        for ear in (near.ear, far.ear):
            ear.slips.clear()  # while the ends were opened nobody read
        near.say(1, there)
        far.say(1, back)
        await far.ear.until(lambda: not near.saying[1], within_s=30.0)
        whole, answer = b"".join(there), b"".join(back)
        await far.ear.until(lambda: whole in far.ear.stream(1))
        await near.ear.until(lambda: answer in near.ear.stream(1))
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

    lines = tuple(range(1, 5))
    played(story, DahdiOrder("cama", 3, 0, lines), DahdiOrder("psap", 4, 0, lines))


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
