"""The media process: voice and nothing else, so that no signalling ever stands before a packet.

It is told by the agent over a unix socket which rooms there are, opens the RTP ports that they
need, is handed the B channels, and ends 2 s after the agent is gone.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import secrets
import signal
import socket
import sys
from collections import Counter
from collections.abc import Coroutine, Iterable
from functools import partial
from pathlib import Path

from edge_agent.drivers.dahdi_kernel import LinuxKernel
from edge_agent.drivers.dahdi_voice import DahdiBChannels
from edge_agent.drivers.ipc import IpcLink
from edge_agent.drivers.loop_span import LoopBChannels
from edge_agent.drivers.priority import VOICE, go_real_time
from edge_agent.drivers.span import BChannels
from edge_agent.drivers.voice import VoiceUnavailable
from edge_agent.leg import Law
from edge_agent.media.bridge import TICK_S, MediaCore, MediaOutput
from edge_agent.media.ports import SendBlock, SendRtp
from edge_agent.media.recording import Recording
from edge_agent.messages import (
    DropRoom,
    KeepVoice,
    MediaReady,
    Message,
    OpenSpan,
    PlayEvent,
    PlaySpill,
    PlayVoice,
    PrepareVoice,
    SetRoom,
    SpanSlips,
    StopSpill,
    SyncCondition,
    VoiceKept,
)
from edge_agent.recorded_voices import RecordedVoices, Renderer, render
from edge_agent.spill_player import SpillPlayer
from edge_agent.store.disk import RealDisk, write_whole

LINGER_S = 2.0
"""Voice goes on for so long after the agent's socket closed."""
SLIPS_TOLD_S = 1.0
LARGEST_DATAGRAM = 2048
SPAN_AWAY = "the span was closed, or opened anew"


class Dice:
    """SSRCs and first numbers that nobody can guess."""

    def bits(self, count: int) -> int:
        """A number of so many random bits."""
        return secrets.randbits(count)


