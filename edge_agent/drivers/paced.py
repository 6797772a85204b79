"""A sound on a line that has no clock of its own: 20 ms of it every 20 ms, by the loop's timer.

Times are absolute, so that a timer that comes late is followed by a block that does not; what has
become due meanwhile goes at once, and nothing of the sound is lost.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from edge_agent.drivers.span import BLOCK, BLOCK_S, SILENCE, OnPlayed
from edge_agent.leg import Law

NOTHING = "there is nothing in the sound"
REPLACED = "another sound took its place"
CLOSED = "the line was closed"


@dataclass
class _Sound:
    """One sound on its way."""

    blocks: deque[bytes]
    due: float
    """When the next block is to go, or (with none left) when the last one has been heard out."""
    on_played: OnPlayed
    timer: asyncio.TimerHandle | None = None


class PacedSounds:
    """The sounds that the channels of a line play now, at most one on each."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        send: Callable[[int, bytes], None],
        law: Law,
    ) -> None:
        self._loop = loop
        self._send = send
        self._silence = SILENCE[law]
        self._sounds: dict[int, _Sound] = {}
        self._is_open = True

    def __contains__(self, channel: int) -> bool:
        """Whether a sound is on its way to ``channel``."""
        return channel in self._sounds

    def play(self, channel: int, sound: bytes, on_played: OnPlayed) -> None:
        """Begin with the first block now; the last one is filled up with silence."""
        before = self._sounds.get(channel)
        self.hush(channel)
        if before is not None:
            before.on_played(REPLACED)
        if not sound or not self._is_open:
            on_played(CLOSED if sound else NOTHING)
            return
        blocks = deque(sound[at : at + BLOCK] for at in range(0, len(sound), BLOCK))
        blocks[-1] += self._silence[len(blocks[-1]) :]
        self._sounds[channel] = _Sound(blocks, self._loop.time(), on_played)
        self._step(channel)

    def hush(self, channel: int) -> None:
        """Stop the sound of ``channel``; nothing is told of it any more."""
        sound = self._sounds.pop(channel, None)
        if sound is not None and sound.timer is not None:
            sound.timer.cancel()

    def close(self) -> None:
        """Stop them all, and play nothing any more."""
        self._is_open = False
        for channel in list(self._sounds):
            self.hush(channel)

    def _step(self, channel: int) -> None:
        sound = self._sounds[channel]
        now = self._loop.time()
        while sound.blocks and sound.due <= now:
            self._send(channel, sound.blocks.popleft())
            sound.due += BLOCK_S
        if sound.due > now:
            sound.timer = self._loop.call_at(sound.due, self._step, channel)
            return
        del self._sounds[channel]
        sound.on_played("")
