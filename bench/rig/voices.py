"""``python -m bench.rig.voices``: phones and cards talk for some seconds, with a stopwatch.

Its own process, so that the bench's other stopwatches do not wait for it. Each packet carries the
instant at which it was sent, which G.711 passes through unchanged; whoever gets it knows how long
it took. What arrives is stamped by the kernel: with 96 channels this process is as busy as the one
that it measures. Reads a JSON document on stdin, writes one on stdout.
"""

from __future__ import annotations

import json
import selectors
import socket
import struct
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from bench.rig.wire import HOST, SO_TIMESTAMPNS, stamp

BLOCK_S, BLOCK = 0.02, 160
_B_HEAD = struct.Struct("!cBH")
_RTP_HEAD = struct.Struct("!BBHII")
_STAMP = struct.Struct("!d")
_FILL = b"\xd5" * (BLOCK - _STAMP.size)
"""What follows the stamp in a block; anything but silence."""


@dataclass(slots=True)
class Heard:
    """Seconds that packets took, by way."""

    to_phone: list[float] = field(default_factory=list)
    """Block handed to the kernel at the card -> RTP read at the phone."""
    through: list[float] = field(default_factory=list)
    """Block in -> the block out of the same channel that it clocks: what media adds."""
    to_card: list[float] = field(default_factory=list)
    """RTP at the phone -> block read at the card, the jitter buffer's 40 ms included."""


class Voices:
    """All phones and all cards."""

    def __init__(self, wiring: dict[str, Any]) -> None:
        self._seconds = float(wiring["seconds"])
        self._cards: list[_Card] = [_Card(*card) for card in wiring["cards"]]
        self._phones = [_udp(local, remote) for local, remote in wiring["phones"]]
        self.heard = Heard()
        self.sent = 0

    def run(self) -> None:
        """Talk until the time is up."""
        selector = selectors.DefaultSelector()
        for card in self._cards:
            selector.register(card.sock, selectors.EVENT_READ, card)
        for phone in self._phones:
            selector.register(phone, selectors.EVENT_READ)
        count = len(self._phones)
        begin = time.time() + 0.1
        plan = [(begin + n * BLOCK_S, n, -1) for n in range(int(self._seconds / BLOCK_S))]
        plan += [(at + BLOCK_S * i / count, n, i) for at, n, _ in list(plan) for i in range(count)]
        plan.sort()
        for at, n, which in plan:
            while (left := at - time.time()) > 0:
                self._listen(selector, left)
            if which < 0:
                self._clock(n)
            else:
                self._speak(which, n)
            self._listen(selector, 0)
        until = time.time() + 0.2
        while time.time() < until:
            self._listen(selector, 0.05)

    def _clock(self, n: int) -> None:
        """One block on every channel, as cards give them: all at once, 50 times a second."""
        for card in self._cards:
            for channel in card.channels:
                now = card.clocked[channel] = time.time()
                block = _STAMP.pack(now) + _FILL
                card.sock.send(_B_HEAD.pack(b"B", channel, n & 0xFFFF) + block)
                self.sent += 1

    def _speak(self, i: int, n: int) -> None:
        head = _RTP_HEAD.pack(0x80, 0, n & 0xFFFF, n * BLOCK, i + 1)
        self._phones[i].send(head + _STAMP.pack(time.time()) + _FILL)
        self.sent += 1

    def _listen(self, selector: selectors.BaseSelector, seconds: float) -> None:
        for key, _ in selector.select(seconds):
            sock = key.fileobj
            assert isinstance(sock, socket.socket)
            with suppress(OSError):
                while True:
                    data, extra, _, _ = sock.recvmsg(2048, 64)
                    self._hear(data, key.data, stamp(extra))

    def _hear(self, data: bytes, card: _Card | None, now: float) -> None:
        head = _RTP_HEAD.size if card is None else _B_HEAD.size
        if len(data) < head + BLOCK:
            return
        if card is not None and data[1] in card.clocked:
            self.heard.through.append(now - card.clocked[data[1]])
        if data[head + _STAMP.size : head + BLOCK] != _FILL:
            return
        (sent,) = _STAMP.unpack_from(data, head)
        (self.heard.to_phone if card is None else self.heard.to_card).append(now - sent)


class _Card:
    """One span's voice half as the card has it."""

    def __init__(self, local: int, remote: int, channels: list[int]) -> None:
        self.sock = _udp(local, remote)
        self.channels = channels
        self.clocked: dict[int, float] = {}
        """When each channel was last given a block."""


def _udp(local: int, remote: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setblocking(False)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    sock.bind((HOST, local))
    sock.connect((HOST, remote))
    return sock


def main() -> int:
    """Talk as stdin says, then tell what was heard."""
    voices = Voices(json.load(sys.stdin))
    voices.run()
    heard = voices.heard
    document = {"sent": voices.sent, "to_phone": heard.to_phone, "to_card": heard.to_card}
    json.dump({**document, "through": heard.through}, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
