"""One end of a call's voice: says one tone every 20 ms, and listens."""

from __future__ import annotations

import asyncio
import contextlib
import random
import struct
from collections.abc import Iterable, Iterator
from itertools import cycle
from typing import Any, Protocol

from lab.phones.bulletin import Bulletin
from lab.phones.tones import BLOCK, Ear, tone

BLOCK_S = 0.02
PCMU = 0
_RTP = struct.Struct("!BBHII")
_LOOK_EVERY = 5
"""Blocks after which those who wait for a tone measure again."""


class Voice:
    """Says a tone, listens; how a block travels is the business of those that build on it."""

    def __init__(self, news: Bulletin) -> None:
        self._news = news
        self.says = 0
        """The tone being said, in hertz; 0 for none."""
        self.ear = Ear()
        self._blocks: Iterator[bytes] = iter(())
        self._timer: asyncio.TimerHandle | None = None

    def say(self, hertz: int) -> None:
        """Say this tone from now on, a block every 20 ms."""
        self.play((tone(hertz),))
        self.says = hertz

    def play(self, blocks: Iterable[bytes]) -> None:
        """Send these blocks over and over from now on; nothing is said."""
        self.says, self._blocks = 0, cycle(blocks)
        if self._timer is None:
            self._tick(asyncio.get_running_loop().time())

    def hush(self) -> None:
        """Say nothing more."""
        self.says = 0
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def hear(self, block: bytes) -> None:
        """A block came in."""
        self.ear.listen(block)
        if self.ear.heard % _LOOK_EVERY == 0:
            self._news.post()

    async def until_hears(self, hertz: int, who: str, timeout: float = 5.0) -> float:
        """Wait until this tone is heard; returns its share of what is heard.

        Raises:
            Unmet: it is not heard in time.
        """
        return await self._news.until(
            lambda: self.ear.share(hertz) if self.ear.hears(hertz) else None,
            f"{who} to hear {hertz} Hz",
            timeout,
            lambda: f"{self.ear.heard} blocks, the tone's share {self.ear.share(hertz):.0%}",
        )

    def send_block(self, block: bytes) -> None:
        """Put one block on its way."""
        raise NotImplementedError

    def _tick(self, due: float) -> None:
        self.send_block(next(self._blocks))
        loop = asyncio.get_running_loop()
        self._timer = loop.call_at(due + BLOCK_S, self._tick, due + BLOCK_S)


class DatagramSender(Protocol):
    """What is needed of a datagram transport."""

    def sendto(self, data: bytes, addr: tuple[str, int] | None = None) -> None: ...
    def close(self) -> None: ...


class RtpVoice(Voice, asyncio.DatagramProtocol):
    """Voice over RTP (RFC 3550), PCMU only."""

    def __init__(self, news: Bulletin, dice: random.Random) -> None:
        super().__init__(news)
        self.port = 0
        self.remote: tuple[str, int] | None = None
        self._transport: DatagramSender | None = None
        self._source = dice.getrandbits(32)
        self._number = dice.getrandbits(15)
        self._at = dice.getrandbits(31)

    @classmethod
    async def open(cls, news: Bulletin, dice: random.Random) -> RtpVoice:
        """A voice on a free port of loopback."""
        voice = cls(news, dice)
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(lambda: voice, local_addr=("127.0.0.1", 0))
        return voice

    def connection_made(self, transport: Any) -> None:
        """The socket is there."""
        self._transport = transport
        self.port = int(transport.get_extra_info("sockname")[1])

    def datagram_received(self, data: bytes, addr: Any) -> None:
        """One packet: only whole blocks of PCMU are voice to us."""
        del addr
        if len(data) >= _RTP.size and data[0] >> 6 == 2 and data[1] & 0x7F == PCMU:
            payload = data[_RTP.size + 4 * (data[0] & 0x0F) :]
            if len(payload) == BLOCK:
                self.hear(payload)

    def error_received(self, exc: Exception) -> None:
        """Nobody at the far end: a call between two states."""

    def send_block(self, block: bytes) -> None:
        """One packet to where the far end's SDP said."""
        self._number = self._number + 1 & 0xFFFF
        self._at = self._at + BLOCK & 0xFFFFFFFF
        if self.remote is None or self._transport is None:
            return
        header = _RTP.pack(0x80, PCMU, self._number, self._at, self._source)
        with contextlib.suppress(OSError):
            self._transport.sendto(header + block, self.remote)

    def sdp(self) -> bytes:
        """What we offer and answer."""
        return (
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            f"m=audio {self.port} RTP/AVP 0 101\r\na=rtpmap:0 PCMU/8000\r\n"
            "a=rtpmap:101 telephone-event/8000\r\na=ptime:20\r\na=sendrecv\r\n"
        ).encode()

    def follow(self, sdp: bytes) -> None:
        """Send to where this SDP says."""
        host, port = "127.0.0.1", 0
        for line in sdp.decode(errors="replace").splitlines():
            words = line[2:].split()
            if line.startswith("c=") and len(words) == 3:
                host = words[2]
            elif line.startswith("m=audio") and len(words) > 1:
                port = int(words[1])
        self.remote = (host, port) if port else None

    def close(self) -> None:
        """The call is over."""
        self.hush()
        if self._transport is not None:
            self._transport.close()
            self._transport = None
