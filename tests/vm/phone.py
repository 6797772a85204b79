"""Lync for the virtual machine: 911 calls out, callbacks in, and voice at the card's pace.

For each packet of voice that it hears it says one, so the clock of the line is the clock of its
voice, as it is for a phone that is exactly on time.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from struct import Struct

from tests.vm.bell import Bell

HOST = "127.0.0.1"
BLOCK = 160
RTP_HEADER = 12
HEAD = Struct("!BBHI4s")
SILENCE = b"\xff" * BLOCK

Address = tuple[str, int]


@dataclass(eq=False)
class Call(asyncio.DatagramProtocol):
    """One call and its voice."""

    call_id: str
    bell: Bell
    heard: bytearray = field(default_factory=bytearray, repr=False)
    saying: list[bytes] = field(default_factory=list, repr=False)
    """Blocks yet to be said, the next one last."""
    is_up: bool = False
    status: int = 0
    remote_tag: str = ""
    target: str = ""
    voice_to: Address | None = None
    is_over: bool = False
    transport: asyncio.DatagramTransport | None = None
    _sent: int = 0

    @property
    def port(self) -> int:
        """Of our voice."""
        assert self.transport is not None
        port: int = self.transport.get_extra_info("sockname")[1]
        return port

    async def open(self) -> None:
        """Have a port for voice."""
        loop = asyncio.get_running_loop()
        made, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(HOST, 0))
        self.transport = made

    def say(self, blocks: list[bytes]) -> None:
        """Say these, in order."""
        self.saying = list(reversed(blocks))

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self.heard += data[RTP_HEADER:]
        if self.voice_to is not None and self.transport is not None:
            self.transport.sendto(self.packet(), self.voice_to)
        self.bell.ring()

    def packet(self) -> bytes:
        """The next 20 ms that we say."""
        number, self._sent = self._sent, self._sent + 1
        head = HEAD.pack(0x80, 0 if number else 0x80, number & 0xFFFF, number * BLOCK, b"tone")
        return head + (self.saying.pop() if self.saying else SILENCE)

    def close(self) -> None:
        """No voice any more."""
        if self.transport is not None:
            self.transport.close()


class Phone(asyncio.DatagramProtocol):
    """Everybody at the platform, on one port."""

    def __init__(self, agent: int, bell: Bell, kind: type[Call] = Call) -> None:
        self._agent = (HOST, agent)
        self._bell = bell
        self._kind = kind
        self.calls: dict[str, Call] = {}
        self._transport: asyncio.DatagramTransport | None = None
        self._port = 0
        self._count = 0

    async def open(self, port: int) -> None:
        """Listen."""
        self._port = port
        loop = asyncio.get_running_loop()
        made, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(HOST, port))
        self._transport = made

    def close(self) -> None:
        """Let go of everything."""
        for call in self.calls.values():
            call.close()
        if self._transport is not None:
            self._transport.close()

    async def dial(self) -> Call:
        """911 from another desk each time; the call may not be answered yet."""
        self._count += 1
        call = self._kind(f"call-{self._count}@lync", self._bell)
        self.calls[call.call_id] = call
        await call.open()
        uri = f"sip:911@{HOST}:{self._agent[1]};user=phone"
        self._send(
            f"INVITE {uri} SIP/2.0",
            self._head(call, f"<{uri}>", "1 INVITE", "inv"),
            self._sdp(call),
        )
        return call

    def hang_up(self, call: Call) -> None:
        """BYE."""
        self._within(call, "BYE", 2)

    def datagram_received(self, data: bytes, addr: Address) -> None:
        text = data.decode("utf-8", "replace")
        start = text.split("\r\n", 1)[0]
        if start.startswith("SIP/2.0"):
            self._answered(text)
        else:
            self._asked(start.split(" ", 1)[0], text)
        self._bell.ring()

    def _answered(self, text: str) -> None:
        call = self.calls.get(_header(text, "Call-ID"))
        if call is None or not _header(text, "CSeq").endswith("INVITE"):
            return
        call.status = int(text.split(" ", 2)[1])
        if call.status == 200:
            call.remote_tag = _header(text, "To").partition("tag=")[2]
            call.target = _uri(_header(text, "Contact"))
            call.voice_to = _media(text)
            call.is_up = True
            self._within(call, "ACK", 1)

    def _asked(self, method: str, text: str) -> None:
        copied = [f"{name}: {_header(text, name)}" for name in ("Via", "From", "Call-ID", "CSeq")]
        copied.append(f"To: {_header(text, 'To')};tag=phone")
        if method == "INVITE":
            asyncio.get_running_loop().create_task(self._take(text, copied))
        elif method != "ACK":
            if method == "BYE" and (call := self.calls.get(_header(text, "Call-ID"))):
                call.is_over = True
            self._send("SIP/2.0 200 OK", copied, "")

    async def _take(self, text: str, copied: list[str]) -> None:
        """A callback rings and is answered."""
        call = self._kind(_header(text, "Call-ID"), self._bell)
        if call.call_id in self.calls:
            return
        self.calls[call.call_id] = call
        await call.open()
        call.voice_to = _media(text)
        contact = f"Contact: <sip:philippa@{HOST}:{self._port}>"
        self._send("SIP/2.0 180 Ringing", [*copied, contact], "")
        self._send("SIP/2.0 200 OK", [*copied, contact], self._sdp(call))
        call.is_up = True
        self._bell.ring()

    def _within(self, call: Call, method: str, number: int) -> None:
        uri = f"sip:911@{HOST}:{self._agent[1]};user=phone"
        to = f"<{uri}>;tag={call.remote_tag}"
        branch = method.lower()
        head = self._head(call, to, f"{number} {method}", branch)
        self._send(f"{method} {call.target} SIP/2.0", head, "")

    def _head(self, call: Call, to: str, cseq: str, branch: str) -> list[str]:
        port = self._port
        name = call.call_id.partition("@")[0]
        return [
            f"Via: SIP/2.0/UDP {HOST}:{port};branch=z9hG4bK-{name}-{branch}",
            "Max-Forwards: 70",
            f"From: <sip:{name}@contoso.example>;tag={name}",
            f"To: {to}",
            f"Call-ID: {call.call_id}",
            f"CSeq: {cseq}",
            f"Contact: <sip:{name}@{HOST}:{port}>",
        ]

    def _sdp(self, call: Call) -> str:
        return (
            f"v=0\r\no=- 0 0 IN IP4 {HOST}\r\ns=-\r\nc=IN IP4 {HOST}\r\nt=0 0\r\n"
            f"m=audio {call.port} RTP/AVP 0\r\n"
        )

    def _send(self, start: str, headers: list[str], body: str) -> None:
        assert self._transport is not None
        kind = ["Content-Type: application/sdp"] if body else []
        lines = [start, *headers, *kind, f"Content-Length: {len(body)}", "", body]
        self._transport.sendto("\r\n".join(lines).encode(), self._agent)


def _header(text: str, name: str) -> str:
    found = re.search(rf"^{name}:\s*(.*?)\s*$", text, re.IGNORECASE | re.MULTILINE)
    return found[1] if found else ""


def _uri(contact: str) -> str:
    found = re.search(r"<([^>]*)>", contact)
    return found[1] if found else contact


def _media(text: str) -> Address | None:
    found = re.search(r"^m=audio (\d+)", text, re.MULTILINE)
    return (HOST, int(found[1])) if found else None
