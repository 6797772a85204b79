"""Who leaves a call, and who joins it late: what is kept, what is told (R13)."""

from __future__ import annotations

import pytest

from e911.records import CallRecord, CallStep
from e911.snapshot import Snapshot
from edge_agent.gateway.callers_place import abandoned, as_far_as, bid_is_over, gone, held_until
from edge_agent.gateway.emergency import EmergencyCall
from edge_agent.gateway.emergency_states import In, S
from edge_agent.gateway.exchange import Exchange
from edge_agent.gateway.outputs import Report
from edge_agent.leg import Answer, LegId, Ring, SendText, ShowProgress
from tests.edge.gateway.test_callback import branch
from tests.flows.springfield import Story, dials, gateway, snapshot_of

PHONE = LegId("pickup")


def exchange(snapshot: Snapshot | None = None) -> Exchange:
    return gateway(snapshot)._exchange


@pytest.mark.parametrize("state", list(S), ids=lambda state: state.name)
def test_only_an_answered_call_outlives_its_caller_as_an_answered_one(state: S) -> None:
    assert (gone(state, held=True) is In.CALLER_GONE_HELD) == (state is S.TALKING)
    assert gone(state, held=False) is In.CALLER_GONE


@pytest.mark.parametrize(
    ("psap_hold_s", "assumed", "until"),
    [(0, False, 102.0), (60, False, 162.0), (0, True, 105.0), (60, True, 162.0)],
)
def test_r13_an_answered_call_is_held_for_its_psap_and_an_assumed_answer_for_its_bid(
    psap_hold_s: int, assumed: bool, until: float
) -> None:
    seized_at, now = 100.0, 102.0
    held = exchange(snapshot_of([branch(psap_hold_s=psap_hold_s, leg_hold_s=5)]))
    assert held_until(held, seized_at, now, assumed=assumed) == until
    assert held_until(held, seized_at, 200.0, assumed=assumed) == 200.0 + psap_hold_s


def test_r13_the_hold_is_the_branchs_and_5_s_from_the_seizure_where_nothing_says_it() -> None:
    assert bid_is_over(exchange(snapshot_of([branch(leg_hold_s=20)])), 100.0) == 120.0
    bare = exchange()
    bare.snapshot = None
    assert bid_is_over(bare, 100.0) == 105.0
    assert held_until(bare, 100.0, 102.0, assumed=False) == 102.0


def test_r13_an_abandoned_call_is_recorded_and_told() -> None:
    story = Story()
    story.say(dials("caller"))
    (call,) = story.gateway._calls.values()
    assert isinstance(call, EmergencyCall)
    report, text = abandoned(call.chronicle, 1.0)
    assert isinstance(report, Report)
    assert isinstance(report.record, CallRecord)
    assert report.record.step is CallStep.ABANDONED
    assert isinstance(text, SendText)
    assert "hung up before answer" in text.body


def test_a_phone_that_joins_late_hears_what_the_one_before_it_heard() -> None:
    assert as_far_as(S.SEIZING, PHONE) == []
    assert as_far_as(S.PROCEEDING, PHONE) == [ShowProgress(PHONE)]
    assert as_far_as(S.QUEUED, PHONE) == [Ring(PHONE, in_band=True)]
    assert as_far_as(S.TALKING, PHONE) == [Answer(PHONE)]
