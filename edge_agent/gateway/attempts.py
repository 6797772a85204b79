"""The route steps of one emergency call, one after the other: channel, ELIN, binding, seizure.

A binding is made once per pool; a later step of the same ERL keeps the ELIN, so that the PSAP sees
one number whatever trunk it came on. A trunk whose format cannot carry that ELIN gets the call when
every other step has failed, and then without a number: never with a wrong one (R1, R2).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from e911.bindings import Binding, CallKind
from e911.ledger import Bound
from e911.numbers import Caller
from e911.rows import Identity
from edge_agent.gateway.doubts import Doubt
from edge_agent.gateway.exchange import Exchange
from edge_agent.gateway.outputs import Forget, GatewayOutput, Remember
from edge_agent.gateway.routing import Attempt, Plan
from edge_agent.gateway.trunks import Rank, Reserved
from edge_agent.leg import Clear, Cleared, Exempt, ExemptReason, LegId, Offered, SeizeTrunk

PREEMPTED = 8
NOT_YET_FREE = frozenset({34, 44, 47})
"""How a network refuses a channel whose last call it has not seen the end of (Q.850)."""


@dataclass(frozen=True, slots=True)
class Seizure:
    """A trunk taken: its leg, what to send, and how long it may stay silent."""

    leg: LegId
    outputs: tuple[GatewayOutput, ...]
    attempt: Attempt
    channel: int | None
    bound: Bound | None
    """The fresh binding; ``None`` where an earlier one serves."""
    unnumbered: bool = False
    """No trunk is left that could carry the ELIN: the call goes without a number."""


@dataclass(frozen=True, slots=True)
class _Current:
    """The attempt under way."""

    step: int
    """Which step of the plan."""
    span: str
    """Where it was sent."""
    has_preempted: bool
    """Whether its channel was another call's until then."""


