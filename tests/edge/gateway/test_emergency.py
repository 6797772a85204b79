"""An emergency call from the dial to the last leg: R1, R2, R3, R6, R11, R13 as stories."""

from __future__ import annotations

from typing import Any

from e911.records import CallStep
from e911.rows import TrunkKind, TrunkRow
from edge_agent.gateway.outputs import Forget, RaiseAlarm, Remember, Report, Room
from edge_agent.gateway.requests import Adopt
from edge_agent.leg import (
    Alerting,
    Answer,
    Answered,
    Clear,
    Cleared,
    LegId,
    LinkChanged,
    Proceeding,
    Ring,
    RtpMedia,
    SeizeTrunk,
    SendText,
    ShowProgress,
)
from tests.edge.gateway.test_callback import dial_and_hang_up
from tests.flows.springfield import (
    ANA,
    BOB,
    DESK,
    ELIN_1,
    ELIN_2,
    ELIN_2B,
    FLOOR_1,
    SHELBYVILLE,
    Story,
    at,
    bearer,
    calls_back,
    dials,
    gateway,
    psap_holds,
    rtp,
    snapshot_of,
)

VOICE = RtpMedia(20002, ("127.0.0.1", 30002))


def test_r1_an_emergency_invite_seizes_a_trunk_before_anything_that_could_wait() -> None:
    story = Story()
    story.say(dials("caller"))
    kinds = [type(output) for output in story.last]
    assert kinds[0] is SeizeTrunk
    assert kinds.index(Remember) > 0
    assert kinds.index(Report) > kinds.index(Remember)
    assert kinds[-1] is SendText


def test_r6_what_goes_to_disk_first_says_which_trunk_and_channel_were_seized() -> None:
    story = Story()
    story.say(dials("caller"))
    seize, (kept,) = story.seized(), story.said(Remember)
    assert (kept.binding.trunk, kept.binding.channel) == (seize.trunk, seize.channel)


def test_r2_the_calling_number_is_the_elin_of_the_callers_floor() -> None:
    story = Story()
    story.say(dials("caller"))
    seize = story.seized()
    assert (seize.calling, seize.called, seize.trunk) == (ELIN_2, "911", "pri")


def test_a_call_from_dial_to_hang_up() -> None:
    story = Story()
    story.say(dials("caller"), rtp("caller"))
    trunk = story.ever(SeizeTrunk)[0].leg
    story.say(Proceeding(trunk, 23))
    assert story.said(ShowProgress, leg=LegId("caller"))
    story.say(bearer(trunk, 23), Alerting(trunk))
    assert story.said(Ring, leg=LegId("caller"))
    assert {port.leg for port in story.said(Room)[0].ports} == {"caller", trunk}
    story.wait(5)
    story.say(Answered(trunk))
    assert story.said(Answer, leg=LegId("caller"))
    story.say(Cleared(LegId("caller"), 16))
    assert story.said(Clear, leg=trunk)
    story.say(Cleared(trunk, 16))
    (remembered,) = story.said(Remember)
    assert remembered.binding.ended_at is not None
    assert not story.gateway.calls()
    assert story.gateway.next_deadline() is None or story.ever(SendText)


def test_r1_a_refused_trunk_moves_to_the_next_step_with_the_same_elin() -> None:
    story = Story()
    story.say(dials("caller"))
    first = story.seized()
    story.say(Cleared(first.leg, 17))
    second = story.seized()
    assert (second.trunk, second.calling) == ("gateway", first.calling)


def test_r1_a_silent_trunk_moves_on_and_the_platform_is_reassured_at_8_s() -> None:
    story = Story()
    story.say(dials("caller"))
    story.wait(7.9)
    assert not story.ever(ShowProgress)
    story.wait(0.2)
    assert story.said(ShowProgress, leg=LegId("caller"))
    story.wait(2)
    assert story.said(Clear)
    assert story.seized().trunk == "gateway"


