"""When a trunk is tested by itself, and with which ELINs: a pure function of UTC and of the results
so far.

Once a day at an hour of the branch's own clock, so that it is night there in summer and winter. An
agent that was not there at that hour does not test at noon instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from zoneinfo import ZoneInfo

from e911.numbers import Elin
from edge_agent.store.trunk_files import ReadbackResult

SCHEDULE = "schedule"
"""Who asked, in the results of these tests."""
LATE_MINUTES = 60
"""A test that could not begin at its minute may still begin within so many."""
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Timetable:
    """The daily test of one trunk."""

    trunk: str
    number: str
    at: str
    """``03:30``, on the branch's clock."""
    every_elin: bool = False
    """All ELINs each day, and not one a day in turn."""


def day_due(utc: datetime, zone: str, at: str, last: date | None) -> date | None:
    """The day whose test is due now; ``None`` where it is not, or was begun already.

    A minute that the clock skips in spring is met by the hour that follows it; one that comes twice
    in autumn is met once, because the day is the same.
    """
    local = utc.astimezone(_zone(zone))
    hours, _, minutes = at.partition(":")
    late = local.hour * 60 + local.minute - (int(hours) * 60 + int(minutes))
    is_due = 0 <= late < LATE_MINUTES and local.date() != last
    return local.date() if is_due else None


def last_day(results: Iterable[ReadbackResult], trunk: str, zone: str) -> date | None:
    """The latest day on which a test of the trunk was begun by itself, as the results tell."""
    begun = [each.at for each in results if each.trunk == trunk and each.asked_by == SCHEDULE]
    return max(begun).astimezone(_zone(zone)).date() if begun else None


def elins_due(
    elins: Sequence[Elin], results: Iterable[ReadbackResult], trunk: str, *, every: bool
) -> tuple[Elin, ...]:
    """The ELINs to test, the longest untested first; one alone unless ``every``."""
    tested: dict[Elin, datetime] = {}
    for each in results:
        if each.trunk == trunk and each.was_placed:
            tested[each.elin] = max(each.at, tested.get(each.elin, _NEVER))
    ordered = sorted(elins, key=lambda elin: (tested.get(elin, _NEVER), elin))
    return tuple(ordered if every else ordered[:1])


def _zone(name: str) -> tzinfo:
    """The branch's zone; UTC where it is none that this machine knows."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return UTC