class Attempts:
    """What is left to try for one call, and the bindings made so far."""

    def __init__(
        self, exchange: Exchange, call: str, offered: Offered, caller: Caller, plan: Plan
    ) -> None:
        self._exchange, self._call = exchange, call
        self._offered, self._caller, self._plan = offered, caller, plan
        self._snapshot = exchange.snapshot
        """What the call began with: a snapshot adopted meanwhile changes none of its steps."""
        self._left = deque(range(len(plan.attempts)))
        """Steps of the plan, by number, whose trunk is asked for a channel that is not in doubt."""
        self._later: deque[int] = deque()
        """Asked after all others (R1): for channels in doubt, and further spans of a trunk."""
        self._tried: tuple[set[str], ...] = tuple(set() for _ in plan.attempts)
        """By step, the spans that the call was sent to."""
        self._second: set[int] = set()
        """Steps that a second channel was looked for, the first one's line being faulty."""
        self._uncarried: list[int] = []
        """Steps whose trunk cannot carry the ELIN: asked after all that can."""
        self._without_number: set[int] = set()
        """Those of them whose turn has come."""
        self._current: _Current | None = None
        self._legs: set[LegId] = set()
        self._sent = False
        """Whether any trunk was sent a byte."""
        self._by_erl: dict[str, Binding] = {}
        self.binding: Binding | None = None
        """The binding in use."""

    def __bool__(self) -> bool:
        return bool(self._left or self._later or self._uncarried)

    @property
    def bindings(self) -> tuple[Binding, ...]:
        """Every binding of this call."""
        return tuple(self._by_erl.values())

    def bind_first(self, now: float) -> Bound:
        """Bind without a trunk: a call that finds none still has its facts."""
        return self._bind(self._plan.attempts[self._left[0] if self._left else 0], now)

    def next(self, now: float) -> Seizure | None:
        """Seize the next trunk that has room; ``None`` when nothing is left."""
        while self:
            step, again = self._next_step()
            attempt, leg = self._plan.attempts[step], self._exchange.ids.leg()
            held = self._reserved(step, leg, doubtful=again)
            if held is None:
                continue
            bound = None if attempt.erl in self._by_erl else self._bind(attempt, now)
            self.binding = self._exchange.ledger.moved(
                self._by_erl[attempt.erl].call, attempt.step.trunk, held.channel
            )
            self._by_erl[attempt.erl] = self.binding
            seize = self._seizure(leg, attempt, held.channel, self.binding)
            unnumbered = step in self._without_number
            if unnumbered:
                seize = replace(seize, without_number=True)
            span = self._exchange.trunks[attempt.step.trunk].span_of(held.channel)
            self._legs.add(leg)
            self._current = _Current(step, span, held.preempted is not None)
            first = (Clear(held.preempted, PREEMPTED),) if held.preempted else ()
            return Seizure(leg, (*first, seize), attempt, held.channel, bound, unnumbered)
        return None

    def lose_channel(self) -> None:
        """Glare took the channel, not the trunk: the same step is tried again where it has room,
        and not on the spans that have refused the call before."""
        if self._current is not None:
            self._tried[self._current.step].discard(self._current.span)
            self._left.appendleft(self._current.step)

    def refused(self, cleared: Cleared) -> None:
        """The trunk of the attempt under way did not take the call: whether that trunk is asked
        once more.

        A network may refuse the channel of a pre-empted call, because our SETUP is there before
        that call's RELEASE COMPLETE. When its refusal is here the channel is free: the same step is
        tried at once (R8). Where it was the line of one channel that failed, another one is tried
        after all other steps. What cannot carry the ELIN is tried without it when nothing else is
        left.
        """
        current = self._current
        if current is None:
            return
        if cleared.uncarried:
            self._keep_for_last(current.step)
        elif cleared.faulty:
            self._seek_second(current)
        elif current.has_preempted and cleared.cause in NOT_YET_FREE:
            self.lose_channel()

    def _keep_for_last(self, step: int) -> None:
        """The format is the whole trunk's: its other spans are no better."""
        if step in self._without_number or step in self._uncarried:
            return
        self._later = deque(left for left in self._later if left != step)
        self._tried[step].clear()
        self._uncarried.append(step)

    def _seek_second(self, current: _Current) -> None:
        """One more channel of the same span, if one is not in doubt itself: two that fail are no
        accident, and a platform waits no longer."""
        step, span = current.step, current.span
        trunk = self._exchange.trunks[self._plan.attempts[step].step.trunk]
        idle = trunk.idle(avoid=[other for other in trunk.spans if other != span])
        if step in self._second or idle is None or trunk.doubt_of(idle) >= Doubt.SUSPECT:
            return
        self._second.add(step)
        self._tried[step].discard(span)
        if step not in self._later:
            self._later.append(step)

    def _next_step(self) -> tuple[int, bool]:
        """The step whose turn it is, and whether a channel in doubt will do for it."""
        if not self._left and not self._later:
            self._without_number.update(self._uncarried)
            self._left.extend(self._uncarried)
            self._uncarried.clear()
        return (self._left.popleft(), False) if self._left else (self._later.popleft(), True)

    def _reserved(self, step: int, leg: LegId, *, doubtful: bool) -> Reserved | None:
        """A channel of the step's trunk, on a span that this step was not yet tried on; what else
        the trunk could do is kept for later."""
        trunks, tried = self._exchange.trunks, self._tried[step]
        trunk = self._plan.attempts[step].step.trunk
        if trunk not in trunks:
            return None
        held = trunks.reserve(trunk, leg, Rank.FIRST, 0, avoid=tried, doubtful=doubtful)
        if held is not None:
            tried.add(trunks[trunk].span_of(held.channel))
        is_left = any(span not in tried for span in trunks[trunk].spans)
        if is_left and (held is not None or not doubtful):
            self._later.append(step)
        return held

    def cleared(self, event: Cleared) -> None:
        """A leg of the call is gone: what it tells of what trunks were sent."""
        self._sent |= event.sent and event.leg in self._legs

    def end(self, now: float) -> list[GatewayOutput]:
        """The last leg is gone: the windows start. Where no trunk was sent a byte no PSAP can know
        these ELINs, and the bindings are withdrawn (R6)."""
        ledger, utc = self._exchange.ledger, self._exchange.clock.read(now)
        if not self._sent:
            for binding in self.bindings:
                ledger.withdraw(binding.call)
            return [Forget(binding.call) for binding in self.bindings]
        ended = [ledger.end(binding.call, utc) for binding in self.bindings]
        return [Remember(binding) for binding in ended if binding is not None]

    def add_alternate(self, contact: str) -> list[GatewayOutput]:
        """Somebody else is on the caller's leg now: the binding keeps the first and gains an
        alternate."""
        if not contact:
            return []
        return self._changed(partial(self._exchange.ledger.add_alternate, contact=contact))

    def moved(self, channel: int) -> list[GatewayOutput]:
        """The network put the call on another channel of the same trunk."""
        ledger, bound = self._exchange.ledger, self.binding
        assert bound is not None, "a seizure has a binding"
        return self._changed(partial(ledger.moved, trunk=bound.trunk, channel=channel), bound.erl)

    def _changed(self, change: Callable[[str], Binding], only: str = "") -> list[GatewayOutput]:
        """Change the binding of one ERL, or those of all, where that makes a difference."""
        out: list[GatewayOutput] = []
        for erl, binding in self._by_erl.items():
            now_bound = change(binding.call) if only in ("", erl) else binding
            if now_bound == binding:
                continue
            self._by_erl[erl] = now_bound
            if self.binding is not None and self.binding.call == now_bound.call:
                self.binding = now_bound
            out.append(Remember(now_bound))
        return out

    def _seizure(
        self, leg: LegId, attempt: Attempt, channel: int | None, binding: Binding
    ) -> SeizeTrunk:
        step, snapshot = attempt.step, self._snapshot
        seize = SeizeTrunk(
            leg,
            step.trunk,
            channel,
            binding.elin,
            step.called,
            call=self._call,
            calling_form=step.calling_form,
        )
        row = snapshot.trunks.get(step.trunk) if snapshot else None
        if row is None or row.identity is not Identity.CALLER or self._caller.number is None:
            return seize
        own = Exempt(self._caller.number.digits, ExemptReason.IDENTITY_CALLER)
        return replace(seize, calling=own, location=self._offered.location)

    def _bind(self, attempt: Attempt, now: float) -> Bound:
        exchange, located, snapshot = self._exchange, self._plan.located, self._snapshot
        utc = exchange.clock.read(now)
        call = self._call if not self._by_erl else f"{self._call}.{len(self._by_erl) + 1}"
        incident = exchange.incident(attempt.erl, self._caller, utc, self._call)
        pool = snapshot.pool(attempt.erl) if snapshot else ()
        if snapshot and not pool:
            pool = snapshot.pool(snapshot.branch.default_erl)
        if snapshot and pool:
            bound = exchange.ledger.bind(
                call=call,
                caller=self._caller,
                erl=attempt.erl,
                how=located.how,
                kind=CallKind.EMERGENCY,
                utc=utc,
                pool=pool,
                overflow=snapshot.overflow(attempt.erl),
                guard_s=snapshot.branch.guard_minutes * 60,
                window_s=snapshot.branch.window_minutes * 60,
                incident=incident,
                platform_call_id=self._offered.platform_call_id,
                elins_named=located.elins,
            )
        else:
            bound = exchange.ledger.bind_fixed(
                exchange.last_resort.elin,
                call=call,
                caller=self._caller,
                erl=attempt.erl,
                how=located.how,
                kind=CallKind.EMERGENCY,
                utc=utc,
                window_s=exchange.times.window_s,
                incident=incident,
                platform_call_id=self._offered.platform_call_id,
            )
        self._by_erl[attempt.erl] = self.binding = bound.binding
        return bound
