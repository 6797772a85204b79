"""``python -m bench.rig.tandem``: the far end of E&M spans, with a stopwatch and a memory.

Its own process in real time, so that its winks are as long as they should be and cost the agent
nothing; what arrives is stamped by the kernel. It understands no tone: it is told how many blocks
each spill of a span has, keeps them all, and is asked for them when it ends. Reads one line of JSON
on stdin (:class:`Wiring`), says ``ready``, and writes the calls (:class:`Seen`) when stdin ends.
"""

from __future__ import annotations

import gc
import heapq
import json
import selectors
import socket
import struct
import sys
import time
from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from bench.rig.wire import HOST, SO_TIMESTAMPNS, stamp
from edge_agent.drivers.priority import SIGNALLING, go_real_time

BLOCK = 160
_VOICE = struct.Struct("!cBH")
_BUFFER = 4 << 20


@dataclass(frozen=True)
class Wiring:
    """One span: ports of the signals and of the voice, and the blocks of each spill."""

    signals: tuple[int, int]
    voice: tuple[int, int]
    blocks: tuple[int, ...]


@dataclass(frozen=True)
class Manner:
    """How the tandem behaves, in seconds."""

    winks_after: float = 0.1
    """After a seizure."""
    wink: float = 0.2
    asks_after: float = 0.15
    """After the last block of a spill, where another one is to follow on request."""
    answers_after: float = 0.15
    """After the last block of the last spill."""


@dataclass
class Spill:
    """One spill as it came."""

    at: list[float] = field(default_factory=list)
    """When each block arrived (wall time, seconds)."""
    numbers: list[int] = field(default_factory=list)
    """The place of each in the order of sending."""
    sound: bytearray = field(default_factory=bytearray)


@dataclass
class Seen:
    """One call."""

    span: int
    channel: int
    seized: float
    """When the seizure arrived."""
    handed: list[float] = field(default_factory=list)
    """When the tandem gave the turn to us: the end of its wink, and each request."""
    spills: list[Spill] = field(default_factory=list)

    def document(self) -> dict[str, Any]:
        """As JSON."""
        spills = [
            {"at": each.at, "numbers": each.numbers, "sound": b64encode(each.sound).decode("ascii")}
            for each in self.spills
        ]
        return {
            "span": self.span,
            "channel": self.channel,
            "seized": self.seized,
            "handed": self.handed,
            "spills": spills,
        }


class _Span:
    def __init__(self, number: int, wiring: Wiring) -> None:
        self.number = number
        self.blocks = wiring.blocks
        self.signals = _udp(*wiring.signals)
        self.voice = _udp(*wiring.voice)
        self.open: dict[int, Seen] = {}

    def hook(self, channel: int, *, off_hook: bool) -> float:
        """Show it; when it was handed to the kernel."""
        at = time.time()
        with suppress(OSError):  # an agent that has ended
            self.signals.send(b"S" + bytes([channel]) + b"h" + bytes([off_hook]))
        return at


class Tandem:
    """All spans."""

    def __init__(self, spans: list[Wiring], manner: Manner) -> None:
        self._manner = manner
        self._spans = [_Span(n, wiring) for n, wiring in enumerate(spans)]
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()
        self.seen: list[Seen] = []

    def run(self) -> None:
        """Until stdin ends."""
        selector = selectors.DefaultSelector()
        selector.register(sys.stdin, selectors.EVENT_READ, None)
        for span in self._spans:
            selector.register(span.signals, selectors.EVENT_READ, (span, self._signalled))
            selector.register(span.voice, selectors.EVENT_READ, (span, self._heard))
        while True:
            wait = max(0.0, self._due[0][0] - time.time()) if self._due else None
            for key, _ in selector.select(wait):
                if key.data is None:
                    return
                span, hear = key.data
                self._read(key.fileobj, span, hear)
            while self._due and self._due[0][0] <= time.time():
                heapq.heappop(self._due)[2]()

    def _read(self, sock: Any, span: _Span, hear: Callable[[_Span, bytes, float], None]) -> None:
        with suppress(OSError):
            while True:
                data, extra, _, _ = sock.recvmsg(2048, 64)
                hear(span, data, stamp(extra))

    def _signalled(self, span: _Span, data: bytes, at: float) -> None:
        if data[:1] != b"S" or data[2:3] != b"h":
            return
        channel = data[1]
        if not data[3]:
            span.open.pop(channel, None)
            span.hook(channel, off_hook=False)
            return
        call = span.open[channel] = Seen(span.number, channel, at)
        self.seen.append(call)
        self._later(self._manner.winks_after, lambda: self._wink(span, call))

    def _wink(self, span: _Span, call: Seen) -> None:
        span.hook(call.channel, off_hook=True)

        def over() -> None:
            call.handed.append(span.hook(call.channel, off_hook=False))

        self._later(self._manner.wink, over)

    def _heard(self, span: _Span, data: bytes, at: float) -> None:
        call = span.open.get(data[1])
        if call is None:
            return
        if not call.spills or self._is_whole(span, call):
            if len(call.spills) == len(span.blocks):
                return  # voice
            call.spills.append(Spill())
        spill = call.spills[-1]
        spill.at.append(at)
        spill.numbers.append(_VOICE.unpack_from(data)[2])
        spill.sound += data[_VOICE.size :]
        if self._is_whole(span, call):
            self._go_on(span, call)

    def _is_whole(self, span: _Span, call: Seen) -> bool:
        return len(call.spills[-1].at) == span.blocks[len(call.spills) - 1]

    def _go_on(self, span: _Span, call: Seen) -> None:
        """Ask for the next spill, or answer."""

        def ask() -> None:
            call.handed.append(span.hook(call.channel, off_hook=True))

        def answer() -> None:
            span.hook(call.channel, off_hook=True)

        if len(call.spills) < len(span.blocks):
            self._later(self._manner.asks_after, ask)
        else:
            self._later(self._manner.answers_after, answer)

    def _later(self, seconds: float, do: Callable[[], None]) -> None:
        heapq.heappush(self._due, (time.time() + seconds, next(self._order), do))


def _udp(local: int, remote: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setblocking(False)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
    sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    sock.bind((HOST, local))
    sock.connect((HOST, remote))
    return sock


def main() -> int:
    """Be a tandem until stdin ends, then tell what was seen."""
    spans = [Wiring(**each) for each in json.loads(sys.stdin.readline())]
    tandem = Tandem(spans, Manner())
    print("ready", flush=True)
    gc.collect()
    gc.freeze()
    go_real_time(SIGNALLING)
    tandem.run()
    json.dump([call.document() for call in tandem.seen], sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
