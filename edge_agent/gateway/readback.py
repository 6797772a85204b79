"""A test call: a carrier's number reads back which calling number it was sent, so that an operator
hears whether an ELIN arrives.

No binding is made: a callback to the ELIN meanwhile finds whoever holds it. The call is of the
lowest rank and gives its channel to any other (R8); nobody but the operator is told of it.
"""

from __future__ import annotations

from enum import Enum

from e911.bindings import CallKind
from e911.records import CallStep
from edge_agent.gateway.chronicle import Chronicle
from edge_agent.gateway.exchange import Exchange
from edge_agent.gateway.outputs import GatewayOutput, Listen, ReadbackNews, Room
from edge_agent.gateway.requests import PlaceReadback
from edge_agent.gateway.rooms import Voices
from edge_agent.gateway.safe_numbers import calling_form, spelled
from edge_agent.gateway.telling import Teller
from edge_agent.gateway.trunks import Rank
from edge_agent.leg import (
    Answered,
    ChannelMoved,
    Clear,
    Cleared,
    LegEvent,
    LegId,
    MediaChanged,
    Proceeding,
    Progress,
    SeizeTrunk,
)

NORMAL, NO_CIRCUIT, TIMER_EXPIRED = 16, 34, 102
ANSWER_BY_S = 45.0
"""Some numbers read back without ever answering: their voice is in the recording by then."""


class Q(Enum):
    """States of a test call."""

    CALLING = "calling"
    LISTENING = "listening"
    OVER = "over"


class ReadbackCall:
    """One leg: ours, to a number that reads back."""

    kind = CallKind.TEST

    def __init__(self, exchange: Exchange, teller: Teller, ask: PlaceReadback) -> None:
        self._exchange, self._ask = exchange, ask
        self.call = exchange.new_call()
        self.state = Q.CALLING
        self.since = 0.0
        self.legs: set[LegId] = set()
        self._leg = exchange.ids.leg()
        self._due: float | None = None
        self._answered_s: float | None = None
        self._cause: int | None = None
        self._connected = ""
        self._listens = self._finished = False
        self._voices = Voices(self.call)
        self.chronicle = Chronicle(exchange, teller, self.call, self.kind, ())
        self.chronicle.know(
            trunk=ask.trunk, elin=ask.elin, erl=exchange.erl_of(ask.elin), dialled=ask.number
        )

    @property
    def is_over(self) -> bool:
        """Whether the leg is gone."""
        return self._finished

    def begin(self, now: float) -> list[GatewayOutput]:
        """Seize a channel that nobody else could want."""
        self.since = now
        snapshot = self._exchange.snapshot
        assert snapshot is not None, "a test without a snapshot is refused"
        held = self._exchange.trunks.reserve(
            self._ask.trunk, self._leg, Rank.TEST, snapshot.branch.reserve, doubtful=False
        )
        if held is None:
            self._cause = NO_CIRCUIT
            return self._finish(now)
        self.legs.add(self._leg)
        self._due = now + ANSWER_BY_S
        self.chronicle.know(channel=held.channel)
        seize = SeizeTrunk(
            self._leg,
            self._ask.trunk,
            held.channel,
            self._ask.elin,
            spelled(self._ask.number),
            emergency=False,
            call=self.call,
            calling_form=calling_form(snapshot, self._ask.trunk),
        )
        return [seize, self.chronicle.report(CallStep.STARTED, now), self._news()]

    def hear(self, event: LegEvent, now: float) -> list[GatewayOutput]:
        """What the trunk says."""
        out: list[GatewayOutput] = []
        match event:
            case MediaChanged(leg, media):
                self._voices.moved(leg, media)
            case Proceeding(_, channel) | ChannelMoved(_, channel) if channel is not None:
                self.chronicle.know(channel=channel)
            case Progress(_, _, cause) if cause is not None:
                out += self._hang_up(cause)
            case Answered(_, connected) if self.state is Q.CALLING:
                out += self._answered(connected, now)
            case Cleared(leg, cause):
                self._cause = cause if self._cause is None else self._cause
                self.state, self._due = Q.OVER, None
                self.legs.discard(leg)
                self._voices.gone(leg)
        return out + self._settle(now)

    def lose_channel(self, leg: LegId, now: float) -> list[GatewayOutput]:
        """Whoever took the channel has cleared the leg; its end is heard from the trunk."""
        return []

    def handle_timeout(self, now: float) -> list[GatewayOutput]:
        """Nobody answered, or enough was heard."""
        if self._due is None or now < self._due:
            return []
        return self._hang_up(TIMER_EXPIRED if self.state is Q.CALLING else NORMAL)

    def next_deadline(self) -> float | None:
        """When the call is hung up."""
        return self._due

    def force(self, cause: int) -> list[GatewayOutput]:
        """An operator ends the call by name."""
        return self._hang_up(cause)

    def _answered(self, connected: str, now: float) -> list[GatewayOutput]:
        self.state, self._due = Q.LISTENING, now + self._ask.seconds
        self._answered_s, self._connected = now - self.since, connected
        return [self.chronicle.report(CallStep.ANSWERED, now), self._news()]

    def _hang_up(self, cause: int) -> list[GatewayOutput]:
        """The trunk is told that the call is over normally, whatever ended it."""
        self.state, self._cause, self._due = Q.OVER, cause, None
        return [Clear(leg, NORMAL) for leg in sorted(self.legs)]

    def _settle(self, now: float) -> list[GatewayOutput]:
        if self._finished:
            return []
        if self.legs:
            out = self._voices.meet(self._leg)
            if self._listens or not any(isinstance(each, Room) for each in out):
                return out
            self._listens = True
            return [*out, Listen(self.call, self._leg, ANSWER_BY_S + self._ask.seconds)]
        return self._voices.close() + self._finish(now)

    def _finish(self, now: float) -> list[GatewayOutput]:
        self.state, self._finished = Q.OVER, True
        step = CallStep.FAILED if self._answered_s is None else CallStep.ENDED
        return [self.chronicle.report(step, now, cause=self._cause), self._news()]

    def _news(self) -> ReadbackNews:
        record = self.chronicle.record
        return ReadbackNews(
            self.call,
            self._ask.trunk,
            record.channel,
            self._ask.elin,
            spelled(self._ask.number),
            self.state.value,
            self._answered_s,
            self._cause,
            self._connected,
        )
