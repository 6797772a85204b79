"""Every phone of the bench on one socket: places 911 calls, takes callbacks, notes when."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field

from bench.rig.invite import invite, offer
from bench.rig.wire import HOST, StampedSocket


@dataclass(slots=True)
class Call:
    """One call that a phone placed."""

    user: str
    id: str
    asked: asyncio.Future[int]
    gone: asyncio.Future[None]
    invite: bytes = b""
    sent_at: float = 0.0
    to: str = ""
    target: str = ""
    rtp: int = 0
    """Where the far end's voice is, from the answer's SDP."""
    statuses: list[tuple[int, float]] = field(default_factory=list)

    async def answered(self, timeout: float = 10.0) -> int:
        """The final status."""
        return await asyncio.wait_for(asyncio.shield(self.asked), timeout)

    async def over(self, timeout: float = 10.0) -> None:
        """Wait until a BYE of ours was answered."""
        await asyncio.wait_for(asyncio.shield(self.gone), timeout)


class Phones:
    """A platform with all its phones."""

    def __init__(self, port: int, gateway: int) -> None:
        self._gateway = gateway
        self._sock = StampedSocket(port, self._hear)
        self.port = self._sock.port
        self._calls: dict[str, Call] = {}
        self._count = 0
        self._rung: dict[str, asyncio.Future[float]] = {}

    def close(self) -> None:
        """Let go of the socket."""
        self._sock.close()

    def dial(self, user: str, elin: str, floor: int, rtp: int = 40000) -> Call:
        """Dial 911 from a floor."""
        self._count += 1
        name = f"b{self.port}x{self._count}"
        loop = asyncio.get_running_loop()
        call = Call(user, name, loop.create_future(), loop.create_future())
        self._calls[name] = call
        call.invite = invite(user, name, self.port, self._gateway, elin, floor, rtp)
        self.again(call)
        return call

    def again(self, call: Call) -> None:
        """Send the INVITE once more, byte for byte, as a phone does until somebody answers."""
        call.sent_at = self._sock.send(call.invite, self._gateway)

    def hang_up(self, call: Call) -> None:
        """BYE."""
        self._request("BYE", call, 2, f"{call.id}b")

    def expect_ring(self, user: str) -> asyncio.Future[float]:
        """When the next INVITE for this user arrives."""
        future: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._rung[user] = future
        return future

    # ---- in --------------------------------------------------------------------------------------

    def _hear(self, data: bytes, port: int, at: float) -> None:
        text = data.decode()
        if text.startswith("SIP/2.0 "):
            self._hear_response(text, at)
        elif text.startswith("INVITE "):
            self._take(text, at)
        elif text.startswith(("BYE ", "CANCEL ", "OPTIONS ", "MESSAGE ")):
            self._respond(text, "200 OK")

    def _hear_response(self, text: str, at: float) -> None:
        call = self._calls.get(_header(text, "Call-ID"))
        if call is None:
            return
        status = int(text[8:11])
        if _header(text, "CSeq").endswith("BYE"):
            del self._calls[call.id]
            if not call.gone.done():
                call.gone.set_result(None)
            return
        call.statuses.append((status, at))
        call.to = _header(text, "To")
        if "m=audio " in text:
            call.rtp = int(text.partition("m=audio ")[2].split()[0])
        if status >= 200:
            if status < 300:
                call.target = _header(text, "Contact").partition("<")[2].partition(">")[0]
                self._request("ACK", call, 1, f"{call.id}a")
            else:
                self._request("ACK", call, 1, call.id)
            if not call.asked.done():
                call.asked.set_result(status)

    def _take(self, text: str, at: float) -> None:
        user = text[len("INVITE sip:") :].partition("@")[0]
        rung = self._rung.pop(user, None)
        self._respond(text, "180 Ringing")
        if rung is not None and not rung.done():
            rung.set_result(at)
        self._respond(text, "200 OK", offer(40000))

    # ---- out -------------------------------------------------------------------------------------

    def _respond(self, request: str, status: str, sdp: str = "") -> None:
        lines = [f"SIP/2.0 {status}"]
        lines += [f"Via: {via}" for via in re.findall(r"(?im)^Via: *(.*?)\r?$", request)]
        to = _header(request, "To")
        if ";tag=" not in to:
            to += ";tag=bench"
        lines += [f"From: {_header(request, 'From')}", f"To: {to}"]
        lines += [f"Call-ID: {_header(request, 'Call-ID')}", f"CSeq: {_header(request, 'CSeq')}"]
        lines += [f"Contact: <sip:phone@{HOST}:{self.port}>"]
        if sdp:
            lines.append("Content-Type: application/sdp")
        lines += [f"Content-Length: {len(sdp)}", "", sdp]
        self._sock.send("\r\n".join(lines).encode(), self._gateway)

    def _request(self, method: str, call: Call, number: int, branch: str) -> None:
        target = call.target or f"sip:911@{HOST}:{self._gateway};user=phone"
        text = (
            f"{method} {target} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {HOST}:{self.port};branch=z9hG4bK{branch}\r\n"
            "Max-Forwards: 70\r\n"
            f'From: "Bench {call.user}" <sip:{call.user}@bench.example>;tag={call.id}\r\n'
            f"To: {call.to}\r\nCall-ID: {call.id}\r\nCSeq: {number} {method}\r\n"
            "Content-Length: 0\r\n\r\n"
        )
        self._sock.send(text.encode(), self._gateway)


def _header(text: str, name: str) -> str:
    found = re.search(rf"(?im)^{name}: *(.*?)\r?$", text)
    return found[1] if found else ""
