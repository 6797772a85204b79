"""The gateway's doors: clock, restart, force, views, and legs that nobody knows."""

from __future__ import annotations

from datetime import timedelta

import pytest

from e911.numbers import Caller, Elin
from edge_agent.gateway.exchange import LastResort
from edge_agent.gateway.gateway import Gateway
from edge_agent.gateway.outputs import ClearAlarm, RaiseAlarm
from edge_agent.gateway.requests import Adopt, ClockReading, Force
from edge_agent.leg import (
    Answered,
    Clear,
    Cleared,
    LegId,
    LinkChanged,
    RingParty,
    SeizeTrunk,
    WireAlarm,
)
from tests.edge.gateway.test_callback import dial_and_hang_up
from tests.flows.springfield import (
    ANA,
    DESK,
    START,
    SeededIds,
    Story,
    at,
    calls_back,
    dials,
    gateway,
    snapshot_of,
)


def test_a_word_from_an_unknown_leg_changes_nothing() -> None:
    story = Story()
    assert story.say(Answered(LegId("ghost")), Cleared(LegId("ghost"), 16)) == []


def test_a_link_down_is_an_alarm_and_up_clears_it() -> None:
    story = Story()
    assert story.say(LinkChanged("pri", up=False, why="T203")) == [
        RaiseAlarm("trunk-down", "pri", "T203")
    ]
    assert story.say(LinkChanged("pri", up=True)) == [ClearAlarm("trunk-down", "pri")]


def test_what_a_wire_has_for_an_operator_is_an_alarm_until_it_says_otherwise() -> None:
    story = Story()
    assert story.say(WireAlarm("ani-not-carried", "cama", True, "spf-f2")) == [
        RaiseAlarm("ani-not-carried", "cama", "spf-f2")
    ]
    assert story.say(WireAlarm("ani-not-carried", "cama", False)) == [
        ClearAlarm("ani-not-carried", "cama")
    ]


class Unspeakable(Caller):
    """A caller over whom the telling breaks."""

    @property
    def spoken(self) -> str:
        raise RuntimeError("broken")


def test_r1_a_call_that_breaks_as_it_begins_leaves_its_channel_and_elin_to_its_second_offer() -> (
    None
):
    story = Story(gateway(snapshot_of(dropped=["gateway"]), channels=(1,)))
    with pytest.raises(RuntimeError):
        story.say(dials("caller", Unspeakable("sip:x@contoso.example", peer="lync")))
    story.say(dials("caller"))
    trunk = story.seized()
    assert trunk.channel == 1
    assert len(story.gateway.calls()) == len(story.gateway.bindings(story.now)) == 1
    story.say(Answered(trunk.leg), Cleared(LegId("caller"), 16), Cleared(trunk.leg, 16))
    assert not story.gateway.calls()


def test_an_operator_ends_a_call_by_name() -> None:
    story = Story()
    story.say(dials("caller"))
    (view,) = story.gateway.calls()
    assert (view.kind.value, view.erl, view.elin, view.trunk) == (
        "emergency",
        "spf-f2",
        "4255550102",
        "pri",
    )
    story.ask(Force(view.call))
    for clear in story.said(Clear):
        story.say(Cleared(clear.leg, 41))
    assert not story.gateway.calls()
    assert story.ask(Force("unknown")) == []


def test_a_callback_ended_by_name_rings_nobody_any_more() -> None:
    story = dial_and_hang_up(Story(), ANA, "caller")
    story.say(calls_back("psap"))
    (rung,) = story.said(RingParty)
    story.ask(Force(story.gateway.calls()[0].call))
    story.say(Cleared(rung.leg, 41))
    story.wait(100)
    assert len(story.ever(RingParty)) == 1
    story.say(Cleared(LegId("psap"), 41))
    assert not story.gateway.calls()


def test_an_abandoned_call_that_the_psap_answered_can_be_ended_by_name_too() -> None:
    story = Story()
    story.say(dials("caller"))
    trunk = story.seized().leg
    story.say(Cleared(LegId("caller"), 16), Answered(trunk))
    (rung,) = story.said(RingParty)
    story.ask(Force(story.gateway.calls()[0].call))
    story.say(Cleared(rung.leg, 41))
    story.wait(100)
    assert len(story.ever(RingParty)) == 1
    story.say(Cleared(trunk, 41))
    assert not story.gateway.calls()


def test_a_clock_that_was_set_back_alarms_and_expires_nothing() -> None:
    story = dial_and_hang_up(Story(), ANA, "caller")
    story.now = 60.0
    assert story.ask(ClockReading(START - timedelta(hours=5))) == [RaiseAlarm("clock-untrusted")]
    story.say(calls_back("psap"))
    assert story.said(RingParty, contact=ANA.contact)


def test_a_clock_that_is_wrong_from_the_start_alarms_once() -> None:
    kept = START + timedelta(days=1)
    last = LastResort(Elin("4255550100"), "pri", "911", DESK)
    core = Gateway("edge-1", "b2", SeededIds(), last, highest=kept)
    assert core.handle(ClockReading(START), 0.0) == [RaiseAlarm("clock-untrusted")]
    assert core.handle(ClockReading(START), 1.0) == []
    assert core.handle(ClockReading(kept), 2.0) == [ClearAlarm("clock-untrusted")]


def test_a_forward_leap_without_ntp_expires_nothing_and_with_ntp_it_is_believed() -> None:
    story = dial_and_hang_up(Story(), ANA, "caller")
    story.now = 60.0
    leap = at(60) + timedelta(hours=20)
    assert story.ask(ClockReading(leap, synchronised=False)) == [RaiseAlarm("clock-untrusted")]
    assert story.gateway.bindings(story.now)
    assert story.ask(ClockReading(leap, synchronised=True)) == [ClearAlarm("clock-untrusted")]
    assert not story.gateway.bindings(story.now)


def test_a_call_in_progress_keeps_what_it_began_with_when_a_snapshot_is_adopted() -> None:
    story = Story()
    story.say(dials("caller"))
    trunk = story.seized().leg
    story.ask(Adopt(snapshot_of(dropped=["spf-f2", "4255550102", "4255550103"])))
    story.say(Answered(trunk), Cleared(LegId("caller"), 16), Cleared(trunk, 16))
    story.say(calls_back("psap"))
    assert story.said(RingParty, contact=ANA.contact)


def test_the_next_deadline_is_that_of_the_earliest_call() -> None:
    story = Story()
    story.say(dials("a"))
    story.now = 1.0
    story.say(dials("b"))
    assert story.gateway.next_deadline() == 8.0


class IdsThatFailOnce(SeededIds):
    """The defect of one call."""

    def __init__(self) -> None:
        super().__init__()
        self.failing = False

    def leg(self) -> LegId:
        if self.failing:
            self.failing = False
            raise RuntimeError("a defect")
        return LegId(f"X{super().leg()}")


def test_r1_a_call_whose_timer_breaks_takes_no_other_calls_outputs_with_it() -> None:
    story = Story()
    ids = story.gateway._exchange.ids = IdsThatFailOnce()
    story.say(dials("a"), dials("b"))
    story.wait(9.0)
    ids.failing = True
    with pytest.raises(RuntimeError):
        story.gateway.handle_timeout(10.0)
    outputs = story.gateway.handle_timeout(10.0)
    assert [out.trunk for out in outputs if isinstance(out, SeizeTrunk)] == ["gateway"]
    assert story.gateway.next_deadline() is not None
