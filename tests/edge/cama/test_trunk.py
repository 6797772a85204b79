"""Stories of calls over a CAMA trunk that go well, from seizure to guard, in each way a carrier may
want them.
"""

from __future__ import annotations

from typing import Any

import pytest

from edge_agent.cama.config import Answering, CamaSpan, Start, Supervising
from edge_agent.cama.outputs import Hook, Pulse
from edge_agent.cama.signals import Tones
from edge_agent.leg import (
    Alerting,
    Answered,
    BearerMedia,
    ChannelsChanged,
    Clear,
    Cleared,
    Discarded,
    Flash,
    Law,
    LegId,
    MediaChanged,
    Proceeding,
)
from edge_agent.line import BitsChanged, PolarityChanged, Transition
from tests.edge.cama.line import LEG, SPAN, TRUNK, Played, a_play, off, on, seize, wink
from tests.play import Playbook

RESTING = ChannelsChanged(TRUNK, SPAN, frozenset(), resting=frozenset({1}))
RESTED = ChannelsChanged(TRUNK, SPAN, frozenset())
OFF, ON = Hook(SPAN, 1, True), Hook(SPAN, 1, False)
MEDIA = MediaChanged(LEG, BearerMedia(SPAN, 1))
ALERTING = Alerting(LEG, in_band=True)
NUMBER = Pulse(SPAN, 1, 1, "*05550142#", Tones())


def pulsing(**changes: Any) -> Playbook:
    """A call whose last spill went out at 0.77 s and will be over at 2.1 s."""
    play = a_play(**changes)
    play >> seize() << OFF
    play @ 0.5 >> off(0.5)
    play @ 0.7 >> on(0.7) << Proceeding(LEG, 1)
    play @ 0.77 << NUMBER
    return play


def cut_through(**changes: Any) -> Playbook:
    play = pulsing(**changes)
    play @ 2.1 >> Played(1) << MEDIA << ALERTING
    return play


def answered(**changes: Any) -> Playbook:
    play = cut_through(**changes)
    play @ 4.0 >> off(4.0)
    play @ 4.38 << Answered(LEG)
    return play


def test_r1_r2_a_call_is_seized_at_once_winked_told_the_elin_answered_and_hung_up() -> None:
    play = a_play()
    play >> seize() << OFF
    play @ 0.5 >> off(0.5)
    play @ 0.7 >> on(0.7) << Proceeding(LEG, 1)
    play @ 0.769
    play @ 0.77 << NUMBER
    play @ 2.1 >> Played(1) << MEDIA << ALERTING
    play @ 4.0 >> off(4.0)
    play @ 4.379
    play @ 4.38 << Answered(LEG)
    play @ 60.0 >> Clear(LEG, 16) << ON << RESTING << Cleared(LEG, 16)
    play @ 60.2 >> on(60.2)
    play @ 61.0 << RESTED
    play @ 1000.0


def test_feature_group_c_is_asked_for_the_number_and_answered_at_cut_through() -> None:
    play = a_play(format="fgc")
    play >> seize() << OFF
    play @ 0.5 >> wink(0.5) << Proceeding(LEG, 1)
    play @ 0.58 << Pulse(SPAN, 1, 1, "*911#", Tones())
    play @ 1.3 >> Played(1)
    play @ 1.5 >> off(1.5)
    play @ 1.88
    play @ 1.99 << Pulse(SPAN, 1, 2, "*05550142#", Tones())
    play @ 3.3 >> Played(2) << MEDIA << ALERTING << Answered(LEG, assumed=True)
    play @ 99.0 >> on(99.0)
    play @ 100.13 << ON << RESTING << Cleared(LEG, 16)
    play @ 101.13 << RESTED


def test_a_far_end_that_asks_while_the_called_digits_are_on_their_way_has_asked() -> None:
    play = a_play(format="fgc")
    play >> seize() << OFF
    play @ 0.5 >> wink(0.5) << Proceeding(LEG, 1)
    play @ 0.58 << Pulse
    play @ 0.8 >> off(0.8)
    play @ 1.3 >> Played(1)
    play @ 1.41 << Pulse(SPAN, 1, 2, "*05550142#", Tones())


