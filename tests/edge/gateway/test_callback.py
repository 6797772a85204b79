"""The PSAP calls an ELIN back: R4, R5 and R7 as stories."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from e911.numbers import Caller, Did, Elin
from e911.records import CallStep
from e911.rows import BranchRow, SharedElinPolicy
from edge_agent.gateway.exchange import LastResort
from edge_agent.gateway.gateway import Gateway
from edge_agent.gateway.outputs import Announce, RaiseAlarm, Remember, Report, Room
from edge_agent.gateway.requests import Adopt, ClockReading, Restore
from edge_agent.leg import (
    Alerting,
    Answer,
    Answered,
    Clear,
    Cleared,
    Flash,
    LegId,
    Offered,
    Ring,
    RingParty,
    SeizeTrunk,
    SendFlash,
    SendText,
)
from tests.flows.springfield import (
    ANA,
    BOB,
    DESK,
    ELIN_1,
    ELIN_2,
    FLOOR_1,
    PSAP,
    START,
    SeededIds,
    Story,
    at,
    bearer,
    calls_back,
    dials,
    gateway,
    rows,
    rtp,
    snapshot_of,
)


def over(caller: Caller = ANA, leg: str = "caller", **dialled: Any) -> Story:
    """A story in which a 911 call is over."""
    return dial_and_hang_up(Story(), caller, leg, **dialled)


def dial_and_hang_up(story: Story, caller: Caller, leg: str, **dialled: Any) -> Story:
    story.say(dials(leg, caller, **dialled))
    trunk = story.seized().leg
    story.say(Answered(trunk), Cleared(LegId(leg), 16), Cleared(trunk, 16))
    return story


def branch(**changes: Any) -> BranchRow:
    """Springfield's own row, changed."""
    (row,) = (row for row in rows() if isinstance(row, BranchRow))
    return replace(row, **changes)


def test_r7_the_psap_hears_ringing_and_the_caller_is_rung_in_the_same_step() -> None:
    story = over()
    story.say(calls_back("psap"))
    assert story.said(Ring, leg=LegId("psap"))
    (ring,) = story.said(RingParty)
    assert (ring.contact, ring.peer, ring.calling) == (ANA.contact, "lync", "2065550911")
    assert ring.psap_callback


def test_r7_connect_only_when_a_human_answers_and_voice_meets() -> None:
    story = over()
    story.say(calls_back("psap"), bearer("psap", 1))
    (ring,) = story.ever(RingParty)
    story.say(Alerting(ring.leg))
    assert not story.said(Answer)
    story.say(rtp(ring.leg), Answered(ring.leg))
    assert story.said(Answer, leg=LegId("psap"))
    assert {port.leg for port in story.said(Room)[-1].ports} == {"psap", ring.leg}


def test_r7_the_desk_joins_at_40_s_and_the_recorded_voice_speaks_at_90_s() -> None:
    story = over()
    story.say(calls_back("psap"))
    story.wait(39.9)
    assert not story.ever(RingParty, contact=DESK)
    story.wait(0.2)
    assert story.said(RingParty, contact=DESK)
    story.wait(50)
    assert story.said(Answer, leg=LegId("psap"))
    assert story.said(Announce, leg=LegId("psap"), erl="spf-f2")
    assert [r.record.step for r in story.said(Report)] == [CallStep.UNANSWERED]
    (ring, *_) = story.ever(RingParty)
    story.say(rtp(ring.leg), Answered(ring.leg))
    assert not story.said(Answer, leg=LegId("psap")), "it is connected already"


def test_r7_alternates_join_at_20_s() -> None:
    story = over(replace(ANA, alternates=("sip:boss@contoso.example",)))
    story.say(calls_back("psap"))
    story.wait(20)
    assert story.ever(RingParty, contact="sip:boss@contoso.example")


def test_r7_a_caller_who_declines_brings_in_the_desk_at_once() -> None:
    story = over()
    story.say(calls_back("psap"))
    story.say(Cleared(story.said(RingParty)[0].leg, 21))
    assert story.said(RingParty, contact=DESK)


def test_r7_when_all_decline_all_are_rung_again() -> None:
    story = over()
    story.say(calls_back("psap"))
    story.say(Cleared(story.said(RingParty)[0].leg, 21))
    story.say(Cleared(story.said(RingParty)[0].leg, 21))
    story.wait(5)
    assert {ring.contact for ring in story.said(RingParty)} == {ANA.contact, DESK}


