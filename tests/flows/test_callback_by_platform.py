"""A branch whose trunks only carry calls out: the PSAP's callback comes in on the platform's own
trunks and is handed to us by INVITE (R5, R7).

It is the same callback as from a trunk of ours, and holds no channel of one.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from e911.numbers import Caller, Did, Elin
from e911.records import CallStep
from e911.rows import PeerRow
from edge_agent.gateway.exchange import LastResort
from edge_agent.gateway.gateway import Gateway
from edge_agent.gateway.outputs import Announce, RaiseAlarm, Remember, Report, Room
from edge_agent.gateway.requests import Adopt, ClockReading, Equip, Restore
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
)
from tests.edge.gateway.test_callback import dial_and_hang_up
from tests.flows.springfield import (
    ANA,
    BOB,
    DESK,
    ELIN_1,
    ELIN_2,
    PSAP,
    START,
    SeededIds,
    Story,
    dials,
    gateway,
    rtp,
    snapshot_of,
)

LYNC = PeerRow("lync", "springfield", "127.0.0.1", 5070, strip_prefix="9", delivers_callbacks=True)


def delivering(**changes: Any) -> Story:
    """Springfield with one channel, and a platform that hands us callbacks."""
    return Story(gateway(snapshot_of([replace(LYNC, **changes)]), channels=(1,)))


def hands_over(
    leg: str = "psap", dialled: str = ELIN_2.digits, caller: Caller = PSAP, source: str = "lync"
) -> Offered:
    """The platform hands us a call from the PSTN."""
    return Offered(LegId(leg), source, dialled, caller)


def test_r7_the_psap_hears_ringing_the_caller_is_rung_and_connect_waits_for_a_human() -> None:
    story = dial_and_hang_up(delivering(), ANA, "caller")
    story.say(hands_over(), rtp("psap"))
    assert story.said(Ring, leg=LegId("psap"))
    (ring,) = story.said(RingParty)
    assert (ring.peer, ring.contact, ring.calling) == ("lync", ANA.contact, PSAP.spoken)
    assert ELIN_2.digits not in ring.contact, "the platform would hand it to us again"
    assert not story.ever(Answer, leg=LegId("psap"))
    story.say(rtp(ring.leg, 20002), Answered(ring.leg))
    assert story.said(Answer, leg=LegId("psap"))
    assert {port.leg for port in story.said(Room)[-1].ports} == {"psap", ring.leg}
    story.say(Cleared(LegId("psap"), 16))
    assert story.said(Clear, leg=ring.leg)
    story.say(Cleared(ring.leg, 16))
    assert not story.gateway.calls()


@pytest.mark.parametrize(
    "dialled",
    ["4255550102", "14255550102", "+14255550102", "+14255550102;npdi", "94255550102"],
)
def test_r7_the_elin_is_known_in_every_form_in_which_a_platform_writes_a_whole_number(
    dialled: str,
) -> None:
    story = dial_and_hang_up(delivering(), ANA, "caller")
    story.say(hands_over(dialled=dialled))
    assert story.said(RingParty, contact=ANA.contact)


@pytest.mark.parametrize("dialled", ["0102", "5550102", "2065550102", "4255550109", "933", ""])
def test_a_number_that_only_ends_like_an_elin_is_somebody_elses(dialled: str) -> None:
    story = dial_and_hang_up(delivering(), ANA, "caller")
    story.say(hands_over(dialled=dialled))
    assert story.last == [
        Clear(LegId("psap"), 21, why="Only emergency calls are carried here"),
    ]


@pytest.mark.parametrize(
    "user",
    ["4255550102", "14255550102", "+14255550102", "+14255550102;phone-context=x", "94255550102"],
)
def test_r7_a_caller_whose_own_user_is_the_elin_would_only_be_handed_back_and_the_desk_is_rung(
    user: str,
) -> None:
    caller = replace(ANA, contact=f"sip:{user}@contoso.example")
    story = dial_and_hang_up(delivering(), caller, "caller")
    story.say(hands_over())
    assert [ring.contact for ring in story.said(RingParty)] == [DESK]
    story.wait(300)
    assert not story.ever(RingParty, contact=caller.contact)


def test_r7_alternates_are_rung_at_once_where_the_caller_would_be_handed_back() -> None:
    main = f"sip:{ELIN_2.digits}@contoso.example"
    caller = replace(ANA, contact=main, alternates=(f"tel:{ELIN_2.e164}", BOB.contact))
    story = dial_and_hang_up(delivering(), caller, "caller")
    story.say(hands_over())
    assert [ring.contact for ring in story.said(RingParty)] == [BOB.contact]
    story.wait(40)
    assert {ring.contact for ring in story.ever(RingParty)} == {BOB.contact, DESK}


@pytest.mark.parametrize("user", ["0102", "5550102", "4255550103"])
def test_r7_a_user_that_only_looks_like_the_elin_is_rung(user: str) -> None:
    caller = replace(ANA, contact=f"sip:{user}@contoso.example")
    story = dial_and_hang_up(delivering(), caller, "caller")
    story.say(hands_over())
    assert story.said(RingParty, contact=caller.contact)


def test_r7_a_callback_by_a_trunk_rings_such_a_caller_for_the_trunk_hands_over_no_invite() -> None:
    caller = replace(ANA, contact=f"sip:{ELIN_2.digits}@contoso.example")
    story = dial_and_hang_up(delivering(), caller, "caller")
    story.say(Offered(LegId("psap"), "pri", ELIN_2.digits, PSAP, from_trunk=True, channel=1))
    assert story.said(RingParty, contact=caller.contact)


def test_a_platform_that_hands_us_no_callbacks_is_refused_as_ever() -> None:
    never = dial_and_hang_up(delivering(delivers_callbacks=False), ANA, "caller")
    never.say(hands_over())
    other = dial_and_hang_up(delivering(), ANA, "caller")
    other.say(hands_over(source="desk"))
    for story in (never, other):
        assert story.said(Clear, leg=LegId("psap"), cause=21)
        assert not story.said(RingParty)


def test_r8_a_callback_by_the_platform_holds_no_channel_and_takes_nobodys() -> None:
    story = dial_and_hang_up(delivering(), ANA, "caller")
    story.say(dials("bob", BOB))
    busy = story.seized()
    story.say(hands_over())
    assert story.said(RingParty)
    assert not story.said(Clear)
    assert [list(trunk.holds) for trunk in story.gateway.trunks() if trunk.holds] == [[busy.leg]]
    (view,) = (view for view in story.gateway.calls() if view.kind.value == "callback")
    assert (view.trunk, view.channel) == ("", None)


def test_r1_an_emergency_call_from_such_a_platform_stays_an_emergency_call() -> None:
    story = delivering()
    story.say(dials("caller", dialled="+911"))
    assert story.seized().called == "911"
    story.say(dials("masked", BOB, dialled="9911"))
    assert story.seized().trunk == "gateway"


def test_r5_the_callback_holds_its_elin_and_its_window_begins_anew_at_its_end() -> None:
    story = dial_and_hang_up(delivering(), ANA, "caller")
    story.wait(170 * 60)
    story.say(hands_over())
    assert story.said(Remember)[0].binding.is_open
    (ring,) = story.said(RingParty)
    story.say(Answered(ring.leg))
    story.wait(20 * 60)
    story.say(Cleared(LegId("psap"), 16), Cleared(ring.leg, 16))
    story.wait(170 * 60)
    assert story.gateway.bindings(story.now)


def test_r7_an_unbound_elin_goes_to_the_desk_and_is_limited_by_calling_number() -> None:
    story = delivering()
    for n in range(5):
        story.say(hands_over(f"psap{n}", ELIN_1.digits))
        assert story.said(RingParty, contact=DESK)
        assert story.said(Report)[0].record.step is CallStep.UNBOUND
        assert story.said(Report)[0].record.trunk == "", "no trunk of ours was proved by it"
    story.say(hands_over("psap6", ELIN_1.digits))
    assert story.said(Clear, leg=LegId("psap6"), cause=21)
    assert story.said(RaiseAlarm, slug="callback-flood", subject="lync")
    story.say(hands_over("psap7", ELIN_1.digits, Caller("", Did("2065550999"))))
    assert story.said(RingParty, contact=DESK)


def test_r7_nobody_answers_and_the_psap_hears_the_recording_as_on_a_trunk() -> None:
    story = dial_and_hang_up(delivering(), ANA, "caller")
    story.say(hands_over())
    story.wait(90)
    assert story.said(Answer, leg=LegId("psap"))
    assert story.said(Announce, leg=LegId("psap"), erl="spf-f2")


def test_r7_an_elin_that_left_the_snapshot_finds_its_caller_while_it_is_bound() -> None:
    before = dial_and_hang_up(delivering(), ANA, "caller")
    (binding,) = before.gateway.bindings(before.now)
    story = Story(gateway(snapshot_of([LYNC], dropped=[ELIN_2])))
    story.say(hands_over())
    assert story.said(Clear, cause=21)
    story.ask(Restore((binding,)))
    story.say(hands_over())
    assert story.said(RingParty, contact=ANA.contact)


def test_r7_without_a_snapshot_a_platform_of_the_last_resort_hands_over_bound_elins() -> None:
    before = dial_and_hang_up(delivering(), ANA, "caller")
    last = LastResort(Elin("4255550100"), "pri", "911", DESK, peers=("lync",))
    story = Story(Gateway("edge-1", "b2", SeededIds(), last))
    story.ask(ClockReading(START))
    story.ask(Equip("pri", (1,)))
    story.ask(Restore(before.gateway.bindings(before.now)))
    story.say(hands_over())
    assert story.said(RingParty, contact=ANA.contact, peer="lync")
    for refused in (
        hands_over("unbound", ELIN_1.digits),
        hands_over("last", "4255550100"),
        hands_over("stranger", source="else"),
    ):
        story.say(refused)
        assert story.said(Clear, leg=refused.leg, cause=21)
    story.say(dials("caller"))
    assert story.said(SeizeTrunk), "911 goes out (R1)"
    story.ask(Adopt(snapshot_of(dropped=["lync"])))
    story.say(hands_over("late"))
    assert story.said(Clear, leg=LegId("late"), cause=21), "a snapshot that has other platforms"
