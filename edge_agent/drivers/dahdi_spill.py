"""A whole sound on one DAHDI channel: queued before its first sample is heard, so that no lateness
of ours can tear it.

For as long as it lasts the channel has buffers of the sound's own size, which the driver does not
begin to play until all of them are full (``DAHDI_POLICY_WHEN_FULL``). A sound that the channel does
not take whole is therefore never heard at all. That it went out is known from the driver: the
queue must still hold something shortly before its time is over, and nothing soon after.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from math import ceil

from edge_agent.drivers.dahdi_channel import Channel, ChannelGone, EventWaits
from edge_agent.drivers.paced import NOTHING
from edge_agent.drivers.span import BLOCK, BLOCK_S

FEWEST_BUFFERS, SMALLEST_BUFFER = 2, 16
"""What the driver takes."""
LARGEST_BUFFER = 4096
"""Half of what the driver takes: a kernel finds memory in smaller pieces more surely."""
MOST_SPACE = 32768
"""Bytes of all buffers together (``DAHDI_MAX_BUF_SPACE``): 4 s."""
VOICE_BUFFERS = 4
"""Of a channel and direction, 20 ms each: so late a process may be before voice is lost."""
RETRY_S = 0.002
"""How soon a channel is tried again whose events another process has not taken yet."""
PATIENCE = 250
"""Tries, after which that process is taken to be gone."""
BEFORE_END_S = 2 * BLOCK_S
"""So long before its end the queue is looked at: a hang-up empties it, and nothing else tells."""
LATEST_S = 0.5
"""After so long beyond its time a card that has not played the sound has lost its clock."""
RATE = 8000
"""Octets a second."""

CUT_OFF = "the channel was emptied before the sound was out"
STANDS_STILL = "the card does not play what the channel holds"
NOT_DRAINED = "the events of the channel are not taken"
GONE = "the span was taken away"


def for_voice(channel: Channel) -> None:
    """Buffers of single blocks; what was in other ones, either way, is gone."""
    channel.buffers(VOICE_BUFFERS, BLOCK)


class Spill:
    """One sound on its way; ``on_over`` is told once: nothing if it is out, else why it is not.

    The channel is another's, who lets nothing else be written or read meanwhile.
    """

    def __init__(
        self,
        channel: Channel,
        loop: asyncio.AbstractEventLoop,
        sound: bytes,
        silence: bytes,
        on_over: Callable[[str], None],
    ) -> None:
        self._channel = channel
        self._loop = loop
        self._on_over = on_over
        self._count = max(FEWEST_BUFFERS, ceil(len(sound) / LARGEST_BUFFER))
        self._size = max(SMALLEST_BUFFER, ceil(len(sound) / self._count))
        filling = self._count * self._size - len(sound) if sound else 0
        self._sound = sound + silence[:1] * filling
        self._length_s = len(self._sound) / RATE
        self._taken = 0
        self._tries = 0
        self._due = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._is_over = False

    def begin(self) -> None:
        """Put it on the channel; told of at once if it cannot be."""
        if not self._sound:
            self._end(NOTHING)
        elif len(self._sound) > MOST_SPACE:
            self._end(f"{len(self._sound)} bytes are more than a channel can hold")
        else:
            self._guarded(self._open)

    def stop(self) -> None:
        """What is not out yet is not played; nothing is told."""
        self._is_over = True
        if self._timer is not None:
            self._timer.cancel()

    def _open(self) -> None:
        self._channel.buffers(self._count, self._size, when_full=True)
        self._fill()

    def _fill(self) -> None:
        """All in one turn, unless the agent has an event to take first: nothing is heard yet."""
        while self._taken < len(self._sound):
            part = self._sound[self._taken : self._taken + self._size]
            try:
                count = self._channel.put(part)
            except EventWaits:
                self._tries += 1
                if self._tries > PATIENCE:
                    self._end(NOT_DRAINED)
                else:
                    self._later(self._loop.time() + RETRY_S, self._fill)
                return
            self._taken += count
            if count != len(part):
                self._end(f"the channel took {self._taken} of {len(self._sound)} bytes")
                return
        now = self._loop.time()
        self._due = now + self._length_s
        self._later(max(self._due - BEFORE_END_S, now + self._length_s / 2), self._look_before)

    def _look_before(self) -> None:
        if self._channel.is_empty():
            self._end(CUT_OFF)
        else:
            self._later(self._due, self._look_after)

    def _look_after(self) -> None:
        now = self._loop.time()
        if self._channel.is_empty():
            self._end("")
        elif now > self._due + LATEST_S:
            self._end(STANDS_STILL)
        else:
            self._later(now + RETRY_S, self._look_after)

    def _later(self, at: float, do: Callable[[], None]) -> None:
        self._timer = self._loop.call_at(at, self._guarded, do)

    def _guarded(self, do: Callable[[], None]) -> None:
        try:
            do()
        except ChannelGone:
            self._end(GONE)
        except OSError as error:
            self._end(error.strerror or str(error))

    def _end(self, why: str) -> None:
        if not self._is_over:
            self.stop()
            self._on_over(why)
