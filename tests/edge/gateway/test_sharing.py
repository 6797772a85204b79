"""What is said of a shared or borrowed ELIN (R3, R4)."""

from __future__ import annotations

from dataclasses import replace

from e911.elin import FREE, OVERFLOW, REST
from e911.ledger import Bound
from e911.locate import Located
from e911.notice import NoticeStep
from edge_agent.gateway.outputs import RaiseAlarm, Remember, Report
from edge_agent.gateway.sharing import (
    alarms_of,
    bound_anew,
    gone_unnumbered,
    news_of,
    remark,
    sharing,
)
from edge_agent.leg import SendText
from tests.flows.springfield import Story, dials

STORY = Story()
STORY.say(dials("caller"))
BINDING = STORY.said(Remember)[0].binding
PLAIN = Bound(BINDING, FREE, ())
SHARED = Bound(replace(BINDING, forced=True), REST, (replace(BINDING, call="other"),))
BORROWED = Bound(BINDING, OVERFLOW, ())
PLACE = Located("spf-f2", BINDING.how)


def test_a_free_elin_of_the_floor_is_no_news() -> None:
    assert (alarms_of(PLAIN), news_of(PLAIN), remark(PLAIN, PLACE)) == ([], None, "")
    assert sharing(PLAIN) == {"shared_with": ()}


def test_r4_a_shared_elin_alarms_is_told_and_names_the_other_call() -> None:
    assert alarms_of(SHARED) == [RaiseAlarm("elin-forced-reuse", "spf-f2")]
    assert news_of(SHARED) is NoticeStep.SHARED
    assert "shared" in remark(SHARED, PLACE)
    assert sharing(SHARED) == {"shared_with": ("other",)}


def test_r3_a_borrowed_elin_tells_that_the_psap_sees_the_building() -> None:
    assert alarms_of(BORROWED) == [RaiseAlarm("elin-overflow", "spf-f2")]
    assert news_of(BORROWED) is NoticeStep.OVERFLOW
    assert "the building" in remark(BORROWED, PLACE)


def test_a_call_that_went_without_its_number_is_told_once_and_says_who_must_be_reached() -> None:
    story = Story()
    story.say(dials("caller"))
    (call,) = story.gateway._calls.values()
    (told,) = gone_unnumbered(call.chronicle, 1.0)
    assert isinstance(told, SendText)
    assert "the PSAP cannot call back" in told.body
    assert gone_unnumbered(call.chronicle, 2.0) == []


def test_r4_a_later_step_that_shares_an_elin_is_recorded_alarmed_and_told_in_this_order() -> None:
    story = Story()
    story.say(dials("caller"))
    (call,) = story.gateway._calls.values()
    quiet = bound_anew(call.chronicle, PLAIN, PLACE, 1.0)
    assert [type(out) for out in quiet] == [Report]
    loud = bound_anew(call.chronicle, SHARED, PLACE, 1.0)
    assert [type(out) for out in loud] == [Report, RaiseAlarm, SendText]
    assert call.chronicle.record.shared_with == ("other",)
