"""Stories of calls over a CAMA trunk that fail: on hook, a cause, and a circuit that is suspect."""

from __future__ import annotations

from typing import Any

import pytest

from e911.numbers import Elin
from edge_agent.cama.config import Start
from edge_agent.cama.outputs import Hook, Hush, Pulse
from edge_agent.cama.signals import Tones
from edge_agent.leg import (
    Alerting,
    Answered,
    ChannelsChanged,
    Clear,
    Cleared,
    Discarded,
    Exempt,
    ExemptReason,
    LegId,
    LinkChanged,
    MediaChanged,
    Proceeding,
    WireAlarm,
)
from edge_agent.line import PortLost
from tests.edge.cama.line import LEG, SPAN, TRUNK, Alarm, Played, a_play, off, on, seize, wink
from tests.play import Like, Playbook

ON = Hook(SPAN, 1, False)
HUSH = Hush(SPAN, 1)
FOREIGN = Elin("2065550142")


def suspect(why: str) -> ChannelsChanged:
    one = frozenset({1})
    return ChannelsChanged(TRUNK, SPAN, frozenset(), suspect=one, resting=one, why=why)


def seized(**changes: Any) -> Playbook:
    play = a_play(**changes)
    play >> seize() << Hook(SPAN, 1, True)
    return play


def pulsing(**changes: Any) -> Playbook:
    play = seized(**changes)
    play @ 0.5 >> wink(0.5) << Proceeding
    play @ 0.58 << Pulse
    return play


def through(**changes: Any) -> Playbook:
    play = pulsing(**changes)
    play @ 2.0 >> Played(1) << MediaChanged << Alerting
    return play


def up(**changes: Any) -> Playbook:
    play = through(**changes)
    play @ 3.0 >> off(3.0)
    play @ 3.38 << Answered
    return play


def test_r1_a_silent_tandem_is_given_up_within_five_seconds_and_is_suspect() -> None:
    play = seized()
    play @ 4.0 << ON << suspect("no wink") << Cleared(LEG, 27, text="no-wink", faulty=True)
    play @ 5.0 << Like(ChannelsChanged, resting=frozenset(), suspect=frozenset({1}), why="")


def test_r1_a_route_step_that_waits_for_less_finds_the_channel_suspect_too() -> None:
    play = seized()
    play @ 2.0 >> Clear(LEG, 102) << ON << suspect("no wink") << Like(Cleared, cause=102)


def test_a_call_that_is_ended_for_another_reason_before_a_wink_says_nothing_of_the_channel() -> (
    None
):
    play = seized()
    play @ 2.0 >> Clear(LEG, 8) << ON << Like(ChannelsChanged, suspect=frozenset())
    play << Like(Cleared, cause=8)


def test_a_far_end_that_is_off_hook_all_the_time_is_stuck_and_seized_all_the_same() -> None:
    play = a_play()
    play >> off(0.0)
    play @ 5.0 << Like(ChannelsChanged, suspect=frozenset({1}), why="stuck off hook")
    play @ 9.0 >> seize() << Hook(SPAN, 1, True)
    play @ 13.0 << ON << Like(ChannelsChanged, resting=frozenset({1}))
    play << Cleared(LEG, 27, text="stuck-off-hook", faulty=True)
    play @ 14.0 << Like(ChannelsChanged, resting=frozenset())
    play @ 500.0 >> on(500.0)
    play @ 560.0 << ChannelsChanged(TRUNK, SPAN, frozenset())


def test_a_far_end_that_answers_a_seizure_with_a_steady_off_hook_has_not_winked() -> None:
    play = seized()
    play @ 0.5 >> off(0.5)
    (
        play @ 4.0
        << ON
        << suspect("stuck off hook")
        << Cleared(LEG, 27, text="stuck-off-hook", faulty=True)
    )
    play @ 4.1 >> on(4.1)
    play @ 6.0 << ChannelsChanged
    play @ 80.0 << ChannelsChanged(TRUNK, SPAN, frozenset())


