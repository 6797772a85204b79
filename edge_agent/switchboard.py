"""One input, one synchronous step: wire, gateway, wire, until all is said; only then the disk.

There is no ``await`` between an INVITE and its SETUP. Bytes leave as soon as a core says them; what
can wait (journal, outbox, media, alarms) is handed over after the last byte of the step. What a
wire says while it is being asked joins the queue of the same step.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from types import MappingProxyType

from edge_agent.cama.outputs import Hook, Hush, Pulse
from edge_agent.doors import (
    Brain,
    CamaWire,
    Histogram,
    IsdnWire,
    Outside,
    SipWire,
    TrunkWire,
    Wire,
    WireOutput,
)
from edge_agent.drivers.span import SpanAlarm
from edge_agent.gateway.outputs import ClearAlarm, GatewayOutput, RaiseAlarm
from edge_agent.isdn.group import SpanFrame
from edge_agent.leg import (
    Answer,
    Clear,
    Cleared,
    Discarded,
    LegId,
    LegRequest,
    Offered,
    Ring,
    RingParty,
    SeizeTrunk,
    SendFlash,
    SendText,
    ShowProgress,
    WireEvent,
)
from edge_agent.line import Transition
from edge_agent.messages import SpillPlayed
from edge_agent.sip.config import Remote
from edge_agent.sip.outputs import MediaEvent, PortsExhausted, Refused, Send, Source
from edge_agent.supervisor import Supervisor, refused_by_failure

SIP = "sip"
LONGEST_STEP = 10_000
"""Events in one step, after which two cores are taken to be talking in a circle."""
MOST_FAILURES = 100
"""So many calls may break over their timers in one turn before the others wait for the next."""
RETRY_S = 1.0
"""A core whose timers fail is not asked again before this, so that it cannot spin the loop."""


class Switchboard:
    """Routes between one gateway, one SIP endpoint and the trunks; never awaits."""

    def __init__(
        self,
        brain: Brain,
        sip: SipWire,
        isdn: Mapping[str, IsdnWire],
        outside: Outside,
        *,
        cama: Mapping[str, CamaWire] = MappingProxyType({}),
        perf: Callable[[], float],
        seizures: Histogram,
        callbacks: Histogram,
    ) -> None:
        self._brain = brain
        self._sip = sip
        self._isdn, self._cama = isdn, cama
        self._trunks: dict[str, TrunkWire] = {**isdn, **cama}
        self._trunk_of = {
            span: name for name, trunk in self._trunks.items() for span in trunk.spans
        }
        self._outside = outside
        self._supervisor = Supervisor(self._fail, outside.trace)
        self._perf = perf
        self._seizures = seizures
        self._callbacks = callbacks
        self._owners: dict[LegId, str] = {}
        self._events: deque[tuple[str, WireEvent]] = deque()
        self._later: list[GatewayOutput] = []
        self._answering = False
        self._held: list[Send] = []
        self._began: float | None = None
        self._not_before = 0.0
        self.counts: Counter[str] = Counter()

    # ---- doors ---------------------------------------------------------------------------------

    def hear_sip(
        self, data: bytes, transport: str, host: str, port: int, connection: int | None, now: float
    ) -> None:
        """A datagram, or bytes of a stream."""
        self._began = self._perf()
        source = Source(transport, host, port, connection)
        self._answering = True
        self._hear_wire(
            SIP, self._supervisor.guarded(SIP, lambda: self._sip.receive(data, source, now))
        )
        self._answering = False
        self._finish(now)

    def lose_connection(self, host: str, port: int, connection: int | None, now: float) -> None:
        """A TCP connection is gone, or was never made."""
        source = Source("tcp", host, port, connection)
        self._step(SIP, lambda: self._sip.connection_lost(source, now), now)

    def adopt_remotes(self, remotes: tuple[Remote, ...], now: float) -> None:
        """The endpoint knows these remotes from now on; calls in progress go on."""
        self._step(SIP, lambda: self._sip.adopt(remotes, now), now)

    def hear_frame(self, span: str, frame: bytes, now: float) -> None:
        """A frame of a span's D channel."""
        self._began = self._perf()
        trunk = self._trunk_of[span]
        self._step(trunk, lambda: self._isdn[trunk].receive(span, frame, now), now)

    def hear_transition(self, span: str, transition: Transition, now: float) -> None:
        """A channel of a span with signalling shows something."""
        cama = self._cama_of(span)
        if cama is not None:
            trunk, core = cama
            self._outside.trace("seen", trunk, transition)
            self._step(trunk, lambda: core.hear(span, transition, now), now)

    def hear_spill(self, span: str, channel: int, spill: int, why: str, now: float) -> None:
        """Media tells what became of a :class:`~edge_agent.cama.outputs.Pulse`."""
        cama = self._cama_of(span)
        if cama is not None:
            trunk, core = cama
            self._outside.trace("seen", trunk, SpillPlayed(span, channel, spill, why))
            self._step(trunk, lambda: core.spill_played(span, channel, spill, why, now), now)

    def span_changed(self, span: str, alarm: int, now: float) -> None:
        """The alarms of a span are these now (:class:`~edge_agent.drivers.span.SpanAlarm`)."""
        seen = " ".join(str(each.name).lower() for each in SpanAlarm(alarm))
        self._later.append(
            RaiseAlarm("span-alarm", span, seen) if alarm else ClearAlarm("span-alarm", span)
        )
        trunk = self._trunk_of[span]
        core = self._trunks[trunk]
        change = core.span_down if alarm else core.span_up
        self._step(trunk, lambda: change(span, now), now)

    def set_service(
        self, span: str, channels: frozenset[int], now: float, *, in_service: bool
    ) -> None:
        """An operator takes channels out of service, or puts them back.

        Raises:
            ValueError: there is no such span or channel.
        """
        if span not in self._trunk_of:
            raise ValueError(f"span must be one of {', '.join(self._trunk_of)}")
        name = self._trunk_of[span]
        said = self._trunks[name].set_service(span, channels, now, in_service=in_service)
        self._step(name, lambda: said, now)

    def start(self, now: float) -> None:
        """Establish the links."""
        for name, trunk in self._trunks.items():
            self._step(name, partial(trunk.start, now), now)

    def stop(self, now: float) -> None:
        """Let go of the links; what else is up ends with its wires."""
        for name, trunk in self._trunks.items():
            self._step(name, partial(trunk.stop, now), now)

    def hear_event(self, event: WireEvent, now: float) -> None:
        """An event that comes from no wire: a digit that media heard."""
        self._step("media", lambda: [event], now)

    def ask(self, feed: Callable[[], Iterable[GatewayOutput]], now: float) -> None:
        """Ask the gateway for something (adopt, drain, the clock) and perform what it says."""
        self._perform(self._supervisor.guarded("gateway", feed), now)
        self._finish(now)

    def handle_timeout(self, now: float) -> None:
        """Everything that is due, in all cores."""
        failed = self.counts["step-failed"]
        while _is_due(self._brain, now) and self.counts["step-failed"] - failed < MOST_FAILURES:
            self._perform(
                self._supervisor.guarded("gateway", lambda: self._brain.handle_timeout(now)), now
            )
        wires: tuple[tuple[str, Wire], ...] = ((SIP, self._sip), *self._trunks.items())
        for name, wire in wires:
            if _is_due(wire, now):
                self._hear_wire(
                    name, self._supervisor.guarded(name, partial(wire.handle_timeout, now))
                )
        self._finish(now)
        if self.counts["step-failed"] > failed:
            self._not_before = now + RETRY_S

    def next_deadline(self) -> float | None:
        """When :meth:`handle_timeout` is due."""
        cores: tuple[Brain | Wire, ...] = (self._brain, self._sip, *self._trunks.values())
        deadlines = [at for core in cores if (at := core.next_deadline()) is not None]
        return max(min(deadlines), self._not_before) if deadlines else None

    # ---- one step ------------------------------------------------------------------------------

    def _step(self, name: str, feed: Callable[[], Iterable[WireOutput]], now: float) -> None:
        self._hear_wire(name, self._supervisor.guarded(name, feed))
        self._finish(now)

    def _finish(self, now: float) -> None:
        """Let the gateway hear every event, then hand over what could wait."""
        heard = 0
        while self._events:
            name, event = self._events.popleft()
            heard += 1
            if heard > LONGEST_STEP:
                self._events.clear()
                self._fail("loop", "events go in a circle")
                break
            self._own(name, event)
            self._outside.trace("event", name, event)
            said = self._supervisor.tell(event, lambda heard: self._brain.receive(heard, now))
            self._perform(said, now)
        self._began = None
        self._release()
        later, self._later = self._later, []
        if later:
            self._outside.afterwards(later, now)

    def _hear_wire(self, name: str, outputs: Iterable[WireOutput]) -> None:
        for output in outputs:
            match output:
                case Send():
                    self._send(output)
                case SpanFrame(span, data):
                    self._outside.send_frame(span, data)
                case Hook(span, channel, off_hook):
                    self._outside.hook(span, channel, off_hook=off_hook)
                    self._outside.trace("line", name, output)
                case Pulse():
                    self._outside.pulse(output)
                    self._outside.trace("line", name, output)
                case Hush(span, channel):
                    self._outside.hush(span, channel)
                case MediaEvent(leg, event):
                    self._outside.play_event(leg, event)
                case Refused():
                    self.counts[f"refused-{output.reason}"] += 1
                    if output.reason == "framing-lost" and output.source.connection is not None:
                        self._outside.cut(output.source.connection)
                case Discarded(reason):
                    self.counts[f"discarded-{reason}"] += 1
                case PortsExhausted():
                    self._later.append(RaiseAlarm("rtp-ports-exhausted"))
                case _:
                    self._events.append((name, output))

    def _send(self, output: Send) -> None:
        """What answers a datagram (100 Trying) lets the seizure that it causes go first (R1).

        To one destination nothing ever overtakes anything.
        """
        if self._answering:
            self._held.append(output)
            return
        if any(held.destination == output.destination for held in self._held):
            self._release()
        self._outside.send(output.data, output.destination)

    def _release(self) -> None:
        held, self._held = self._held, []
        for output in held:
            self._outside.send(output.data, output.destination)

    def _perform(self, outputs: Iterable[GatewayOutput], now: float) -> None:
        for output in outputs:
            match output:
                case (
                    SeizeTrunk()
                    | RingParty()
                    | ShowProgress()
                    | Ring()
                    | Answer()
                    | Clear()
                    | SendFlash()
                ):
                    self._request(output, output.leg, now)
                case SendText():
                    self._request(output, None, now)
                case _:
                    self._later.append(output)

    def _request(self, request: LegRequest, leg: LegId | None, now: float) -> None:
        name, wire = self._wire_of(request, leg)
        self._outside.trace("request", name, request)
        rescue = tuple if leg is None else partial(refused_by_failure, request, leg)
        self._hear_wire(
            name, self._supervisor.guarded(name, lambda: wire.handle(request, now), rescue)
        )
        if self._began is not None and isinstance(request, SeizeTrunk | RingParty):
            which = self._seizures if isinstance(request, SeizeTrunk) else self._callbacks
            which.observe(self._perf() - self._began)
            self._began = None

    def _wire_of(self, request: LegRequest, leg: LegId | None) -> tuple[str, Wire]:
        name = SIP
        if isinstance(request, SeizeTrunk) and request.trunk in self._trunks:
            name = request.trunk
        elif leg is not None and not isinstance(request, SeizeTrunk | RingParty):
            name = self._owners.get(leg, SIP)
        if leg is not None and isinstance(request, SeizeTrunk | RingParty):
            self._owners[leg] = name
        return name, self._trunks[name] if name != SIP else self._sip

    def _cama_of(self, span: str) -> tuple[str, CamaWire] | None:
        """The trunk that hears the channels of a span; a card may show what none of ours asked for
        (a channel of an ISDN span that its configuration calls E&M): it is counted."""
        trunk = self._trunk_of.get(span, "")
        core = self._cama.get(trunk)
        if core is None:
            self.counts["discarded-no-cama-span"] += 1
            return None
        return trunk, core

    def _own(self, name: str, event: WireEvent) -> None:
        match event:
            case Offered():
                self._owners[event.leg] = name
            case Cleared():
                self._owners.pop(event.leg, None)
            case _:
                pass

    def _fail(self, name: str, detail: str) -> None:
        self.counts["step-failed"] += 1
        self._later.append(RaiseAlarm("step-failed", name, detail))


def _is_due(core: Brain | Wire, now: float) -> bool:
    at = core.next_deadline()
    return at is not None and at <= now
