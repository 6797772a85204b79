"""The hour is the branch's, summer and winter; the ELINs take turns."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from e911.numbers import Elin
from edge_agent.ops.timetable import SCHEDULE, day_due, elins_due, last_day
from edge_agent.store.trunk_files import ReadbackResult

CHICAGO = "America/Chicago"
E1, E2, E3 = Elin("4255550101"), Elin("4255550102"), Elin("4255550103")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def result(at: str, elin: Elin = E1, by: str = SCHEDULE, cause: int | None = 16) -> ReadbackResult:
    """A test on a trunk that has no channels (sip); without a cause it was not placed."""
    return ReadbackResult(at, utc(at), "pri", elin, "2065550199", by, cause=cause)


@pytest.mark.parametrize(
    ("now", "day"),
    [
        ("2026-01-15T09:29:59", None),
        ("2026-01-15T09:30:00", date(2026, 1, 15)),
        ("2026-01-15T10:29:59", date(2026, 1, 15)),
        ("2026-01-15T10:30:00", None),
        ("2026-07-15T08:30:00", date(2026, 7, 15)),
        ("2026-07-15T09:30:00", None),
    ],
)
def test_half_past_three_is_half_past_three_in_the_branch(now: str, day: date | None) -> None:
    assert day_due(utc(now), CHICAGO, "03:30", None) == day


def test_once_a_day_is_once_a_day() -> None:
    now = utc("2026-01-15T09:31:00")
    assert day_due(now, CHICAGO, "03:30", date(2026, 1, 15)) is None
    assert day_due(now, CHICAGO, "03:30", date(2026, 1, 14)) == date(2026, 1, 15)


def begun(first: str, hours: int, at: str) -> list[date]:
    """The days on which a clock that is asked every minute begins a test."""
    found: list[date] = []
    for minute in range(hours * 60):
        now = utc(first) + timedelta(minutes=minute)
        day = day_due(now, CHICAGO, at, found[-1] if found else None)
        if day is not None:
            found.append(day)
    return found


def test_a_minute_that_spring_skips_and_one_that_autumn_repeats_are_met_once() -> None:
    assert begun("2026-03-07T12:00:00", 48, "02:30") == [date(2026, 3, 8), date(2026, 3, 9)]
    assert begun("2026-10-31T12:00:00", 48, "01:30") == [date(2026, 11, 1), date(2026, 11, 2)]


def test_a_zone_that_nobody_knows_is_utc() -> None:
    assert day_due(utc("2026-01-15T03:30:00"), "Mars/Olympus", "03:30", None) == date(2026, 1, 15)


def test_after_a_restart_the_results_tell_which_day_was_begun() -> None:
    results = [result("2026-01-14T09:30:00"), result("2026-01-15T05:00:00", by="operator")]
    assert last_day(results, "pri", CHICAGO) == date(2026, 1, 14)
    assert last_day(results, "other", CHICAGO) is None
    late = [result("2026-01-15T04:00:00")]
    assert last_day(late, "pri", CHICAGO) == date(2026, 1, 14), "it was 22:00 the day before"


def test_elins_take_turns_and_one_that_was_skipped_keeps_its_turn() -> None:
    elins = (E3, E2, E1)
    results = [result("2026-01-14T09:30:00", E1)]
    assert elins_due(elins, [], "pri", every=False) == (E1,)
    assert elins_due(elins, results, "pri", every=False) == (E2,)
    results.append(result("2026-01-15T09:30:00", E2, cause=None))
    assert elins_due(elins, results, "pri", every=False) == (E2,)
    assert elins_due(elins, results, "pri", every=True) == (E2, E3, E1)
    results += [result("2026-01-16T09:30:00", E2), result("2026-01-17T09:30:00", E3)]
    assert elins_due(elins, results, "pri", every=False) == (E1,)
    assert elins_due((), results, "pri", every=False) == ()
