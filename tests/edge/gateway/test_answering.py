"""Who answers a callback: the desk, the targets, the pace of the ladder, and what a flood is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from e911.bindings import Binding, CallKind, How
from e911.rows import BranchRow, SharedElinPolicy
from e911.timekeeping import GuardedClock
from edge_agent.gateway.answering import (
    Flood,
    callback_of,
    desk_of,
    goes_to_desk,
    pace_of,
    targets_of,
)
from edge_agent.gateway.emergency_states import S
from edge_agent.gateway.exchange import Exchange, LastResort, Times
from edge_agent.gateway.ladder import Pace
from edge_agent.gateway.telling import Teller
from edge_agent.leg import LegId, Offered, RingParty
from tests.flows.springfield import (
    ANA,
    BOB,
    DESK,
    ELIN_2,
    PSAP,
    START,
    SeededIds,
    rows,
    snapshot_of,
)

LAST = LastResort(ELIN_2, "pri", "911", "sip:last@127.0.0.1")
ANAS = Binding("c1", ELIN_2, ANA, "spf-f2", How.CIVIC, CallKind.EMERGENCY, START)
BOBS = replace(ANAS, call="c2", caller=BOB, bound_at=START + timedelta(minutes=1))


def exchange(**branch: object) -> Exchange:
    made = Exchange("edge-1", "b1", SeededIds(), LAST, Times(), GuardedClock(None))
    (row,) = (each for each in rows() if isinstance(each, BranchRow))
    values = {name: getattr(row, name) for name in BranchRow.__slots__}
    made.snapshot = snapshot_of([BranchRow(**{**values, **branch})])
    return made


def without_snapshot() -> Exchange:
    made = exchange()
    made.snapshot = None
    return made


def test_r4_only_a_shared_elin_goes_to_the_desk_and_only_where_the_branch_says_so() -> None:
    desk = exchange(shared_elin=SharedElinPolicy.DESK)
    assert goes_to_desk(desk, (BOBS, ANAS))
    assert not goes_to_desk(desk, (ANAS,))
    assert not goes_to_desk(exchange(), (BOBS, ANAS))
    assert not goes_to_desk(without_snapshot(), (BOBS, ANAS))


def test_the_desk_is_the_branchs_and_without_a_snapshot_that_of_the_last_resort() -> None:
    assert desk_of(exchange(), (ANAS,), ELIN_2) == (DESK,)
    assert desk_of(exchange(desk=()), (), None) == (LAST.desk,)
    assert desk_of(without_snapshot(), (ANAS,), ELIN_2) == (LAST.desk,)


def test_whoever_the_policy_names_is_told_of_a_callback() -> None:
    assert targets_of(exchange(), (ANAS,)) == ("desk",)
    assert targets_of(without_snapshot(), (ANAS,)) == ()


@pytest.mark.parametrize(
    ("busy", "pace"),
    [
        ([], Pace(20, 40, 90)),
        ([S.HELD], Pace(20, 40, 90)),
        ([S.TALKING], Pace(20, 10.0, 90)),
        ([S.QUEUED], Pace(20, 20.0, 90, busy_for_s=20.0)),
        ([S.QUEUED, S.TALKING], Pace(20, 10.0, 90)),
    ],
)
def test_the_ladder_climbs_faster_where_the_caller_is_on_the_line(
    busy: list[S], pace: Pace
) -> None:
    assert pace_of(exchange(), busy) == pace


def test_r7_the_sixth_call_of_a_number_in_ten_minutes_is_a_flood_and_no_other_number_is() -> None:
    flood = Flood(Times())
    assert [flood.rises("2065550911", at) for at in range(6)] == [False] * 5 + [True]
    assert not flood.rises("2065550912", 6)
    assert not flood.rises("2065550911", 600.5)


def test_r4_a_callback_is_made_of_what_the_branch_says_of_its_caller() -> None:
    for policy, rung in ((SharedElinPolicy.NEWEST, ANA.contact), (SharedElinPolicy.DESK, DESK)):
        offered = Offered(LegId("psap"), "pri", ELIN_2.digits, PSAP, from_trunk=True, channel=1)
        made = exchange(shared_elin=policy)
        made.clock.observe(START, 0.0, True)
        for each in (ANAS, BOBS):
            made.ledger.restore(each, START)
        call = callback_of(made, Teller(), offered, ELIN_2, (ANAS, BOBS), ())
        (ring,) = (out for out in call.begin(0.0) if isinstance(out, RingParty))
        assert ring.contact == rung
        assert call.chronicle.record.targets == ("desk",)
