"""Emergency calls over a CAMA trunk, with the real core on the line: R1, R2, R6, R8 and R13 as
stories of hooks and digits."""

from __future__ import annotations

from typing import Any

import pytest

from edge_agent.cama.config import Answering
from edge_agent.gateway.outputs import ClearAlarm, RaiseAlarm, Remember, Room
from edge_agent.leg import (
    Answer,
    Answered,
    Clear,
    Cleared,
    LegId,
    Offered,
    Ring,
    RingParty,
    SeizeTrunk,
    SendFlash,
    ShowProgress,
)
from tests.edge.gateway.test_callback import branch
from tests.flows.cama_office import CAMA, CamaOffice, Tandem
from tests.flows.springfield import ANA, BOB, ELIN_1, ELIN_2, FLOOR_1, PSAP, at, dials, rtp

CALLER = LegId("caller")
SPILL = "*05550102#"
"""KP 0 NXX-XXXX ST of the ELIN of Ana's floor."""
SPILL_S = 1.324
"""cama.md §10."""


def dialled(office: CamaOffice) -> LegId:
    """Ana has dialled 911; her trunk leg."""
    office.say(dials("caller"), rtp("caller"))
    return LegId(office.ever(SeizeTrunk)[-1].leg)


def talking(office: CamaOffice) -> LegId:
    """Ana talks with the PSAP; her trunk leg."""
    trunk = dialled(office)
    office.wait(6)
    assert office.said(Answer, leg=CALLER)
    return trunk


def test_a_call_from_the_seizure_in_its_step_to_the_channel_that_is_free_again() -> None:
    office = CamaOffice()
    trunk = dialled(office)
    assert office.hooks() == [(0.0, True)], "off hook in the step of the INVITE (R1)"
    office.wait(0.5)
    assert office.said(ShowProgress, leg=CALLER), "the wink is a sign of life"
    assert office.pulsed() == [SPILL]
    assert not office.ever(Ring)
    office.wait(1.5)
    assert office.said(Ring, leg=CALLER, in_band=True), "the digits are out: nothing moves on now"
    assert {port.leg for port in office.said(Room)[-1].ports} == {CALLER, trunk}
    office.wait(4)
    assert office.said(Answer, leg=CALLER)
    office.say(Cleared(CALLER, 16))
    assert office.hooks()[-1] == (6.0, False)
    (binding,) = (kept.binding for kept in office.said(Remember))
    assert (binding.elin, binding.ended_at) == (ELIN_2, at(6))
    assert not office.gateway.calls()
    office.wait(0.5)
    office.say(dials("bob", BOB))
    assert office.seized().trunk == "pri", "the channel rests: whatever needs no wait goes first"
    office.wait(1)
    office.say(dials("third"))
    assert office.seized().trunk == CAMA


def test_the_psap_that_hangs_up_ends_the_call_and_the_caller_is_told() -> None:
    office = CamaOffice()
    talking(office)
    office.far_end(False)
    assert not office.said(Clear), "it may be a flash"
    office.wait(1.2)
    assert office.said(Clear, leg=CALLER, cause=16)
    assert office.hooks()[-1][1] is False


def test_r1_a_tandem_that_is_silent_gives_the_call_to_the_pri_within_5_s_and_is_suspect() -> None:
    office = CamaOffice(Tandem(winks_after=None))
    dialled(office)
    office.wait(5)
    (_, second) = office.ever(SeizeTrunk)
    assert (second.trunk, second.calling) == ("pri", ELIN_2)
    assert office.hooks()[-1] == (4.0, False)
    assert office.pulsed() == []
    assert office.said(RaiseAlarm, slug="trunk-suspect", subject="em-1")
    office.say(dials("bob", BOB))
    assert office.seized().trunk == "pri", "a suspect trunk is tried last"
    office.say(Cleared(office.seized().leg, 34))
    assert office.seized().trunk == CAMA, "and never left out"
    office.wait(90)
    assert office.ever(ClearAlarm, slug="trunk-suspect")


def test_r1_one_bad_pair_costs_4_s_and_not_the_call_where_there_is_no_other_trunk() -> None:
    office = CamaOffice(Tandem(winks_after=None), only=True, channels=(1, 2, 3))
    dialled(office)
    office.wait(3.9)
    office.tandem.winks_after = 0.1
    office.wait(6)
    assert office.hooks() == [(0.0, True), (4.0, False), (4.0, True)]
    assert office.pulsed() == [SPILL]
    assert office.said(Answer, leg=CALLER)
    first, second = office.ever(SeizeTrunk)
    assert first.channel != second.channel
    assert (first.calling, second.calling) == (ELIN_2, ELIN_2)


