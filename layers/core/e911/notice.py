"""What the security desk is sent: name, number, ELIN, time and place, as text for people and fields for programs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class NoticeStep(StrEnum):
    """What a notice is about."""

    STARTED = "started"
    ANSWERED = "answered"
    ABANDONED = "abandoned"
    FAILED = "failed"
    REFUSED = "refused"
    RELAYED = "relayed"
    UNANSWERED = "unanswered"
    CALLBACK = "callback"
    UNBOUND = "unbound"
    SHARED = "shared"
    OVERFLOW = "overflow"
    DISAGREEING = "disagreeing"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to tell, once per (incident, target, step)."""

    incident: str
    call: str
    step: NoticeStep
    at: datetime
    branch: str
    erl: str = ""
    place: str = ""
    """The address in one line, with the ERL's name."""
    name: str = ""
    number: str = ""
    elin: str = ""
    dialled: str = ""
    zone: str = "UTC"
    """IANA name of the branch; times are shown in it, with offset, and in UTC."""
    how: str = ""
    remark: str = ""
    targets: tuple[str, ...] = ()
    schema: int = 1