def test_r1_all_steps_failed_is_503_with_the_cause_an_alarm_and_a_notice() -> None:
    story = Story()
    story.say(dials("caller"))
    story.say(Cleared(story.seized().leg, 34))
    story.say(Cleared(story.seized().leg, 38))
    (clear,) = story.said(Clear)
    assert (clear.leg, clear.cause, clear.failover) == ("caller", 38, True)
    assert story.said(RaiseAlarm, slug="call-failed")
    assert story.said(SendText, contact=DESK)


def test_r1_a_link_that_is_down_is_tried_last_and_never_left_out() -> None:
    story = Story()
    story.say(LinkChanged("pri", up=False))
    story.say(dials("caller"))
    assert story.seized().trunk == "gateway"
    story.say(Cleared(story.seized().leg, 34))
    assert story.seized().trunk == "pri"


def test_r6_a_call_of_which_no_trunk_saw_a_byte_leaves_no_binding() -> None:
    story = Story()
    story.say(dials("caller"))
    story.say(Cleared(story.seized().leg, 34, sent=False))
    story.say(Cleared(story.seized().leg, 34, sent=False))
    story.say(Cleared(LegId("caller"), 16))
    assert story.said(Forget)
    assert not story.gateway.bindings(story.now)


def test_a_network_that_moves_the_call_to_another_channel_is_remembered() -> None:
    story = Story()
    story.say(dials("caller"))
    assert story.seized().channel == 23
    story.say(Proceeding(story.seized().leg, 7))
    assert story.said(Remember)[0].binding.channel == 7
    assert story.gateway.calls()[0].channel == 7


def central(**changes: Any) -> Story:
    """The gateway trunk may carry Shelbyville's ELIN; the PRI may not."""
    trunk = TrunkRow("gateway", "springfield", TrunkKind.SIP, host="127.0.0.1", erls=("shv-f1",))
    return Story(gateway(snapshot_of([trunk], **changes)))


def test_a_call_in_progress_keeps_the_pools_it_began_with() -> None:
    story = central()
    story.say(dials("caller", location=SHELBYVILLE))
    first = story.seized().leg
    story.ask(Adopt(snapshot_of(dropped=[ELIN_1])))
    story.say(Cleared(first, 38))
    assert story.seized().calling == ELIN_1


def test_r4_a_later_step_that_shares_an_elin_alarms_and_tells() -> None:
    story = central(dropped=[ELIN_2, ELIN_2B])
    dial_and_hang_up(story, BOB, "bob", location=FLOOR_1)
    story.say(dials("caller", location=SHELBYVILLE))
    assert not story.said(RaiseAlarm, slug="elin-forced-reuse")
    story.say(Cleared(story.seized().leg, 38))
    assert story.seized().calling == ELIN_1
    assert story.said(RaiseAlarm, slug="elin-forced-reuse")
    assert "shared" in story.said(SendText)[0].body


def test_a_last_trunk_that_was_just_asked_gets_its_own_8_s_and_then_it_is_503() -> None:
    story = Story()
    story.say(dials("caller"))
    story.wait(7)
    story.say(Cleared(story.ever(SeizeTrunk)[0].leg, 34))
    second = story.seized()
    story.wait(1)
    assert story.said(ShowProgress)
    assert not story.said(Clear)
    story.wait(6)
    assert story.said(Clear, leg=second.leg)
    assert story.said(Clear, leg=LegId("caller"), failover=True)


def test_a_trunk_that_never_says_that_the_psap_rings_tells_the_desk_after_30_s() -> None:
    story = Story()
    story.say(dials("caller"))
    story.say(Proceeding(story.seized().leg))
    story.wait(30)
    assert [r.record.step for r in story.said(Report)] == [CallStep.UNANSWERED]
    assert story.said(SendText)


