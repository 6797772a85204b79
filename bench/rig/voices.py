"""``python -m bench.rig.voices``: 23 phones and a card talk for some seconds, with a stopwatch.

Its own process, so that the bench's other stopwatches do not wait for it. Each packet carries the
instant at which it was sent, which G.711 passes through unchanged; whoever gets it knows how long
it took. Reads a JSON document on stdin, writes one on stdout.
"""

from __future__ import annotations

import json
import selectors
import socket
import struct
import sys
import time
from dataclasses import dataclass, field
from typing import Any

HOST = "127.0.0.1"
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
    """All phones and the card."""

    def __init__(self, wiring: dict[str, Any]) -> None:
        self._seconds = float(wiring["seconds"])
        self._channels: list[int] = wiring["channels"]
        self._card = _udp(wiring["b_local"])
        self._card.connect((HOST, wiring["b_remote"]))
        self._phones = [_udp(local) for local, _ in wiring["phones"]]
        self._remotes = [remote for _, remote in wiring["phones"]]
        self._clocked: dict[int, float] = {}
        self.heard = Heard()
        self.sent = 0

    def run(self) -> None:
        """Talk until the time is up."""
        selector = selectors.DefaultSelector()
        for sock in (self._card, *self._phones):
            selector.register(sock, selectors.EVENT_READ)
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
        """One block on every channel, as a card gives them: all at once, 50 times a second."""
        for channel in self._channels:
            now = self._clocked[channel] = time.time()
            block = _STAMP.pack(now) + _FILL
            self._card.send(_B_HEAD.pack(b"B", channel, n & 0xFFFF) + block)
            self.sent += 1

    def _speak(self, i: int, n: int) -> None:
        head = _RTP_HEAD.pack(0x80, 0, n & 0xFFFF, n * BLOCK, i + 1)
        packet = head + _STAMP.pack(time.time()) + _FILL
        self._phones[i].sendto(packet, (HOST, self._remotes[i]))
        self.sent += 1

    def _listen(self, selector: selectors.BaseSelector, seconds: float) -> None:
        for key, _ in selector.select(seconds):
            sock = key.fileobj
            assert isinstance(sock, socket.socket)
            try:
                while True:
                    data = sock.recv(2048)
                    self._hear(data, sock is self._card, time.time())
            except OSError:
                continue

    def _hear(self, data: bytes, at_card: bool, now: float) -> None:
        head = _B_HEAD.size if at_card else _RTP_HEAD.size
        if len(data) < head + BLOCK:
            return
        if at_card:
            clocked = self._clocked.get(data[1])
            if clocked is not None:
                self.heard.through.append(now - clocked)
        if data[head + _STAMP.size : head + BLOCK] != _FILL:
            return
        (sent,) = _STAMP.unpack_from(data, head)
        (self.heard.to_card if at_card else self.heard.to_phone).append(now - sent)


def _udp(port: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setblocking(False)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    sock.bind((HOST, port))
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
