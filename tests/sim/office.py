"""One life of one agent: the real cores on a switchboard, its stores on a simulated disk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Protocol

from e911.numbers import Elin
from e911.records import Record
from e911.snapshot import Snapshot
from edge_agent.cama.outputs import Pulse
from edge_agent.cama.trunk import CamaTrunk
from edge_agent.drivers.span import SpanAlarm
from edge_agent.gateway.exchange import LastResort
from edge_agent.gateway.gateway import Gateway
from edge_agent.gateway.outputs import Forget, GatewayOutput, RaiseAlarm, Remember, Report
from edge_agent.gateway.requests import (
    Adopt,
    ClockReading,
    Equip,
    GatewayRequest,
    Restore,
)
from edge_agent.isdn.config import T1_CHANNELS, IsdnTrunkConfig
from edge_agent.isdn.group import TrunkGroup
from edge_agent.isdn.trunk import Trunk
from edge_agent.leg import LegId, SeizeTrunk
from edge_agent.line import Transition, circuit
from edge_agent.sip.config import EndpointConfig, Remote, Role
from edge_agent.sip.endpoint import Endpoint
from edge_agent.sip.outputs import Destination
from edge_agent.sip.parser import read_message
from edge_agent.store.disk import Disk
from edge_agent.store.journal import Journal, Replay, replay
from edge_agent.store.outbox import OutboxWriter
from edge_agent.switchboard import Switchboard
from tests.flows.springfield import DESK

STATE = Path("/state")
REMOTES = (
    Remote("lync", Role.PLATFORM, "10.0.0.10", domain="contoso.example"),
    Remote("desk", Role.PLATFORM, "10.0.0.90"),
    Remote("gateway", Role.TRUNK, "10.0.0.20"),
)
CONFIG = EndpointConfig("10.0.0.1", 5060, 5060, "10.0.0.1", remotes=REMOTES)
SYNC_S = 0.05
"""How long after a step its rows are on the disk, while the disk works."""
RETRY_S = 0.5


class Surroundings(Protocol):
    """The world, as an agent reaches it."""

    now: float

    def at(self, when: float, do: Callable[[], object]) -> None:
        """Have something done later."""

    def carry(self, data: bytes, destination: Destination) -> None:
        """A datagram leaves."""

    def carry_frame(self, span: str, frame: bytes) -> None:
        """A frame leaves."""

    def utc(self) -> datetime:
        """The wall clock."""

    def disk_waits_s(self) -> float:
        """How long a sync takes beside its usual time."""


class Line(Protocol):
    """A CAMA trunk's line, as an agent reaches it."""

    def trunk(self) -> CamaTrunk:
        """A core for one life."""

    def hook(self, channel: int, *, off_hook: bool) -> None:
        """A channel goes off hook, or on."""

    def pulse(self, pulse: Pulse) -> None:
        """A spill goes out."""

    def hush(self, channel: int) -> None:
        """It goes no further."""

    def trace(self, what: str, wire: str, value: object) -> None:
        """The call trace."""

    def invited(self, call_id: str, seized: Sequence[SeizeTrunk]) -> None:
        """The step of an emergency INVITE is over."""


class Ids:
    """Ids of one life; two lives share none."""

    def __init__(self, boot: str) -> None:
        self._boot, self._count = boot, 0

    def leg(self) -> LegId:
        return LegId(self._next("leg"))

    leg_id = leg

    def branch(self) -> str:
        return self._next("z9hG4bK")

    def tag(self) -> str:
        return self._next("tag")

    def call_id(self) -> str:
        return self._next("call")

    def session_id(self) -> int:
        self._count += 1
        return self._count

    def call_reference(self) -> int:
        return 1 + 997 * int(self._boot[1:]) % 32_000

    def _next(self, what: str) -> str:
        self._count += 1
        return f"{what}-{self._boot}-{self._count}"


class Stopwatch:
    """Nothing is measured here."""

    def observe(self, seconds: float) -> None:
        """Durations mean nothing in moved time."""