def test_a_stuck_far_end_does_not_answer_a_call_of_immediate_start() -> None:
    play = a_play(start=Start.IMMEDIATE)
    play >> off(0.0)
    play @ 1.0 >> seize() << Hook(SPAN, 1, True)
    play @ 1.07 << Pulse
    play @ 2.5 >> Played(1) << MediaChanged << Alerting
    play @ 9.0 >> on(9.0)
    play @ 10.0 >> off(10.0)
    play @ 10.38 << Answered(LEG)


def test_a_number_that_nobody_asks_for_is_not_sent() -> None:
    play = pulsing(format="fgc")
    play @ 1.3 >> Played(1)
    play @ 2.0 >> off(2.0)
    play @ 2.2 >> on(2.2)
    play @ 4.8 << ON << suspect("number not asked for")
    play << Cleared(LEG, 27, text="number-not-asked-for", faulty=True)
    play @ 5.8 << ChannelsChanged


@pytest.mark.parametrize("at", [1.75, 2.0])
def test_a_far_end_that_goes_on_hook_once_it_has_asked_is_gone(at: float) -> None:
    play = pulsing(format="fgc")
    play @ 1.3 >> Played(1) >> off(1.3)
    sent = at > 1.78
    play @ at
    if sent:
        play << Pulse
    play >> on(at)
    if sent:
        play << HUSH
    play << ON << Like(ChannelsChanged, suspect=frozenset({1})) << Like(Cleared, cause=41)
    play @ 4.0 << ChannelsChanged


def test_a_far_end_that_picks_up_and_drops_while_digits_are_on_their_way_is_gone() -> None:
    play = pulsing()
    play @ 0.7 >> off(0.7)
    play @ 1.3 >> on(1.3) << HUSH << ON
    play << suspect("far end hung up before it had the digits") << Like(Cleared, cause=41)
    play @ 4.0 << ChannelsChanged


def test_torn_digits_are_no_digits() -> None:
    play = pulsing()
    play @ 1.0 >> Played(1, "underrun") << HUSH << ON << suspect("digits torn: underrun")
    play << Cleared(LEG, 41, text="digits-torn:-underrun", faulty=True)
    play @ 4.0 << ChannelsChanged


def test_digits_that_media_never_tells_of_are_waited_for_as_long_as_they_are_and_two_seconds() -> (
    None
):
    play = pulsing()
    play @ 3.89
    play @ 3.9 << HUSH << ON << suspect("digits not told to be out") << Like(Cleared, cause=41)
    play >> Played(1) << Discarded("spill-unknown")
    play @ 5.0 << ChannelsChanged


def test_another_spills_report_is_passed_over() -> None:
    play = pulsing()
    play @ 1.0 >> Played(9) << Discarded("spill-unknown")
    play >> Played(1, channel=7) << Discarded("channel-unknown")
    play >> wink(1.0, channel=7) << Discarded("channel-unknown")
    play @ 2.0 >> Played(1) << MediaChanged << Alerting


def test_r1_an_alarm_before_the_digits_are_out_moves_the_call_on_at_once() -> None:
    play = pulsing()
    play @ 1.0 >> Alarm(True) << LinkChanged(TRUNK, False, "span-down", SPAN) << HUSH << ON
    play << suspect("span alarm") << Cleared(LEG, 38, text="span-alarm", faulty=True)
    play >> Alarm(True)
    play @ 2.0 << ChannelsChanged
    play @ 100.0 >> Alarm(False) << LinkChanged(TRUNK, True, span=SPAN)
    play >> Alarm(False)
    play @ 160.0 << ChannelsChanged(TRUNK, SPAN, frozenset())