def test_r1_a_second_channel_comes_after_the_other_trunks() -> None:
    office = CamaOffice(Tandem(winks_after=None), channels=(1, 2))
    dialled(office)
    office.wait(4.1)
    assert office.seized().trunk == "pri"
    office.say(Cleared(office.seized().leg, 34))
    assert (office.seized().trunk, office.seized().without_number) == (CAMA, False)


def test_r1_two_channels_without_a_wink_are_a_silent_tandem_and_the_platform_is_told_at_8_s() -> (
    None
):
    office = CamaOffice(Tandem(winks_after=None), only=True, channels=(1, 2, 3))
    dialled(office)
    office.wait(8.1)
    assert office.said(Clear, leg=CALLER, failover=True)
    assert office.hooks() == [(0.0, True), (4.0, False), (4.0, True), (8.0, False)]


def test_r1_a_span_in_alarm_during_the_digits_moves_the_call_on_in_the_same_step() -> None:
    office = CamaOffice()
    dialled(office)
    office.wait(1)
    office.span_fails()
    assert office.seized().trunk == "pri"


def test_r13_a_call_abandoned_while_it_pulses_sends_its_digits_and_only_then_hangs_up() -> None:
    """The wink comes late: the hold of 5 s is over in the midst of the spill."""
    office = CamaOffice(Tandem(winks_after=3.7))
    trunk = dialled(office)
    office.wait(1)
    office.say(Cleared(CALLER, 16))
    office.wait(3.9)
    assert not office.ever(Clear, leg=trunk)
    assert office.pulsed() == [SPILL]
    office.wait(0.2)
    assert office.said(Clear, leg=trunk, cause=16)
    assert office.hooks() == [(0.0, True)], "the spill goes on"
    assert office.gateway.bindings(office.now)[0].is_open
    office.say(dials("bob", BOB))
    assert office.seized().trunk == "pri", "the channel is not free yet"
    office.wait(1)
    whole = pytest.approx(3.9 + 0.07 + SPILL_S, abs=0.01)
    assert office.hooks() == [(0.0, True), (whole, False)]
    ended = [kept.binding for kept in office.said(Remember) if not kept.binding.is_open]
    assert [(b.elin, b.caller.contact) for b in ended] == [(ELIN_2, ANA.contact)]
    assert (ended[0].ended_at - at(0)).total_seconds() == whole, "the window starts at the end (R6)"
    assert not office.ever(RingParty)


def test_r13_a_psap_that_answers_during_the_hold_gets_the_caller_rung() -> None:
    office = CamaOffice(Tandem(answers_after=2.0))
    trunk = dialled(office)
    office.wait(1)
    office.say(Cleared(CALLER, 16))
    office.wait(4)
    (ring,) = office.said(RingParty)
    assert ring.contact == ANA.contact
    office.say(rtp(ring.leg, 20002), Answered(ring.leg))
    assert {port.leg for port in office.said(Room)[-1].ports} == {ring.leg, trunk}
    office.wait(10)
    assert office.hooks() == [(0.0, True)]
    office.say(Cleared(ring.leg, 16))
    assert office.hooks()[-1] == (15.0, False)


def test_r13_where_nothing_shows_an_answer_nobody_is_rung_for_a_psap_that_may_not_be_there() -> (
    None
):
    """The line counts as answered when its digits are out, which says nothing of a PSAP."""
    office = CamaOffice(Tandem(answers_after=None), answer=Answering.CUT_THROUGH)
    dialled(office)
    office.wait(1)
    office.say(Cleared(CALLER, 16))
    office.wait(10)
    assert not office.ever(RingParty)
    assert office.hooks() == [(0.0, True), (5.0, False)]


def test_r13_an_answer_that_is_only_assumed_does_not_cut_the_ali_bid_short() -> None:
    """Feature Group C has no signal for an answer: the caller hears the line from the last digit
    on, and hangs up before anybody can have answered."""
    office = CamaOffice(Tandem(asks_after=0.2), format="fgc")
    trunk = dialled(office)
    office.wait(3.5)
    assert office.said(Answer, leg=CALLER)
    office.say(Cleared(CALLER, 16))
    assert office.gateway.calls()[0].state == "held"
    office.wait(1.4)
    assert office.hooks() == [(0.0, True)]
    assert office.gateway.bindings(office.now)[0].is_open
    office.wait(0.2)
    assert office.hooks() == [(0.0, True), (5.0, False)], "leg_hold_s after the seizure"
    assert not office.gateway.calls()
    assert office.said(Clear, leg=trunk, cause=16)
    office.wait(2)
    talked = dialled(office)
    office.wait(60)
    office.say(Cleared(CALLER, 16))
    assert office.said(Clear, leg=talked), "the bid is long over"


