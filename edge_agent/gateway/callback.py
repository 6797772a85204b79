"""A PSAP calls an ELIN back: who held it is rung, the PSAP hears ringing, and a human answers (R4,
R5, R7).

The PSAP's leg alerts at once and is connected only when somebody answers, or when the recorded
voice has to.
"""

from __future__ import annotations

from enum import Enum

from e911.bindings import Binding, CallKind
from e911.notice import NoticeStep
from e911.numbers import Caller, Elin
from e911.policy import policy_for
from e911.records import CallStep
from edge_agent.gateway.chronicle import Chronicle
from edge_agent.gateway.exchange import Exchange
from edge_agent.gateway.ladder import Ladder, Pace
from edge_agent.gateway.outputs import Announce, GatewayOutput, RaiseAlarm, Remember
from edge_agent.gateway.rooms import Voices
from edge_agent.gateway.telling import Teller
from edge_agent.leg import (
    Answer,
    Answered,
    Clear,
    Cleared,
    Flash,
    LegEvent,
    LegId,
    MediaChanged,
    Offered,
    Ring,
    RingParty,
    SeizeTrunk,
    SendFlash,
)

NORMAL = 16
MOST_NAMED = 10
"""So many callers of a shared ELIN are named to the desk: a text must fit into a datagram."""


class C(Enum):
    """States of a callback."""

    RINGING = "ringing"
    RECORDED = "recorded-voice"
    """Nobody answered in time; the PSAP hears the address while people still ring."""
    TALKING = "talking"
    OVER = "over"


