"""What the desk reads: name, number, ELIN, place and time, in the branch's time with its offset and
in UTC.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from e911.notice import HEADLINES, Notice, NoticeStep, fields, local_time, text
from tests.core.springfield import HARBOR, NOON

STARTED = Notice(
    incident="i-1",
    call="edge-1-b1-7",
    step=NoticeStep.STARTED,
    at=NOON,
    branch="springfield",
    erl="spf-f2",
    place=f"Floor 2: {HARBOR.one_line()}",
    name="Ana B",
    number="4255551001",
    elin="4255550101",
    dialled="911",
    zone="America/Los_Angeles",
    how="subnet",
    targets=("spf-desk",),
)


def test_a_person_reads_who_where_and_when() -> None:
    assert text(STARTED).splitlines() == [
        "Emergency call",
        "Name: Ana B",
        "Number: 4255551001",
        "ELIN: 4255550101",
        "Place: Floor 2: 1200 Harbor Ave NE, Flr 1, Springfield, WA, 98000",
        "Located by: subnet",
        "Dialled: 911",
        "Time: 2026-03-02 04:00:00 -08:00 (12:00:00 UTC)",
        "Call: edge-1-b1-7",
    ]


def test_what_is_not_known_is_not_said() -> None:
    bare = Notice("i-1", "c-1", NoticeStep.UNBOUND, NOON, "springfield", erl="spf-f2")
    assert text(bare).splitlines() == [
        "A call to an ELIN that nobody holds",
        "Place: spf-f2",
        "Time: 2026-03-02 12:00:00 +00:00 (12:00:00 UTC)",
        "Call: c-1",
    ]


def test_the_offset_is_that_of_the_day() -> None:
    """An hour is not to be guessed by whoever reads the log in winter."""
    summer = replace(STARTED, at=datetime(2026, 7, 2, 12, 0, tzinfo=UTC))
    assert "05:00:00 -07:00 (12:00:00 UTC)" in text(summer)
    india = replace(STARTED, zone="Asia/Kolkata")
    assert "17:30:00 +05:30 (12:00:00 UTC)" in text(india)


@pytest.mark.parametrize("zone", ["", "Nowhere/Land", "../../etc/passwd", "UTC"])
def test_an_unknown_zone_is_utc_and_not_silence(zone: str) -> None:
    assert local_time(replace(STARTED, zone=zone)).isoformat() == "2026-03-02T12:00:00+00:00"


@pytest.mark.parametrize("step", NoticeStep)
def test_every_step_has_its_own_headline(step: NoticeStep) -> None:
    assert text(replace(STARTED, step=step)).startswith(HEADLINES[step])
    assert list(HEADLINES.values()).count(HEADLINES[step]) == 1


def test_a_program_gets_every_field_always() -> None:
    told = fields(STARTED)
    bare = fields(Notice("i", "c", NoticeStep.ENDED, NOON, "springfield"))
    assert told.keys() == bare.keys()
    assert told["at"] == "2026-03-02T12:00:00.000000Z"
    assert told["at_local"] == "2026-03-02T04:00:00-08:00"
    assert (told["name"], told["elin"], told["step"]) == ("Ana B", "4255550101", "started")
    assert json.loads(json.dumps(told)) == told


def test_a_remark_is_said_last_before_the_call() -> None:
    remark = "the PSAP sees the building, not the floor"
    lines = text(replace(STARTED, remark=remark)).splitlines()
    assert lines[-2:] == [f"Remark: {remark}", "Call: edge-1-b1-7"]
