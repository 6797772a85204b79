"""Which circuit a call takes, and what is said of circuits: suspect, resting, out of service."""

from __future__ import annotations

import pytest

from edge_agent.cama.config import CamaSpan
from edge_agent.cama.outputs import Hook, Hush, Pulse
from edge_agent.leg import (
    Alerting,
    Answer,
    Answered,
    ChannelMoved,
    ChannelsChanged,
    Clear,
    Cleared,
    Discarded,
    LegId,
    LinkChanged,
    MediaChanged,
    Proceeding,
    Ring,
    SendFlash,
    SendText,
    ShowProgress,
)
from tests.edge.cama.line import (
    LEG,
    SPAN,
    TRUNK,
    Alarm,
    Line,
    On,
    Played,
    a_play,
    a_trunk,
    off,
    on,
    seize,
    wink,
)
from tests.play import Like, Playbook

FAR = "cama-2"
TWO = (CamaSpan(SPAN, (1, 2)), CamaSpan(FAR, (1, 5)))


def test_circuits_are_numbered_across_the_spans() -> None:
    trunk = a_trunk(spans=TWO)
    assert trunk.spans == (SPAN, FAR)
    assert (trunk.circuits(SPAN), trunk.circuits(FAR)) == ((1, 2), (101, 105))


def test_a_call_is_seized_and_followed_on_the_span_of_its_circuit() -> None:
    play = a_play(spans=TWO)
    play >> seize(channel=105) << Hook(FAR, 5, True)
    play @ 0.5 >> On(FAR, wink(0.5, 5)) << Proceeding(LEG, 105)
    play @ 0.58 << Like(Pulse, span=FAR, channel=5)
    play @ 2.0 >> Played(1, channel=5, span=FAR) << Like(MediaChanged) << Alerting
    play >> Clear(LEG, 16) << Hook(FAR, 5, False)
    play << ChannelsChanged(TRUNK, FAR, frozenset(), resting=frozenset({105})) << Cleared
    play @ 3.0 << ChannelsChanged


@pytest.mark.parametrize("wanted", [None, 3, 999])
def test_a_call_without_a_circuit_of_ours_takes_the_first_that_is_free(wanted: int | None) -> None:
    play = a_play()
    play >> seize(channel=wanted) << Hook(SPAN, 1, True) << ChannelMoved(LEG, 1)


def test_a_circuit_that_has_a_call_is_not_seized_twice() -> None:
    play = a_play()
    play >> seize("a") << Hook(SPAN, 1, True)
    play >> seize("b") << Hook(SPAN, 2, True) << ChannelMoved(LegId("b"), 2)
    play >> seize("c") << Cleared(LegId("c"), 44, text="no-circuit", sent=False)
    play >> seize("d", channel=None) << Cleared(LegId("d"), 34, text="no-circuit", sent=False)
    play >> seize("a", channel=2) << Discarded("request-leg-known")


def test_a_free_circuit_in_doubt_is_chosen_after_all_others() -> None:
    play = a_play(spans=TWO)
    play >> Alarm(True) << LinkChanged
    play >> seize("a", channel=None) << Hook(FAR, 1, True) << ChannelMoved
    play >> seize("b", channel=None) << Hook(FAR, 5, True) << ChannelMoved
    play >> seize("c", channel=None) << Hook(SPAN, 1, True) << ChannelMoved


def test_r1_a_suspect_circuit_is_seized_when_it_is_asked_for_and_cleared_by_a_good_call() -> None:
    play = a_play()
    play >> seize() << Hook
    play @ 4.0 << Hook << Like(ChannelsChanged, suspect=frozenset({1})) << Cleared
    play @ 5.0 << Like(ChannelsChanged, suspect=frozenset({1}))
    play @ 10.0 >> seize("b") << Hook(SPAN, 1, True)
    play @ 10.5 >> wink(10.5) << Proceeding
    play @ 10.58 << Pulse
    play @ 12.0 >> Played(1) << MediaChanged << Alerting
    play @ 13.0 >> off(13.0)
    play @ 13.38 << Answered << ChannelsChanged(TRUNK, SPAN, frozenset())


def test_where_nothing_answers_a_call_is_good_when_its_digits_are_out() -> None:
    play = a_play(format="fgc")
    play >> seize() << Hook
    play @ 4.0 << Hook << ChannelsChanged << Cleared
    play @ 5.0 << Like(ChannelsChanged, suspect=frozenset({1}))
    play @ 10.0 >> seize("b") << Hook
    play @ 10.5 >> wink(10.5) << Proceeding
    play @ 10.58 << Pulse
    play @ 11.3 >> Played(1) >> off(11.3)
    play @ 11.79 << Pulse
    play @ 13.0 >> Played(2) << MediaChanged << Alerting << Answered
    play << ChannelsChanged(TRUNK, SPAN, frozenset())


