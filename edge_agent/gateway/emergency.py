"""One emergency call: out on the first trunk that will have it, and never given up before a PSAP
rings (R1, R13).

``emergency_states`` says what each input does in each state; the actions here say how. Two legs at
first, the caller's and a trunk's; if the caller hangs up and the PSAP answers all the same,
``ring_back`` rings the caller.
"""

from __future__ import annotations

from e911.bindings import CallKind
from e911.notice import NoticeStep
from e911.numbers import Caller
from e911.policy import Emergency
from e911.records import CallStep
from edge_agent.gateway.attempts import Attempts, Seizure
from edge_agent.gateway.callers_place import abandoned, as_far_as, bid_is_over, gone, held_until
from edge_agent.gateway.chronicle import Chronicle
from edge_agent.gateway.deadlines import Deadlines
from edge_agent.gateway.emergency_states import STEPS, WITH_CALLER, In, S
from edge_agent.gateway.exchange import Exchange
from edge_agent.gateway.outputs import GatewayOutput, RaiseAlarm, Remember
from edge_agent.gateway.ring_back import RingBack
from edge_agent.gateway.rooms import Voices
from edge_agent.gateway.routing import Plan
from edge_agent.gateway.sharing import alarms_of, bound_anew, gone_unnumbered, remark, sharing
from edge_agent.gateway.telling import Teller
from edge_agent.leg import (
    Alerting,
    Answer,
    Answered,
    ChannelMoved,
    Clear,
    Cleared,
    Flash,
    LegEvent,
    LegId,
    MediaChanged,
    Offered,
    Proceeding,
    Progress,
    Ring,
    SendFlash,
    ShowProgress,
)

NORMAL, NO_CIRCUIT, TIMER_EXPIRED = 16, 34, 102