class Callback:
    """One call from the PSTN to an ELIN, and the people it rings."""

    kind = CallKind.CALLBACK

    def __init__(
        self,
        exchange: Exchange,
        teller: Teller,
        offered: Offered,
        elin: Elin | None,
        bindings: tuple[Binding, ...],
        rung: Caller | None,
        desk: tuple[str, ...],
        pace: Pace,
        targets: tuple[str, ...] = (),
    ) -> None:
        self._exchange, self._bindings = exchange, bindings
        self.call = exchange.new_call()
        self.state = C.RINGING
        self.legs: set[LegId] = {offered.leg}
        self.since = 0.0
        self._psap = offered.leg
        self._voices = Voices(self.call)
        self._finished = False
        self.caller = bindings[0].caller if bindings else Caller("")
        shown = offered.caller.spoken or (elin.digits if elin else "")
        self._ladder = Ladder(exchange, self.call, shown, (rung,) if rung else (), desk, pace)
        self.chronicle = Chronicle(exchange, teller, self.call, self.kind, desk)
        self.chronicle.know(
            trunk=offered.source if offered.from_trunk else "",
            channel=offered.channel,
            elin=elin,
            erl=exchange.erl_of(elin),
            targets=targets,
        )
        # Whoever was told of the caller's emergency is told that the PSAP calls back.
        snapshot = exchange.snapshot
        policy = policy_for(snapshot, self.caller.contact, None) if snapshot else None
        self.chronicle.know(targets=policy.targets if policy else ())
        if bindings:
            self.chronicle.know_binding(bindings[0])
            self.chronicle.know(bound_call=bindings[0].call)
        self.chronicle.know(shared_with=tuple(b.call for b in bindings[1:]))

    @property
    def is_over(self) -> bool:
        """Whether every leg is gone."""
        return self._finished

    def begin(self, now: float) -> list[GatewayOutput]:
        """Alert the PSAP, ring the caller; then hold the binding and tell the desk."""
        self.since = now
        out: list[GatewayOutput] = [Ring(self._psap), *self._own(self._ladder.start(now))]
        utc = self._exchange.clock.read(now)
        out += [Remember(self._exchange.ledger.hold(b.call, utc)) for b in self._bindings]
        if self._bindings:
            out += [self.chronicle.report(CallStep.STARTED, now)]
            out += self.chronicle.tell(NoticeStep.CALLBACK, now)
        else:
            out += [self.chronicle.report(CallStep.UNBOUND, now), RaiseAlarm("callback-unbound")]
            out += self.chronicle.tell(NoticeStep.UNBOUND, now, "nobody holds this ELIN")
        if len(self._bindings) > 1:
            out += self.chronicle.tell(NoticeStep.SHARED, now, self._both())
        return out

    def hear(self, event: LegEvent, now: float) -> list[GatewayOutput]:
        """What the PSAP's leg or a rung leg says."""
        out: list[GatewayOutput] = []
        if isinstance(event, MediaChanged):
            self._voices.moved(event.leg, event.media)
        if isinstance(event, Cleared):
            self.legs.discard(event.leg)
            self._voices.gone(event.leg)
        if event.leg == self._psap and isinstance(event, Cleared):
            self.state = C.OVER
            out += self._ladder.stop(NORMAL)
        elif event.leg == self._psap and isinstance(event, Flash):
            out += self._pass_flash()
        elif self._ladder.owns(event.leg):
            out += self._hear_rung(event, now)
        return out + self._settle(now)

    def lose_channel(self, leg: LegId, now: float) -> list[GatewayOutput]:
        """A callback never loses its channel."""
        return []

    def handle_timeout(self, now: float) -> list[GatewayOutput]:
        """The rungs that are due; after the last one the PSAP hears the recorded voice."""
        out = self._own(self._ladder.handle_timeout(now))
        if self._ladder.given_up and self.state is C.RINGING:
            self.state = C.RECORDED
            out += [Answer(self._psap), *self._settle(now)]
            out += [Announce(self.call, self._psap, self._erl())]
            out += [self.chronicle.report(CallStep.UNANSWERED, now)]
            out += [RaiseAlarm("callback-unanswered", self.call)]
            out += self.chronicle.tell(NoticeStep.UNANSWERED, now, "the PSAP hears the recording")
            return out
        return out + self._settle(now)

    def next_deadline(self) -> float | None:
        """When the next rung is due."""
        return self._ladder.next_deadline()

    def force(self, cause: int) -> list[GatewayOutput]:
        """An operator ends the call by name."""
        self.state = C.OVER
        self._ladder.stop(cause)
        return [Clear(leg, cause) for leg in sorted(self.legs)]

    def _hear_rung(self, event: LegEvent, now: float) -> list[GatewayOutput]:
        if isinstance(event, Cleared) and event.leg == self._ladder.human:
            self._ladder.human = None
            self.state = C.OVER
            return [Clear(self._psap, NORMAL)]
        out = self._own(self._ladder.hear(event, now))
        if isinstance(event, Answered) and self._ladder.human == event.leg:
            answer = [Answer(self._psap)] if self.state is C.RINGING else []
            self.state = C.TALKING
            return [*answer, *out, self.chronicle.report(CallStep.ANSWERED, now)]
        return out

    def _pass_flash(self) -> list[GatewayOutput]:
        """The PSAP's hook flash is for the human it talks with."""
        return [SendFlash(self._ladder.human)] if self._ladder.human else []

    def _settle(self, now: float) -> list[GatewayOutput]:
        if self._finished:
            return []
        if self.state is not C.OVER:
            human = self._ladder.human
            return [] if self.state is C.RINGING else self._voices.meet(self._psap, human)
        out = self._voices.close()
        return out if self.legs else out + self._finish(now)

    def _finish(self, now: float) -> list[GatewayOutput]:
        """The window of each binding that the callback held starts anew (R5)."""
        self._finished = True
        utc = self._exchange.clock.read(now)
        ended = [self._exchange.ledger.end(binding.call, utc) for binding in self._bindings]
        out: list[GatewayOutput] = [Remember(binding) for binding in ended if binding]
        return [*out, self.chronicle.report(CallStep.ENDED, now, ended_at=utc)]

    def _own(self, outputs: list[GatewayOutput]) -> list[GatewayOutput]:
        self.legs |= {o.leg for o in outputs if isinstance(o, RingParty | SeizeTrunk)}
        return outputs

    def _erl(self) -> str:
        return self.chronicle.record.erl

    def _both(self) -> str:
        named, more = self._bindings[:MOST_NAMED], len(self._bindings) - MOST_NAMED
        names = [f"{b.caller.name} {b.caller.spoken}".strip() for b in named]
        rest = f"; and {more} more" if more > 0 else ""
        return "this ELIN is held by: " + "; ".join(names) + rest
