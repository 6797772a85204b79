"""What the gateway decides, as values: the driver performs them in the order given, and that order
is a promise.

Within one step a ``SeizeTrunk`` comes before everything that could wait (``Remember``, ``Report``,
``SendText``), so that no disk and no desk is ever in front of a call.
"""

from __future__ import annotations

from dataclasses import dataclass

from e911.bindings import Binding
from e911.numbers import Elin
from e911.records import Record
from edge_agent.leg import LegId, LegRequest, Media


@dataclass(frozen=True, slots=True)
class RoomPort:
    """One leg in a room: who it is, where its voice is, whether it hears and is heard."""

    leg: LegId
    media: Media
    hears: bool = True
    speaks: bool = True


@dataclass(frozen=True, slots=True)
class Room:
    """Everybody whose voice meets in one call; a later room of the same call replaces the earlier
    one."""

    call: str
    ports: tuple[RoomPort, ...]


@dataclass(frozen=True, slots=True)
class CloseRoom:
    """The call has no voice any more."""

    call: str


@dataclass(frozen=True, slots=True)
class Announce:
    """Play the recorded voice of an ERL (its address, the branch's main number) to one leg, over
    and over (R7)."""

    call: str
    leg: LegId
    erl: str


@dataclass(frozen=True, slots=True)
class Listen:
    """Keep what this leg says from now on as a recording, for so long at most."""

    call: str
    leg: LegId
    seconds: float


@dataclass(frozen=True, slots=True)
class ReadbackNews:
    """How far a test call has come; the last one of a call is ``over``."""

    call: str
    trunk: str
    channel: int | None
    elin: Elin
    number: str
    state: str
    """``calling``, ``listening`` or ``over``."""
    answered_s: float | None = None
    """How long it rang before it was answered."""
    cause: int | None = None
    """Why it is over (Q.850)."""
    connected: str = ""


@dataclass(frozen=True, slots=True)
class Remember:
    """Write the binding to the journal: after the seizure, never before it (R6)."""

    binding: Binding


@dataclass(frozen=True, slots=True)
class Forget:
    """The binding is withdrawn: no trunk was sent a byte (R6)."""

    call: str


@dataclass(frozen=True, slots=True)
class Report:
    """Put the record into the outbox."""

    record: Record


@dataclass(frozen=True, slots=True)
class RaiseAlarm:
    """An operator must see this."""

    slug: str
    subject: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ClearAlarm:
    """The condition is over."""

    slug: str
    subject: str = ""


GatewayOutput = (
    LegRequest
    | Room
    | CloseRoom
    | Announce
    | Listen
    | ReadbackNews
    | Remember
    | Forget
    | Report
    | RaiseAlarm
    | ClearAlarm
)
