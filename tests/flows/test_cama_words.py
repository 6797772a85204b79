"""What only a CAMA trunk says, told to the gateway: an ELIN that its format cannot carry, a hook
flash, a spill that outlives its caller (R1, R6, R13)."""

from __future__ import annotations

import pytest

from e911.numbers import Caller
from edge_agent.gateway.outputs import Forget, Remember
from edge_agent.leg import (
    Alerting,
    Answer,
    Answered,
    Clear,
    Cleared,
    Flash,
    LegId,
    LinkChanged,
    RingParty,
    SeizeTrunk,
    SendFlash,
    SendText,
    ShowProgress,
)
from tests.edge.gateway.test_emergency import answered_and_hung_up
from tests.flows.springfield import (
    ANA,
    BOB,
    ELIN_2,
    Story,
    at,
    dials,
    gateway,
    snapshot_of,
)

CARL = Caller("sip:carl@contoso.example", peer="lync")


def uncarried(seize: SeizeTrunk) -> Cleared:
    """The trunk's format cannot carry the ELIN; nothing was sent."""
    return Cleared(seize.leg, 28, sent=False, uncarried=True)


def test_r1_a_trunk_that_cannot_carry_the_elin_gives_the_call_to_the_next_one_in_its_step() -> None:
    story = Story()
    story.say(dials("caller"))
    story.say(uncarried(story.seized()))
    second = story.seized()
    assert (second.trunk, second.calling, second.without_number) == ("gateway", ELIN_2, False)
    story.say(Answered(second.leg))
    assert story.said(Answer, leg=LegId("caller"))
    assert len(story.ever(SeizeTrunk)) == 2


def test_r11_the_desk_is_told_once_and_last_of_a_call_that_went_without_its_number() -> None:
    story = Story(gateway(snapshot_of(dropped=["gateway"])))
    story.say(dials("caller"))
    (started,) = story.said(SendText)
    assert "callback number" not in started.body
    story.say(uncarried(story.seized()))
    (told,) = story.said(SendText)
    assert "sent without a callback number: the PSAP cannot call back" in told.body
    assert ANA.name in told.body
    kinds = [type(output) for output in story.last]
    assert kinds.index(SeizeTrunk) < kinds.index(SendText) == len(kinds) - 1


def test_a_call_that_another_trunk_carries_with_its_number_worries_nobody() -> None:
    story = Story()
    story.say(dials("caller"))
    story.say(uncarried(story.seized()))
    assert story.seized().trunk == "gateway"
    assert not story.said(SendText)


def test_r1_the_only_trunk_gets_the_call_without_a_number_in_the_step_that_it_cannot_carry_it() -> (
    None
):
    story = Story(gateway(snapshot_of(dropped=["gateway"])))
    story.say(dials("caller"))
    story.say(uncarried(story.seized()))
    again = story.seized()
    assert (again.trunk, again.without_number) == ("pri", True)
    assert not story.said(Clear)
    story.say(Cleared(again.leg, 34, sent=False))
    assert story.said(Clear, leg=LegId("caller"), failover=True), "once"
    story.say(Cleared(LegId("caller"), 34))
    assert story.said(Forget), "no trunk was sent a byte (R6)"
    assert not story.gateway.bindings(story.now)


@pytest.mark.parametrize("cause", [1, 17, 21, 28, 34, 41, 102])
def test_r1_whatever_the_cause_by_which_the_others_refuse_the_call_goes_out_without_a_number(
    cause: int,
) -> None:
    story = Story()
    story.say(dials("caller"))
    story.say(uncarried(story.seized()))
    story.say(Cleared(story.seized().leg, cause))
    again = story.seized()
    assert (again.trunk, again.without_number, again.calling) == ("pri", True, ELIN_2)
    assert not story.said(Clear)


def test_the_platform_is_reassured_while_a_call_without_a_number_is_left_to_try() -> None:
    story = Story()
    story.say(LinkChanged("pri", up=False))
    story.say(dials("caller"))
    story.say(uncarried(story.seized()))
    story.wait(8.1)
    assert story.said(ShowProgress)
    assert not story.said(Clear)
    story.wait(2)
    again = story.seized()
    assert (again.trunk, again.without_number) == ("gateway", True)


def test_a_hook_flash_of_the_psap_is_passed_to_the_caller_while_they_talk() -> None:
    story = Story()
    story.say(dials("caller"))
    trunk = story.seized().leg
    story.say(Flash(trunk), Alerting(trunk), Flash(trunk))
    assert not story.said(SendFlash)
    story.say(Answered(trunk), Flash(trunk))
    assert story.said(SendFlash) == [SendFlash(LegId("caller"))]
    assert not story.say(Flash(LegId("caller")))
    story.say(Cleared(LegId("caller"), 16), Flash(trunk))
    assert not story.said(SendFlash)


def test_a_hook_flash_is_passed_to_the_phone_that_took_the_callers_place() -> None:
    story = Story()
    story.say(dials("caller"))
    trunk = story.seized().leg
    story.say(Answered(trunk), dials("pickup", BOB, replaces=LegId("caller")), Flash(trunk))
    assert story.said(SendFlash) == [SendFlash(LegId("pickup"))]


def test_a_hook_flash_of_a_psap_that_holds_the_line_alone_is_for_nobody() -> None:
    story, trunk = answered_and_hung_up(600)
    assert not story.say(Flash(trunk))


def test_r13_a_channel_is_another_calls_only_when_the_abandoned_spill_is_whole() -> None:
    """The trunk is told to end at the end of the hold; what it still pulses it ends by itself."""
    story = Story(gateway(channels=(1,)))
    story.say(dials("caller"))
    trunk = story.seized().leg
    story.say(Cleared(LegId("caller"), 16))
    story.wait(5)
    assert story.said(Clear, leg=trunk, cause=16)
    story.wait(3)
    assert story.gateway.bindings(story.now)[0].is_open
    story.say(dials("bob", BOB))
    assert story.seized().trunk == "gateway"
    story.say(Cleared(trunk, 16))
    (kept,) = (kept.binding for kept in story.said(Remember))
    assert (kept.ended_at, kept.elin) == (at(8), ELIN_2)
    story.say(dials("third", CARL))
    assert (story.seized().trunk, story.seized().channel) == ("pri", 1)


def test_r13_the_psap_that_answers_during_the_hold_gets_the_caller_though_the_spill_was_long() -> (
    None
):
    story = Story(gateway(channels=(1,)))
    story.say(dials("caller"))
    trunk = story.seized().leg
    story.say(Cleared(LegId("caller"), 16))
    story.wait(4.9)
    story.say(Answered(trunk))
    assert story.said(RingParty)[0].contact == ANA.contact
    story.wait(5)
    assert not story.ever(Clear), "the hold is for a PSAP that has not answered"