def test_a_call_that_waits_for_its_guard_leaves_a_span_that_is_lost() -> None:
    play = up()
    play @ 9.0 >> Clear(LEG, 16) << ON << ChannelsChanged << Cleared
    play >> seize("b") >> on(9.0)
    play @ 9.2 >> Alarm(True) << LinkChanged
    play << Cleared(LegId("b"), 38, text="span-alarm", sent=False)
    play @ 10.0 << ChannelsChanged


def test_a_call_that_nobody_has_answered_is_lost_four_seconds_after_its_span() -> None:
    play = through()
    play @ 3.0 >> Alarm(True) << LinkChanged
    play @ 6.0 >> Alarm(False) << LinkChanged
    play @ 8.0 >> Alarm(True) << LinkChanged
    play @ 12.0 << ON << ChannelsChanged << Cleared(LEG, 38, text="span-alarm", lost=True)
    play @ 13.0 << ChannelsChanged


@pytest.mark.parametrize("is_up", [False, True])
def test_a_call_whose_digits_were_out_is_lost_with_its_port_and_not_kept_on_a_dead_line(
    is_up: bool,
) -> None:
    play = up() if is_up else through()
    play @ 5.0 >> Alarm(True) << LinkChanged
    play >> PortLost(1, 5.0) << ON << ChannelsChanged
    play << Cleared(LEG, 38, text="port-lost", lost=True)
    play >> on(5.0)
    play @ 5.5 >> Alarm(False) << LinkChanged
    play @ 6.0 << ChannelsChanged
    play @ 60.0


def test_r1_a_call_that_loses_its_port_before_its_digits_are_out_takes_the_next_step() -> None:
    play = seized()
    play @ 0.2 >> PortLost(1, 0.2) << ON << suspect("port lost")
    play << Cleared(LEG, 38, text="port-lost", faulty=True)
    play @ 2.0 << ChannelsChanged
    play = pulsing()
    play @ 0.9 >> PortLost(1, 0.9) << HUSH << ON << suspect("port lost")
    play << Cleared(LEG, 38, text="port-lost", faulty=True)
    play @ 2.0 << ChannelsChanged


def test_a_port_that_is_lost_under_no_call_is_no_news_and_a_held_call_goes_on() -> None:
    play = up()
    play @ 9.0 >> Clear(LEG, 16) << ON << ChannelsChanged << Cleared
    play >> PortLost(1, 9.0) >> seize("b") >> on(9.0) >> PortLost(1, 9.1)
    play @ 10.0 << Hook(SPAN, 1, True)
    play << ChannelsChanged


def test_a_call_that_is_up_is_kept_for_ten_seconds_after_its_span() -> None:
    play = up()
    play @ 5.0 >> Alarm(True) << LinkChanged
    play @ 14.0 >> Alarm(False) << LinkChanged
    play @ 20.0 >> Alarm(True) << LinkChanged
    play @ 30.0 << ON << ChannelsChanged << Cleared(LEG, 38, text="span-alarm", lost=True)
    play @ 31.0 << ChannelsChanged


def test_what_a_lost_span_shows_neither_answers_a_call_nor_ends_it() -> None:
    play = through()
    play @ 3.0 >> Alarm(True) << LinkChanged
    play >> off(3.0)
    play @ 5.0 >> on(5.0)
    play @ 6.0 >> Alarm(False) << LinkChanged
    play @ 7.0 >> off(7.0)
    play @ 7.38 << Answered(LEG)
    play @ 8.0 >> Alarm(True) << LinkChanged
    play >> on(8.1)
    play @ 9.0 >> off(9.0) >> Alarm(False) << LinkChanged
    play @ 60.0


@pytest.mark.parametrize("before", [True, False])
def test_a_far_end_that_hung_up_while_the_span_was_lost_has_hung_up(before: bool) -> None:
    play = up()
    play @ 8.0
    if before:
        play >> on(8.0) >> Alarm(True) << LinkChanged
    else:
        play >> Alarm(True) << LinkChanged
        play >> on(8.0)
    play @ 12.0 >> Alarm(False) << LinkChanged
    play @ 13.13 << ON << ChannelsChanged << Cleared(LEG, 16)
    play @ 20.0 << ChannelsChanged


