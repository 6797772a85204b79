"""A record is kept once under its own id, and found again by its call and by its day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from e911.records import CallStep
from e911_cloud.calls import SHARDS, Calls
from e911_cloud.errors import NotFound
from e911_cloud.tables import CallRow
from tests.cloud.calls_of import NOON, record

pytestmark = pytest.mark.usefixtures("stack")


def test_a_repeat_changes_nothing() -> None:
    """R12: a conditional put on the record's own key."""
    assert Calls().keep(record(), NOON)
    assert not Calls().keep(record(erl="spf-1"), NOON + timedelta(hours=1))
    kept = next(iter(CallRow.scan()))
    assert (kept.body["erl"], kept.received) == ("spf-2", NOON)


def test_the_steps_of_a_call_come_in_order_of_time() -> None:
    Calls().keep(record(CallStep.ENDED, 3), NOON)
    Calls().keep(record(CallStep.STARTED, 1), NOON)
    assert [step["step"] for step in Calls().steps("edge-springfield-b1-1")] == ["started", "ended"]


def test_an_unknown_call_is_not_found() -> None:
    with pytest.raises(NotFound):
        Calls().steps("edge-springfield-b1-7")


def test_a_day_gathers_all_shards_of_its_branch_and_no_other() -> None:
    calls = [f"edge-springfield-b1-{n}" for n in range(12)]
    for n, call in enumerate(calls):
        Calls().keep(record(call=call, at=NOON + timedelta(minutes=n)), NOON)
    Calls().keep(record(call="edge-shelbyville-b1-1", branch="shelbyville"), NOON)
    Calls().keep(record(call="edge-springfield-b1-99", at=NOON + timedelta(days=1)), NOON)
    assert [r["call"] for r in Calls().of_day("springfield", date(2026, 11, 22))] == calls
    assert len({row.day for row in CallRow.scan()}) > SHARDS // 2
