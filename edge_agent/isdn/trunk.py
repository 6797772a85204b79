"""A primary rate trunk: one link, its calls and channels, behind four doors and the language of
legs.

In what a door returns frames come before leg words: performing a word may lead back into the trunk,
and frames must reach the wire in the order of their numbers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Protocol

from edge_agent.isdn import maintenance, reception, restart
from edge_agent.isdn.call import NOTHING, Call, CallOutput, Detail, Party
from edge_agent.isdn.call_table import In, U
from edge_agent.isdn.calls import Calls
from edge_agent.isdn.config import IsdnTrunkConfig
from edge_agent.isdn.elements import Cause
from edge_agent.isdn.lapd_link import (
    Deliver,
    Discarded,
    Link,
    LinkLost,
    LinkOutput,
    LinkUp,
    SendFrame,
)
from edge_agent.isdn.messages import (
    GLOBAL_REFERENCE,
    MOST_REFERENCE,
    M,
    MalformedMessage,
    Message,
    decode,
    encode,
)
from edge_agent.isdn.setup import setup_elements
from edge_agent.isdn.timers import Deadlines, LinkTimer, call_seconds
from edge_agent.leg import (
    Answer,
    Clear,
    Cleared,
    LegEvent,
    LegId,
    LegRequest,
    LinkChanged,
    Ring,
    SeizeTrunk,
    SendText,
    ShowProgress,
)

Output = SendFrame | LegEvent | LinkChanged | Discarded

_NO_CHANNEL = 34
_NOT_KNOWN = frozenset({81, 101})
"""Invalid call reference, message not compatible with the state: the network has not seen the
SETUP.
"""
_UNSPECIFIED = 31
_FRESH_S = 3.0
_CLEARING = frozenset({In.DISCONNECT, In.RELEASE, In.RELEASE_COMPLETE})
_REFUSALS = frozenset({In.RELEASE, In.RELEASE_COMPLETE, In.STATUS_NULL})
_WHILE_UNSENT = {
    In.T303_AGAIN: In.T303_AGAIN_UNSENT,
    In.T303_LAST: In.T303_LAST_UNSENT,
    In.CLEAR_REQUEST: In.CLEAR_UNSENT,
}
_MAY_MOVE = frozenset({U.INITIATED, U.OVERLAP_SENDING, U.PROCEEDING, U.DELIVERED})


class Ids(Protocol):
    """Where identities come from; a test passes a counter."""

    def leg_id(self) -> LegId:
        """Return an id that no other leg has."""

    def call_reference(self) -> int:
        """Return where references start, 1 to 32767: another place after every start of the agent.

        A network that still has a call of the last run would take our SETUP for a repetition of its
        own.
        """


class Trunk:
    """The user side of one span. Feed it frames, requests and time; perform what it returns, in
    order.
    """

    def __init__(self, config: IsdnTrunkConfig, ids: Ids) -> None:
        self.config = config
        self._ids = ids
        self._link = Link(config.link)
        self._calls = Calls(config.channels, ids.call_reference())
        self._due: Deadlines[LinkTimer] = Deadlines()
        self._said_up = False
        self._established_at = float("-inf")
        self._ordinary = call_seconds(config.timers, emergency=False)
        self._emergency = call_seconds(config.emergency_timers, emergency=True)

    @property
    def link_up(self) -> bool:
        """Whether the data link carries messages now."""
        return self._link.up

    @property
    def legs(self) -> frozenset[LegId]:
        """Legs that have a call reference, those on their way out too."""
        return self._calls.legs

    @property
    def busy_channels(self) -> frozenset[int]:
        """Channels that a call holds."""
        return self._calls.busy

    def start(self, now: float) -> list[Output]:
        """Establish the link, and keep trying."""
        return _frames_first(self._heed(self._link.establish(now), now))

    def span_up(self, now: float) -> list[Output]:
        """Layer 1 is back: establish the link again."""
        return self.start(now)

    def span_down(self, now: float) -> list[Output]:
        """Layer 1 is gone: the link is down, calls are held for T309."""
        return _frames_first(self._heed(self._link.span_down(now), now))

    def receive(self, frame: bytes, now: float) -> list[Output]:
        """Take one frame of the D channel, without flags and FCS. Malformed ones are counted, none
        raises.
        """
        outputs = self._heed(self._link.receive(frame, now), now)
        return _frames_first(outputs + self._heed(self._link.settle(now), now))

    def handle(self, request: LegRequest, now: float) -> list[Output]:
        """Do what the gateway asks; a request for a leg that is over has crossed its end and is
        counted.
        """
        if isinstance(request, SeizeTrunk):
            return _frames_first(self._seize(request, now))
        call = None if isinstance(request, SendText) else self._calls.of_leg(request.leg)
        if call is None:
            return [Discarded("request-leg-unknown")]
        return _frames_first(self._ask(call, request, now))

    def handle_timeout(self, now: float) -> list[Output]:
        """Do what is due at ``now``."""
        outputs = self._heed(self._link.handle_timeout(now), now)
        if self._due.expire(now) is LinkTimer.T309:
            outputs += self._give_up_calls(now)
        for call in self._calls.all:
            while (event := call.expire(now)) is not None:
                outputs += self._feed(call, event, now=now)
        return _frames_first(outputs)

    def next_deadline(self) -> float | None:
        """When :meth:`handle_timeout` is due next; ``None`` where nothing runs."""
        deadlines = [self._link.next_deadline(), self._due.next_deadline()]
        deadlines += [call.next_deadline() for call in self._calls.all]
        return min((at for at in deadlines if at is not None), default=None)

    # ---- requests ----

    def _seize(self, request: SeizeTrunk, now: float) -> list[Output]:
        """SETUP in this very step; with the link down it waits in the link while SABME goes out
        (R1).
        """
        channel = self._calls.choose(request.channel)
        if channel is None:
            return [Cleared(request.leg, _NO_CHANNEL, text="no-channel", sent=False)]
        party = Party(
            request.leg,
            True,
            self.config.trunk,
            self.config.span,
            self.config.law,
            request.emergency,
            setup_elements(self.config, request, channel),
            request.channel,
        )
        seconds = self._emergency if request.emergency else self._ordinary
        call = Call(party, self._calls.new_reference(), channel, seconds)
        self._calls.add(call)
        outputs = [] if self._link.up else self._heed(self._link.establish(now), now)
        return outputs + self._feed(call, In.SETUP_REQUEST, now=now)

    def _ask(self, call: Call, request: LegRequest, now: float) -> list[Output]:
        match request:
            case ShowProgress():
                return self._feed(call, In.PROGRESS_REQUEST, Detail(in_band=True), now=now)
            case Ring(in_band=in_band):
                return self._feed(call, In.ALERTING_REQUEST, Detail(in_band=in_band), now=now)
            case Answer():
                return self._feed(call, In.CONNECT_REQUEST, now=now)
            case Clear(cause=cause):
                return self._feed(call, In.CLEAR_REQUEST, Detail(cause=Cause(cause)), now=now)
            case _:
                return [Discarded("request-not-for-a-trunk")]

    # ---- calls ----

    def _feed(self, call: Call, event: In, detail: Detail = NOTHING, *, now: float) -> list[Output]:
        if self._waits(call):
            event = _WHILE_UNSENT.get(event, event)
        was, tag = call.channel, _tag(call)
        outputs = self._perform(call.feed(event, now, detail), now)
        self._calls.move(call, was)
        if call.state is U.NULL:
            if event in _WHILE_UNSENT.values():
                self._link.withdraw(tag)
            self._calls.remove(call)
        return outputs

    def _waits(self, call: Call) -> bool:
        """Whether no SETUP of the call was ever on the wire (R6)."""
        return call.unconfirmed and not call.repeated and self._link.unsent(_tag(call))

    def _perform(self, said: Iterable[CallOutput], now: float) -> list[Output]:
        outputs: list[Output] = []
        for output in said:
            if isinstance(output, Message):
                outputs += self._send(output, now)
            else:
                outputs.append(output)
        return outputs

    def _send(self, message: Message, now: float) -> list[Output]:
        tag = _reference_tag(message.reference, ours=not message.to_originator)
        return self._heed(self._link.send(encode(message), tag, now), now)

    # ---- the link ----

    def _heed(self, outputs: Iterable[LinkOutput], now: float) -> list[Output]:
        heeded: list[Output] = []
        for output in outputs:
            match output:
                case Deliver(info):
                    heeded += self._deliver(info, now)
                case LinkUp():
                    heeded += self._heed_up(now)
                case LinkLost(why):
                    heeded += self._heed_lost(why, now)
                case SendFrame() | Discarded():
                    heeded.append(output)
        return heeded

    def _heed_up(self, now: float) -> list[Output]:
        self._established_at = now
        outputs: list[Output] = []
        if not self._said_up:
            self._said_up = True
            outputs.append(LinkChanged(self.config.trunk, True))
        if self._due.runs(LinkTimer.T309):
            self._due.stop(LinkTimer.T309)
            for call in self._calls.all:
                if call.state is U.ACTIVE:  # does the network still have it? §5.8.9
                    outputs += self._send(call.status_enquiry(), now)
        return outputs

    def _heed_lost(self, why: str, now: float) -> list[Output]:
        if self._calls.all and not self._due.runs(LinkTimer.T309):
            self._due.start(LinkTimer.T309, now + self.config.t309_s)
        if not self._said_up:
            return []
        self._said_up = False
        return [LinkChanged(self.config.trunk, False, why)]

    def _give_up_calls(self, now: float) -> list[Output]:
        """T309 is over (§5.8.9); a SETUP that still waits for the link has T303 of its own."""
        outputs: list[Output] = []
        for call in self._calls.all:
            if not self._waits(call):
                self._link.drop(_tag(call))
                outputs += self._feed(call, In.T309_LAST, now=now)
        return outputs

    # ---- messages from the network ----

    def _deliver(self, info: bytes, now: float) -> list[Output]:
        acknowledged = maintenance.acknowledgement(info)
        if acknowledged is not None:
            return self._heed(self._link.send(acknowledged, GLOBAL_REFERENCE, now), now)
        try:
            message = decode(info)
        except MalformedMessage as fault:
            return [Discarded(fault.reason)]
        if message.reference == GLOBAL_REFERENCE:
            return self._global(message, now)
        call = self._calls.of_reference(message.reference, ours=message.to_originator)
        if call is None:
            return self._without_call(message, now)
        return self._for_call(call, message, now)

    def _for_call(self, call: Call, message: Message, now: float) -> list[Output]:
        fault, event = reception.fault(message), reception.INPUTS.get(message.kind)
        if message.kind == M.STATUS_ENQUIRY:
            return self._send(call.status(reception.ENQUIRY_ANSWERED), now)
        if message.kind == M.STATUS:
            return [Discarded("message-unused")] if fault else self._status(call, message, now)
        if message.kind in reception.IGNORED or event is In.SETUP:  # a repeated SETUP: §5.8.3.2 e
            return [Discarded("message-unused")]
        if event is None or (fault is not None and event not in _CLEARING):
            said = call.status(fault or reception.UNKNOWN_MESSAGE)
            return [Discarded("message-refused"), *self._send(said, now)]
        detail = reception.detail(message)
        if event in _CLEARING:
            detail = replace(detail, cause=detail.cause or Cause(_UNSPECIFIED), fault=fault)
        outputs = self._feed(call, *self._qualify(call, event, detail, now), now=now)
        if fault is None and reception.spoiled(message) and call.state is not U.NULL:
            outputs += self._send(call.status(reception.INVALID_CONTENT), now)
        return outputs

    def _qualify(self, call: Call, event: In, detail: Detail, now: float) -> tuple[In, Detail]:
        """Tell apart what one message type can mean to the table."""
        if event is In.DISCONNECT and detail.in_band and detail.fault is None:
            event = In.DISCONNECT_IN_BAND
        if event in _CLEARING or call.state not in _MAY_MOVE:
            detail = replace(detail, channel=None)
        elif detail.channel is not None and not self._calls.usable(call, detail.channel):
            return In.CHANNEL_UNUSABLE, NOTHING
        if self._refused_early(call, event, detail, now):
            call.retried = True
            self._calls.renumber(call)
            return In.REFUSED_EARLY, NOTHING
        return event, detail

    def _refused_early(self, call: Call, event: In, detail: Detail, now: float) -> bool:
        """Whether a SETUP was lost to an establishment that crossed it, and the network does not
        know the call.

        Seen with Asterisk where our SABME met a link that it held for established.
        """
        lost = detail.cause is not None and detail.cause.value in _NOT_KNOWN
        fresh = now - self._established_at <= _FRESH_S
        return call.unconfirmed and event in _REFUSALS and lost and fresh and not call.retried

    def _status(self, call: Call, message: Message, now: float) -> list[Output]:
        event = reception.status_input(call.state, message)
        if event is None:
            return []
        detail = replace(reception.detail(message), channel=None)
        return self._feed(call, *self._qualify(call, event, detail, now), now=now)

    def _without_call(self, message: Message, now: float) -> list[Output]:
        """§5.8.3.2: a message whose reference no call has."""
        if message.kind == M.SETUP and not message.to_originator:
            return self._offer(message, now)
        said = reception.answer_without_call(message)
        outputs: list[Output] = [Discarded("message-reference-unknown")]
        return outputs if said is None else outputs + self._send(said, now)

    def _offer(self, message: Message, now: float) -> list[Output]:
        """A call from the network: CALL PROCEEDING at once, so that its T303 stops, and then it is
        offered.
        """
        channel, cause = reception.admit(message, self._calls)
        if channel is None:
            refusal = reception.refusal(message, cause)
            return [Discarded("message-refused"), *self._send(refusal, now)]
        config = self.config
        party = Party(self._ids.leg_id(), False, config.trunk, config.span, config.law)
        call = Call(party, message.reference, channel, self._ordinary)
        self._calls.add(call)
        detail = replace(reception.detail(message), channel=None)
        outputs = self._feed(call, In.SETUP, detail, now=now)
        return outputs + self._feed(call, In.PROCEEDING_REQUEST, now=now)

    def _global(self, message: Message, now: float) -> list[Output]:
        """The global call reference: restart and nothing else (§5.5, §5.8.3.2 f)."""
        if message.kind != M.RESTART:
            return [Discarded("message-global-unused")]
        fault = reception.fault(message)
        if fault is not None:
            return [Discarded("message-refused"), *self._send(restart.status(fault), now)]
        outputs: list[Output] = []
        channels = restart.restarted_channels(message, self.config.channels)
        for call in self._calls.all:
            if call.channel in channels and not call.unconfirmed:
                outputs += self._feed(call, In.RESTARTED, now=now)
        return outputs + self._send(restart.acknowledgement(message), now)


def _tag(call: Call) -> int:
    return _reference_tag(call.reference, ours=call.party.ours)


def _reference_tag(reference: int, *, ours: bool) -> int:
    return reference | (MOST_REFERENCE + 1 if ours else 0)


def _frames_first(outputs: list[Output]) -> list[Output]:
    return sorted(outputs, key=lambda output: not isinstance(output, SendFrame))
