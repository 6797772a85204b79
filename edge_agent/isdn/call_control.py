"""The calls of one span between the gateway's requests and the peer's messages: which call is
meant, what an input means to it, and what is answered where there is none.

It returns messages and leg words and sends nothing itself: what still waits in the link it can only
ask about, and take back.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from edge_agent.isdn import reception
from edge_agent.isdn.call import NOTHING, Call, CallOutput, Detail, Party
from edge_agent.isdn.call_table import USER
from edge_agent.isdn.call_table_network import NETWORK
from edge_agent.isdn.call_words import FROM_PEER, In, U
from edge_agent.isdn.calls import Calls
from edge_agent.isdn.channels import Channels
from edge_agent.isdn.config import IsdnTrunkConfig
from edge_agent.isdn.elements import Cause
from edge_agent.isdn.lapd_frame import Side
from edge_agent.isdn.messages import MOST_REFERENCE, M, Message
from edge_agent.isdn.reseizure import Reseizures
from edge_agent.isdn.setup import SetupForm
from edge_agent.isdn.timers import Seconds, T, call_seconds
from edge_agent.leg import (
    Answer,
    Clear,
    Cleared,
    Discarded,
    LegId,
    LegRequest,
    Ring,
    SeizeTrunk,
    SendText,
    ShowProgress,
)

_NO_CHANNEL = 34
_CLEARING = frozenset({In.DISCONNECT, In.RELEASE, In.RELEASE_COMPLETE})
_WHILE_UNSENT = {
    In.T303_AGAIN: In.T303_AGAIN_UNSENT,
    In.T303_LAST: In.T303_LAST_UNSENT,
    In.CLEAR_REQUEST: In.CLEAR_UNSENT,
}
_ASKED_AFTER = frozenset({U.OVERLAP_SENDING, U.PROCEEDING, U.DELIVERED, U.ACTIVE}) | frozenset(
    {U.RECEIVED, U.INCOMING_PROCEEDING, U.CONNECT_REQUEST}
)
_COMING_UP = _ASKED_AFTER - {U.ACTIVE} | {U.PRESENT, U.OVERLAP_RECEIVING}


class Ids(Protocol):
    """Where identities come from; a test passes a counter."""

    def leg_id(self) -> LegId:
        """Return an id that no other leg has."""

    def call_reference(self) -> int:
        """Return where references start, 1 to 32767: another place after every start of the agent.

        A network that still has a call of the last run would take our SETUP for a repetition of its
        own.
        """


class Waiting(Protocol):
    """The queue of the link, by tag."""

    def unsent(self, tag: int) -> bool:
        """Whether a message of ``tag`` was never on the wire."""

    def drop(self, tag: int) -> None:
        """Forget every message of ``tag`` that the peer cannot have now."""


class Watch(Protocol):
    """Who keeps an eye on the channels."""

    def proved(self, channel: int) -> None:
        """A call was answered there."""

    def unacknowledged(self, channel: int) -> None:
        """A RELEASE there was never acknowledged."""


class CallControl:
    """Every call of one side of one span."""

    def __init__(
        self,
        config: IsdnTrunkConfig,
        ids: Ids,
        channels: Channels,
        waiting: Waiting,
        watch: Watch,
    ) -> None:
        self._config = config
        self._access = config.access
        self._ids = ids
        self._waiting = waiting
        self._watch = watch
        network = config.side is Side.NETWORK
        first, most = ids.call_reference(), config.most_reference
        self.calls = Calls(channels, first, most, yields=not network)
        self._form = SetupForm(config)
        self._reseizures = Reseizures(self._form, self.calls)
        self._table = NETWORK if network else USER
        self._ordinary = call_seconds(config.timers, network=network)
        self._emergency = call_seconds(config.emergency_timers, emergency=True, network=network)
        self._incoming: Seconds = {**self._ordinary, T.T322: self._emergency[T.T322]}

    # ---- requests ----

    def place(self, request: SeizeTrunk, now: float) -> list[CallOutput]:
        """SETUP on the channel asked for, or on the best there is (R1)."""
        channel, reference = self.calls.choose(request.channel), self.calls.new_reference()
        if channel is None or reference is None:
            return [Cleared(request.leg, _NO_CHANNEL, text="no-channel", sent=False)]
        config = self._config
        party = Party(
            request.leg,
            True,
            config.trunk,
            config.span,
            config.law,
            setup=self._form.setup(request, channel),
            digits=self._form.digits(request),
            request=request,
            access=self._access,
        )
        seconds = self._emergency if request.emergency else self._ordinary
        call = Call(party, reference, channel, seconds, self._table)
        self.calls.add(call)
        return self.feed(call, In.SETUP_REQUEST, now=now)

    def ask(self, request: LegRequest, now: float) -> list[CallOutput]:
        """Do what the gateway asks of a leg; one that is over has crossed its end."""
        call = None if isinstance(request, SendText) else self.calls.of_leg(request.leg)
        if call is None:
            return [Discarded("request-leg-unknown")]
        match request:
            case ShowProgress():
                return self.feed(call, In.PROGRESS_REQUEST, Detail(in_band=True), now=now)
            case Ring(in_band=in_band):
                return self.feed(call, In.ALERTING_REQUEST, Detail(in_band=in_band), now=now)
            case Answer():
                return self.feed(call, In.CONNECT_REQUEST, now=now)
            case Clear(cause=cause):
                announced = self._config.announces and call.has_row(In.CLEAR_IN_BAND_REQUEST)
                event = In.CLEAR_IN_BAND_REQUEST if announced else In.CLEAR_REQUEST
                return self.feed(call, event, Detail(cause=Cause(cause)), now=now)
            case _:
                return [Discarded("request-not-for-a-trunk")]

    # ---- the link and time ----

    def link_up(self, now: float, *, ask: bool) -> list[CallOutput]:
        """The link is established. Where it had been lost, the peer may have lost calls with it:
        each is asked after (§5.8.9, §5.8.10).
        """
        self._reseizures.link_up(now)
        outputs: list[CallOutput] = []
        for call in self.calls.all if ask else ():
            if call.state in _ASKED_AFTER and not call.enquiring:
                outputs += self.feed(call, In.ENQUIRY_REQUEST, now=now)
        return outputs

    def give_up(self, now: float, *, answered: bool) -> tuple[list[CallOutput], list[int]]:
        """The link stays away (§5.8.9): calls that come up are over first, so that another span can
        have them (R1), and with T309 the ``answered`` ones. A SETUP that still waits for the link
        has T303 of its own. The channels of the calls are returned, too.
        """
        outputs: list[CallOutput] = []
        lost: list[int] = []
        for call in self.calls.all:
            if not self._waits(call) and (answered or call.state in _COMING_UP):
                self._waiting.drop(tag_of(call))
                outputs += self.feed(call, In.T309_LAST, now=now)
                lost.append(call.channel)
        return outputs, lost

    def expire(self, now: float) -> list[CallOutput]:
        """Do what timers of calls say is due."""
        outputs: list[CallOutput] = []
        while (call := self.calls.agenda.due(now)) is not None:
            event = call.expire(now)
            assert event is not None
            outputs += self.feed(call, event, now=now)
            if event is In.T308_LAST:
                self._watch.unacknowledged(call.channel)
        return outputs

    def restarted(self, channels: tuple[int, ...], now: float) -> list[CallOutput]:
        """The peer restarts channels: their calls are over (§5.5.2)."""
        outputs: list[CallOutput] = []
        for call in self.calls.all:
            if call.channel in channels and not call.unconfirmed:
                outputs += self.feed(call, In.RESTARTED, now=now)
        return outputs

    # ---- one input to one call ----

    def feed(
        self, call: Call, event: In, detail: Detail = NOTHING, *, now: float
    ) -> list[CallOutput]:
        """Apply one input, and keep what is known of channels and deadlines in step."""
        if self._waits(call):
            event = _WHILE_UNSENT.get(event, event)
        was, unconfirmed = call.channel, call.unconfirmed
        outputs = call.feed(event, now, detail)
        self.calls.move(call, was)
        if unconfirmed and (call.clearing or call.state is U.NULL):
            self._waiting.drop(tag_of(call))  # a SETUP given up rings nobody when the link is back
        if call.state is U.NULL:
            self.calls.remove(call)
        elif call.state is U.ACTIVE:
            self._watch.proved(call.channel)
        self.calls.agenda.note(call)
        return outputs

    def _waits(self, call: Call) -> bool:
        """Whether no SETUP of the call was ever on the wire (R6)."""
        return call.unconfirmed and not call.repeated and self._waiting.unsent(tag_of(call))

    # ---- messages of the peer ----

    def receive(self, message: Message, now: float, *, to_all: bool = False) -> list[CallOutput]:
        """Take one message with a reference of a call; one said to all terminals (``to_all``) is a
        SETUP or nothing.
        """
        call = self.calls.of_reference(message.reference, ours=message.to_originator)
        if to_all and (call is not None or message.kind != M.SETUP):
            return [Discarded("message-unused")]
        if call is None:
            return self._without_call(message, now, to_all)
        return self._for_call(call, message, now)

    def _for_call(self, call: Call, message: Message, now: float) -> list[CallOutput]:
        wrong = reception.fault(message, self._access)
        if message.kind == M.STATUS_ENQUIRY:
            return [call.status(Cause(reception.ENQUIRY_ANSWERED))]
        if message.kind == M.STATUS:
            return [Discarded("message-unused")] if wrong else self._status(call, message, now)
        if message.kind in reception.IGNORED:
            return [Discarded("message-unused")]
        if message.kind in reception.REJECTED:
            return [Discarded("message-refused"), reception.rejection(message)]
        event = reception.INPUTS.get(message.kind)
        if event is None:
            unknown = Cause(reception.UNKNOWN_MESSAGE, diagnostics=bytes((message.kind,)))
            return [Discarded("message-refused"), call.status(unknown)]
        if wrong is not None and event not in _CLEARING and event is not In.SETUP:
            return [Discarded("message-refused"), call.status(wrong)]
        return self._apply(call, event, message, wrong, now)

    def _apply(
        self, call: Call, event: In, message: Message, wrong: Cause | None, now: float
    ) -> list[CallOutput]:
        if event is In.SETUP:  # repeated: §5.8.3.2 e
            return [Discarded("message-unused")]
        detail = reception.detail(message, self._access)
        spoiled = reception.spoiled(message, self._access)
        if event in _CLEARING:
            wrong = wrong or spoiled or reception.unexplained(message, first=not call.clearing)
            detail = replace(
                detail, cause=detail.cause or Cause(reception.UNSPECIFIED), fault=wrong
            )
        outputs = self._interpret(call, event, detail, now)
        if spoiled is not None and event not in _CLEARING and call.state is not U.NULL:
            outputs.append(call.status(spoiled))
        return outputs

    def _interpret(self, call: Call, event: In, detail: Detail, now: float) -> list[CallOutput]:
        """Tell apart what one message type can mean to the table."""
        if event is In.DISCONNECT and detail.in_band and detail.fault is None:
            event = In.DISCONNECT_IN_BAND
        if event is In.INFORMATION and call.collecting and self._is_whole(call, detail):
            event = In.NUMBER_COMPLETE
        if event in _CLEARING or not call.movable:
            detail = replace(detail, channel=None)
        elif event in FROM_PEER and not self.calls.usable(call, detail.channel or call.channel):
            return self.feed(call, In.CHANNEL_UNUSABLE, now=now)
        again = self._reseizures.answer(call, event, detail, now)
        if again is None:
            return self.feed(call, event, detail, now=now)
        return [*again.first, *self.feed(call, again.event, again.detail, now=now)]

    def _is_whole(self, call: Call, detail: Detail) -> bool:
        digits = len(call.dialled) + len(detail.dialled)
        return detail.complete or digits >= self._config.overlap_digits

    def _status(self, call: Call, message: Message, now: float) -> list[CallOutput]:
        """§5.8.11, and the answer to our enquiry."""
        call.status_heard()
        self.calls.agenda.note(call)
        event = reception.status_input(call.state, message)
        if event is None:
            return []
        detail = replace(reception.detail(message), channel=None)
        return self._interpret(call, event, detail, now)

    def _without_call(self, message: Message, now: float, to_all: bool) -> list[CallOutput]:
        """§5.8.3.2: a message whose reference no call has."""
        if message.kind == M.SETUP and not message.to_originator:
            return self._offer(message, now, to_all)
        said = reception.answer_without_call(message)
        outputs: list[CallOutput] = [Discarded("message-reference-unknown")]
        return outputs if said is None else [*outputs, said]

    def _offer(self, message: Message, now: float, to_all: bool) -> list[CallOutput]:
        """A call from the peer: CALL PROCEEDING at once, so that its T303 stops, and then it is
        offered; SETUP ACKNOWLEDGE where its number is not whole.
        """
        config = self._config
        channel, cause = reception.admit(message, self.calls, self._access)
        if channel is None:
            if to_all and cause.value == reception.INCOMPATIBLE_DESTINATION:
                return [Discarded("message-unused")]  # another terminal's call (§5.2.2)
            return [Discarded("message-refused"), reception.refusal(message, cause)]
        party = Party(
            self._ids.leg_id(),
            False,
            config.trunk,
            config.span,
            config.law,
            caller=reception.caller_of(message),
            access=self._access,
        )
        call = Call(party, message.reference, channel, self._incoming, self._table)
        self.calls.add(call)
        detail = replace(reception.detail(message, self._access), channel=None)
        if config.overlap_digits and not self._is_whole(call, detail):
            outputs = self.feed(call, In.SETUP_PARTIAL, detail, now=now)
        else:
            outputs = self.feed(call, In.SETUP, detail, now=now)
            outputs += self.feed(call, In.PROCEEDING_REQUEST, now=now)
        spoiled = reception.spoiled(message, self._access)
        return outputs if spoiled is None else [*outputs, call.status(spoiled)]


def tag_of(call: Call) -> int:
    """Names the messages of a call to the link."""
    return reference_tag(call.reference, ours=call.party.ours)


def reference_tag(reference: int, *, ours: bool) -> int:
    """Both sides number their references alike."""
    return reference | (MOST_REFERENCE + 1 if ours else 0)
