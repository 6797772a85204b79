"""What the agent itself asks of the gateway, and what an operator is shown of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from e911.bindings import Binding, CallKind
from e911.numbers import Elin
from e911.snapshot import Snapshot
from edge_agent.gateway.trunks import Order

TEMPORARY = 41


@dataclass(frozen=True, slots=True)
class Adopt:
    """A whole new snapshot; calls in progress keep what they began with."""

    snapshot: Snapshot


@dataclass(frozen=True, slots=True)
class ClockReading:
    """What the wall clock shows, and whether NTP keeps it."""

    utc: datetime
    synchronised: bool = True


@dataclass(frozen=True, slots=True)
class Restore:
    """Bindings from the journal, at start; those found open are closed now (R6)."""

    bindings: tuple[Binding, ...]


@dataclass(frozen=True, slots=True)
class Equip:
    """A trunk of this agent's own hardware and its channels."""

    trunk: str
    channels: tuple[int, ...]
    """All of them, where no spans are told apart."""
    spans: tuple[tuple[str, tuple[int, ...]], ...] = ()
    """By span, where the trunk has spans."""
    order: Order = Order.DESCENDING


@dataclass(frozen=True, slots=True)
class Force:
    """An operator ends a call by name, or (``step-failed``) the supervisor gives it up."""

    call: str
    cause: int = TEMPORARY


@dataclass(frozen=True, slots=True)
class PlaceReadback:
    """A test call: ``number`` is a carrier's and reads back the calling number it was sent."""

    trunk: str
    number: str
    elin: Elin
    seconds: float = 15.0
    """How long its voice is listened to once it has answered."""


GatewayRequest = Adopt | ClockReading | Restore | Equip | Force | PlaceReadback


@dataclass(frozen=True, slots=True)
class CallView:
    """One call as an operator sees it; ids only."""

    call: str
    kind: CallKind
    state: str
    incident: str
    erl: str
    elin: str
    trunk: str
    channel: int | None
    since: float
