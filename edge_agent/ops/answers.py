"""What the agent answers an operator at the admin socket."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Protocol

from e911.bindings import Binding
from e911.snapshot import Snapshot
from edge_agent.ops.admin import Command, Document
from edge_agent.ops.calltrace import CallTrace
from edge_agent.ops.capture import Captures
from edge_agent.ops.health import Health, Vitals
from edge_agent.ops.metrics import Metrics
from edge_agent.ops.readback_answers import ReadbackAnswers
from edge_agent.ops.trunk_table import channels_in
from edge_agent.ops.trunk_views import Facts, Trunk, gauges, trunk_rows
from edge_agent.ops.upkeep import Upkeep
from edge_agent.ops.version import own_version
from edge_agent.ops.views import alarm_document, binding_document, call_document

MOST_TRACE_LINES = 1000
FIRST_INSTANT = 1_000_000_000
"""A serial from here on is the second at which it was published (R10)."""


class Call(Protocol):
    """One call as the gateway shows it."""

    @property
    def call(self) -> str: ...


class Gateway(Protocol):
    """The views of the gateway."""

    @property
    def snapshot(self) -> Snapshot | None: ...
    def calls(self) -> Iterable[Call]: ...
    def bindings(self, now: float) -> tuple[Binding, ...]: ...
    def trunks(self) -> Iterable[Trunk]: ...


class Board(Protocol):
    """What the switchboard has counted."""

    @property
    def counts(self) -> Counter[str]: ...


class Disk(Protocol):
    """How the disk is doing."""

    def late_s(self) -> float: ...


class Child(Protocol):
    """A child process; ``None`` while it is down."""

    @property
    def pid(self) -> int | None: ...


class Agent(Protocol):
    """The agent, as far as an operator may see and stop it."""

    health: Health
    metrics: Metrics
    calltrace: CallTrace
    captures: Captures
    upkeep: Upkeep
    outbox_waiting: int
    stopped: asyncio.Event

    @property
    def gateway(self) -> Gateway: ...
    @property
    def board(self) -> Board: ...
    @property
    def storage(self) -> Disk: ...
    @property
    def children(self) -> Mapping[str, Child]: ...
    def drain(self) -> None: ...
    def force(self, call: str) -> None: ...
    def set_service(self, span: str, channels: frozenset[int], *, in_service: bool) -> None: ...
    def cards(self) -> Mapping[str, Document]: ...


class Answers:
    """The commands of one agent."""

    def __init__(
        self,
        agent: Agent,
        edge: str,
        branch: str,
        boot: str,
        *,
        numbers: bool,
        utc: Callable[[], datetime],
    ) -> None:
        self._agent = agent
        self._utc = utc
        self._edge = edge
        self._branch = branch
        self._boot = boot
        self._numbers = numbers
        self._loop = asyncio.get_running_loop()
        self._since = self._loop.time()
        self._readbacks = ReadbackAnswers(
            agent.upkeep.readbacks, lambda: agent.gateway.snapshot, self._loop.time
        )

    def commands(self) -> dict[str, Command]:
        """By the word that asks for it."""
        return {
            "status": self.status,
            "calls": self.calls,
            "bindings": self.bindings,
            "trunks": self.trunks,
            "alarms": self.alarms,
            "trace": self.trace,
            "capture": self._agent.captures.take,
            "metrics": self.metrics,
            "trunk-out": partial(self.set_service, in_service=False),
            "trunk-in": partial(self.set_service, in_service=True),
            "stop": self.stop,
            **self._readbacks.commands(),
        }

    def status(self, request: Document) -> Document:
        """Everything that fits on one screen."""
        agent, now = self._agent, self._loop.time()
        return {
            "edge": self._edge,
            "branch": self._branch,
            "boot": self._boot,
            "version": own_version(),
            "up_s": round(now - self._since, 1),
            **self._snapshot(),
            "calls": len(list(agent.gateway.calls())),
            "bindings": len(agent.gateway.bindings(now)),
            "trunks": {trunk.id: trunk.up for trunk in agent.gateway.trunks()},
            "alarms": sorted({alarm.slug for alarm in agent.health.active}),
            "children": {name: child.pid for name, child in agent.children.items()},
            "outbox": agent.outbox_waiting,
            "disk_late_s": round(agent.storage.late_s(), 3),
            "invite_to_seizure": agent.metrics.seizures.document(),
            "setup_to_invite": agent.metrics.callbacks.document(),
            "binding_saved": agent.metrics.saved.document(),
            "counts": dict(sorted(agent.board.counts.items())),
        }

    def calls(self, request: Document) -> list[Document]:
        """The calls that live now."""
        now = self._loop.time()
        return [call_document(call, now) for call in self._agent.gateway.calls()]

    def bindings(self, request: Document) -> list[Document]:
        """What a callback would find."""
        found = self._agent.gateway.bindings(self._loop.time())
        return [binding_document(binding, numbers=self._numbers) for binding in found]

    def trunks(self, request: Document) -> list[Document]:
        """Links, alarms and channels, span by span."""
        facts = self._facts()
        return [row for trunk in self._agent.gateway.trunks() for row in trunk_rows(trunk, facts)]

    def set_service(self, request: Document, *, in_service: bool) -> list[Document]:
        """Take ``channels`` of a ``span`` out of service, or put them back; how it is now."""
        span = request.get("span")
        if not isinstance(span, str):
            raise ValueError("span is missing")
        channels = channels_in(request.get("channels"))
        self._agent.set_service(span, channels, in_service=in_service)
        return [row for row in self.trunks(request) if row["span"] == span]

    def alarms(self, request: Document) -> list[Document]:
        """All alarms of this run; active ones first."""
        ordered = sorted(self._agent.health.alarms(), key=lambda a: (not a.is_active, a.slug))
        return [alarm_document(alarm) for alarm in ordered]

    def trace(self, request: Document) -> list[Document]:
        """The last lines of the call trace (``lines``, 50 unless told)."""
        lines = request.get("lines", 50)
        if not isinstance(lines, int) or not 1 <= lines <= MOST_TRACE_LINES:
            raise ValueError(f"lines must be 1 to {MOST_TRACE_LINES}")
        return self._agent.calltrace.tail(lines)

    def metrics(self, request: Document) -> str:
        """Everything in the text format of Prometheus."""
        return self.metrics_text()

    def metrics_text(self) -> str:
        """Counters, states, alarms and histograms as a scraper reads them."""
        agent, now = self._agent, self._loop.time()
        states = {
            "calls": len(list(agent.gateway.calls())),
            "bindings": len(agent.gateway.bindings(now)),
            "outbox": agent.outbox_waiting,
            "serial": agent.gateway.snapshot.header.serial if agent.gateway.snapshot else 0,
            **{f"trunk-up-{trunk.id}": int(trunk.up) for trunk in agent.gateway.trunks()},
        }
        active = sorted({alarm.slug for alarm in agent.health.active})
        trunks = gauges(agent.gateway.trunks(), self._facts())
        return agent.metrics.text(agent.board.counts.items(), states.items(), active, trunks)

    async def stop(self, request: Document) -> Document:
        """End when the last call has; calls named in ``force`` are ended now."""
        known = {call.call for call in self._agent.gateway.calls()}
        force = request.get("force", [])
        if not isinstance(force, list) or not set(force) <= known:
            names = ", ".join(sorted(known)) or "none"
            raise ValueError(f"force must name calls in progress: {names}")
        for call in force:
            self._agent.force(call)
        self._agent.drain()
        return {"stopping": True, "calls": [call.call for call in self._agent.gateway.calls()]}

    def _facts(self) -> Facts:
        """What the trunks' rows say beside their channels."""
        agent, snapshot = self._agent, self._agent.gateway.snapshot
        lines = {a.subject: a.detail for a in agent.health.active if a.slug == "span-alarm"}
        return Facts(
            snapshot.branch.reserve if snapshot else 0,
            lines,
            agent.upkeep.watch.slips(self._loop.time()),
            agent.upkeep.watch.last_good,
            agent.upkeep.readbacks.results,
            agent.cards(),
        )

    def _snapshot(self) -> Document:
        snapshot = self._agent.gateway.snapshot
        if snapshot is None:
            return {"serial": None, "generation": None, "age_s": None}
        serial, generation = snapshot.header.serial, snapshot.header.generation
        published = serial if serial >= FIRST_INSTANT else None
        age_s = None if published is None else round(self._utc().timestamp() - published)
        return {"serial": serial, "generation": generation, "age_s": age_s}


def vitals_of(agent: Agent, now: float) -> Vitals:
    """What the cloud is told of the agent beside its alarms."""
    gateway, snapshot = agent.gateway, agent.gateway.snapshot
    return Vitals(
        serial=snapshot.header.serial if snapshot else 0,
        generation=snapshot.header.generation if snapshot else 0,
        trunks_down=tuple(trunk.id for trunk in gateway.trunks() if not trunk.up),
        bindings=len(gateway.bindings(now)),
        calls=len(list(gateway.calls())),
        outbox=agent.outbox_waiting,
    )
