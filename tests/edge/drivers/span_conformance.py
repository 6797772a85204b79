"""What every span must do, whatever is behind it: the loop, the fake, a card.

A driver is put to it by a :class:`Line`: two ends of one span, near and far, on a running loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sized
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Protocol

from edge_agent.drivers.span import BLOCK, OnPlayed, SpanAlarm
from edge_agent.line import BitsChanged, HookChanged, PolarityChanged, Transition

DEADLINE = 5.0
SILENT = {0x7F, 0xFF, 0xD5}
"""What a card plays where nobody speaks: a real line is never without octets."""


class AlarmingDChannel(Protocol):
    """A D channel whose alarms a test can cause."""

    def send(self, frame: bytes) -> None: ...
    def raise_alarm(self, alarm: SpanAlarm) -> None: ...
    def close(self) -> None: ...


class AlarmingSignals(Protocol):
    """Signals whose transitions and alarms a test can cause."""

    def hook(self, channel: int, *, off_hook: bool) -> None: ...
    def signal(self, transition: Transition) -> None: ...
    def raise_alarm(self, alarm: SpanAlarm) -> None: ...
    def close(self) -> None: ...


class SpeakingBChannels(Protocol):
    """B channels as far as a test speaks on them."""

    def send(self, channel: int, block: bytes) -> None: ...
    def play(self, channel: int, sound: bytes, on_played: OnPlayed) -> None: ...
    def hush(self, channel: int) -> None: ...
    def close(self) -> None: ...


@dataclass
class Ear:
    """Everything that one end has heard."""

    frames: list[bytes] = field(default_factory=list)
    alarms: list[SpanAlarm] = field(default_factory=list)
    blocks: list[tuple[int, bytes]] = field(default_factory=list)
    block_times: list[float] = field(default_factory=list)
    transitions: list[Transition] = field(default_factory=list)
    slips: list[tuple[int, int]] = field(default_factory=list)
    played: list[str] = field(default_factory=list)
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
        self.block_times.append(at)
        self._heard(at)

    def on_transition(self, transition: Transition) -> None:
        self.transitions.append(transition)
        self._heard(transition.at)

    def on_slip(self, channel: int, blocks: int) -> None:
        self.slips.append((channel, blocks))

    def on_played(self, why: str) -> None:
        self.played.append(why)
        self._heard(asyncio.get_running_loop().time())

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
    near_s: AlarmingSignals
    near_b: SpeakingBChannels
    far_d: AlarmingDChannel
    far_s: AlarmingSignals
    far_b: SpeakingBChannels
    near_ear: Ear
    ear: Ear
    has_polarity: bool = True
    """Whether channel 5 is a line whose battery can be turned round."""

    def close(self) -> None:
        """Let go of both ends."""
        for end in (self.near_d, self.near_s, self.near_b, self.far_d, self.far_s, self.far_b):
            end.close()


CLEAR, EM = 1, 3
"""Channels: on a card the first is a B channel, the second has hook signalling."""


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


async def alarms_of_a_span_without_a_d_channel_are_seen_as_well(line: Line) -> None:
    for number, alarm in enumerate((SpanAlarm.YELLOW, SpanAlarm(0)), start=1):
        line.near_s.raise_alarm(alarm)
        await line.ear.until(partial(_has, line.ear.alarms, number))
    assert line.ear.alarms == [SpanAlarm.YELLOW, SpanAlarm(0)]


async def transitions_are_facts_with_a_time_that_never_goes_back(line: Line) -> None:
    causes: list[Transition] = [HookChanged(3, True, 0.0), BitsChanged(4, 0b1010, 0.0)]
    if line.has_polarity:
        causes.append(PolarityChanged(5, True, 0.0))
    causes.append(HookChanged(3, False, 0.0))
    for number, cause in enumerate(causes, start=1):
        if isinstance(cause, HookChanged):
            line.near_s.hook(cause.channel, off_hook=cause.off_hook)
        else:
            line.near_s.signal(cause)
        await line.ear.until(partial(_has, line.ear.transitions, number))
    assert [replace(each, at=0.0) for each in line.ear.transitions] == causes
    times = [each.at for each in line.ear.transitions]
    assert times == sorted(times)
    assert times[0] > 0.0


async def a_hook_is_seen_at_the_other_end_whichever_moves_it(line: Line) -> None:
    line.near_s.hook(EM, off_hook=True)
    await line.ear.until(partial(_has, line.ear.transitions, 1))
    line.far_s.hook(EM, off_hook=True)
    await line.near_ear.until(partial(_has, line.near_ear.transitions, 1))
    line.far_s.hook(EM, off_hook=False)
    await line.near_ear.until(partial(_has, line.near_ear.transitions, 2))
    line.near_s.hook(EM, off_hook=False)
    await line.ear.until(partial(_has, line.ear.transitions, 2))
    for ear in (line.near_ear, line.ear):
        told = [replace(each, at=0.0) for each in ear.transitions]
        assert told == [HookChanged(EM, True, 0.0), HookChanged(EM, False, 0.0)]


async def a_sound_is_heard_whole_and_told_when_it_is_out(line: Line) -> None:
    sound, voice = bytes(1 + n % 100 for n in range(12 * BLOCK + 37)), b"\x70" * BLOCK
    for channel in (CLEAR, EM):
        line.near_ear.played.clear()
        began = asyncio.get_running_loop().time()
        line.near_b.play(channel, sound, line.near_ear.on_played)
        line.near_b.send(channel, voice)
        await line.near_ear.until(partial(_has, line.near_ear.played, 1))
        assert line.near_ear.played == [""]
        assert asyncio.get_running_loop().time() - began >= len(sound) / 8000
        await line.ear.until(partial(_is_in, line.ear, channel, sound))
        line.near_b.send(channel, voice)
        await line.ear.until(partial(_is_in, line.ear, channel, voice))
        rest = line.ear.stream(channel).replace(sound, b"", 1).replace(voice, b"", 1)
        assert set(rest) <= SILENT, "no voice was mixed into the sound"
    assert line.ear.slips == []


async def a_sound_that_is_hushed_ends_and_voice_is_heard_again(line: Line) -> None:
    sound = b"\x11" * BLOCK + b"\x22" * 24 * BLOCK + b"\x33" * BLOCK
    line.near_b.play(EM, sound, line.near_ear.on_played)
    await line.ear.until(lambda: b"\x22" in line.ear.stream(EM))
    line.near_b.hush(EM)
    voice = b"\x70" * BLOCK
    line.near_b.send(EM, voice)
    await line.ear.until(lambda: voice in line.ear.stream(EM))
    assert line.ear.stream(EM).count(0x11) == BLOCK
    assert line.ear.stream(EM).count(0x22) < 12 * BLOCK
    assert b"\x33" not in line.ear.stream(EM)
    assert line.near_ear.played == []
    line.near_b.hush(EM)  # nothing is on its way


async def a_sound_that_takes_the_place_of_another_makes_that_one_void(line: Line) -> None:
    first, second = b"\x11" * 20 * BLOCK, b"\x22" * 3 * BLOCK
    line.near_b.play(EM, first, line.near_ear.on_played)
    await line.ear.until(lambda: b"\x11" in line.ear.stream(EM))
    line.near_b.play(EM, second, line.near_ear.on_played)
    await line.near_ear.until(partial(_has, line.near_ear.played, 2))
    why, whole = line.near_ear.played
    assert (bool(why), whole) == (True, "")
    await line.ear.until(lambda: second in line.ear.stream(EM))
    assert line.ear.stream(EM).count(0x11) < len(first)


async def nothing_is_no_sound(line: Line) -> None:
    line.near_b.play(EM, b"", line.near_ear.on_played)
    await line.near_ear.until(partial(_has, line.near_ear.played, 1))
    assert line.near_ear.played[0]


async def a_closed_far_end_is_noise_and_no_error(line: Line) -> None:
    line.far_d.close()
    line.far_s.close()
    line.far_b.close()
    heard = len(line.ear.blocks)
    for n in range(3):
        line.near_d.send(b"anybody?")
        line.near_b.send(1, bytes(BLOCK))
        line.near_s.hook(n, off_hook=True)
    assert line.ear.frames == []
    assert len(line.ear.blocks) == heard


def _has(heard: Sized, number: int) -> bool:
    return len(heard) == number


def _is_in(ear: Ear, channel: int, sound: bytes) -> bool:
    return sound in ear.stream(channel)


STORIES: tuple[Callable[[Line], Awaitable[None]], ...] = (
    frames_arrive_whole_and_in_order,
    the_longest_frame_of_q921_arrives,
    blocks_arrive_on_their_channel_byte_for_byte,
    alarms_are_seen_and_seen_to_end,
    alarms_of_a_span_without_a_d_channel_are_seen_as_well,
    transitions_are_facts_with_a_time_that_never_goes_back,
    a_hook_is_seen_at_the_other_end_whichever_moves_it,
    a_sound_is_heard_whole_and_told_when_it_is_out,
    a_sound_that_is_hushed_ends_and_voice_is_heard_again,
    a_sound_that_takes_the_place_of_another_makes_that_one_void,
    nothing_is_no_sound,
    a_closed_far_end_is_noise_and_no_error,
)