class EmergencyCall:
    """One caller, one plan, and the trunk leg of the attempt under way."""

    kind = CallKind.EMERGENCY

    def __init__(
        self,
        exchange: Exchange,
        teller: Teller,
        offered: Offered,
        caller: Caller,
        emergency: Emergency,
        plan: Plan,
    ) -> None:
        self._exchange, self._plan, self.caller = exchange, plan, caller
        self.call = exchange.new_call()
        self.state = S.SEIZING
        self.legs: set[LegId] = {offered.leg}
        self.since = 0.0
        self.chronicle = Chronicle(exchange, teller, self.call, self.kind, plan.desk)
        self.chronicle.know(
            dialled=emergency.dial, targets=plan.targets, disagreeing=plan.located.disagreeing
        )
        self._remarks = plan.remarks + ((f"emergency-{emergency.note}",) if emergency.note else ())
        self._attempts = Attempts(exchange, self.call, offered, caller, plan)
        self._caller_leg = offered.leg
        self._trunk_leg: LegId | None = None
        self._seized_at = 0.0
        self._assumed = False
        """The trunk has no signal for an answer: whether anybody has answered is not known."""
        self._last_cause = NO_CIRCUIT
        self._due: Deadlines[In] = Deadlines()
        self._voices = Voices(self.call)
        self._shown = False
        self._ring_back: RingBack | None = None
        self._finished = False

    @property
    def is_over(self) -> bool:
        """Whether every leg is gone."""
        return self._finished

    def begin(self, now: float) -> list[GatewayOutput]:
        """Seize the first trunk that has room; all that could wait comes after it (R1, R6)."""
        self.since = now
        self._due.set(In.PLATFORM_WAITS, now + self._exchange.times.platform_s)
        seizure = self._attempts.next(now)
        bound = seizure.bound if seizure else self._attempts.bind_first(now)
        assert bound is not None, "the first attempt binds"
        self.chronicle.know_binding(bound.binding)
        out = self._seized(seizure, now) if seizure else []
        out += [
            Remember(self._attempts.binding or bound.binding),
            self.chronicle.report(CallStep.STARTED, now, **sharing(bound)),
        ]
        out += [RaiseAlarm(slug, bound.binding.erl) for slug in self._remarks]
        out += alarms_of(bound)
        out += self.chronicle.tell(NoticeStep.STARTED, now, remark(bound, self._plan.located))
        return out if seizure else out + self._take(In.EXHAUSTED, now) + self._settle(now)

    def hear(self, event: LegEvent, now: float) -> list[GatewayOutput]:
        """What one of the call's legs says."""
        out: list[GatewayOutput] = []
        if isinstance(event, MediaChanged):
            self._voices.moved(event.leg, event.media)
            if event.party is not None and event.leg == self._caller_leg:
                out += self._attempts.add_alternate(event.party.contact)
        if isinstance(event, Cleared):
            self.legs.discard(event.leg)
            self._voices.gone(event.leg)
            self._attempts.cleared(event)
        if self._ring_back is not None and self._ring_back.owns(event.leg):
            out += self._ring_back.hear(event, now)
            out += self._take(In.HUMAN_GONE, now) if self._ring_back.hung_up else []
        elif event.leg == self._caller_leg and isinstance(event, Cleared):
            out += self._take(gone(self.state, held=self._held_until(now) > now), now)
        elif event.leg == self._trunk_leg:
            out += self._hear_trunk(event, now)
        return out + self._settle(now)

    def lose_channel(self, leg: LegId, now: float) -> list[GatewayOutput]:
        """Glare: the network's call took our channel; another one, or the next route step, follows
        in this same step."""
        if leg != self._trunk_leg:
            return []
        if (self.state, In.CHANNEL_LOST) in STEPS:
            self._trunk_leg = None  # whoever took the channel has cleared the leg
            self._attempts.lose_channel()
        return self._take(In.CHANNEL_LOST, now) + self._settle(now)

    def take_over(self, offered: Offered, now: float) -> list[GatewayOutput]:
        """Another phone takes the caller's place (RFC 3891): voice moves, the binding keeps the
        first caller. The new phone hears what the old one heard."""
        old, self._caller_leg = self._caller_leg, offered.leg
        self.legs.add(offered.leg)
        out = as_far_as(self.state, offered.leg)
        out.append(Clear(old, NORMAL))
        return out + self._attempts.add_alternate(offered.caller.contact) + self._settle(now)

    def can_hand_over(self, leg: LegId) -> bool:
        """Whether ``leg`` is the caller's and still has a call that another phone could take."""
        return leg == self._caller_leg and leg in self.legs and self.state in WITH_CALLER

    def handle_timeout(self, now: float) -> list[GatewayOutput]:
        """What is due by ``now``."""
        out: list[GatewayOutput] = []
        for due in self._due.take(now):
            out += self._take(due, now)
        if self._ring_back is not None:
            out += self._ring_back.handle_timeout(self._trunk_leg, now)
        return out + self._settle(now)

    def next_deadline(self) -> float | None:
        """When something is due next."""
        rung = self._ring_back.next_deadline() if self._ring_back else None
        return min((at for at in (self._due.earliest(), rung) if at is not None), default=None)

    def force(self, cause: int) -> list[GatewayOutput]:
        """An operator ends the call by name."""
        self.state = S.OVER
        self._due.clear()
        if self._ring_back is not None:
            self._ring_back.stop(cause)
        return [Clear(leg, cause) for leg in sorted(self.legs)]

    # ---- inputs ----------------------------------------------------------------------------------

    def _hear_trunk(self, event: LegEvent, now: float) -> list[GatewayOutput]:
        match event:
            case Progress(_, _, cause) if cause is not None:
                self._last_cause = cause
                return self._take(In.FAILED_PROGRESS, now)
            case Proceeding(_, channel):
                return self._take(In.LIFE, now) + self._moved(channel)
            case ChannelMoved(_, channel):
                return self._moved(channel)
            case Progress():
                return self._take(In.LIFE, now)
            case Alerting():
                return self._take(In.ALERTING, now)
            case Answered(assumed=True) if self.state is S.ABANDONED:
                return []  # nobody is known to be there: the caller is rung for a PSAP only (R13)
            case Answered(assumed=assumed):
                self._assumed = assumed
                return self._take(In.ANSWERED, now)
            case Flash():
                return self._take(In.FLASH, now)
            case Cleared(_, cause, lost=lost):
                self._last_cause, self._trunk_leg = cause, None
                self._due.drop(In.UNANSWERED)
                self._attempts.refused(event)
                has_row = (self.state, In.TRUNK_LOST) in STEPS
                return self._take(In.TRUNK_LOST if lost and has_row else In.TRUNK_GONE, now)
        return []

    def _take(self, event: In, now: float) -> list[GatewayOutput]:
        step = STEPS.get((self.state, event))
        if step is None:
            return []
        self.state = step.to
        outputs: list[GatewayOutput] = getattr(self, f"_do_{step.do}")(now)
        return outputs

    # ---- actions, by their names in the table ----------------------------------------------------

    def _do_advance(self, now: float) -> list[GatewayOutput]:
        seizure = self._attempts.next(now)
        if seizure is None:
            return self._take(In.EXHAUSTED, now)
        out, bound = self._seized(seizure, now), seizure.bound
        assert self._attempts.binding is not None
        out.append(Remember(self._attempts.binding))
        if bound is not None:
            out += bound_anew(self.chronicle, bound, self._plan.located, now)
        if seizure.unnumbered:
            out += gone_unnumbered(self.chronicle, now)
        return out

    def _do_drop_and_advance(self, now: float) -> list[GatewayOutput]:
        return self._drop_trunk(TIMER_EXPIRED) + self._do_advance(now)

    def _do_reassure_platform(self, now: float) -> list[GatewayOutput]:
        """A last trunk that was asked only just now is a step that remains, for as long again."""
        asked_for, patience = now - self._seized_at, self._exchange.times.platform_s
        if not self._attempts and asked_for < patience:
            self._due.set(In.PLATFORM_WAITS, self._seized_at + patience)
        elif not self._attempts:
            return self._take(In.EXHAUSTED, now)
        return self._show()

    def _do_show_progress(self, now: float) -> list[GatewayOutput]:
        """Some trunks never say that the PSAP rings: the desk is told of a long wait either way."""
        self._due.drop(In.STEP_SILENT, In.PLATFORM_WAITS)
        self._due.set(In.UNANSWERED, now + self._exchange.times.unanswered_s)
        return self._show()

    def _do_ring(self, now: float) -> list[GatewayOutput]:
        self._due.drop(In.STEP_SILENT, In.PLATFORM_WAITS)
        self._due.set(In.UNANSWERED, now + self._exchange.times.unanswered_s)
        return [Ring(self._caller_leg, in_band=True), self.chronicle.report(CallStep.ALERTING, now)]

    def _do_answer(self, now: float) -> list[GatewayOutput]:
        self._due.clear()
        return [Answer(self._caller_leg), self.chronicle.report(CallStep.ANSWERED, now)]

    def _do_tell_unanswered(self, now: float) -> list[GatewayOutput]:
        return [
            self.chronicle.report(CallStep.UNANSWERED, now),
            *self.chronicle.tell(NoticeStep.UNANSWERED, now),
        ]

    def _do_abandon(self, now: float) -> list[GatewayOutput]:
        self._due.clear()
        self._due.set(In.HOLD_OVER, max(now, bid_is_over(self._exchange, self._seized_at)))
        return abandoned(self.chronicle, now)

    def _do_hold(self, now: float) -> list[GatewayOutput]:
        """The trunk leg stays where it is, its channel and its ELIN with it: the window starts when
        the PSAP lets go (R6)."""
        self._due.clear()
        self._due.set(In.HOLD_OVER, self._held_until(now))
        return []

    def _do_ring_back(self, now: float) -> list[GatewayOutput]:
        self._due.clear()
        bound, desk = self._attempts.binding, self._plan.desk
        rung = bound.caller if bound else self.caller
        self._ring_back = RingBack(self._exchange, self.chronicle, rung, desk, self.legs)
        return [*self._ring_back.begin(now), self.chronicle.report(CallStep.ANSWERED, now)]

    def _do_pass_flash(self, now: float) -> list[GatewayOutput]:
        human = self._human()
        return [SendFlash(human)] if human else []

    def _do_clear_caller(self, now: float) -> list[GatewayOutput]:
        self._due.clear()
        return [Clear(self._caller_leg, self._last_cause)] if self._caller_leg in self.legs else []

    def _do_clear_trunk(self, now: float) -> list[GatewayOutput]:
        return self._do_stop_ringing(now) + self._drop_trunk(NORMAL)

    def _do_stop_ringing(self, now: float) -> list[GatewayOutput]:
        return self._ring_back.stop(NORMAL) if self._ring_back else []

    def _do_rest(self, now: float) -> list[GatewayOutput]:
        self._due.clear()
        return []

    def _do_fail(self, now: float) -> list[GatewayOutput]:
        self._due.clear()
        out = self._drop_trunk(TIMER_EXPIRED)
        out.append(Clear(self._caller_leg, self._last_cause, failover=True))
        out.append(self.chronicle.report(CallStep.FAILED, now, cause=self._last_cause))
        out.append(RaiseAlarm("call-failed", self.call))
        return out + self.chronicle.tell(NoticeStep.FAILED, now, "no trunk took the call")

    # ---- pieces ----------------------------------------------------------------------------------

    def _seized(self, seizure: Seizure, now: float) -> list[GatewayOutput]:
        self._trunk_leg, self._seized_at = seizure.leg, now
        self.legs.add(seizure.leg)
        self._due.set(In.STEP_SILENT, now + seizure.attempt.step.seconds)
        self.chronicle.know(trunk=seizure.attempt.step.trunk, channel=seizure.channel)
        return list(seizure.outputs)

    def _drop_trunk(self, cause: int) -> list[GatewayOutput]:
        self._due.drop(In.UNANSWERED)
        leg, self._trunk_leg = self._trunk_leg, None
        return [Clear(leg, cause)] if leg else []

    def _held_until(self, now: float) -> float:
        return held_until(self._exchange, self._seized_at, now, assumed=self._assumed)

    def _moved(self, channel: int | None) -> list[GatewayOutput]:
        """The network chose another channel than we asked for."""
        if channel is None or channel == self.chronicle.record.channel:
            return []
        self.chronicle.know(channel=channel)
        return self._attempts.moved(channel)

    def _show(self) -> list[GatewayOutput]:
        shown, self._shown = self._shown, True
        return [] if shown else [ShowProgress(self._caller_leg)]

    def _settle(self, now: float) -> list[GatewayOutput]:
        """After every input: who hears whom now, and whether the call is over for good."""
        if self.state is S.OVER or self._finished:
            out = self._voices.close()
            return out if self.legs or self._finished else out + self._finish(now)
        return self._voices.meet(self._human(), self._trunk_leg)

    def _human(self) -> LegId | None:
        """Whose voice the PSAP hears: the caller's, or of whoever was rung back and answered."""
        return self._ring_back.human if self._ring_back else self._caller_leg

    def _finish(self, now: float) -> list[GatewayOutput]:
        self._finished = True
        out, ended = self._attempts.end(now), self._exchange.clock.read(now)
        return [*out, self.chronicle.report(CallStep.ENDED, now, ended_at=ended)]