def test_a_far_end_that_answers_while_digits_are_on_their_way_has_answered_when_they_are_out() -> (
    None
):
    play = pulsing()
    play @ 1.0 >> off(1.0)
    play @ 2.1 >> Played(1) << MEDIA << ALERTING << Answered(LEG)


def test_an_off_hook_just_before_the_last_tone_is_an_answer_when_it_is_steady() -> None:
    play = pulsing()
    play @ 2.0 >> off(2.0)
    play @ 2.1 >> Played(1) << MEDIA << ALERTING
    play @ 2.38 << Answered(LEG)


@pytest.mark.parametrize("at", [0.72, 1.2, 2.5])
def test_a_second_wink_before_within_or_after_the_digits_confuses_nothing(at: float) -> None:
    play = a_play()
    play >> seize() << OFF
    play @ 0.5 >> wink(0.5) << Proceeding(LEG, 1)
    script: list[tuple[float, Any, list[Any]]] = sorted(
        [
            (0.58, None, [NUMBER]),
            (2.1, Played(1), [MEDIA, ALERTING]),
            (at, off(at), []),
            (at + 0.2, on(at + 0.2), []),
            (4.0, off(4.0), []),
            (4.38, None, [Answered(LEG)]),
        ],
        key=lambda entry: entry[0],
    )
    for moment, feed, said in script:
        play @ moment
        if feed is not None:
            play >> feed
        for word in said:
            play << word


@pytest.mark.parametrize("seconds", [0.05, 0.36, 0.6])
def test_what_is_too_short_or_too_long_is_no_wink_and_one_after_it_is(seconds: float) -> None:
    play = a_play()
    play >> seize() << OFF
    play @ 0.5 >> off(0.5)
    play @ (0.5 + seconds) >> on(0.5 + seconds)
    play @ 1.9 >> off(1.9)
    play @ 2.1 >> on(2.1) << Proceeding(LEG, 1)


def test_a_wink_is_judged_by_the_far_ends_times_however_late_it_is_heard_of() -> None:
    play = a_play()
    play >> seize() << OFF
    play @ 0.9 >> off(0.5) >> on(0.7) << Proceeding(LEG, 1)


def test_immediate_start_waits_for_nothing_and_promises_nothing() -> None:
    play = a_play(start=Start.IMMEDIATE, timers={"pulse_delay": 0.15})
    play >> seize() << OFF
    play @ 0.15 << NUMBER
    play @ 1.5 >> Played(1) << MEDIA << ALERTING


def test_immediate_start_in_feature_group_c_is_in_hand_when_the_number_is_asked_for() -> None:
    play = a_play(start=Start.IMMEDIATE, format="fgc")
    play >> seize() << OFF
    play @ 0.07 << Pulse
    play @ 0.8 >> Played(1)
    play @ 1.0 >> off(1.0)
    play @ 1.38 << Proceeding(LEG, 1)


@pytest.mark.parametrize("seconds", [0.14, 0.36, 2.5])
def test_delay_dial_goes_off_hook_for_as_long_as_it_likes_and_is_ready_on_hook(
    seconds: float,
) -> None:
    play = a_play(start=Start.DELAY_DIAL)
    play >> seize() << OFF
    play @ 0.2 >> off(0.2)
    play @ (0.2 + seconds) >> on(0.2 + seconds) << Proceeding(LEG, 1)
    play @ (0.28 + seconds) << NUMBER


def test_a_call_is_answered_at_cut_through_where_the_operator_says_so() -> None:
    play = pulsing(answer=Answering.CUT_THROUGH)
    play @ 2.1 >> Played(1) << MEDIA << ALERTING << Answered(LEG, assumed=True)
    play @ 4.0 >> off(4.0)
    play @ 30.0 >> on(30.0)
    play @ 31.13 << ON << RESTING << Cleared(LEG, 16)
    play @ 40.0 << RESTED


