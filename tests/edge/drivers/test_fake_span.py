"""The span inside one process holds to the same suite as every other."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from edge_agent.drivers.fake_span import FakeBChannels, FakeDChannel, FakeSignals
from edge_agent.drivers.span import SpanAlarm
from tests.edge.drivers.span_conformance import STORIES, Ear, Line


def fake_line() -> Line:
    loop = asyncio.get_running_loop()
    ear, near_ear = Ear(), Ear()
    near_d = FakeDChannel(loop, near_ear.on_frame, near_ear.on_alarm)
    near_s = FakeSignals(loop, near_ear.on_transition, near_ear.on_alarm)
    near_b = FakeBChannels(loop, near_ear.on_block)
    far_d = FakeDChannel(loop, ear.on_frame, ear.on_alarm)
    far_s = FakeSignals(loop, ear.on_transition, ear.on_alarm)
    far_b = FakeBChannels(loop, ear.on_block)
    near_d.join(far_d)
    near_s.join(far_s)
    near_b.join(far_b)
    return Line(near_d, near_s, near_b, far_d, far_s, far_b, near_ear, ear)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_the_fake_conforms(story: Callable[[Line], Awaitable[None]]) -> None:
    async def played() -> None:
        await story(fake_line())

    asyncio.run(played())


def test_nothing_arrives_within_the_step_that_sent_it() -> None:
    async def played() -> None:
        line = fake_line()
        line.near_d.send(b"frame")
        assert line.ear.frames == [], "a real line never calls back from within a send"
        await line.ear.until(lambda: line.ear.frames == [b"frame"])

    asyncio.run(played())


def test_an_end_that_nobody_joined_is_a_line_to_nowhere() -> None:
    async def played() -> None:
        ear = Ear()
        lonely = FakeDChannel(asyncio.get_running_loop(), ear.on_frame, ear.on_alarm)
        lonely.send(b"anybody?")
        lonely.raise_alarm(SpanAlarm.RED)
        assert ear.frames == []

    asyncio.run(played())
