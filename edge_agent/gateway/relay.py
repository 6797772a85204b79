"""A call from outside: no ELIN, because it would send responders to the wrong place (R9).

By policy it is relayed to a configured number with the caller's own number, or refused; either way
the desk is told.
"""

from __future__ import annotations

from enum import Enum

from e911.bindings import CallKind
from e911.locate import Outside
from e911.notice import NoticeStep
from e911.numbers import Caller
from e911.records import CallStep
from e911.rows import OutsidePolicy
from edge_agent.gateway.chronicle import Chronicle
from edge_agent.gateway.exchange import Exchange
from edge_agent.gateway.outputs import GatewayOutput, RaiseAlarm
from edge_agent.gateway.rooms import Voices
from edge_agent.gateway.telling import Teller
from edge_agent.gateway.trunks import Rank
from edge_agent.leg import (
    Alerting,
    Answer,
    Answered,
    Clear,
    Cleared,
    Exempt,
    ExemptReason,
    LegEvent,
    LegId,
    MediaChanged,
    Offered,
    Proceeding,
    Progress,
    Ring,
    SeizeTrunk,
    ShowProgress,
)

NORMAL, REJECTED, NO_CIRCUIT, PREEMPTED, TIMER_EXPIRED = 16, 21, 34, 8, 102
REFUSAL = "Call from outside the organisation; dial the emergency number on another network"


class R(Enum):
    """States of an outside call."""

    SEIZING = "relaying"
    TALKING = "talking"
    OVER = "over"


