"""The gateway: every leg's words come in here, and what is to be done goes out, in the same step.

It finds the call that a leg belongs to, or makes one: an emergency call from a platform, a callback
from a trunk, a call from outside, a test that an operator asks for. It knows no wire; ``bootstrap``
performs its outputs in their order.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from datetime import datetime

from e911.bindings import Binding
from e911.locate import Outside
from e911.numbers import Elin
from e911.policy import policy_for
from e911.rows import TrunkKind
from e911.snapshot import Snapshot
from e911.timekeeping import GuardedClock
from edge_agent.gateway.answering import Flood, Found, callback_of, desk_of, targets_of
from edge_agent.gateway.callback import Callback
from edge_agent.gateway.chronicle import cut_off, cut_off_notice
from edge_agent.gateway.emergency import EmergencyCall
from edge_agent.gateway.emergency_states import S
from edge_agent.gateway.exchange import Exchange, Ids, LastResort, Times
from edge_agent.gateway.outputs import ClearAlarm, GatewayOutput, RaiseAlarm, Remember, Report
from edge_agent.gateway.readback import ReadbackCall
from edge_agent.gateway.relay import OutsideCall
from edge_agent.gateway.requests import (
    Adopt,
    CallView,
    ClockReading,
    Equip,
    Force,
    GatewayRequest,
    PlaceReadback,
    Restore,
)
from edge_agent.gateway.routing import (
    caller_on_record,
    elin_called,
    elin_delivered,
    emergency_of,
    plan_of,
    whereabouts,
)
from edge_agent.gateway.safe_numbers import why_refused
from edge_agent.gateway.silence import Silences
from edge_agent.gateway.telling import Teller
from edge_agent.gateway.trunks import Trunk
from edge_agent.leg import (
    Alerting,
    Answered,
    ChannelMoved,
    ChannelsChanged,
    Clear,
    Cleared,
    LegEvent,
    LegId,
    LinkChanged,
    Offered,
    Proceeding,
    Silence,
    TextSettled,
    WireAlarm,
    WireEvent,
)

REJECTED, CHANNEL_UNAVAILABLE = 21, 44


Call = EmergencyCall | Callback | OutsideCall | ReadbackCall


class Gateway:
    """Emergency calls out, callbacks home."""

    def __init__(
        self,
        edge: str,
        boot: str,
        ids: Ids,
        last_resort: LastResort,
        times: Times | None = None,
        highest: datetime | None = None,
    ) -> None:
        clock = GuardedClock(highest)
        self._exchange = Exchange(edge, boot, ids, last_resort, times or Times(), clock)
        self._teller = Teller()
        self._calls: dict[str, Call] = {}
        self._by_leg: dict[LegId, Call] = {}
        self._due: list[tuple[float, str]] = []
        self._armed: dict[str, float] = {}
        self._flood = Flood(self._exchange.times)
        self._silences = Silences()
        self._cut_off: list[Binding] = []
        """Calls that a restart cut off and that the desk has not been told of yet."""
        self._clock_doubted: bool | None = None
        """``None`` before the first reading: a clock that is wrong from the start alarms too."""

    # ---- the four doors --------------------------------------------------------------------------

    def receive(self, event: WireEvent, now: float) -> list[GatewayOutput]:
        """A wire says something; everything that follows is decided here and now (R1)."""
        match event:
            case Offered():
                return self._offered(event, now)
            case LinkChanged():
                return self._exchange.trunks.link_changed(event)
            case ChannelsChanged():
                return self._exchange.trunks.channels_changed(event)
            case WireAlarm(slug, subject, active, detail):
                return [RaiseAlarm(slug, subject, detail) if active else ClearAlarm(slug, subject)]
            case TextSettled():
                return self._teller.settled(event, now)
        return self._heard(event, now)

    def handle(self, request: GatewayRequest, now: float) -> list[GatewayOutput]:
        """The agent itself asks for something."""
        match request:
            case Adopt(snapshot):
                return self._adopt(snapshot, now)
            case ClockReading(utc, synchronised):
                return self._read_clock(utc, now, synchronised)
            case Restore(bindings):
                return self._restore(bindings, now)
            case Equip(trunk, channels, spans, order):
                self._exchange.trunks.equip(trunk, channels, spans=dict(spans), order=order)
                return []
            case Force(call, cause):
                held = self._calls.get(call)
                return held.force(cause) if held else []
            case PlaceReadback():
                if self.why_refused(request):
                    return []
                return self._begin(ReadbackCall(self._exchange, self._teller, request), now)

    def handle_timeout(self, now: float) -> list[GatewayOutput]:
        """The one call that is due first; ask again until nothing is due.

        One at a time, so that a call that breaks takes no other call's outputs with it.
        """
        self.next_deadline()
        if not self._due or self._due[0][0] > now:
            return self._teller.handle_timeout(now)
        _, name = heapq.heappop(self._due)
        call = self._calls[name]
        del self._armed[name]
        try:
            out = call.handle_timeout(now)
        finally:
            self._arm(call)
        return self._after(call, out)

    def next_deadline(self) -> float | None:
        """When something is due next."""
        while self._due and self._armed.get(self._due[0][1]) != self._due[0][0]:
            heapq.heappop(self._due)
        calls = self._due[0][0] if self._due else None
        teller = self._teller.next_deadline()
        return min((at for at in (calls, teller) if at is not None), default=None)

    # ---- views -----------------------------------------------------------------------------------

    def calls(self) -> tuple[CallView, ...]:
        """The calls that live now, oldest first."""
        return tuple(_view(call) for call in self._calls.values())

    def bindings(self, now: float) -> tuple[Binding, ...]:
        """Every binding that a callback would find."""
        return self._exchange.ledger.all(self._exchange.clock.read(now))

    def why_refused(self, ask: PlaceReadback) -> str:
        """Why this test call would not be placed now; empty where it would."""
        return why_refused(self._exchange, ask)

    def trunks(self) -> Iterable[Trunk]:
        """The trunks with their channels and holders."""
        return iter(self._exchange.trunks)

    @property
    def snapshot(self) -> Snapshot | None:
        """The snapshot in use."""
        return self._exchange.snapshot

    @property
    def clock(self) -> GuardedClock:
        """The guarded wall clock."""
        return self._exchange.clock

    # ---- new calls -------------------------------------------------------------------------------

    def _offered(self, offered: Offered, now: float) -> list[GatewayOutput]:
        broken = self._by_leg.pop(offered.leg, None)
        if broken is not None:
            self._clear_away(broken)
        if offered.from_trunk:
            return self._from_trunk(offered, now)
        taken_over = self._by_leg.get(offered.replaces) if offered.replaces else None
        if (
            isinstance(taken_over, EmergencyCall)
            and offered.replaces
            and taken_over.can_hand_over(offered.replaces)
        ):
            return self._after(taken_over, taken_over.take_over(offered, now))
        emergency = emergency_of(self._exchange, offered)
        if emergency is None:
            return self._from_peer(offered, now)
        caller = caller_on_record(self._exchange.snapshot, offered)
        located = whereabouts(self._exchange, offered, caller)
        if isinstance(located, Outside):
            return self._outside(offered, located, now)
        plan = plan_of(self._exchange, offered, caller, located)
        call = EmergencyCall(self._exchange, self._teller, offered, caller, emergency, plan)
        return self._begin(call, now)

    def _outside(self, offered: Offered, outside: Outside, now: float) -> list[GatewayOutput]:
        snapshot = self._exchange.snapshot
        assert snapshot is not None, "outside is decided from a snapshot"
        caller = caller_on_record(snapshot, offered)
        policy = policy_for(snapshot, caller.contact, offered.address)
        targets = policy.targets if policy else ()
        desk = snapshot.branch.desk or (self._exchange.last_resort.desk,)
        call = OutsideCall(self._exchange, self._teller, offered, caller, outside, targets, desk)
        return self._begin(call, now)

    def _from_trunk(self, offered: Offered, now: float) -> list[GatewayOutput]:
        exchange = self._exchange
        fits, loser = exchange.trunks.accept(offered.source, offered.leg, offered.channel)
        if not fits:
            return [Clear(offered.leg, CHANNEL_UNAVAILABLE)]
        elin = elin_called(exchange, offered.source, offered.dialled, exchange.clock.read(now))
        out: list[GatewayOutput] = []
        if loser is not None:
            rival = self._by_leg.get(loser)
            out = [Clear(loser, CHANNEL_UNAVAILABLE)]
            out += self._after(rival, rival.lose_channel(loser, now)) if rival else []
        return out + self._called_back(offered, elin, now)

    def _from_peer(self, offered: Offered, now: float) -> list[GatewayOutput]:
        """No emergency: a callback that came in on the platform's own trunks, or nothing of ours.
        It takes no channel."""
        elin = elin_delivered(self._exchange, offered, self._exchange.clock.read(now))
        if elin is None:
            return [Clear(offered.leg, REJECTED, why="Only emergency calls are carried here")]
        return self._called_back(offered, elin, now)

    def _called_back(self, offered: Offered, elin: Elin | None, now: float) -> list[GatewayOutput]:
        exchange = self._exchange
        found = exchange.ledger.callers_of(elin, exchange.clock.read(now)) if elin else ()
        if not found and self._flood.rises(offered.caller.spoken, now):
            exchange.trunks.release(offered.leg)
            flood = RaiseAlarm("callback-flood", offered.source)
            return [Clear(offered.leg, REJECTED), flood]
        busy = self._states_of(found)
        call = callback_of(exchange, self._teller, offered, elin, found, busy)
        return self._begin(call, now)

    def _begin(self, call: Call, now: float) -> list[GatewayOutput]:
        self._calls[call.call] = call
        for leg in call.legs:
            self._by_leg[leg] = call
        return self._after(call, call.begin(now))

    def _clear_away(self, broken: Call) -> None:
        """A call that broke while it began is offered again: what it took is free (R1)."""
        self._calls.pop(broken.call, None)
        self._exchange.ledger.withdraw(broken.call)
        self._exchange.trunks.release_all_but(self._by_leg)

    # ---- calls in progress -----------------------------------------------------------------------

    def _heard(self, event: LegEvent, now: float) -> list[GatewayOutput]:
        trunks = self._exchange.trunks
        match event:
            case Proceeding(leg, channel):
                trunks.confirm(leg, channel)
            case ChannelMoved(leg, moved):
                trunks.move(leg, moved)
            case Alerting(leg) | Answered(leg):
                trunks.confirm(leg, None)
            case Cleared(leg):
                trunks.release(leg)
        call = self._by_leg.get(event.leg)
        if isinstance(event, Silence):
            return self._silences.hear(event, _view(call), now) if call else []
        if isinstance(event, Answered) and call:
            self._silences.answered(call.call, now)
        if isinstance(event, Cleared):
            self._by_leg.pop(event.leg, None)
        return self._after(call, call.hear(event, now)) if call else []

    def _after(self, call: Call, out: list[GatewayOutput]) -> list[GatewayOutput]:
        """After a call did something: know its legs, arm its timer, forget it when it is over."""
        for leg in call.legs:
            self._by_leg[leg] = call
        if call.is_over:
            self._calls.pop(call.call, None)
            self._armed.pop(call.call, None)
            return out + self._silences.end(call.call)
        self._arm(call)
        return out

    def _arm(self, call: Call) -> None:
        deadline = call.next_deadline()
        if deadline is None:
            self._armed.pop(call.call, None)
        elif self._armed.get(call.call) != deadline:
            self._armed[call.call] = deadline
            heapq.heappush(self._due, (deadline, call.call))

    def _states_of(self, found: Found) -> list[S]:
        """Where the emergency calls are that the rung caller has now."""
        return [
            call.state
            for call in self._calls.values()
            if isinstance(call, EmergencyCall) and found and call.caller.is_same(found[0].caller)
        ]

    # ---- the agent's own requests ----------------------------------------------------------------

    def _adopt(self, snapshot: Snapshot, now: float) -> list[GatewayOutput]:
        self._exchange.snapshot = snapshot
        for row in snapshot.trunks.values():
            if row.trunk is TrunkKind.SIP:
                self._exchange.trunks.equip(row.id, capacity=row.capacity)
        return [ClearAlarm("no-snapshot"), *self._tell_cut_off(now)]

    def _read_clock(self, utc: datetime, now: float, synchronised: bool) -> list[GatewayOutput]:
        was, self._clock_doubted = (
            self._clock_doubted,
            not self._exchange.clock.observe(utc, now, synchronised),
        )
        if self._clock_doubted:
            return [] if was else [RaiseAlarm("clock-untrusted")]
        self._exchange.ledger.expire(utc)
        return [ClearAlarm("clock-untrusted")] if was is not False else []

    def _restore(self, bindings: tuple[Binding, ...], now: float) -> list[GatewayOutput]:
        out: list[GatewayOutput] = []
        utc = self._exchange.clock.read(now)
        for binding in bindings:
            kept = self._exchange.ledger.restore(binding, utc)
            if binding.is_open:
                self._cut_off.append(kept)
                out += [Remember(kept), Report(cut_off(self._exchange, kept, utc))]
        return out + (self._tell_cut_off(now) if self._exchange.snapshot else [])

    def _tell_cut_off(self, now: float) -> list[GatewayOutput]:
        """Tell the desk of the calls that the restart cut off, once it is known who the desk is."""
        bindings, self._cut_off = self._cut_off, []
        out: list[GatewayOutput] = []
        for each in bindings:
            notice = cut_off_notice(self._exchange, each, targets_of(self._exchange, (each,)))
            desk = desk_of(self._exchange, (each,), each.elin)
            out += self._teller.tell(self._exchange, notice, desk, now)
        return out


def _view(call: Call) -> CallView:
    record = call.chronicle.record
    return CallView(
        call.call,
        call.kind,
        call.state.value,
        record.incident,
        record.erl,
        record.elin.digits if record.elin else "",
        record.trunk,
        record.channel,
        call.since,
    )