def test_r11_a_redial_on_the_buildings_elin_is_the_same_incident_an_hour_later() -> None:
    story = dial_and_hang_up(Story(), BOB, "bob", location=FLOOR_1)
    dial_and_hang_up(story, ANA, "a", location=FLOOR_1)
    story.wait(3600)
    story.say(dials("again", ANA, location=FLOOR_1))
    _, first, again = (r.record for r in story.ever(Report) if r.record.step is CallStep.STARTED)
    assert first.elin == again.elin == ELIN_2
    assert first.incident == again.incident


def test_r13_an_abandoned_call_keeps_its_trunk_leg_until_the_hold_is_over() -> None:
    story = Story()
    story.say(dials("caller"))
    trunk = story.seized().leg
    story.wait(1)
    story.say(Cleared(LegId("caller"), 16))
    assert not story.said(Clear)
    assert story.said(SendText)
    story.wait(4.1)
    assert story.said(Clear, leg=trunk)
    story.say(Cleared(trunk, 16))
    assert story.gateway.bindings(story.now)[0].elin == ELIN_2


def answered_and_hung_up(hold_s: int) -> tuple[Story, LegId]:
    """A call that the PSAP answered and the caller then ended, and its trunk leg."""
    story = Story(gateway(psap_holds(hold_s)))
    story.say(dials("caller"), rtp("caller"))
    trunk = story.seized().leg
    story.say(bearer(trunk, 23), Answered(trunk))
    story.wait(60)
    story.say(Cleared(LegId("caller"), 16))
    return story, trunk


def test_the_psap_keeps_the_line_of_an_answered_call_for_as_long_as_the_branch_says() -> None:
    story, trunk = answered_and_hung_up(600)
    assert not story.said(Clear)
    assert [port.leg for port in story.said(Room)[0].ports] == [trunk]
    assert story.gateway.calls()[0].state == "held"
    story.wait(599)
    assert not story.ever(Clear)
    story.wait(1)
    assert story.said(Clear, leg=trunk, cause=16)
    story.say(Cleared(trunk, 16))
    assert not story.gateway.calls()


def test_the_psap_that_lets_go_ends_the_call_and_the_window_begins_then() -> None:
    story, trunk = answered_and_hung_up(1800)
    story.wait(1000)
    story.say(Cleared(trunk, 16))
    assert not story.said(Clear)
    (remembered,) = story.said(Remember)
    assert remembered.binding.ended_at == at(1060)
    assert story.said(Report)[-1].record.step is CallStep.ENDED
    assert not story.gateway.calls()


def test_where_the_branch_lets_no_psap_hold_the_trunk_is_cleared_with_the_caller() -> None:
    story, trunk = answered_and_hung_up(0)
    assert story.said(Clear, leg=trunk, cause=16)


def test_an_unanswered_call_is_never_held_for_longer_than_the_ali_bid_r13() -> None:
    story = Story(gateway(psap_holds(600)))
    story.say(dials("caller"))
    trunk = story.seized().leg
    story.say(Alerting(trunk), Cleared(LegId("caller"), 16))
    story.wait(5)
    assert story.said(Clear, leg=trunk)


def test_r8_a_held_leg_gives_its_channel_to_nobody() -> None:
    story = Story(gateway(psap_holds(600), channels=(1,)))
    story.say(dials("caller"))
    trunk = story.seized().leg
    story.say(Answered(trunk), Cleared(LegId("caller"), 16))
    story.say(dials("bob", BOB))
    assert story.seized().trunk == "gateway"
    story.say(calls_back("psap", ELIN_2, channel=1))
    assert story.said(Clear, leg=LegId("psap"), cause=44)
    assert not story.ever(Clear, leg=trunk)


def test_a_caller_who_redials_while_the_psap_holds_has_a_new_call_on_the_same_elin() -> None:
    story, _ = answered_and_hung_up(600)
    held = story.gateway.calls()[0]
    story.say(dials("again"))
    assert story.seized().calling == ELIN_2
    assert not story.said(Clear)
    first, second = story.gateway.calls()
    assert (first.call, first.state) == (held.call, "held")
    assert second.incident == held.incident