def test_r2_an_elin_that_the_format_cannot_say_goes_by_the_pri_and_nothing_is_pulsed() -> None:
    office = CamaOffice(home_area="206")
    dialled(office)
    first, second = office.said(SeizeTrunk)
    assert (first.trunk, second.trunk, second.calling) == (CAMA, "pri", ELIN_2)
    assert not office.line
    assert office.said(RaiseAlarm, slug="ani-not-carried", subject=CAMA)
    office.say(Cleared(second.leg, 41))
    again = office.seized()
    assert (again.trunk, again.without_number) == (CAMA, True)
    office.wait(2)
    assert office.pulsed() == ["*2#"]


def test_r1_where_cama_is_all_there_is_the_call_goes_without_its_number_in_the_same_step() -> None:
    office = CamaOffice(home_area="206", only=True)
    dialled(office)
    assert [seize.without_number for seize in office.said(SeizeTrunk)] == [False, True]
    assert office.hooks() == [(0.0, True)]
    office.wait(6)
    assert office.pulsed() == ["*2#"]
    assert office.ever(Answer, leg=CALLER)


def test_the_psap_holds_the_line_of_a_caller_who_hung_up_until_it_goes_on_hook() -> None:
    office = CamaOffice(row=branch(psap_hold_s=600))
    talking(office)
    office.say(Cleared(CALLER, 16))
    office.wait(300)
    assert office.hooks() == [(0.0, True)]
    assert office.gateway.calls()[0].state == "held"
    office.far_end(False)
    office.wait(1.2)
    assert office.hooks()[-1][1] is False
    assert not office.gateway.calls()


def test_a_hook_flash_of_the_psap_reaches_the_caller_and_ends_nothing() -> None:
    office = CamaOffice()
    talking(office)
    office.far_end(False)
    office.wait(0.5)
    office.far_end(True)
    assert office.said(SendFlash) == [SendFlash(CALLER)]
    office.wait(5)
    assert not office.ever(Clear)
    assert office.hooks() == [(0.0, True)]


def from_both_floors(office: CamaOffice) -> None:
    office.say(dials("a", ANA), dials("b", BOB, location=FLOOR_1))
    office.wait(1)
    office.say(Cleared(LegId("a"), 16))
    office.wait(20)


@pytest.mark.parametrize(
    ("config", "spills"),
    [
        ({}, {"*05550101#", SPILL}),
        ({"format": "kp-0-npa-nxx-xxxx-st"}, {"*04255550101#", "*04255550102#"}),
        ({"format": "kp-npd-nxx-xxxx-st", "npd": {"425": 3}}, {"*35550101#", "*35550102#"}),
        ({"format": "emf-10"}, {"*404255550101A", "*404255550102A"}),
        ({"format": "fgd"}, {"*004255550101#*911#", "*004255550102#*911#"}),
        ({"home_area": "206"}, {"*2#"}),
    ],
)
def test_r2_no_digit_is_pulsed_but_those_of_an_elin_and_what_the_format_puts_around_them(
    config: dict[str, Any], spills: set[str]
) -> None:
    office = CamaOffice(only=True, channels=(1, 2), **config)
    from_both_floors(office)
    assert set(office.pulsed()) == spills
    assert {seize.calling for seize in office.ever(SeizeTrunk)} == {ELIN_1, ELIN_2}


def desk_over_cama() -> tuple[CamaOffice, SeizeTrunk]:
    """The only channel is on its way to the desk, for a PSAP that called an ELIN that nobody
    holds."""
    row = branch(desk=("tel:+14255559999;trunk=cama",), reserve=0)
    office = CamaOffice(
        Tandem(asks_after=0.2, answers_after=60.0), only=True, row=row, format="fgc", ani_digits=10
    )
    office.say(Offered(LegId("psap"), "lync", ELIN_1.digits, PSAP))
    return office, office.seized()


def test_r8_a_911_call_takes_the_only_channel_from_a_call_to_the_desk_and_lets_it_rest_first() -> (
    None
):
    office, to_desk = desk_over_cama()
    office.wait(1)
    assert office.pulsed() == ["*14255559999#"]
    office.say(dials("caller"))
    assert office.said(Clear, leg=to_desk.leg, cause=8)
    assert (office.seized().trunk, office.seized().channel) == (CAMA, 1)
    assert office.hooks() == [(0.0, True), (1.0, False)], "the desk's spill is cut off"
    office.wait(5)
    assert office.hooks()[2] == (2.0, True), "the far end would not see it sooner"
    assert office.pulsed()[1:] == ["*911#", "*04255550102#"]
    assert office.ever(Ring, leg=CALLER)


def test_r8_another_911_call_is_never_cut_off_and_the_next_route_step_has_it() -> None:
    office = CamaOffice()
    first = talking(office)
    office.say(dials("bob", BOB))
    assert office.seized().trunk == "pri"
    assert not office.ever(Clear, leg=first)