def test_r1_a_span_in_alarm_is_seized_all_the_same_and_its_wink_believed() -> None:
    play = a_play()
    play >> Alarm(True) << LinkChanged
    play >> seize() << Hook(SPAN, 1, True)
    play @ 0.5 >> wink(0.5) << Proceeding
    play @ 0.58 << Pulse
    play @ 2.0 >> Played(1) << MediaChanged << Alerting
    play @ 6.0 << ON << ChannelsChanged << Like(Cleared, lost=True)
    play @ 7.0 << ChannelsChanged


def test_r2_a_number_that_the_format_cannot_say_is_neither_sent_nor_seized_for() -> None:
    play = a_play()
    why = "area code 206 is not the trunk's, and kp-0-nxx-xxxx-st leaves it out"
    play >> seize(calling=FOREIGN) << WireAlarm("ani-not-carried", TRUNK, True, why)
    play << Cleared(LEG, 28, text="ani-not-carried", sent=False, uncarried=True)
    play >> seize("b") << WireAlarm("ani-not-carried", TRUNK, False) << Hook
    play >> seize("c", channel=2) << Hook


@pytest.mark.parametrize(
    ("name", "spills"),
    [
        ("kp-0-nxx-xxxx-st", ["*2#"]),
        ("fgc", ["*911#", "*2#"]),
    ],
)
def test_r1_the_last_trunk_takes_a_call_whose_number_it_cannot_say_without_it(
    name: str, spills: list[str]
) -> None:
    play = a_play(format=name)
    play >> seize(calling=FOREIGN, without_number=True)
    play << Like(WireAlarm, active=True) << Hook(SPAN, 1, True)
    play @ 0.5 >> wink(0.5) << Proceeding
    play @ 0.58
    for number, signals in enumerate(spills, 1):
        play << Pulse(SPAN, 1, number, signals, Tones())
        if number < len(spills):
            play @ 1.3 >> Played(number) >> off(1.3)
            play @ 1.79


def test_a_number_that_can_be_said_is_said_even_where_the_call_may_go_without() -> None:
    play = a_play()
    play >> seize(without_number=True) << Hook
    play @ 0.5 >> wink(0.5) << Proceeding
    play @ 0.58 << Like(Pulse, signals="*05550142#")


def test_kp_2_st_says_that_there_is_no_number_whatever_the_number_is_and_alarms_nobody() -> None:
    play = a_play(format="kp-2-st", home_area="")
    play >> seize(calling=FOREIGN) << Hook
    play @ 0.5 >> wink(0.5) << Proceeding
    play @ 0.58 << Like(Pulse, signals="*2#")


@pytest.mark.parametrize(
    ("changes", "goes"),
    [
        ({}, False),
        ({"format": "fgc", "called": "911"}, False),
        ({"format": "fgc"}, True),
    ],
)
def test_a_call_that_is_no_emergency_never_rings_a_psap(
    changes: dict[str, Any], goes: bool
) -> None:
    play = a_play(**changes)
    calling = Exempt("4255550199", ExemptReason.RELAY)
    play >> seize(calling=calling, called="4255550100", emergency=False)
    if not goes:
        play << Cleared(LEG, 3, text="called-not-carried", sent=False)
        return
    play << Hook
    play @ 0.5 >> wink(0.5) << Proceeding
    play @ 0.58 << Like(Pulse, signals="*4255550100#")


def test_no_trunk_is_seized_for_a_test_whatever_the_snapshot_takes_it_for() -> None:
    play = a_play(format="fgc")
    play >> seize(called="2065550199", emergency=False)
    play << Cleared(LEG, 3, text="called-not-carried", sent=False)
