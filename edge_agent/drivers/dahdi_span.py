"""The D channel of a DAHDI span: frames whose check sequence the driver makes and checks.

The driver wants two octets behind a frame, for the check sequence that it puts there, and gives two
behind each that it hears. Without them it would overwrite the end of the frame itself.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable

from edge_agent.drivers.dahdi import Event, Flush, Kernel, Ready, Request
from edge_agent.drivers.dahdi_channel import Channel, ChannelGone
from edge_agent.drivers.span import OnFrame

FRAME_BUFFERS, FRAME_SIZE = 32, 1024
"""Of a D channel: as many as the driver allows, each longer than any frame of Q.921."""
FCS_SIZE = 2
"""Octets that the driver wants behind each frame and gives behind each frame (ITU-T Q.921 §2.7)."""
SETTLE_S = 0.12
"""A frame written sooner after the open can be lost: the far receiver has to see a flag first."""
MOST_HELD = 32
FRAMES_AT_ONCE = 64


class DahdiDChannel:
    """Frames over one channel that dahdi_cfg has set to ``dchan`` or ``hardhdlc``."""

    def __init__(
        self,
        kernel: Kernel,
        loop: asyncio.AbstractEventLoop,
        number: int,
        on_frame: OnFrame,
        on_alarm: Callable[[], None],
        on_gone: Callable[[], None],
    ) -> None:
        self._loop = loop
        self._on_frame = on_frame
        self._on_alarm = on_alarm
        self._on_gone = on_gone
        self.counts: Counter[str] = Counter()
        """``sent``, ``heard``, ``lost`` (no room), ``badfcs``, ``abort``, ``overrun``."""
        self._channel = Channel.open(kernel, number, self._hear_event)
        try:
            self._channel.buffers(FRAME_BUFFERS, FRAME_SIZE)
            self._channel.ask(Request.FLUSH, Flush.ALL)
        except OSError:
            self._channel.close()
            raise
        self._held: list[bytes] | None = []
        self._settled = loop.call_later(SETTLE_S, self._settle)
        self._poller = kernel.poller(self._ready)
        self._poller.watch(self._channel.descriptor, Ready.DATA | Ready.EVENT)

    def send(self, frame: bytes) -> None:
        """Put a frame on the wire; where there is no room it is lost, and Q.921 repeats it."""
        if self._held is not None:
            self._held.append(frame)
            del self._held[:-MOST_HELD]
            return
        try:
            taken = self._channel.write(frame + bytes(FCS_SIZE))
        except ChannelGone:
            # Told in the next turn: a core that is just speaking must not be called back.
            self._loop.call_soon(self._on_gone)
            return
        except OSError:
            taken = False
        self.counts["sent" if taken else "lost"] += 1

    def close(self) -> None:
        """Let go of the channel."""
        self._settled.cancel()
        self._poller.forget(self._channel.descriptor)
        self._poller.close()
        self._channel.close()

    def _settle(self) -> None:
        held, self._held = self._held or [], None
        for frame in held:
            self.send(frame)

    def _ready(self, _: int, ready: Ready) -> None:
        try:
            if Ready.EVENT in ready:
                self._channel.drain()
            for _turn in range(FRAMES_AT_ONCE):
                frame = self._channel.read(FRAME_SIZE)
                if frame is None:
                    break
                if len(frame) > FCS_SIZE:
                    self.counts["heard"] += 1
                    self._on_frame(frame[:-FCS_SIZE], self._loop.time())
        except (ChannelGone, OSError):
            self._on_gone()

    def _hear_event(self, event: int) -> None:
        if event in (Event.ALARM, Event.NOALARM):
            self._on_alarm()
        elif event in (Event.BADFCS, Event.ABORT, Event.OVERRUN):
            self.counts[Event(event).name.lower()] += 1
