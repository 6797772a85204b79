"""A channel on which nobody is heard is an alarm, once the PSAP has answered, and until it is
over."""

from __future__ import annotations

from edge_agent.gateway.outputs import ClearAlarm, RaiseAlarm
from edge_agent.leg import Alerting, Answered, Cleared, LegId, Silence
from tests.flows.springfield import Story, bearer, dials, gateway, psap_holds


def talking() -> tuple[Story, LegId, str]:
    story = Story(gateway(psap_holds(60)))
    story.say(dials("caller"))
    trunk = story.seized().leg
    story.say(bearer(trunk, 23), Answered(trunk))
    return story, trunk, story.gateway.calls()[0].call


def test_ten_seconds_of_nothing_from_the_psap_are_an_alarm_that_names_the_channel() -> None:
    story, trunk, call = talking()
    assert story.say(Silence(trunk, 10.4)) == [
        RaiseAlarm("voice-silent", call, "pri channel 23, 10 s")
    ]


def test_the_alarm_is_over_when_the_psap_is_heard_again() -> None:
    story, trunk, call = talking()
    story.say(Silence(trunk, 10.4))
    assert story.say(Silence(trunk, 0.0)) == [ClearAlarm("voice-silent", call)]
    assert story.say(Silence(trunk, 0.0)) == []


def test_the_alarm_is_over_with_its_call() -> None:
    story, trunk, call = talking()
    story.say(Silence(trunk, 10.4), Cleared(trunk, 16))
    assert not story.said(ClearAlarm)
    story.say(Cleared(LegId("caller"), 16))
    assert story.said(ClearAlarm, slug="voice-silent", subject=call)


def test_a_held_line_is_listened_to_as_well() -> None:
    story, trunk, _ = talking()
    story.say(Cleared(LegId("caller"), 16))
    assert story.say(Silence(trunk, 20.0))


def test_silence_before_the_answer_is_no_alarm() -> None:
    story = Story()
    story.say(dials("caller"))
    trunk = story.seized().leg
    assert story.say(Silence(trunk, 10.0)) == []
    story.say(Alerting(trunk))
    assert story.say(Silence(trunk, 20.0)) == []


def test_silence_of_a_leg_that_nobody_knows_changes_nothing() -> None:
    assert Story().say(Silence(LegId("ghost"), 10.0)) == []
