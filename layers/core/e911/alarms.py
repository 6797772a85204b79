"""Alarms: what an operator must see, by slug, with first, last and count; not only a log line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Alarm:
    """One condition that an operator must see; the runbook has one file per slug."""

    slug: str
    first: datetime
    last: datetime
    count: int = 1
    cleared: datetime | None = None
    subject: str = ""
    """Id of what it is about (trunk, ERL, edge); never a caller."""
    detail: str = ""

    @property
    def is_active(self) -> bool:
        """Whether the condition still holds, as far as is known."""
        return self.cleared is None


MOST_ALARMS = 500
"""So many alarms are kept: one about a single call never clears by itself."""


class AlarmBoard:
    """The alarms of one process: raising again counts, clearing keeps the history."""

    def __init__(self) -> None:
        self._alarms: dict[tuple[str, str], Alarm] = {}

    def raise_(self, slug: str, utc: datetime, subject: str = "", detail: str = "") -> Alarm:
        """Raise ``slug`` about ``subject``; again while active counts, after a clearing anew."""
        held = self._alarms.get((slug, subject))
        if held is None or not held.is_active:
            alarm = Alarm(slug, utc, utc, 1, None, subject, detail)
        else:
            alarm = Alarm(
                slug, held.first, utc, held.count + 1, None, subject, detail or held.detail
            )
        self._alarms[slug, subject] = alarm
        if len(self._alarms) > MOST_ALARMS:
            self._forget_one()
        return alarm

    def clear(self, slug: str, utc: datetime, subject: str = "") -> Alarm | None:
        """Clear ``slug`` about ``subject``; ``None`` where it is not active."""
        held = self._alarms.get((slug, subject))
        if held is None or not held.is_active:
            return None
        alarm = Alarm(slug, held.first, held.last, held.count, utc, subject, held.detail)
        self._alarms[slug, subject] = alarm
        return alarm

    def active(self) -> tuple[Alarm, ...]:
        """Alarms that hold now, newest first."""
        return tuple(sorted((a for a in self if a.is_active), key=lambda a: a.last, reverse=True))

    def _forget_one(self) -> None:
        """What is over goes first, then what is oldest: a long life does not fill the memory."""
        oldest = min(self, key=lambda alarm: (alarm.is_active, alarm.last))
        del self._alarms[oldest.slug, oldest.subject]

    def __iter__(self) -> Iterator[Alarm]:
        return iter(self._alarms.values())
