"""The values of the span port, and that every driver is one in the eyes of the type checker."""

from __future__ import annotations

import asyncio

import pytest

from edge_agent.drivers.fake_span import FakeBChannels, FakeDChannel, FakeSignals
from edge_agent.drivers.loop_signals import LoopSignals
from edge_agent.drivers.loop_span import LoopBChannels, LoopDChannel
from edge_agent.drivers.span import BLOCK, BChannels, DChannel, Signals, SpanAlarm
from tests.edge.drivers.span_conformance import Ear
from tests.edge.drivers.test_loop_span import joined_sockets


def test_a_block_is_20_ms_of_g711() -> None:
    assert BLOCK == 8000 * 20 // 1000


@pytest.mark.parametrize(
    ("code", "alarms"),
    [
        (0, SpanAlarm(0)),
        (1, SpanAlarm.RED),
        (2, SpanAlarm.YELLOW),
        (4, SpanAlarm.BLUE),
        (3, SpanAlarm.RED | SpanAlarm.YELLOW),
    ],
)
def test_alarms_add_up_as_their_codes_do(code: int, alarms: SpanAlarm) -> None:
    assert SpanAlarm(code) == alarms


def test_every_driver_is_a_span() -> None:
    async def played() -> None:
        loop, ear = asyncio.get_running_loop(), Ear()
        near_d, far_d = joined_sockets()
        near_s, far_s = joined_sockets()
        near_b, far_b = joined_sockets()
        d_channels: list[DChannel] = [
            LoopDChannel(near_d, loop, ear.on_frame, ear.on_alarm),
            FakeDChannel(loop, ear.on_frame, ear.on_alarm),
        ]
        signals: list[Signals] = [
            LoopSignals(near_s, loop, ear.on_transition, ear.on_alarm),
            FakeSignals(loop, ear.on_transition, ear.on_alarm),
        ]
        b_channels: list[BChannels] = [
            LoopBChannels(near_b, loop, ear.on_block, ear.on_slip),
            FakeBChannels(loop, ear.on_block),
        ]
        for _ in range(2):  # letting go twice is no error
            for d_channel in d_channels:
                d_channel.close()
            for each in signals:
                each.close()
            for b_channel in b_channels:
                b_channel.close()
        far_d.close()
        far_s.close()
        far_b.close()

    asyncio.run(played())