class Office:
    """An agent from its start on ``disk`` until somebody stops calling it."""

    def __init__(
        self,
        world: Surroundings,
        disk: Disk,
        boot: int,
        snapshot: Snapshot,
        spans: tuple[str, ...],
        line: Line | None = None,
    ) -> None:
        self.world, self.alive, self._line = world, True, line
        self.alarms: set[str] = set()
        self.seizures: list[SeizeTrunk] = []
        self.not_seized: list[str] = []
        """Emergency INVITEs that no seizure followed in their step."""
        self._invited: set[str] = set()
        self.put: list[Record] = []
        self._flushing = False
        ids = Ids(f"b{boot}")
        kept = self._replay(disk)
        self._journal = Journal(STATE / "journal", disk)
        self._outbox = OutboxWriter(STATE / "outbox", disk)
        last = LastResort(Elin("4255550100"), "pri", "911", DESK)
        self.gateway = Gateway("edge-1", f"b{boot}", ids, last, highest=kept.highest_utc)
        self.endpoint = Endpoint(CONFIG, ids)
        self.spans = {span: Trunk(IsdnTrunkConfig("pri", span), ids) for span in spans}
        self.cama = None if line is None else line.trunk()
        self.board = Switchboard(
            self.gateway,
            self.endpoint,
            {"pri": TrunkGroup(list(self.spans.values()))} if spans else {},
            self,
            cama={} if self.cama is None else {self.cama.config.trunk: self.cama},
            perf=lambda: 0.0,
            seizures=Stopwatch(),
            callbacks=Stopwatch(),
        )
        now = world.now
        requests: tuple[GatewayRequest, ...] = (
            ClockReading(world.utc()),
            *_equipment(spans, self.cama),
            Restore(kept.bindings),
            Adopt(snapshot),
        )
        for request in requests:
            self.board.ask(partial(self.gateway.handle, request, now), now)
        self.board.start(now)

    def _replay(self, disk: Disk) -> Replay:
        """As the agent does at its start: an unreadable disk costs the bindings, not the calls."""
        try:
            return replay(STATE / "journal", disk)
        except OSError:
            self.alarms.add("journal-failed")
            return Replay((), None, (), 0)

    # ---- what comes in -------------------------------------------------------------------------

    def hear(self, data: bytes, host: str) -> None:
        """A datagram arrives; R1: an emergency INVITE must become a seizure in this very step."""
        if not self.alive:
            return
        before = len(self.seizures)
        self.board.hear_sip(data, "udp", host, 5060, None, self.world.now)
        invite = data.startswith(b"INVITE sip:+911@")
        call = read_message(data).headers.get("call-id") if invite else ""
        if invite and call not in self._invited:
            if len(self.seizures) == before:
                self.not_seized.append(call)
            if self._line is not None:
                self._line.invited(call, self.seizures[before:])
        self._invited.add(call)

    def hear_frame(self, span: str, frame: bytes) -> None:
        """A frame of a D channel arrives."""
        if self.alive:
            self.board.hear_frame(span, frame, self.world.now)

    def hear_transition(self, span: str, transition: Transition) -> None:
        """The far end of a channel shows something."""
        if self.alive:
            self.board.hear_transition(span, transition, self.world.now)

    def hear_spill(self, span: str, channel: int, spill: int, why: str) -> None:
        """Media tells what became of a spill."""
        if self.alive:
            self.board.hear_spill(span, channel, spill, why, self.world.now)

    def change_span(self, span: str, *, alarm: bool) -> None:
        """The driver reports an alarm of a span, or its end."""
        if self.alive:
            seen = SpanAlarm.RED if alarm else SpanAlarm(0)
            self.board.span_changed(span, seen, self.world.now)

    def tick(self) -> None:
        """Whatever is due, is due."""
        if self.alive:
            self.board.handle_timeout(self.world.now)

    def read_clock(self) -> None:
        """The wall clock is read."""
        if self.alive:
            reading = ClockReading(self.world.utc())
            now = self.world.now
            self.board.ask(lambda: self.gateway.handle(reading, now), now)

    # ---- what the switchboard makes happen -----------------------------------------------------

    def send(self, data: bytes, destination: Destination) -> None:
        self.world.carry(data, destination)

    def send_frame(self, span: str, frame: bytes) -> None:
        self.world.carry_frame(span, frame)

    def hook(self, span: str, channel: int, *, off_hook: bool) -> None:
        if self._line is not None:
            self._line.hook(channel, off_hook=off_hook)

    def pulse(self, pulse: Pulse) -> None:
        if self._line is not None:
            self._line.pulse(pulse)

    def hush(self, span: str, channel: int) -> None:
        if self._line is not None:
            self._line.hush(channel)

    def play_event(self, leg: LegId, event: int) -> None:
        """Nobody listens to the voice."""

    def cut(self, connection: int) -> None:
        """There are no streams here."""

    def trace(self, what: str, wire: str, value: object) -> None:
        if self._line is not None:
            self._line.trace(what, wire, value)
        if isinstance(value, SeizeTrunk):
            self.seizures.append(value)

    def afterwards(self, outputs: list[GatewayOutput], now: float) -> None:
        for output in outputs:
            match output:
                case Remember(binding):
                    self._journal.remember(binding)
                case Forget(call):
                    self._journal.forget(call)
                case Report(record):
                    self.put.append(record)
                    self._outbox.put(record)
                case RaiseAlarm(slug):
                    self.alarms.add(slug)
                case _:
                    pass
        if not self._flushing:
            self._flushing = True
            self.world.at(now + SYNC_S + self.world.disk_waits_s(), self.flush)

    def flush(self) -> None:
        """The clerk's thread gets its turn."""
        if not self.alive:
            return
        self._flushing = False
        try:
            self._journal.flush()
            self._outbox.flush()
        except OSError:
            self.alarms.add("journal-failed")
            self._flushing = True
            self.world.at(self.world.now + RETRY_S, self.flush)

    @property
    def is_idle(self) -> bool:
        """No call, no leg, no channel in use anywhere."""
        held = any(trunk.holds for trunk in self.gateway.trunks())
        return not (self.gateway.calls() or held or self.endpoint.legs or self.trunk_legs)

    @property
    def trunk_legs(self) -> frozenset[LegId]:
        """Legs that any span has."""
        return frozenset(leg for span in self.spans.values() for leg in span.legs)


def _equipment(spans: tuple[str, ...], cama: CamaTrunk | None) -> list[Equip]:
    by_span = [
        (span, tuple(circuit(n, channel) for channel in T1_CHANNELS))
        for n, span in enumerate(spans)
    ]
    every = tuple(each for _, all_ in by_span for each in all_)
    found = [Equip("pri", every, tuple(by_span))] if spans else []
    if cama is not None:
        lines = tuple((span, cama.circuits(span)) for span in cama.spans)
        found.append(Equip(cama.config.trunk, (), lines))
    return found
