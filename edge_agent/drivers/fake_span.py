"""A span inside one process: two ends whose frames, blocks and transitions arrive in the next turn.

It conforms to the same suite as the real drivers, so a test may use it in place of any of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import replace

from edge_agent.drivers.paced import PacedSounds
from edge_agent.drivers.span import (
    OnAlarm,
    OnBlock,
    OnFrame,
    OnPlayed,
    OnTransition,
    SpanAlarm,
)
from edge_agent.leg import Law
from edge_agent.line import HookChanged, Transition


class FakeDChannel:
    """One end of a D channel; join it to the other with :meth:`join`."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, on_frame: OnFrame, on_alarm: OnAlarm
    ) -> None:
        self._loop = loop
        self._on_frame = on_frame
        self._on_alarm = on_alarm
        self._far: FakeDChannel | None = None
        self._is_open = True

    def join(self, far: FakeDChannel) -> None:
        """Make both ends one line."""
        self._far, far._far = far, self

    def send(self, frame: bytes) -> None:
        """Put a frame on the line."""
        if self._far is not None and self._is_open:
            self._loop.call_soon(self._far._hear, frame)

    def raise_alarm(self, alarm: SpanAlarm) -> None:
        """Make the far end see these alarms."""
        if self._far is not None and self._is_open:
            self._loop.call_soon(self._far._hear_alarm, alarm)

    def close(self) -> None:
        """Hear nothing any more."""
        self._is_open = False

    def _hear(self, frame: bytes) -> None:
        if self._is_open:
            self._on_frame(frame, self._loop.time())

    def _hear_alarm(self, alarm: SpanAlarm) -> None:
        if self._is_open:
            self._on_alarm(alarm, self._loop.time())


class FakeSignals:
    """One end of the signalling of CAS channels; join it to the other with :meth:`join`."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, on_transition: OnTransition, on_alarm: OnAlarm
    ) -> None:
        self._loop = loop
        self._on_transition = on_transition
        self._on_alarm = on_alarm
        self._far: FakeSignals | None = None
        self._is_open = True

    def join(self, far: FakeSignals) -> None:
        """Make both ends one line."""
        self._far, far._far = far, self

    def hook(self, channel: int, *, off_hook: bool) -> None:
        """Take ``channel`` off hook, or hang up."""
        self.signal(HookChanged(channel, off_hook, 0.0))

    def signal(self, transition: Transition) -> None:
        """Make the far end see a transition; its time is when it gets there."""
        if self._far is not None and self._is_open:
            self._loop.call_soon(self._far._hear, transition)

    def raise_alarm(self, alarm: SpanAlarm) -> None:
        """Make the far end see these alarms."""
        if self._far is not None and self._is_open:
            self._loop.call_soon(self._far._hear_alarm, alarm)

    def close(self) -> None:
        """Hear nothing any more."""
        self._is_open = False

    def _hear(self, transition: Transition) -> None:
        if self._is_open:
            self._on_transition(replace(transition, at=self._loop.time()))

    def _hear_alarm(self, alarm: SpanAlarm) -> None:
        if self._is_open:
            self._on_alarm(alarm, self._loop.time())


class FakeBChannels:
    """One end of a span's channels; join it to the other with :meth:`join`."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, on_block: OnBlock, law: Law = Law.MU
    ) -> None:
        self._loop = loop
        self._on_block = on_block
        self._far: FakeBChannels | None = None
        self._is_open = True
        self._sounds = PacedSounds(loop, self._put, law)

    def join(self, far: FakeBChannels) -> None:
        """Make both ends one line."""
        self._far, far._far = far, self

    def send(self, channel: int, block: bytes) -> None:
        """Play one block to the far end; while a sound is on its way it is dropped."""
        if channel not in self._sounds:
            self._put(channel, block)

    def listen(self, channels: Collection[int]) -> None:
        """Nothing comes on the others."""

    def play(self, channel: int, sound: bytes, on_played: OnPlayed) -> None:
        """Play a whole sound, alone on ``channel``."""
        self._sounds.play(channel, sound, on_played)

    def hush(self, channel: int) -> None:
        """Stop it."""
        self._sounds.hush(channel)

    def close(self) -> None:
        """Hear nothing any more."""
        self._is_open = False
        self._sounds.close()

    def _put(self, channel: int, block: bytes) -> None:
        if self._far is not None and self._is_open:
            self._loop.call_soon(self._far._hear, channel, block)

    def _hear(self, channel: int, block: bytes) -> None:
        if self._is_open:
            self._on_block(channel, block, self._loop.time())
