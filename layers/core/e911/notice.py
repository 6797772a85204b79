"""What the security desk is sent: name, number, ELIN, time and place, as text for people and fields
for programs.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from e911.wire import Document, stamp


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
    UNNUMBERED = "unnumbered"
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


HEADLINES: dict[NoticeStep, str] = {
    NoticeStep.STARTED: "Emergency call",
    NoticeStep.ANSWERED: "Emergency call: answered by the PSAP",
    NoticeStep.ABANDONED: "Emergency call: the caller hung up before answer",
    NoticeStep.FAILED: "Emergency call: NOT PLACED, every route failed",
    NoticeStep.REFUSED: "Emergency call: REFUSED, the caller is outside",
    NoticeStep.RELAYED: "Emergency call: relayed, the caller is outside",
    NoticeStep.UNANSWERED: "Emergency call: the PSAP has not answered for 30 s",
    NoticeStep.CALLBACK: "The PSAP is calling back",
    NoticeStep.UNBOUND: "A call to an ELIN that nobody holds",
    NoticeStep.SHARED: "Emergency call: ELIN shared, a callback may reach either caller",
    NoticeStep.OVERFLOW: "Emergency call: the PSAP sees the building, not the floor",
    NoticeStep.UNNUMBERED: "Emergency call: the PSAP sees no number and cannot call back",
    NoticeStep.DISAGREEING: "Emergency call: clues to the location disagree",
    NoticeStep.ENDED: "Emergency call: ended",
}
"""What a person reads first, by step."""


def local_time(notice: Notice) -> datetime:
    """When it happened, in the branch's zone; in UTC where the zone is none that this machine
    knows.
    """
    try:
        return notice.at.astimezone(ZoneInfo(notice.zone))
    except (ValueError, OSError, KeyError):
        return notice.at.astimezone(UTC)


def text(notice: Notice) -> str:
    """The notice for people: name, number, ELIN, place, and the time of the branch with offset and
    in UTC.
    """
    local = local_time(notice)
    utc = notice.at.astimezone(UTC)
    lines = [
        ("", HEADLINES[notice.step]),
        ("Name: ", notice.name),
        ("Number: ", notice.number),
        ("ELIN: ", notice.elin),
        ("Place: ", notice.place or notice.erl),
        ("Located by: ", notice.how),
        ("Dialled: ", notice.dialled),
        ("Time: ", f"{local:%Y-%m-%d %H:%M:%S} {_offset(local)} ({utc:%H:%M:%S} UTC)"),
        ("Remark: ", notice.remark),
        ("Call: ", notice.call),
    ]
    return "\n".join(f"{label}{value}" for label, value in lines if value)


def fields(notice: Notice) -> Document:
    """The notice for programs; every field is always there: no receiver has to guess."""
    return {
        "schema": notice.schema,
        "incident": notice.incident,
        "call": notice.call,
        "step": notice.step.value,
        "headline": HEADLINES[notice.step],
        "at": stamp(notice.at),
        "at_local": local_time(notice).isoformat(timespec="seconds"),
        "zone": notice.zone,
        "branch": notice.branch,
        "erl": notice.erl,
        "place": notice.place,
        "name": notice.name,
        "number": notice.number,
        "elin": notice.elin,
        "dialled": notice.dialled,
        "how": notice.how,
        "remark": notice.remark,
        "targets": list(notice.targets),
    }


def _offset(local: datetime) -> str:
    """``-08:00``, as ISO 8601 writes it."""
    digits = local.strftime("%z")
    return f"{digits[:3]}:{digits[3:5]}"
