"""One call on a span as the switch has it (Q.931, network side)."""

from __future__ import annotations

import asyncio
from enum import StrEnum
from typing import TYPE_CHECKING

from lab.phones.voice import Voice
from lab.pstn import q931
from lab.pstn.q931 import Message

if TYPE_CHECKING:
    from lab.pstn.span import NetworkSpan

T303_S, T305_S, T308_S = 4.0, 30.0, 4.0
RECOVERY_ON_TIMER = 102


class S(StrEnum):
    """States, by what the parties notice."""

    OFFERED = "offered"
    RINGING = "ringing"
    UP = "up"
    CLEARING = "clearing"
    OVER = "over"


class ChannelVoice(Voice):
    """Voice on a B channel of a span."""

    def __init__(self, span: NetworkSpan, channel: int) -> None:
        super().__init__(span.news)
        self._span, self.channel = span, channel

    def send_block(self, block: bytes) -> None:
        """One block on the channel."""
        self._span.send_block(self.channel, block)


class SpanCall:
    """A call; ``ours`` says that the network began it."""

    def __init__(
        self, span: NetworkSpan, reference: int, channel: int, parties: tuple[str, str], ours: bool
    ) -> None:
        self._span, self.reference, self.ours = span, reference, ours
        self.trunk = span.trunk
        self.channel = channel
        self.calling, self.called = parties
        self.began = span.news.now
        self.state = S.OFFERED
        self.cause = 0
        """Why it was cleared, by Q.850."""
        self.voice: Voice = ChannelVoice(span, channel)
        self._timer: asyncio.TimerHandle | None = None

    @property
    def is_ringing(self) -> bool:
        """Whether the far end rings."""
        return self.state is S.RINGING

    @property
    def is_up(self) -> bool:
        """Whether both ends are connected."""
        return self.state is S.UP

    @property
    def is_over(self) -> bool:
        """Whether the call is gone."""
        return self.state is S.OVER

    def proceed(self) -> None:
        """The digits are enough; this is the channel."""
        self._send(q931.CALL_PROCEEDING, {q931.CHANNEL: q931.channel_id(self.channel)})

    def place(self) -> None:
        """SETUP towards the user, once more if nothing is heard (T303)."""
        self._setup(last=False)

    def ring(self) -> None:
        """ALERTING: the network puts ringing on the channel."""
        self._send(q931.ALERTING, {q931.PROGRESS_INDICATOR: q931.IN_BAND})
        self._become(S.RINGING)

    def answer(self) -> None:
        """CONNECT."""
        self._send(q931.CONNECT, {})
        self._become(S.UP)

    def hang_up(self, cause: int = 16) -> None:
        """DISCONNECT, RELEASE after T305; nothing where clearing has begun."""
        if self.state in (S.CLEARING, S.OVER):
            return
        self.cause = cause
        self._stop_voice(S.CLEARING)
        self._send(q931.DISCONNECT, {q931.CAUSE: q931.cause(cause)})
        self._after(T305_S, self._release)

    def receive(self, message: Message) -> None:
        """A message of this call."""
        match message.kind:
            case q931.CALL_PROCEEDING | q931.PROGRESS:
                self._move(message)
            case q931.ALERTING:
                self._move(message)
                self._become(S.RINGING)
            case q931.CONNECT if self.ours and self.state in (S.OFFERED, S.RINGING):
                self._move(message)
                self._send(q931.CONNECT_ACK, {})
                self._become(S.UP)
            case q931.DISCONNECT:
                self.cause = self.cause or message.cause()
                self._stop_voice(S.CLEARING)
                self._release()
            case q931.RELEASE:
                self.cause = self.cause or message.cause()
                self._send(q931.RELEASE_COMPLETE, {})
                self.drop()
            case q931.RELEASE_COMPLETE:
                self.cause = self.cause or message.cause()
                self.drop()
            case q931.STATUS_ENQUIRY:
                self._report_state()
            case q931.STATUS if message.elements.get(q931.CALL_STATE) == b"\0":
                self.drop()  # the far end knows nothing of it (§5.8.11)

    def enquire(self) -> None:
        """Ask the far end in which state it has this call."""
        self._send(q931.STATUS_ENQUIRY, {})

    def drop(self) -> None:
        """The call is gone."""
        self._quiet()
        self._stop_voice(S.OVER)
        self._span.forget(self)

    def _setup(self, *, last: bool) -> None:
        elements = {
            q931.BEARER: q931.SPEECH,
            q931.CHANNEL: q931.channel_id(self.channel),
            q931.CALLING: q931.calling(self.calling),
            q931.CALLED: q931.called(self.called),
        }
        self._send(q931.SETUP, elements)
        if last:
            self._after(T303_S, self._unheard)
        else:
            self._after(T303_S, self._setup_again)

    def _setup_again(self) -> None:
        self._setup(last=True)

    def _unheard(self) -> None:
        self.cause = RECOVERY_ON_TIMER
        self._send(q931.RELEASE_COMPLETE, {q931.CAUSE: q931.cause(RECOVERY_ON_TIMER)})
        self.drop()

    def _release(self) -> None:
        self._send(q931.RELEASE, {q931.CAUSE: q931.cause(self.cause or 16)})
        self._after(T308_S, self.drop)

    def _report_state(self) -> None:
        early = {S.OFFERED: 9, S.RINGING: 7} if self.ours else {S.OFFERED: 3, S.RINGING: 4}
        state = (early | {S.UP: 10}).get(self.state, 12)
        elements = {q931.CAUSE: q931.cause(30), q931.CALL_STATE: bytes((state,))}
        self._send(q931.STATUS, elements)

    def _move(self, message: Message) -> None:
        """The first answer to our SETUP may name another channel (§5.2.3)."""
        self._quiet()
        channel = message.channel()
        if channel is not None and channel != self.channel:
            self._span.move(self, channel)
            self.channel = channel
            assert isinstance(self.voice, ChannelVoice)
            self.voice.channel = channel

    def _send(self, kind: int, elements: dict[int, bytes]) -> None:
        self._span.send(Message(kind, self.reference, not self.ours, elements))

    def _become(self, state: S) -> None:
        if self.state not in (S.CLEARING, S.OVER):
            self._quiet()
            self.state = state
            self._span.news.post()

    def _stop_voice(self, state: S) -> None:
        self.voice.hush()
        self.state = state
        self._span.news.post()

    def _after(self, seconds: float, then: object) -> None:
        assert callable(then)
        self._quiet()
        self._timer = asyncio.get_running_loop().call_later(seconds, then)

    def _quiet(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
