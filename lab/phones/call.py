"""One SIP call as a phone or a provider has it: dialog, states with their times, voice."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING

from lab.phones import sip_message
from lab.phones.sip_message import SipMessage, response, uri_of
from lab.phones.voice import RtpVoice

if TYPE_CHECKING:
    from lab.phones.user_agent import ClientTransaction, UserAgent

Address = tuple[str, int]


class Direction(StrEnum):
    """Who began."""

    OUT = "out"
    IN = "in"


class State(StrEnum):
    """How far the call is."""

    CALLING = "calling"
    RINGING = "ringing"
    UP = "up"
    OVER = "over"


class Call:
    """A call; ``times`` holds when each state came, by the lab's clock."""

    def __init__(
        self, agent: UserAgent, direction: Direction, voice: RtpVoice, peer: Address
    ) -> None:
        self._agent, self.direction, self.voice, self.peer = agent, direction, voice, peer
        self.call_id = ""
        self.state = State.CALLING
        self.times: dict[State, float] = {State.CALLING: agent.news.now}
        self.statuses: list[int] = []
        self.tone = 0
        """What its owner says on it, in hertz."""
        self.final: SipMessage | None = None
        """The final response to our INVITE."""
        self.invite = SipMessage("INVITE sip:nobody@invalid SIP/2.0")
        self.infos: list[SipMessage] = []
        """INFO requests within the call."""
        self._tag = agent.token()
        self._number = 1
        self._far_tag = ""
        self._target = ""
        self._transaction: ClientTransaction | None = None
        self._source = peer

    # ---- what the owner does ---------------------------------------------------------------------

    def begin(self, uri: str, headers: Iterable[tuple[str, str]], body: bytes) -> None:
        """Send our INVITE; ``headers`` hold From and To without tags."""
        self.call_id = f"{self._agent.token()}@lab"
        host, port = self._agent.address
        tagged = [(n, f"{v};tag={self._tag}" if n == "From" else v) for n, v in headers]
        head = [("Max-Forwards", "70"), ("Call-ID", self.call_id), ("CSeq", "1 INVITE")]
        if not any(name == "Contact" for name, _ in tagged):
            head.append(("Contact", f"<sip:{host}:{port}>"))
        self.invite = sip_message.request("INVITE", uri, [*head, *tagged], body)
        self._target = uri
        self._transaction = self._agent.ask(self.invite, self.peer, self._heard)

    def speak(self, hertz: int) -> None:
        """Say this tone from now on."""
        self.tone = hertz
        self.voice.say(hertz)

    def ring(self) -> None:
        """Tell the far end that it rings here."""
        self._provisional(180, "Ringing")
        self._become(State.RINGING)

    def answer(self) -> None:
        """Pick up."""
        host, port = self._agent.address
        more = [("Contact", f"<sip:{host}:{port}>"), ("Content-Type", "application/sdp")]
        reply = response(self.invite, 200, "OK", self._tag, more, self.voice.sdp())
        self._agent.answer_until_acknowledged(self.call_id, reply, self._source)
        self._become(State.UP)

    def refuse(self, status: int = 480, reason: str = "Temporarily Unavailable") -> None:
        """Do not take the call."""
        if self.state in (State.CALLING, State.RINGING):
            reply = response(self.invite, status, reason, self._tag)
            self._agent.answer(self.invite, reply, self._source)
            self._end()

    def hang_up(self) -> None:
        """End the call, whatever its state."""
        if self.state is State.OVER:
            return
        if self.state is State.UP:
            self._agent.ask(self._within("BYE"), self.peer)
            self._end()
        elif self.direction is Direction.OUT:
            self._cancel()
        else:
            self.refuse(486, "Busy Here")

    # ---- what the wire does ----------------------------------------------------------------------

    def offered(self, invite: SipMessage) -> None:
        """An INVITE for us."""
        self.invite, self.call_id = invite, invite.get("call-id")
        self._far_tag, self._target = invite.tag("from"), uri_of(invite.get("contact"))
        if invite.body:
            self.voice.follow(invite.body)

    def requested(self, message: SipMessage, source: Address) -> None:
        """A request within the call."""
        if message.method == "INVITE":
            self._renegotiate(message, source)
            return
        if message.method == "INFO":
            self.infos.append(message)
        known = message.method in ("BYE", "CANCEL", "OPTIONS", "INFO", "UPDATE")
        status, reason = (200, "OK") if known else (501, "Not Implemented")
        self._agent.answer(message, response(message, status, reason, self._tag), source)
        if message.method == "BYE":
            self._end()
        elif message.method == "CANCEL" and self.state in (State.CALLING, State.RINGING):
            self.refuse(487, "Request Terminated")

    def _renegotiate(self, message: SipMessage, source: Address) -> None:
        if message.body:
            self.voice.follow(message.body)
        host, port = self._agent.address
        more = [("Contact", f"<sip:{host}:{port}>"), ("Content-Type", "application/sdp")]
        reply = response(message, 200, "OK", self._tag, more, self.voice.sdp())
        self._agent.answer(message, reply, source)

    def _heard(self, answer: SipMessage) -> None:
        self.statuses.append(answer.status)
        if answer.body and answer.status < 300:
            self.voice.follow(answer.body)
        if answer.status < 200:
            if answer.status != 100:
                self._become(State.RINGING)
            return
        self.final = answer
        if answer.status >= 300:
            self._end()
            return
        self._far_tag = answer.tag("to")
        self._target = uri_of(answer.get("contact")) or self._target
        ack = self._within("ACK", self.invite.cseq[0])
        ack.headers.insert(0, ("Via", self._agent.via()))
        self._agent.send(ack, self.peer)
        if self.state is State.OVER:  # we gave up, and the answer crossed our CANCEL
            self._agent.ask(self._within("BYE"), self.peer)
        else:
            self._become(State.UP)

    def _cancel(self) -> None:
        headers = [("Via", self.invite.get("via")), ("Max-Forwards", "70")]
        headers += [(name, self.invite.get(name)) for name in ("From", "To", "Call-ID")]
        headers.append(("CSeq", f"{self.invite.cseq[0]} CANCEL"))
        self._agent.send(sip_message.request("CANCEL", self.invite.uri, headers), self.peer)
        self._end()

    def _provisional(self, status: int, reason: str) -> None:
        host, port = self._agent.address
        more = [("Contact", f"<sip:{host}:{port}>")]
        reply = response(self.invite, status, reason, self._tag, more)
        self._agent.answer(self.invite, reply, self._source)

    def _within(self, method: str, number: int | None = None) -> SipMessage:
        """A request within the dialog (§12.2.1.1)."""
        if number is None:
            self._number += 1
            number = self._number
        ours, theirs = self.invite.get("from"), self.invite.get("to")
        if self.direction is Direction.OUT:
            theirs = f"{theirs};tag={self._far_tag}"
        else:
            ours, theirs = f"{theirs};tag={self._tag}", ours
        headers = [
            ("Max-Forwards", "70"),
            ("From", ours),
            ("To", theirs),
            ("Call-ID", self.call_id),
            ("CSeq", f"{number} {method}"),
        ]
        return sip_message.request(method, self._target, headers)

    def _become(self, state: State) -> None:
        self.state = state
        self.times.setdefault(state, self._agent.news.now)
        self._agent.news.post()

    def _end(self) -> None:
        self.voice.close()
        self._become(State.OVER)
