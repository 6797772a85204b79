"""A SIP user agent on one UDP port: transactions below, calls above, nothing of the product in it.

Enough of RFC 3261: INVITE with its retransmission and the ACK of a refusal, 2xx repeated until
acknowledged, CANCEL, and requests that want one answer. Its next hop is always given.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable, Iterable
from typing import Any

from lab.phones import sip_message
from lab.phones.bulletin import Bulletin
from lab.phones.call import Call, Direction
from lab.phones.sip_message import SipMessage, response
from lab.phones.voice import DatagramSender, RtpVoice

Address = tuple[str, int]
Headers = Iterable[tuple[str, str]]

T1_S, T2_S = 0.5, 4.0
GIVE_UP_S = 64 * T1_S


class ClientTransaction:
    """A request on its way: sent again until something answers it (§17.1)."""

    def __init__(
        self,
        agent: UserAgent,
        message: SipMessage,
        to: Address,
        heard: Callable[[SipMessage], None],
    ) -> None:
        self._agent, self.message, self.to, self._heard = agent, message, to, heard
        self._is_invite = message.method == "INVITE"
        self._timer: asyncio.TimerHandle | None = None
        self._answered = False
        self._send(T1_S, 0.0)

    def receive(self, answer: SipMessage) -> None:
        """A response with our branch."""
        if not self._is_invite and answer.status < 200:
            return
        self.stop()
        if self._is_invite and answer.status >= 300:
            self._agent.send(self._refusal_ack(answer), self.to)
            if self._answered:
                return
        self._answered = self._answered or answer.status >= 200
        self._heard(answer)

    def stop(self) -> None:
        """Send no more."""
        if self._timer is not None:
            self._timer.cancel()

    def _send(self, pause: float, waited: float) -> None:
        self._agent.send(self.message, self.to)
        if waited + pause < GIVE_UP_S:
            loop = asyncio.get_running_loop()
            longer = pause * 2 if self._is_invite else min(pause * 2, T2_S)
            self._timer = loop.call_later(pause, self._send, longer, waited + pause)

    def _refusal_ack(self, answer: SipMessage) -> SipMessage:
        """§17.1.1.3: the ACK of a refusal belongs to the transaction."""
        number = self.message.cseq[0]
        headers = [("Via", self.message.get("via")), ("Max-Forwards", "70")]
        headers += [(name, self.message.get(name)) for name in ("From", "Call-ID")]
        headers += [("To", answer.get("to")), ("CSeq", f"{number} ACK")]
        return sip_message.request("ACK", self.message.uri, headers)


class UserAgent(asyncio.DatagramProtocol):
    """One UDP port: ``on_call`` is told of each call in, ``on_message`` answers a MESSAGE."""

    def __init__(self, news: Bulletin, dice: random.Random) -> None:
        self.news, self.dice = news, dice
        self.on_call: Callable[[Call], None] = Call.refuse
        self.on_message: Callable[[SipMessage], int] = lambda _: 405
        self.calls: list[Call] = []
        self.unanswered = 0
        """Requests that we could do nothing with."""
        self._transport: DatagramSender | None = None
        self._address: Address = ("", 0)
        self._asked: dict[tuple[str, str], ClientTransaction] = {}
        self._answers: dict[tuple[str, str], SipMessage] = {}
        self._repeats: dict[str, asyncio.TimerHandle] = {}

    async def open(self, port: int = 0) -> UserAgent:
        """Take a port of loopback."""
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", port))
        return self

    @property
    def address(self) -> Address:
        """Where we are."""
        return self._address

    def close(self) -> None:
        """Let go of the port and of every call's voice."""
        for call in self.calls:
            call.voice.close()
        for timer in self._repeats.values():
            timer.cancel()
        for transaction in self._asked.values():
            transaction.stop()
        if self._transport is not None:
            self._transport.close()
            self._transport = None

    async def invite(
        self,
        uri: str,
        to: Address,
        headers: Headers,
        compose: Callable[[bytes], tuple[str, bytes]] = lambda sdp: ("application/sdp", sdp),
    ) -> Call:
        """Place a call: ``compose`` makes content type and body of our SDP."""
        voice = await RtpVoice.open(self.news, self.dice)
        call = Call(self, Direction.OUT, voice, to)
        content_type, body = compose(voice.sdp())
        call.begin(uri, [*headers, ("Content-Type", content_type)], body)
        self.calls.append(call)
        return call

    def ask(
        self,
        message: SipMessage,
        to: Address,
        heard: Callable[[SipMessage], None] = lambda _: None,
    ) -> ClientTransaction:
        """Send a request that wants an answer."""
        message.headers.insert(0, ("Via", self.via()))
        transaction = ClientTransaction(self, message, to, heard)
        self._asked[message.branch, message.method] = transaction
        return transaction

    def answer(self, request: SipMessage, reply: SipMessage, to: Address) -> None:
        """Answer a request; a repeated one is answered alike."""
        self._answers[request.branch, request.method] = reply
        self.send(reply, to)

    def answer_until_acknowledged(self, call_id: str, reply: SipMessage, to: Address) -> None:
        """§13.3.1.4: a 2xx to INVITE is repeated until its ACK comes."""

        def repeat(pause: float, waited: float) -> None:
            self.send(reply, to)
            if waited < GIVE_UP_S:
                loop = asyncio.get_running_loop()
                longer = min(2 * pause, T2_S)
                self._repeats[call_id] = loop.call_later(pause, repeat, longer, waited + pause)

        repeat(T1_S, 0.0)

    def via(self) -> str:
        """A new Via of ours."""
        host, port = self._address
        return f"SIP/2.0/UDP {host}:{port};rport;branch=z9hG4bK{self.token()}"

    def token(self) -> str:
        """Something that nobody else has."""
        return f"{self.dice.getrandbits(64):016x}"

    def send(self, message: SipMessage, to: Address) -> None:
        """Put a message on the wire."""
        if self._transport is not None:
            with contextlib.suppress(OSError):
                self._transport.sendto(message.render(), to)

    def connection_made(self, transport: Any) -> None:
        """The port is ours."""
        self._transport = transport
        host, port = transport.get_extra_info("sockname")[:2]
        self._address = (str(host), int(port))

    def error_received(self, exc: Exception) -> None:
        """Nobody listens there now; what was asked is asked again."""

    def datagram_received(self, data: bytes, addr: Any) -> None:
        """One message, or something else, which is passed over."""
        message = sip_message.read(data)
        if message is None:
            return
        source = (str(addr[0]), int(addr[1]))
        if not message.is_request:
            transaction = self._asked.get((message.branch, message.cseq[1]))
            if transaction is not None:
                transaction.receive(message)
        elif message.method == "ACK":
            self._acknowledged(message)
        elif (message.branch, message.method) in self._answers:
            self.send(self._answers[message.branch, message.method], source)
        else:
            self._requested(message, source)
        self.news.post()

    def _acknowledged(self, ack: SipMessage) -> None:
        timer = self._repeats.pop(ack.get("call-id"), None)
        if timer is not None:
            timer.cancel()

    def _requested(self, message: SipMessage, source: Address) -> None:
        call = self._call_of(message)
        if call is not None:
            call.requested(message, source)
        elif message.method == "INVITE" and not message.tag("to"):
            self._answers[message.branch, "INVITE"] = response(message, 100, "Trying")
            self.send(self._answers[message.branch, "INVITE"], source)
            task = asyncio.get_running_loop().create_task(self._take(message, source))
            task.add_done_callback(_raise)
        elif message.method == "MESSAGE":
            self._reply(message, self.on_message(message), source)
        elif message.method == "OPTIONS":
            self._reply(message, 200, source)
        else:
            self.unanswered += 1
            self._reply(message, 481, source)

    async def _take(self, message: SipMessage, source: Address) -> None:
        call = Call(self, Direction.IN, await RtpVoice.open(self.news, self.dice), source)
        call.offered(message)
        self.calls.append(call)
        self.on_call(call)
        self.news.post()

    def _call_of(self, message: SipMessage) -> Call | None:
        call_id = message.get("call-id")
        return next((call for call in self.calls if call.call_id == call_id), None)

    def _reply(self, message: SipMessage, status: int, to: Address) -> None:
        reason = {200: "OK", 481: "Call/Transaction Does Not Exist"}.get(status, "No")
        self.answer(message, response(message, status, reason, self.token()), to)


def _raise(task: asyncio.Task[None]) -> None:
    """A fault in the lab itself must be seen, by the loop's own handler."""
    if not task.cancelled() and (fault := task.exception()) is not None:
        raise fault
