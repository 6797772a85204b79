"""The PSTN of the simulation: the network side of one span, a PSAP that answers and one that calls
back.

It borrows the agent's framing (that libpri and tshark have judged) and keeps its own idea of a
call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from edge_agent.isdn.elements import (
    PRIMARY,
    Cause,
    Element,
    Ie,
    Layer1,
    Npi,
    Number,
    Ton,
    Transfer,
    bearer,
    call_state,
    called,
    calling,
    cause,
    channel_id,
    read_channel_id,
    read_number,
)
from edge_agent.isdn.lapd_frame import Side
from edge_agent.isdn.lapd_link import Deliver, Link, LinkLost, LinkOutput, LinkUp, SendFrame
from edge_agent.isdn.maintenance import Coding, service
from edge_agent.isdn.messages import GLOBAL_REFERENCE, M, Message, decode, encode, in_order
from edge_agent.isdn.restart import restarted_channels

ANSWER_S, RINGING_S = 1.5, 0.3
T309_S = 90.0
STATES = {"proceeding": 3, "ringing": 7, "connected": 10}
PSAP_NUMBER = "2065550911"


@dataclass
class PsapCall:
    """One call as the network sees it."""

    reference: int
    ours: bool
    elin: str
    state: str
    channel: int


class NetworkSide:
    """Takes every 911 call, rings, answers; dials ELINs; never forgets what it was shown."""

    def __init__(
        self,
        send: Callable[[bytes], None],
        at: Callable[[float, Callable[[], object]], None],
        *,
        answers: bool = True,
    ) -> None:
        self._send, self._at, self.answers = send, at, answers
        self.channels: tuple[int, ...] = tuple(range(1, 24))
        self.out_of_service: set[int] = set()
        """Taken out by the network: it gives no call one of them."""
        self.on_restart: Callable[[PsapCall], object] = lambda call: None
        """Told of a call that is on a channel which the user restarts, before it is cleared."""
        self.restarted: list[int] = []
        self._lost_at: float | None = None
        self._link = Link(side=Side.NETWORK)
        self._reference = 0
        self.calls: dict[tuple[int, bool], PsapCall] = {}
        self.shown: list[PsapCall] = []
        """Every 911 call that rang here."""
        self.connected: list[PsapCall] = []
        self.frames: list[bytes] = []

    def receive(self, frame: bytes, now: float) -> None:
        """A frame of the user's."""
        self.frames.append(frame)
        self._heed(self._link.receive(frame, now), now)
        self._heed(self._link.settle(now), now)

    def handle_timeout(self, now: float) -> None:
        """The link's own timers, and T309: a call is held that long while the link is lost."""
        self._heed(self._link.handle_timeout(now), now)
        if self._lost_at is not None and now >= self._lost_at + T309_S:
            self._lost_at = None
            self.calls.clear()

    def next_deadline(self) -> float | None:
        """When they are due."""
        t309 = None if self._lost_at is None else self._lost_at + T309_S
        return min(
            (at for at in (self._link.next_deadline(), t309) if at is not None), default=None
        )

    def set_service(self, channel: int, now: float, *, in_service: bool) -> None:
        """Take a channel out of service, or put it back, and say so."""
        (self.out_of_service.discard if in_service else self.out_of_service.add)(channel)
        said = service(Coding.NATIONAL, channel, in_service=in_service, access=PRIMARY)
        self._heed(self._link.send(said, GLOBAL_REFERENCE, now), now)

    def call_back(self, elin: str, now: float, channel: int | None = None) -> PsapCall:
        """The PSAP dials an ELIN; the lowest free channel is taken where none is named."""
        self._reference += 1
        channel = channel or self._free()[0]
        call = PsapCall(self._reference, True, elin, "ringing", channel)
        self.calls[call.reference, True] = call
        elements = (
            bearer(Transfer.SPEECH, Layer1.MU_LAW),
            channel_id(channel, exclusive=True),
            calling(Number(PSAP_NUMBER, Ton.NATIONAL, Npi.E164)),
            called(Number(elin, Ton.NATIONAL, Npi.E164)),
        )
        self._say(call, M.SETUP, now, *elements)
        return call

    def hang_up(self, call: PsapCall, now: float) -> None:
        """The PSAP ends a call, if it still has it."""
        if (call.reference, call.ours) in self.calls:
            self._say(call, M.DISCONNECT, now, cause(Cause(16)))

    def _say(self, call: PsapCall, kind: M, now: float, *elements: Element) -> None:
        message = Message(call.reference, not call.ours, kind, in_order(elements))
        self._heed(self._link.send(encode(message), call.reference, now), now)

    def _heed(self, outputs: Iterable[LinkOutput], now: float) -> None:
        for output in outputs:
            if isinstance(output, SendFrame):
                self._send(output.data)
            elif isinstance(output, LinkUp):
                self._lost_at = None
            elif isinstance(output, LinkLost):
                self._lost_at = self._lost_at or now
            elif isinstance(output, Deliver) and output.info[0] not in tuple(Coding):
                self._hear(decode(output.info), now)

    def _hear(self, message: Message, now: float) -> None:
        if message.reference == GLOBAL_REFERENCE:
            if message.kind == M.RESTART:
                self._restart(message, now)
            return
        key = (message.reference, message.to_originator)
        if message.kind == M.SETUP and key not in self.calls:
            self._setup(message, now)
            return
        call = self.calls.get(key)
        if call is None:
            self._without_call(message, now)
            return
        match message.kind:
            case M.STATUS_ENQUIRY:
                state = call_state(STATES[call.state])
                self._say(call, M.STATUS, now, cause(Cause(30)), state)
            case M.CONNECT:
                self._say(call, M.CONNECT_ACK, now)
                self._is_connected(call)
            case M.DISCONNECT:
                self._say(call, M.RELEASE, now, cause(Cause(16)))
            case M.RELEASE:
                self._say(call, M.RELEASE_COMPLETE, now)
                del self.calls[key]
            case M.RELEASE_COMPLETE:
                del self.calls[key]
            case _:
                pass

    def _without_call(self, message: Message, now: float) -> None:
        """A call that is over here, or was cut off: the user is told (Q.931 §5.8.3.2)."""
        if message.kind == M.STATUS_ENQUIRY:
            said = message.answer(M.STATUS, cause(Cause(30)), call_state(0))
        elif message.kind in (M.RELEASE_COMPLETE, M.STATUS):
            return
        else:
            said = message.answer(M.RELEASE_COMPLETE, cause(Cause(81)))
        self._heed(self._link.send(encode(said), message.reference, now), now)

    def _restart(self, message: Message, now: float) -> None:
        named = restarted_channels(message, self.channels)
        self.restarted += named
        for key, call in list(self.calls.items()):
            if call.channel in named:
                self.on_restart(call)
                del self.calls[key]
        kept = [e for e in message.elements if e.id in (Ie.CHANNEL_ID, Ie.RESTART_INDICATOR)]
        answer = message.answer(M.RESTART_ACK, *kept)
        self._heed(self._link.send(encode(answer), GLOBAL_REFERENCE, now), now)

    def _setup(self, message: Message, now: float) -> None:
        number = read_number(message.find(Ie.CALLING) or b"", Ie.CALLING)
        asked = read_channel_id(message.find(Ie.CHANNEL_ID) or b"")
        free = self._free()
        if not free:
            refusal = Message(message.reference, True, M.RELEASE_COMPLETE, (cause(Cause(34)),))
            self._heed(self._link.send(encode(refusal), message.reference, now), now)
            return
        channel = asked.channel if asked.channel in free else free[-1]
        call = PsapCall(message.reference, False, number.digits, "proceeding", channel)
        self.calls[call.reference, False] = call
        self.shown.append(call)
        self._say(call, M.CALL_PROCEEDING, now, channel_id(channel, exclusive=True))
        if self.answers:
            self._at(now + RINGING_S, lambda: self._later(call, M.ALERTING, now + RINGING_S))
            self._at(now + ANSWER_S, lambda: self._later(call, M.CONNECT, now + ANSWER_S))

    def _free(self) -> list[int]:
        busy = {call.channel for call in self.calls.values()} | self.out_of_service
        return [channel for channel in self.channels if channel not in busy]

    def _later(self, call: PsapCall, kind: M, now: float) -> None:
        if self.calls.get((call.reference, call.ours)) is call:
            self._say(call, kind, now)
            if kind is M.CONNECT:
                self._is_connected(call)

    def _is_connected(self, call: PsapCall) -> None:
        call.state = "connected"
        self.connected.append(call)