class OutsideCall:
    """One call that must not get an ELIN."""

    kind = CallKind.RELAY

    def __init__(
        self,
        exchange: Exchange,
        teller: Teller,
        offered: Offered,
        caller: Caller,
        outside: Outside,
        targets: tuple[str, ...],
        desk: tuple[str, ...],
    ) -> None:
        self._exchange, self._evidence, self.caller = exchange, outside.evidence, caller
        self.call = exchange.new_call()
        self.state = R.SEIZING
        self.since = 0.0
        self.legs: set[LegId] = {offered.leg}
        self._caller_leg = offered.leg
        self._trunk_leg: LegId | None = None
        self._voices = Voices(self.call)
        self._platform_waits: float | None = None
        """When the platform has waited long enough for a sign of life."""
        self._finished = False
        self.chronicle = Chronicle(exchange, teller, self.call, self.kind, desk)
        self.chronicle.know(
            caller=caller,
            dialled=offered.dialled,
            targets=targets,
            platform_call_id=offered.platform_call_id,
        )

    @property
    def is_over(self) -> bool:
        """Whether every leg is gone."""
        return self._finished

    def begin(self, now: float) -> list[GatewayOutput]:
        """Relay or refuse, by the branch's policy; the desk is told either way."""
        self.since = now
        snapshot = self._exchange.snapshot
        assert snapshot is not None, "outside is decided from a snapshot"
        branch = snapshot.branch
        leg = self._exchange.ids.leg()
        relay = branch.outside is OutsidePolicy.RELAY
        held = None
        if relay:
            held = self._exchange.trunks.reserve(branch.relay_trunk, leg, Rank.DESK, branch.reserve)
        if held is None:
            return self._refuse(now, NO_CIRCUIT if relay else REJECTED)
        self._trunk_leg = leg
        self.legs.add(leg)
        self._platform_waits = now + self._exchange.times.platform_s
        number = self.caller.number or branch.main_number
        out: list[GatewayOutput] = [Clear(held.preempted, PREEMPTED)] if held.preempted else []
        out.append(
            SeizeTrunk(
                leg,
                branch.relay_trunk,
                held.channel,
                Exempt(number.digits, ExemptReason.RELAY),
                branch.relay_number,
                emergency=False,
                call=self.call,
            )
        )
        out.append(self.chronicle.report(CallStep.RELAYED, now, trunk=branch.relay_trunk))
        out.append(RaiseAlarm("outside-relayed", self.call, self._evidence))
        return out + self.chronicle.tell(NoticeStep.RELAYED, now, f"outside by {self._evidence}")

    def hear(self, event: LegEvent, now: float) -> list[GatewayOutput]:
        """What either leg says is said to the other."""
        out: list[GatewayOutput] = []
        if isinstance(event, MediaChanged):
            self._voices.moved(event.leg, event.media)
        if isinstance(event, Cleared):
            self.legs.discard(event.leg)
            self._voices.gone(event.leg)
            out += self._other_end(event, now)
        elif event.leg == self._trunk_leg and self.state is R.SEIZING:
            out += self._from_trunk(event, now)
        return out + self._settle(now)

    def lose_channel(self, leg: LegId, now: float) -> list[GatewayOutput]:
        """A callback took the channel: the relay fails, the platform may try its next route."""
        return self.hear(Cleared(leg, NO_CIRCUIT), now) if leg == self._trunk_leg else []

    def handle_timeout(self, now: float) -> list[GatewayOutput]:
        """A trunk without any sign of life fails before the platform gives us up."""
        if self._platform_waits is None or now < self._platform_waits:
            return []
        return self._fail(now, TIMER_EXPIRED) + self._settle(now)

    def next_deadline(self) -> float | None:
        """When the platform has waited long enough."""
        return self._platform_waits

    def force(self, cause: int) -> list[GatewayOutput]:
        """An operator ends the call by name."""
        self.state, self._platform_waits = R.OVER, None
        return [Clear(leg, cause) for leg in sorted(self.legs)]

    def _from_trunk(self, event: LegEvent, now: float) -> list[GatewayOutput]:
        if isinstance(event, Progress) and event.cause is not None:
            return self._fail(now, event.cause)
        alive, self._platform_waits = self._platform_waits is not None, None
        match event:
            case Proceeding() | Progress() if alive:
                return [ShowProgress(self._caller_leg)]
            case Alerting():
                return [Ring(self._caller_leg, in_band=True)]
            case Answered():
                self.state = R.TALKING
                return [Answer(self._caller_leg), self.chronicle.report(CallStep.ANSWERED, now)]
        return []

    def _other_end(self, event: Cleared, now: float) -> list[GatewayOutput]:
        was = self.state
        if was is R.SEIZING and event.leg != self._caller_leg:
            return self._fail(now, event.cause)
        self.state, self._platform_waits = R.OVER, None
        if was is R.OVER:
            return []
        if was is R.TALKING:
            cause = NORMAL if event.leg == self._caller_leg else event.cause
            return [Clear(leg, cause) for leg in sorted(self.legs)]
        out: list[GatewayOutput] = [Clear(leg, NORMAL) for leg in sorted(self.legs)]
        out.append(self.chronicle.report(CallStep.ABANDONED, now))
        return out + self.chronicle.tell(NoticeStep.ABANDONED, now, "hung up before answer")

    def _fail(self, now: float, cause: int) -> list[GatewayOutput]:
        """The trunk would not: the platform may try its own next route, the desk is told (R11)."""
        self.state, self._platform_waits = R.OVER, None
        out: list[GatewayOutput] = [Clear(self._caller_leg, cause, failover=True)]
        if self._trunk_leg in self.legs:
            out.append(Clear(self._trunk_leg, cause))
        out.append(self.chronicle.report(CallStep.FAILED, now, cause=cause))
        out.append(RaiseAlarm("call-failed", self.call))
        return out + self.chronicle.tell(NoticeStep.FAILED, now, "the relay failed")

    def _refuse(self, now: float, cause: int) -> list[GatewayOutput]:
        self.state = R.OVER
        out: list[GatewayOutput] = [Clear(self._caller_leg, cause, failover=True, why=REFUSAL)]
        out.append(self.chronicle.report(CallStep.REFUSED, now, cause=cause))
        out.append(RaiseAlarm("outside-refused", self.call, self._evidence))
        return out + self.chronicle.tell(NoticeStep.REFUSED, now, f"outside by {self._evidence}")

    def _settle(self, now: float) -> list[GatewayOutput]:
        if self._finished:
            return []
        if self.state is not R.OVER:
            return self._voices.meet(self._caller_leg, self._trunk_leg)
        out = self._voices.close()
        if self.legs:
            return out
        self._finished = True
        ended = self._exchange.clock.read(now)
        return [*out, self.chronicle.report(CallStep.ENDED, now, ended_at=ended)]