def test_a_call_is_answered_after_a_delay_or_by_the_far_end_whichever_is_sooner() -> None:
    play = cut_through(answer=Answering.DELAY, answer_delay_ms=3000)
    play @ 5.1 << Answered(LEG, assumed=True)
    play = cut_through(answer=Answering.DELAY, answer_delay_ms=3000)
    play @ 3.0 >> off(3.0)
    play @ 3.38 << Answered(LEG)


def test_feature_group_c_with_a_delay_is_not_answered_by_what_asked_for_the_number() -> None:
    play = a_play(format="fgc", answer=Answering.DELAY, answer_delay_ms=3000)
    play >> seize() << OFF
    play @ 0.5 >> wink(0.5) << Proceeding
    play @ 0.58 << Pulse
    play @ 1.3 >> Played(1) >> off(1.3)
    play @ 1.79 << Pulse
    play @ 3.0 >> Played(2) << MEDIA << ALERTING
    play @ 5.9
    play @ 6.0 << Answered(LEG, assumed=True)


@pytest.mark.parametrize("seconds", [0.3, 0.75, 1.1])
def test_a_flash_of_the_psap_is_told_and_the_call_goes_on(seconds: float) -> None:
    play = answered()
    play @ 10.0 >> on(10.0)
    play @ (10.0 + seconds) >> off(10.0 + seconds) << Flash(LEG)
    play @ 20.0 >> on(20.0)
    play @ 20.5 >> off(20.5) << Flash(LEG)
    play @ 21.0 >> on(21.0)
    play @ 22.13 << ON << RESTING << Cleared(LEG, 16)
    play @ 30.0 << RESTED


def test_a_far_end_that_hangs_up_right_after_a_flash_has_hung_up() -> None:
    play = answered()
    play @ 10.0 >> on(10.0)
    play @ 10.5 >> off(10.5) << Flash(LEG)
    play @ 10.7 >> on(10.7)
    play @ 11.83 << ON << RESTING << Cleared(LEG, 16)
    play @ 20.0 << RESTED


def test_r1_a_call_that_nobody_answers_is_never_said_to_be_answered_and_never_given_up() -> None:
    play = cut_through()
    play @ 3600.0
    play >> off(3600.0)
    play @ 3600.5 << Answered(LEG)


def test_a_click_of_the_far_end_is_neither_a_flash_nor_the_end() -> None:
    play = answered()
    play @ 10.0 >> on(10.0)
    play @ 10.2 >> off(10.2)
    play @ 30.0


def test_a_release_heard_of_with_what_came_after_it_is_a_release() -> None:
    play = answered()
    play @ 10.5 >> on(9.0)
    play >> off(10.4) << ON << RESTING << Cleared(LEG, 16)
    play >> on(10.45)
    play @ 13.0 << RESTED


def test_without_flashes_a_far_end_on_hook_has_hung_up_at_once() -> None:
    play = answered(flash_most_ms=0)
    play @ 10.0 >> on(10.0) << ON << RESTING << Cleared(LEG, 16)
    play @ 11.0 << RESTED


def test_r13_an_abandoned_call_sends_its_digits_and_ends_with_them() -> None:
    play = a_play(format="fgc")
    play >> seize() << OFF
    play @ 0.2 >> Clear(LEG, 16)
    play @ 0.5 >> wink(0.5) << Proceeding(LEG, 1)
    play @ 0.58 << Pulse
    play @ 1.3 >> Played(1) >> off(1.3)
    play @ 1.79 << Pulse(SPAN, 1, 2, "*05550142#", Tones())
    play @ 3.1 >> Played(2) << ON << RESTING << Cleared(LEG, 16)
    play @ 3.4 >> on(3.4)
    play @ 5.0 << RESTED


