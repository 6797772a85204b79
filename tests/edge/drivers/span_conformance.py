"""What every span must do, whatever is behind it: the loop, the fake, a card.

A driver is put to it by a :class:`Line`: two ends of one span, near and far, on a running loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sized
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Protocol

from edge_agent.drivers.span import BLOCK, SpanAlarm
from edge_agent.line import BitsChanged, HookChanged, PolarityChanged, Transition

DEADLINE = 5.0
SILENT = {0x7F, 0xFF, 0xD5}
"""What a card plays where nobody speaks: a real line is never without octets."""


class AlarmingDChannel(Protocol):
    """A D channel whose alarms a test can cause."""

    def send(self, frame: bytes) -> None: ...
    def raise_alarm(self, alarm: SpanAlarm) -> None: ...
    def close(self) -> None: ...


class SignallingBChannels(Protocol):
    """B channels whose transitions a test can cause."""

    def send(self, channel: int, block: bytes) -> None: ...
    def hook(self, channel: int, *, off_hook: bool) -> None: ...
    def signal(self, transition: Transition) -> None: ...
    def close(self) -> None: ...


@dataclass
class Ear:
    """Everything that one end has heard."""

    frames: list[bytes] = field(default_factory=list)
    alarms: list[SpanAlarm] = field(default_factory=list)
    blocks: list[tuple[int, bytes]] = field(default_factory=list)
    transitions: list[Transition] = field(default_factory=list)
    slips: list[tuple[int, int]] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    _something: asyncio.Event = field(default_factory=asyncio.Event)

    def on_frame(self, frame: bytes, at: float) -> None:
        self.frames.append(frame)
        self._heard(at)

    def on_alarm(self, alarm: SpanAlarm, at: float) -> None:
        self.alarms.append(alarm)
        self._heard(at)

    def on_block(self, channel: int, block: bytes, at: float) -> None:
        self.blocks.append((channel, block))
        self._heard(at)

    def on_transition(self, transition: Transition) -> None:
        self.transitions.append(transition)
        self._heard(transition.at)

    def on_slip(self, channel: int, blocks: int) -> None:
        self.slips.append((channel, blocks))

    def stream(self, channel: int) -> bytes:
        """Everything heard on a channel: a card cuts blocks where it likes."""
        return b"".join(block for heard_on, block in self.blocks if heard_on == channel)

    async def until(self, holds: Callable[[], bool], within_s: float = DEADLINE) -> None:
        """Wait until ``holds()``, checked whenever something is heard."""
        async with asyncio.timeout(within_s):
            while not holds():
                self._something.clear()
                await self._something.wait()

    def _heard(self, at: float) -> None:
        self.times.append(at)
        self._something.set()


@dataclass
class Line:
    """Two ends of one span; what ``near`` sends, ``ear`` (at the far end) hears."""

    near_d: AlarmingDChannel
    near_b: SignallingBChannels
    far_d: AlarmingDChannel
    far_b: SignallingBChannels
    ear: Ear
    has_polarity: bool = True
    """Whether channel 5 is a line whose battery can be turned round."""


async def frames_arrive_whole_and_in_order(line: Line) -> None:
    frames = [bytes([n]) * (1 + 5 * n) for n in range(20)]
    for frame in frames:
        line.near_d.send(frame)
    await line.ear.until(lambda: len(line.ear.frames) == 20)
    assert line.ear.frames == frames


async def the_longest_frame_of_q921_arrives(line: Line) -> None:
    line.near_d.send(b"\x00" * 264)  # N201 260 octets of information, address and control
    await line.ear.until(lambda: bool(line.ear.frames))
    assert line.ear.frames == [b"\x00" * 264]


async def blocks_arrive_on_their_channel_byte_for_byte(line: Line) -> None:
    every_byte = [(c, bytes((c * 31 + n) % 256 for n in range(BLOCK))) for c in range(1, 24)]
    for channel, block in every_byte:
        line.near_b.send(channel, block)
    await line.ear.until(lambda: all(block in line.ear.stream(c) for c, block in every_byte))
    for channel, block in every_byte:
        rest = line.ear.stream(channel).replace(block, b"", 1)
        assert set(rest) <= SILENT, f"channel {channel} heard something else"
    assert line.ear.slips == []


async def alarms_are_seen_and_seen_to_end(line: Line) -> None:
    causes = (SpanAlarm.RED, SpanAlarm.RED | SpanAlarm.YELLOW, SpanAlarm(0))
    for number, alarm in enumerate(causes, start=1):
        line.near_d.raise_alarm(alarm)
        await line.ear.until(partial(_has, line.ear.alarms, number))
    assert line.ear.alarms == list(causes)


async def transitions_are_facts_with_a_time_that_never_goes_back(line: Line) -> None:
    causes: list[Transition] = [HookChanged(3, True, 0.0), BitsChanged(4, 0b1010, 0.0)]
    if line.has_polarity:
        causes.append(PolarityChanged(5, True, 0.0))
    causes.append(HookChanged(3, False, 0.0))
    for number, cause in enumerate(causes, start=1):
        if isinstance(cause, HookChanged):
            line.near_b.hook(cause.channel, off_hook=cause.off_hook)
        else:
            line.near_b.signal(cause)
        await line.ear.until(partial(_has, line.ear.transitions, number))
    assert [replace(each, at=0.0) for each in line.ear.transitions] == causes
    times = [each.at for each in line.ear.transitions]
    assert times == sorted(times)
    assert times[0] > 0.0


async def a_closed_far_end_is_noise_and_no_error(line: Line) -> None:
    line.far_d.close()
    line.far_b.close()
    heard = len(line.ear.blocks)
    for n in range(3):
        line.near_d.send(b"anybody?")
        line.near_b.send(1, bytes(BLOCK))
        line.near_b.hook(n, off_hook=True)
    assert line.ear.frames == []
    assert len(line.ear.blocks) == heard


def _has(heard: Sized, number: int) -> bool:
    return len(heard) == number


STORIES: tuple[Callable[[Line], Awaitable[None]], ...] = (
    frames_arrive_whole_and_in_order,
    the_longest_frame_of_q921_arrives,
    blocks_arrive_on_their_channel_byte_for_byte,
    alarms_are_seen_and_seen_to_end,
    transitions_are_facts_with_a_time_that_never_goes_back,
    a_closed_far_end_is_noise_and_no_error,
)
