"""Trunks as an operator and a scraper see them: a row for each span, with what its channels do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from e911.wire import stamp
from edge_agent.leg import LegId
from edge_agent.ops.admin import Document
from edge_agent.ops.trunk_watch import free_channels
from edge_agent.store.trunk_files import ReadbackResult

STATES = ("idle", "busy", "reserved", "guard", "suspect", "out-of-service")
"""What a channel can be doing; ``reserved`` is seized and not yet confirmed by the network,
``guard`` hung up so lately that it is chosen after others, ``suspect`` failed its last call."""
ALARMS = ("red", "yellow", "blue")


class Hold(Protocol):
    """One leg on a trunk."""

    @property
    def channel(self) -> int | None: ...


class Trunk(Protocol):
    """One trunk as the gateway keeps it."""

    id: str
    channels: tuple[int, ...]
    capacity: int
    down: dict[str, str]

    @property
    def up(self) -> bool: ...
    @property
    def spans(self) -> Mapping[str, tuple[int, ...]]: ...
    @property
    def holds(self) -> Mapping[LegId, Hold]: ...
    def states(self, span: str) -> Mapping[int, str]: ...
    def room(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of trunks beside their channels."""

    reserve: int = 0
    """Channels of each trunk that only the first rank may take (R8)."""
    span_alarms: Mapping[str, str] = field(default_factory=dict)
    """By span: ``red yellow``."""
    slips: Mapping[str, int] = field(default_factory=dict)
    """By span: blocks lost within the last hour."""
    last_good: Mapping[str, datetime] = field(default_factory=dict)
    """By trunk: when a call or a test was last answered."""
    results: tuple[ReadbackResult, ...] = ()
    """Test calls, oldest first."""
    cards: Mapping[str, Document] = field(default_factory=dict)
    """By span: what its card says and counts; a span of datagrams has none."""


@dataclass(frozen=True, slots=True)
class Gauge:
    """One number of a trunk, for a scraper."""

    name: str
    labels: tuple[str, ...]
    value: float


def trunk_rows(trunk: Trunk, facts: Facts) -> list[Document]:
    """The trunk span by span; one row where it has none (sip)."""
    test = next((each for each in reversed(facts.results) if each.trunk == trunk.id), None)
    good = facts.last_good.get(trunk.id)
    shared: Document = {
        "reserve": facts.reserve,
        "last_good": stamp(good)[:16] if good else None,
        "last_test": f"{stamp(test.at)[:16]} {_came_of(test)}" if test else None,
    }
    return [{**_span_row(trunk, span, facts), **shared} for span in trunk.spans]


def gauges(trunks: Iterable[Trunk], facts: Facts) -> Iterator[Gauge]:
    """Every number of every trunk, as it is now."""
    for trunk in trunks:
        good = facts.last_good.get(trunk.id)
        if trunk.channels or trunk.capacity:
            yield Gauge("free", (trunk.id,), free_channels(trunk))
        if good is not None:
            yield Gauge("last_good", (trunk.id,), good.timestamp())
        for span in trunk.spans:
            yield Gauge("link", (trunk.id, span), int(span not in trunk.down))
            states = list(trunk.states(span).values())
            for state in STATES if trunk.channels else ():
                yield Gauge("channels", (trunk.id, span, state), states.count(state))
            seen = facts.span_alarms.get(span, "").split()
            for alarm in ALARMS if trunk.channels else ():
                yield Gauge("alarm", (trunk.id, span, alarm), int(alarm in seen))
            if trunk.channels:
                yield Gauge("slips", (trunk.id, span), facts.slips.get(span, 0))
            for count, value in facts.cards.get(span, {}).items():
                if isinstance(value, int):
                    yield Gauge("card", (trunk.id, span, count), value)


def _came_of(test: ReadbackResult) -> str:
    if not test.was_placed:
        return test.remark
    return "not answered" if test.answered_s is None else test.verdict.value


def _span_row(trunk: Trunk, span: str, facts: Facts) -> Document:
    states = trunk.states(span)
    by_state = {state: [c for c, held in states.items() if held == state] for state in STATES}
    mine = trunk.spans[span]
    return {
        "trunk": trunk.id,
        "span": span,
        "up": span not in trunk.down,
        "why": trunk.down.get(span, ""),
        "alarms": facts.span_alarms.get(span, ""),
        "slips": facts.slips.get(span, 0),
        "channels": len(mine) or trunk.capacity,
        "calls": sum(hold.channel in mine for hold in trunk.holds.values())
        if mine
        else len(trunk.holds),
        "idle": len(by_state["idle"]),
        "busy": by_state["busy"],
        "reserved": by_state["reserved"],
        "guard": by_state["guard"],
        "suspect": by_state["suspect"],
        "out_of_service": by_state["out-of-service"],
        "card": facts.cards.get(span),
    }
