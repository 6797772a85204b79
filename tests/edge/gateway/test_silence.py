"""A channel on which nobody is heard is an alarm, once the PSAP has answered, and until it is
over."""

from __future__ import annotations

from edge_agent.gateway.outputs import ClearAlarm, RaiseAlarm
from edge_agent.gateway.requests import Force
from edge_agent.leg import Alerting, Answered, Cleared, LegId, RingParty, Silence
from tests.edge.gateway.test_callback import dial_and_hang_up
from tests.flows.springfield import ANA, Story, bearer, calls_back, dials, gateway, psap_holds


def talking(seconds: float = 10.4) -> tuple[Story, LegId, str]:
    """A call whose PSAP has answered so long ago, its trunk leg and its id."""
    story = Story(gateway(psap_holds(60)))
    story.say(dials("caller"))
    trunk = story.seized().leg
    story.say(bearer(trunk, 23), Answered(trunk))
    story.wait(seconds)
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
    story.wait(9.6)
    assert story.say(Silence(trunk, 20.0))


def test_who_fell_silent_in_the_middle_of_a_call_is_silent_from_then() -> None:
    story, trunk, call = talking(300.0)
    assert story.say(Silence(trunk, 10.2)) == [
        RaiseAlarm("voice-silent", call, "pri channel 23, 10 s")
    ]


def test_a_line_that_is_being_cleared_is_not_listened_to() -> None:
    story, trunk, call = talking()
    story.ask(Force(call))
    assert story.say(Silence(trunk, 10.4)) == []


def test_silence_before_the_answer_is_no_alarm() -> None:
    story = Story()
    story.say(dials("caller"))
    trunk = story.seized().leg
    assert story.say(Silence(trunk, 10.0)) == []
    story.say(Alerting(trunk))
    assert story.say(Silence(trunk, 20.0)) == []


def test_a_psap_that_answers_a_silent_trunk_is_waited_for_as_if_it_had_been_silent_from_then() -> (
    None
):
    """Some networks say nothing at all until the PSAP answers; who answers draws breath first."""
    story, trunk, call = talking(1.0)
    assert story.say(Silence(trunk, 20.2)) == []
    story.wait(10.0)
    assert story.say(Silence(trunk, 30.2)) == [
        RaiseAlarm("voice-silent", call, "pri channel 23, 11 s")
    ]


def test_a_psap_that_answers_a_call_given_up_is_waited_for_too() -> None:
    story = Story()
    story.say(dials("caller"))
    trunk = story.seized().leg
    story.say(bearer(trunk, 23), Cleared(LegId("caller"), 16), Answered(trunk))
    story.wait(1.0)
    assert story.say(Silence(trunk, 12.0)) == []
    story.wait(10.0)
    assert story.say(Silence(trunk, 22.0))


def test_a_person_who_joins_later_does_not_hide_a_silent_psap() -> None:
    story = Story()
    story.say(dials("caller"))
    trunk = story.seized().leg
    story.say(bearer(trunk, 23), Cleared(LegId("caller"), 16), Answered(trunk))
    (ring,) = story.ever(RingParty)
    story.wait(10.0)
    story.say(Answered(ring.leg))
    assert story.say(Silence(trunk, 10.0))


def test_a_human_who_answers_a_psaps_callback_gives_it_its_time_to_speak() -> None:
    """While it was being rung for, the PSAP heard ringing and had nothing to say."""
    story = dial_and_hang_up(Story(), ANA, "caller")
    story.say(calls_back("psap"), bearer("psap", 1))
    (ring,) = story.ever(RingParty)
    story.wait(30.0)
    story.say(Answered(ring.leg))
    assert story.say(Silence(LegId("psap"), 30.0)) == []
    story.wait(10.0)
    assert story.say(Silence(LegId("psap"), 40.0))


def test_silence_of_a_leg_that_nobody_knows_changes_nothing() -> None:
    assert Story().say(Silence(LegId("ghost"), 10.0)) == []