def test_a_far_end_that_stays_off_hook_after_the_call_is_stuck() -> None:
    play = a_play(format="fgc")
    play >> seize() << Hook
    play @ 0.5 >> wink(0.5) << Proceeding
    play @ 0.58 << Pulse
    play @ 1.3 >> Played(1) >> off(1.3)
    play @ 1.79 << Pulse
    play @ 3.0 >> Played(2) << MediaChanged << Alerting << Answered
    play @ 9.0 >> Clear(LEG, 16) << Hook << ChannelsChanged << Cleared
    play @ 10.0 << ChannelsChanged(TRUNK, SPAN, frozenset())
    play @ 14.0
    play << Like(ChannelsChanged, suspect=frozenset({1}), why="stuck off hook")
    play @ 20.0 >> on(20.0)
    play @ 80.0 << ChannelsChanged(TRUNK, SPAN, frozenset())


@pytest.mark.parametrize("numbers", [{1, 5}, {101, 105}])
def test_an_operator_names_channels_of_a_span_or_their_circuits(numbers: set[int]) -> None:
    trunk = a_trunk(spans=TWO)
    out = trunk.set_service(FAR, frozenset(numbers), 0.0, in_service=False)
    assert out == [ChannelsChanged(TRUNK, FAR, frozenset({101, 105}))]
    assert trunk.set_service(FAR, frozenset(numbers), 0.0, in_service=False) == []
    assert trunk.set_service(FAR, frozenset({1}), 0.0, in_service=True) == [
        ChannelsChanged(TRUNK, FAR, frozenset({105}))
    ]


@pytest.mark.parametrize("strange", [7, 1, 107])
def test_a_channel_that_the_span_has_not_is_refused(strange: int) -> None:
    trunk = a_trunk(spans=(CamaSpan(SPAN, (2,)), CamaSpan(FAR, (2,))))
    with pytest.raises(ValueError, match=f"{FAR} has no channel"):
        trunk.set_service(FAR, frozenset({strange}), 0.0, in_service=False)


def test_an_operator_who_puts_a_circuit_in_service_clears_it_of_suspicion() -> None:
    play = Playbook(Line(trunk := a_trunk()))
    play >> seize() << Hook
    play @ 4.0 << Hook << ChannelsChanged << Cleared
    play @ 5.0 << Like(ChannelsChanged, suspect=frozenset({1}))
    assert trunk.set_service(SPAN, frozenset({1}), 5.0, in_service=True) == [
        ChannelsChanged(TRUNK, SPAN, frozenset())
    ]
    assert trunk.next_deadline() is None


def test_each_span_says_that_it_can_be_had_and_one_in_alarm_does_not() -> None:
    trunk = a_trunk(spans=TWO)
    assert trunk.start(0.0) == [
        LinkChanged(TRUNK, True, span=SPAN),
        LinkChanged(TRUNK, True, span=FAR),
    ]
    trunk = a_trunk(spans=TWO)
    trunk.span_down(FAR, 0.0)
    assert trunk.start(0.0) == [LinkChanged(TRUNK, True, span=SPAN)]


def test_a_trunk_that_stops_leaves_nothing_off_hook_and_says_nothing_of_its_calls() -> None:
    play = Playbook(Line(trunk := a_trunk()))
    play >> seize() << Hook
    play @ 0.5 >> wink(0.5) << Proceeding
    play @ 0.58 << Pulse
    play >> seize("b", channel=2) << Hook(SPAN, 2, True)
    assert trunk.stop(0.6) == [Hush(SPAN, 1), Hook(SPAN, 1, False), Hook(SPAN, 2, False)]


def test_what_only_a_leg_that_calls_in_can_be_asked_is_passed_over_and_counted() -> None:
    play = a_play()
    play >> seize() << Hook
    for request in (Answer(LEG), Ring(LEG), ShowProgress(LEG), SendFlash(LEG)):
        play >> request << Discarded("request-unexpected")
    for stranger in (Clear(LegId("b"), 16), Answer(LegId("b")), SendText("n", "p", "c", "t")):
        play >> stranger << Discarded("request-leg-unknown")


def test_r1_two_channels_without_a_wink_make_the_whole_trunk_suspect_until_one_of_them_winks() -> (
    None
):
    """The third caller does not wait four seconds to find out what two have found out."""
    trunk = a_trunk(spans=TWO)
    said = [*trunk.handle(seize("a", 1), 0.0), *trunk.handle(seize("b", 105), 0.0)]
    said = trunk.handle_timeout(4.0)
    suspects = {each.span: each.suspect for each in said if isinstance(each, ChannelsChanged)}
    assert suspects == {SPAN: {1, 2}, FAR: {101, 105}}
    trunk.handle(seize("c", 2), 5.0)
    said = trunk.hear(SPAN, wink(5.3, channel=2), 5.3)
    suspects = {each.span: each.suspect for each in said if isinstance(each, ChannelsChanged)}
    assert suspects == {SPAN: {1}, FAR: {105}}


def test_one_channel_without_a_wink_says_nothing_of_the_others() -> None:
    trunk = a_trunk(spans=TWO)
    trunk.handle(seize("a", 1), 0.0)
    trunk.handle_timeout(4.0)
    trunk.handle(seize("b", 2), 5.0)
    trunk.hear(SPAN, wink(5.3, channel=2), 5.3)
    trunk.handle(seize("c", 105), 6.0)
    said = trunk.handle_timeout(10.0)
    suspects = {each.span: each.suspect for each in said if isinstance(each, ChannelsChanged)}
    assert suspects[FAR] == {105}
