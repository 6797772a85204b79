"""Each step of a call is one record with an id of its own; what is known once stays known (R12)."""

from __future__ import annotations

from e911.records import CallStep
from edge_agent.gateway.outputs import Report
from edge_agent.leg import Alerting, Answered, Cleared, LegId
from tests.flows.springfield import Story, dials


def test_r12_record_ids_count_up_within_the_call_and_the_facts_stay() -> None:
    story = Story()
    story.say(dials("caller", platform_call_id="platform-7"))
    trunk = story.seized().leg
    story.say(Alerting(trunk), Answered(trunk))
    story.say(Cleared(LegId("caller"), 16), Cleared(trunk, 16))
    records = [report.record for report in story.ever(Report)]
    assert [record.step for record in records] == [
        CallStep.STARTED,
        CallStep.ALERTING,
        CallStep.ANSWERED,
        CallStep.ENDED,
    ]
    assert [record.id for record in records] == [f"{records[0].call}-{n}" for n in (1, 2, 3, 4)]
    assert {record.platform_call_id for record in records} == {"platform-7"}
    assert records[-1].ended_at is not None
    assert records[-1].channel == 23