class MediaProcess:
    """Sockets on one side, :class:`MediaCore` on the other, the agent above."""

    def __init__(
        self,
        agent: socket.socket,
        loop: asyncio.AbstractEventLoop,
        host: str,
        voices: RecordedVoices,
    ) -> None:
        self._loop = loop
        self._host = host
        self._core = MediaCore(Dice())
        self._kernel = LinuxKernel(loop)
        self._sockets: dict[int, socket.socket] = {}
        self._spans: dict[str, BChannels] = {}
        self._voices = voices
        self._slips: dict[str, Counter[int]] = {}
        self._plays: dict[tuple[str, str], str] = {}
        self._recordings: dict[tuple[str, str], tuple[Recording, Path]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.over = asyncio.Event()
        self._link = IpcLink(agent, loop, self._heard, self._agent_gone)
        self._spills = SpillPlayer(self._link.send)
        self._link.send(MediaReady(os.getpid()))
        self._tick_at = loop.time()
        self._tick()

    def close(self) -> None:
        """Let go of everything."""
        self._link.close()
        for task in self._tasks:
            task.cancel()
        for port in list(self._sockets):
            self._close_port(port)
        for span in self._spans.values():
            span.close()

    # ---- the agent ------------------------------------------------------------------------------

    def _heard(self, message: Message, descriptors: list[int]) -> None:
        match message:
            case SetRoom() | DropRoom():
                self._plays = {k: erl for k, erl in self._plays.items() if k[0] != message.call}
                self._core.handle(message, self._loop.time())
                self._open_ports()
                self._listen()
                if isinstance(message, DropRoom):
                    self._keep_recordings(message.call)
            case KeepVoice():
                recording = Recording(message.seconds)
                self._recordings[message.call, message.leg] = (recording, Path(message.path))
                self._core.record(message.call, message.leg, recording)
            case OpenSpan():
                self._open_span(message, descriptors)
            case PlayVoice():
                self._plays[message.call, message.leg] = message.erl
                self._core.play(message.call, message.leg, self._voices.of(message.erl))
            case PrepareVoice():
                self._begin(self._prepare(message))
            case PlaySpill():
                self._spills.play(message)
            case StopSpill():
                self._spills.stop(message)
            case PlayEvent():
                self._perform(self._core.event(message.leg, message.event, self._loop.time()))
            case _:
                pass  # a message of a later release

    def _agent_gone(self, why: str) -> None:
        self._loop.call_later(LINGER_S, self.over.set)

    def _open_span(self, message: OpenSpan, descriptors: list[int]) -> None:
        if message.span in self._spans:
            self._spans.pop(message.span).close()
            self._spills.closed(message.span, SPAN_AWAY)
        if message.driver == "dahdi" and not descriptors:
            return  # the card was taken away: the agent will say when it is back
        channels = self._b_channels(message, descriptors)
        if channels is None:
            for descriptor in descriptors:
                os.close(descriptor)
            self._tell("media-span", active=True, detail=f"{message.span}: cannot be opened")
            return
        self._spans[message.span] = channels
        self._spills.opened(message.span, channels, message.channels, Law(message.law))
        self._listen()

    def _listen(self) -> None:
        for span, channels in self._spans.items():
            channels.listen(self._core.bearers(span))

    def _b_channels(self, message: OpenSpan, descriptors: list[int]) -> BChannels | None:
        """The voice half by the driver that is named; ``None``: it cannot be had this way."""

        def on_block(channel: int, block: bytes, at: float) -> None:
            self._perform(self._core.on_block(message.span, channel, block, at))

        on_slip = partial(self._slipped, message.span)
        if message.driver == "dahdi" and len(descriptors) == len(message.channels):
            lines = dict(zip(message.channels, descriptors, strict=True))
            law = Law(message.law)
            return DahdiBChannels(self._kernel, self._loop, lines, law, on_block, on_slip)
        if message.driver == "loop" and len(descriptors) == 1:
            sock = socket.socket(fileno=descriptors[0])
            sock.setblocking(False)
            return LoopBChannels(sock, self._loop, on_block, on_slip, Law(message.law))
        return None

    def _slipped(self, span: str, channel: int, blocks: int) -> None:
        """What is missing is not played. A slip of the clocks costs every channel of a span the
        same: the worst one is told, once for all that happens within a second."""
        if not self._slips:
            self._loop.call_later(SLIPS_TOLD_S, self._tell_slips)
        self._slips.setdefault(span, Counter())[channel] += blocks

    def _tell_slips(self) -> None:
        slips, self._slips = self._slips, {}
        for span, by_channel in slips.items():
            self._link.send(SpanSlips(span, max(by_channel.values())))

    def _tell(self, slug: str, *, active: bool, detail: str = "") -> None:
        self._link.send(SyncCondition(slug, active, detail))

    # ---- recordings -----------------------------------------------------------------------------

    def _keep_recordings(self, call: str) -> None:
        """The room is gone: what its legs said is written, by a thread that only waits for the
        disk."""
        for key in [key for key in self._recordings if key[0] == call]:
            recording, path = self._recordings.pop(key)
            self._core.stop_recording(*key)
            self._begin(self._keep(call, recording, path))

    async def _keep(self, call: str, recording: Recording, path: Path) -> None:
        try:
            await asyncio.to_thread(write_whole, RealDisk(), path, recording.wav())
        except OSError as error:
            self._link.send(VoiceKept(call, "", why=error.strerror or type(error).__name__))
            return
        self._link.send(VoiceKept(call, str(path), round(recording.seconds, 2)))

    # ---- RTP ports ------------------------------------------------------------------------------

    def _open_ports(self) -> None:
        wanted = self._core.local_ports()
        for port in self._sockets.keys() - wanted:
            self._close_port(port)
        for port in wanted - self._sockets.keys():
            sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            sock.setblocking(False)
            try:
                sock.bind((self._host, port))
            except OSError as error:
                sock.close()
                self._tell("media-port", active=True, detail=f"{port}: {error.strerror}")
                continue
            self._sockets[port] = sock
            self._loop.add_reader(sock, self._readable, port, sock)

    def _close_port(self, port: int) -> None:
        sock = self._sockets.pop(port)
        self._loop.remove_reader(sock)
        sock.close()

    def _readable(self, port: int, sock: socket.socket) -> None:
        try:
            data, source = sock.recvfrom(LARGEST_DATAGRAM)
        except OSError:
            return  # an ICMP answer to something we sent
        self._perform(self._core.on_rtp(port, data, source, self._loop.time()))

    # ---- outputs and time -----------------------------------------------------------------------

    def _perform(self, outputs: Iterable[MediaOutput]) -> None:
        for output in outputs:
            if isinstance(output, SendRtp):
                sock = self._sockets.get(output.local_port)
                if sock is not None:
                    try:
                        sock.sendto(output.data, output.to)
                    except OSError:
                        continue  # a far end that is gone: its signalling will say so
            elif isinstance(output, SendBlock):
                span = self._spans.get(output.span)
                if span is not None:
                    span.send(output.channel, output.block)
            else:
                self._link.send(output)

    def _tick(self) -> None:
        now = self._loop.time()
        self._perform(self._core.tick(now))
        self._tick_at += TICK_S
        if self._tick_at < now - 1.0:
            self._tick_at = now  # the machine slept: what is past is past
        self._loop.call_at(self._tick_at, self._tick)

    # ---- recorded voices ------------------------------------------------------------------------

    async def _prepare(self, message: PrepareVoice) -> None:
        try:
            voice = await self._voices.prepare(message.erl, message.text)
        except VoiceUnavailable as error:
            self._tell("media-voice", active=True, detail=str(error))
            return
        if voice is None:
            return
        self._tell("media-voice", active=False)
        for (call, leg), erl in self._plays.items():
            if erl == message.erl:
                self._core.play(call, leg, voice)

    def _begin(self, work: Coroutine[object, object, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def serve(agent: socket.socket, host: str, cache: Path | None) -> None:
    """Carry voice until the agent has been gone for 2 s."""
    renderer = await Renderer.start(cache)
    go_real_time(VOICE)
    media = MediaProcess(agent, asyncio.get_running_loop(), host, RecordedVoices(renderer))
    gc.collect()
    gc.freeze()
    try:
        await media.over.wait()
    finally:
        media.close()
        await renderer.close()


def main(arguments: list[str] | None = None) -> int:
    """Run as ``python -m edge_agent.media_process --fd N``."""
    parser = argparse.ArgumentParser(prog="elingate-media", description="the voice of an edge")
    parser.add_argument("--fd", type=int, help="the socket to the agent, inherited")
    parser.add_argument("--host", default="127.0.0.1", help="address for RTP")
    parser.add_argument("--cache", type=Path, help="folder for rendered voices")
    parser.add_argument("--render", action="store_true", help="texts on stdin to voices on stdout")
    chosen = parser.parse_args(arguments)
    if chosen.render:
        render(sys.stdin.buffer, sys.stdout.buffer, chosen.cache)
        return 0
    if chosen.fd is None:
        parser.error("--fd is needed")
    # A terminal sends SIGINT to the whole group; voice goes on for as long as the agent does.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asyncio.run(serve(socket.socket(fileno=chosen.fd), chosen.host, chosen.cache))
    return 0


if __name__ == "__main__":
    sys.exit(main())
