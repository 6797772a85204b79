"""What the edge tells the cloud: one record per step of a call, and one per heartbeat, each
arriving once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from e911.alarms import Alarm
from e911.bindings import CallKind, How
from e911.numbers import Caller, Elin


class CallStep(StrEnum):
    """The steps of a call that are worth a record, in the order in which they can happen."""

    STARTED = "started"
    SEIZED = "seized"
    ALERTING = "alerting"
    ANSWERED = "answered"
    ABANDONED = "abandoned"
    FAILED = "failed"
    REFUSED = "refused"
    RELAYED = "relayed"
    UNBOUND = "unbound"
    """A callback to an ELIN that nobody holds; it went to the desk."""
    UNANSWERED = "unanswered"
    """Nobody at the PSAP answered for 30 s."""
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One step of one call. ``id`` is call id + step number, so that a repeat changes nothing
    (R12).
    """

    id: str
    call: str
    incident: str
    step: CallStep
    kind: CallKind
    at: datetime
    edge: str
    branch: str
    erl: str = ""
    how: How = How.DEFAULT
    elin: Elin | None = None
    caller: Caller | None = None
    dialled: str = ""
    trunk: str = ""
    channel: int | None = None
    cause: int | None = None
    bound_at: datetime | None = None
    ended_at: datetime | None = None
    window_s: int = 0
    platform_call_id: str = ""
    targets: tuple[str, ...] = ()
    """Ids of the targets that the policy says to tell."""
    shared_with: tuple[str, ...] = ()
    """Call ids of the other callers on this ELIN (R4)."""
    disagreeing: tuple[str, ...] = ()
    forced: bool = False
    bound_call: str = ""
    """On a callback's records: the call whose binding it found, and whose window its end restarts
    (R5).
    """
    schema: int = 1


@dataclass(frozen=True, slots=True)
class HealthRecord:
    """How an edge is: sent on adoption of a snapshot, on an alarm's change and as a heartbeat; the
    first to be dropped.
    """

    id: str
    edge: str
    branch: str
    at: datetime
    serial: int = 0
    generation: int = 0
    version: str = ""
    alarms: tuple[Alarm, ...] = ()
    trunks_down: tuple[str, ...] = ()
    bindings: int = 0
    calls: int = 0
    outbox: int = 0
    schema: int = 1


Record = CallRecord | HealthRecord