@pytest.mark.parametrize("at", [0.8, 2.0])
def test_r13_a_call_abandoned_while_its_digits_are_on_their_way_is_not_torn(at: float) -> None:
    play = pulsing()
    play @ at >> Clear(LEG, 16)
    play @ 2.1 >> Played(1) << ON << RESTING << Cleared(LEG, 16)
    play @ 5.0 << RESTED


def test_r1_a_seizure_of_a_circuit_that_rests_is_taken_and_leaves_when_it_can_be_seen() -> None:
    play = answered()
    play @ 10.0 >> Clear(LEG, 16) << ON << RESTING << Cleared(LEG, 16)
    play >> on(10.0)
    play @ 10.4 >> seize("b")
    play @ 10.999
    play @ 11.0 << OFF << RESTED
    play @ 11.5 >> wink(11.5) << Proceeding(LegId("b"), 1)
    play @ 11.58 << Pulse(SPAN, 1, 2, "*05550142#", Tones())


def test_a_call_that_ends_before_it_could_leave_says_that_nothing_was_sent() -> None:
    play = answered()
    play @ 10.0 >> Clear(LEG, 16) << ON << RESTING << Cleared(LEG, 16)
    play >> on(10.0)
    play @ 10.4 >> seize("b") >> Clear(LegId("b"), 102) << Cleared(LegId("b"), 102, sent=False)
    play @ 11.0 << RESTED


@pytest.mark.parametrize(
    ("supervising", "picked_up", "hung_up"),
    [
        (Supervising.LOOP, PolarityChanged(1, True, 0.5), PolarityChanged(1, False, 0.7)),
        (Supervising.BITS, BitsChanged(1, 0b1111, 0.5), BitsChanged(1, 0b0000, 0.7)),
    ],
)
def test_a_loop_is_winked_by_its_battery_and_bare_bits_by_bit_a(
    supervising: Supervising, picked_up: Transition, hung_up: Transition
) -> None:
    play = a_play(spans=(CamaSpan(SPAN, (1,), supervising, Law.A),))
    play >> seize() << OFF
    play @ 0.7 >> picked_up >> hung_up << Proceeding(LEG, 1)
    play >> off(0.7) << Discarded("transition-foreign")
    play @ 0.77 << NUMBER
    play @ 2.1 >> Played(1) << MediaChanged(LEG, BearerMedia(SPAN, 1, Law.A)) << ALERTING


def test_a_loop_whose_far_end_takes_its_battery_away_has_been_hung_up() -> None:
    play = a_play(spans=(CamaSpan(SPAN, (1,), Supervising.LOOP, Law.MU),), flash_most_ms=0)
    play >> seize() << OFF
    play @ 0.7 >> PolarityChanged(1, True, 0.5) >> PolarityChanged(1, False, 0.7)
    play << Proceeding(LEG, 1)
    play @ 0.77 << NUMBER
    play @ 2.1 >> Played(1) << MEDIA << ALERTING
    play @ 5.0 >> PolarityChanged(1, True, 5.0)
    play @ 5.38 << Answered(LEG)
    play @ 9.0 >> on(9.0) << ON
    play << RESTING << Cleared(LEG, 16)


def test_an_acknowledging_wink_of_feature_group_d_is_no_answer() -> None:
    play = a_play(format="fgd")
    play >> seize() << OFF
    play @ 0.5 >> wink(0.5) << Proceeding(LEG, 1)
    play @ 0.58 << Pulse(SPAN, 1, 1, "*004255550142#*911#", Tones())
    play @ 3.5 >> Played(1) << MEDIA << ALERTING
    play @ 3.8 >> wink(3.8)
    play @ 6.0 >> off(6.0)
    play @ 6.38 << Answered(LEG)


def test_how_a_trunk_sounds_goes_with_each_spill() -> None:
    tones = Tones(kp_ms=120, digit_ms=60, st_ms=90, gap_ms=50, level_dbm0=-9.0)
    play = a_play(start=Start.IMMEDIATE, tones=tones)
    play >> seize() << OFF
    play @ 0.07 << Pulse(SPAN, 1, 1, "*05550142#", tones)