def test_a_dead_peer_is_followed_by_the_others_and_then_the_desk() -> None:
    story = over()
    story.say(calls_back("psap"))
    (first,) = story.said(RingParty)
    story.say(Cleared(first.leg, 102))
    (second,) = story.said(RingParty)
    assert (second.contact, second.peer) == (ANA.contact, "desk")
    story.say(Cleared(second.leg, 102))
    assert story.said(RingParty, contact=DESK)


def test_a_peer_that_says_nothing_is_joined_by_the_next_after_4_s() -> None:
    story = over()
    story.say(calls_back("psap"))
    story.wait(4)
    assert story.said(RingParty, contact=ANA.contact, peer="desk")


def test_the_desk_can_be_a_number_over_a_trunk_with_the_main_number_shown() -> None:
    desk = snapshot_of([branch(desk=("tel:+14255559999;trunk=gateway",))])
    story = Story(gateway(desk))
    story.say(calls_back("psap", ELIN_1))
    (seize,) = story.said(SeizeTrunk)
    assert (seize.trunk, seize.called, seize.calling.number) == (
        "gateway",
        "+14255559999",
        "4255550000",
    )


def test_r7_an_unbound_elin_goes_to_the_desk_and_is_limited_by_calling_number() -> None:
    story = Story()
    for n in range(5):
        story.say(calls_back(f"psap{n}", ELIN_1, channel=n + 1))
        assert story.said(RingParty, contact=DESK)
        assert story.said(Report)[0].record.step is CallStep.UNBOUND
    story.say(calls_back("psap6", ELIN_1, channel=9))
    assert story.said(Clear, leg=LegId("psap6"))
    assert story.said(RaiseAlarm, slug="callback-flood")
    other = Caller("", Did("2065550999"))
    story.say(calls_back("psap7", ELIN_1, channel=10, caller=other))
    assert story.said(RingParty, contact=DESK)


def test_r7_the_recording_for_an_unbound_elin_gives_the_address_of_its_erl() -> None:
    for n, (called, erl) in enumerate((("4255550102", "spf-f2"), ("9999999", "spf-f1"))):
        story = Story()
        story.say(Offered(LegId(f"p{n}"), "pri", called, PSAP, from_trunk=True, channel=1))
        assert story.said(Report)[0].record.erl == erl
        story.wait(90)
        assert story.said(Announce, erl=erl)


def test_r7_a_bound_elin_is_never_limited() -> None:
    story = over()
    for n in range(8):
        story.say(calls_back(f"psap{n}"))
        (ring,) = story.said(RingParty)
        story.say(Cleared(LegId(f"psap{n}"), 16), Cleared(ring.leg, 16))


def test_r5_a_callback_restarts_the_window_at_its_end_but_never_beyond_24_h() -> None:
    story = over()
    story.wait(170 * 60)
    story.say(calls_back("psap"))
    assert story.said(Remember)[0].binding.is_open
    (ring,) = story.said(RingParty)
    story.say(Answered(ring.leg))
    story.wait(20 * 60)
    story.say(Cleared(LegId("psap"), 16), Cleared(ring.leg, 16))
    story.wait(170 * 60)
    (binding,) = story.gateway.bindings(story.now)
    assert binding.expires_at() == at(190 * 60) + timedelta(minutes=180)
    for _ in range(12):
        (ring, *_) = [out for out in story.say(calls_back("again")) if isinstance(out, RingParty)]
        story.say(Cleared(LegId("again"), 16), Cleared(ring.leg, 16))
        story.wait(170 * 60)
    assert not story.gateway.bindings(story.now), "24 hours after it was bound"


def test_the_window_is_over_after_180_minutes_and_the_desk_answers() -> None:
    story = over()
    story.wait(180 * 60 + 1)
    story.say(calls_back("psap"))
    assert not story.said(RingParty, contact=ANA.contact)
    assert story.said(RingParty, contact=DESK)


def shared(**policy: Any) -> Story:
    """Floor 1 has one ELIN: two callers of it share it."""
    plain = snapshot_of([branch(**policy)], dropped=[ELIN_2, Elin("4255550103")])
    story = Story(gateway(plain))
    dial_and_hang_up(story, ANA, "a", location=FLOOR_1)
    story.wait(60)
    story.say(dials("b", BOB, location=FLOOR_1))
    return story


def test_r4_forced_reuse_alarms_and_tells_and_keeps_both() -> None:
    story = shared()
    assert story.said(RaiseAlarm, slug="elin-forced-reuse")
    (text,) = story.said(SendText)
    assert "shared" in text.body
    callers = [binding.caller for binding in story.gateway.bindings(story.now)]
    assert callers == [BOB, ANA]


