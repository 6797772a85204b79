"""The PSAP that answers an abandoned call gets its caller, or the recording: R7 and R13 as
stories."""

from __future__ import annotations

from edge_agent.gateway.outputs import Announce, RaiseAlarm, Room
from edge_agent.gateway.requests import Force
from edge_agent.leg import (
    Answered,
    Clear,
    Cleared,
    Flash,
    LegId,
    MediaChanged,
    RingParty,
    RtpMedia,
    SeizeTrunk,
    SendFlash,
    SendText,
)
from tests.flows.springfield import BOB, DESK, ELIN_2, Story, bearer, dials, rtp

VOICE = RtpMedia(20002, ("127.0.0.1", 30002))


def answered_alone() -> tuple[Story, LegId]:
    """A call whose caller hung up before the PSAP answered, and its trunk leg."""
    story = Story()
    story.say(dials("caller"))
    trunk = story.seized().leg
    story.say(bearer(trunk, 23), Cleared(LegId("caller"), 16), Answered(trunk))
    return story, trunk


def test_r13_the_party_that_took_the_call_over_is_rung_as_an_alternate() -> None:
    story = Story()
    story.say(dials("caller"), MediaChanged(LegId("caller"), VOICE, party=BOB))
    trunk = story.ever(SeizeTrunk)[0].leg
    story.say(Cleared(LegId("caller"), 16), Answered(trunk))
    story.wait(20)
    assert story.said(RingParty, contact=BOB.contact)


def test_r13_when_nobody_answers_the_psap_hears_the_recording_and_the_desk_is_told() -> None:
    story = Story()
    story.say(dials("caller"))
    trunk = story.seized().leg
    story.say(Cleared(LegId("caller"), 16), Answered(trunk))
    story.wait(90)
    assert story.said(Announce, leg=trunk)
    assert story.said(RaiseAlarm, slug="callback-unanswered")
    assert any("recording" in text.body for text in story.said(SendText))


def test_r13_a_psap_that_answers_an_abandoned_call_gets_the_caller_rung_at_once() -> None:
    story = Story()
    story.say(dials("caller"))
    trunk = story.seized().leg
    story.say(bearer(trunk, 23), Cleared(LegId("caller"), 16), Answered(trunk))
    (ring,) = story.said(RingParty)
    assert (ring.contact, ring.psap_callback) == ("sip:ana@contoso.example", True)
    story.say(rtp(ring.leg), Answered(ring.leg))
    assert {port.leg for port in story.said(Room)[-1].ports} == {ring.leg, trunk}
    story.say(Cleared(trunk, 16))
    assert story.said(Clear, leg=ring.leg)
    story.say(Cleared(ring.leg, 16))
    assert not story.gateway.calls()


def test_r13_who_is_rung_back_sees_the_elin_that_the_psap_saw() -> None:
    story, _ = answered_alone()
    assert story.said(RingParty)[0].calling == ELIN_2.digits


def test_r13_the_human_who_hangs_up_ends_the_call_with_the_psap() -> None:
    story, trunk = answered_alone()
    (ring,) = story.said(RingParty)
    story.say(rtp(ring.leg), Answered(ring.leg))
    story.say(Cleared(ring.leg, 16))
    assert story.said(Clear, leg=trunk, cause=16)
    story.say(Cleared(trunk, 16))
    assert not story.gateway.calls()


def test_r13_the_desk_joins_where_the_caller_does_not_answer_and_answers_for_the_caller() -> None:
    story, trunk = answered_alone()
    (caller,) = story.said(RingParty)
    story.wait(40)
    (desk,) = story.said(RingParty, contact=DESK)
    story.say(rtp(desk.leg), Answered(desk.leg))
    assert story.said(Clear, leg=caller.leg, cause=26)
    assert {port.leg for port in story.said(Room)[-1].ports} == {desk.leg, trunk}


def test_r7_the_recording_is_played_once_and_people_ring_on() -> None:
    story, _ = answered_alone()
    (caller,) = story.said(RingParty)
    story.wait(90)
    story.wait(300)
    assert len(story.ever(Announce)) == 1
    assert not story.ever(Clear)
    story.say(rtp(caller.leg), Answered(caller.leg))
    assert caller.leg in {port.leg for port in story.said(Room)[-1].ports}


def test_a_psap_that_hangs_up_leaves_nobody_ringing_and_nothing_due() -> None:
    story, trunk = answered_alone()
    (ring,) = story.said(RingParty)
    story.say(Cleared(trunk, 16))
    assert story.said(Clear, leg=ring.leg)
    story.say(Cleared(ring.leg, 16))
    story.wait(300)
    assert not story.said(RingParty)
    assert not story.gateway.calls()


def test_an_operator_who_ends_the_call_ends_the_ringing_with_it() -> None:
    story, trunk = answered_alone()
    (ring,) = story.said(RingParty)
    story.ask(Force(story.gateway.calls()[0].call))
    assert {clear.leg for clear in story.said(Clear)} == {trunk, ring.leg}
    story.wait(300)
    assert not story.said(RingParty)


def test_a_hook_flash_is_passed_to_whoever_was_rung_back_and_answered() -> None:
    story, trunk = answered_alone()
    (caller,) = story.said(RingParty)
    assert not story.say(Flash(trunk))
    story.say(rtp(caller.leg), Answered(caller.leg), Flash(trunk))
    assert story.said(SendFlash) == [SendFlash(caller.leg)]
    story.say(Cleared(caller.leg, 16))
    assert not story.say(Flash(trunk))