def test_r4_a_shared_elin_rings_the_newest_and_tells_the_desk_of_both() -> None:
    story = shared()
    story.say(calls_back("psap", ELIN_1))
    (ring,) = story.said(RingParty)
    assert ring.contact == BOB.contact
    told = "\n".join(text.body for text in story.said(SendText))
    assert ANA.name in told
    assert BOB.name in told


def test_r11_a_callbacks_records_name_whom_the_policy_tells() -> None:
    story = over()
    story.say(calls_back("psap"), calls_back("stray", ELIN_1, channel=2))
    assert [report.record.targets for report in story.said(Report)] == [("desk",), ("desk",)]


def test_r4_the_desks_text_stays_short_however_many_share_the_elin() -> None:
    story = Story(gateway(snapshot_of(dropped=[ELIN_2, Elin("4255550103")])))
    for n in range(30):
        caller = replace(ANA, contact=f"sip:u{n}@contoso.example", name=f"User {n}")
        dial_and_hang_up(story, caller, f"c{n}", location=FLOOR_1)
    story.say(calls_back("psap", ELIN_1))
    assert "and 20 more" in story.said(SendText)[-1].body


def test_r4_by_policy_a_shared_elin_rings_the_desk() -> None:
    story = shared(shared_elin=SharedElinPolicy.DESK)
    story.say(calls_back("psap", ELIN_1))
    (ring,) = story.said(RingParty)
    assert ring.contact == DESK


def test_r6_a_restart_keeps_the_bindings_and_closes_the_open_ones_at_start() -> None:
    before = Story()
    before.say(dials("caller"))
    (remembered,) = before.said(Remember)
    after = Story()
    after.now = 30.0
    after.ask(Restore((remembered.binding,)))
    (kept,) = after.said(Remember)
    assert kept.binding.ended_at == at(30)
    assert after.said(Report)[0].record.ended_at == at(30)
    after.say(calls_back("psap"))
    assert after.said(RingParty, contact=ANA.contact)


def test_r11_the_desk_is_told_of_a_call_that_a_restart_cut_off() -> None:
    before = Story()
    before.say(dials("caller"))
    binding = before.said(Remember)[0].binding
    bare = Gateway("edge-1", "b2", SeededIds(), LastResort(ELIN_1, "pri", "911", DESK))
    after = Story(bare)
    after.ask(ClockReading(START))
    after.ask(Restore((binding,)))
    assert not after.said(SendText)
    after.ask(Adopt(snapshot_of()))
    (text,) = after.said(SendText)
    assert text.contact == DESK
    for part in ("cut off by a restart", ANA.name, "Floor 2"):
        assert part in text.body
    after.ask(Adopt(snapshot_of()))
    assert not after.said(SendText), "once"


def test_r12_a_binding_cut_off_by_two_restarts_is_told_of_twice() -> None:
    before = Story()
    before.say(dials("caller"))
    binding, ids = before.said(Remember)[0].binding, set()
    for boot in ("b2", "b3"):
        after = Story(gateway(boot=boot))
        after.ask(Restore((binding,)))
        ids.add(after.said(Report)[0].record.id)
        after.say(calls_back("psap"))
        binding = after.said(Remember)[0].binding
        assert binding.is_open, "the callback holds it (R5) while the agent dies again"
    assert len(ids) == 2


def test_called_digits_may_come_in_any_length() -> None:
    for digits in ("4255550102", "14255550102", "+14255550102", "5550102", "0102"):
        story = over()
        story.say(Offered(LegId("psap"), "pri", digits, PSAP, from_trunk=True, channel=1))
        assert story.said(RingParty, contact=ANA.contact), digits
    assert ELIN_2.digits.endswith("0102")


def test_r11_who_is_told_of_an_emergency_is_told_of_its_callback() -> None:
    story = over()
    emergency = story.said(Report)[0].record
    story.say(calls_back("psap"))
    records = [report.record for report in story.said(Report) if report.record.bound_call]
    assert records
    assert {record.targets for record in records} == {emergency.targets} == {("desk",)}


def test_a_hook_flash_of_the_psap_is_passed_to_the_human_who_answered_its_callback() -> None:
    story = over()
    story.say(calls_back("psap"))
    (ring,) = story.said(RingParty)
    assert not story.say(Flash(LegId("psap")))
    story.say(Answered(ring.leg), Flash(LegId("psap")))
    assert story.said(SendFlash) == [SendFlash(ring.leg)]
    assert not story.say(Flash(ring.leg))
    story.say(Cleared(ring.leg, 16), Flash(LegId("psap")))
    assert not story.said(SendFlash)
