"""Every row of the design's table "when calls meet", one story each (R8 among them)."""

from __future__ import annotations

from e911.numbers import Caller
from e911.records import CallStep
from e911.rows import TrunkKind, TrunkRow
from edge_agent.gateway.outputs import Remember, Report
from edge_agent.leg import (
    Alerting,
    Answer,
    Answered,
    Clear,
    Cleared,
    LegId,
    MediaChanged,
    Offered,
    Progress,
    Ring,
    RingParty,
    RtpMedia,
    SeizeTrunk,
)
from tests.edge.gateway.test_callback import branch, dial_and_hang_up
from tests.flows.springfield import (
    ANA,
    BOB,
    DESK,
    ELIN_1,
    ELIN_2,
    FLOOR_1,
    PSAP,
    Story,
    calls_back,
    dials,
    gateway,
    rtp,
    snapshot_of,
)


def test_a_redial_has_the_same_elin_and_incident_and_a_call_id_of_its_own() -> None:
    story = dial_and_hang_up(Story(), ANA, "first")
    story.wait(60)
    story.say(dials("second"))
    assert story.seized().calling == ELIN_2
    first, second = (r.record for r in story.ever(Report) if r.record.step is CallStep.STARTED)
    assert first.incident == second.incident
    assert first.call != second.call


def test_a_redial_from_another_floor_has_a_new_elin_and_both_ring_the_caller() -> None:
    story = dial_and_hang_up(Story(), ANA, "first")
    dial_and_hang_up(story, ANA, "second", location=FLOOR_1)
    for n, elin in enumerate((ELIN_2, ELIN_1)):
        story.say(calls_back(f"psap{n}", elin, channel=n + 1))
        assert story.said(RingParty)[0].contact == ANA.contact


def talking() -> tuple[Story, LegId]:
    story = Story()
    story.say(dials("caller"))
    trunk = story.seized().leg
    story.say(Answered(trunk))
    return story, trunk


def test_a_callback_while_the_first_call_is_up_leaves_it_alone_and_asks_the_desk_after_10_s() -> (
    None
):
    story, trunk = talking()
    story.say(calls_back("psap"))
    (ring,) = story.said(RingParty)
    assert ring.contact == ANA.contact
    assert not story.said(Clear)
    story.wait(10)
    assert story.said(RingParty, contact=DESK)
    assert not story.ever(Clear, leg=trunk)
    assert not story.ever(Clear, leg=LegId("caller"))


def test_a_callback_that_meets_the_unanswered_redial_tries_the_busy_caller_for_20_s() -> None:
    story = dial_and_hang_up(Story(), ANA, "first")
    story.say(dials("second"))
    story.say(Alerting(story.seized().leg))
    story.say(calls_back("psap"))
    for _ in range(9):
        (ring,) = story.said(RingParty)
        assert ring.contact == ANA.contact
        story.say(Cleared(ring.leg, 17))
        assert not story.said(Clear, leg=LegId("psap")), "the PSAP is kept alerting"
        story.wait(2)
    story.say(Cleared(story.said(RingParty)[0].leg, 17))
    story.wait(2)
    assert story.said(RingParty, contact=DESK)


def test_glare_on_the_last_channel_gives_it_to_the_callback_and_911_the_next_step() -> None:
    story = Story(gateway(channels=(1,)))
    dial_and_hang_up(story, BOB, "bob")
    story.say(dials("caller"))
    assert story.seized().channel == 1
    loser = story.seized().leg
    story.say(calls_back("psap", ELIN_2, channel=1))
    assert story.seized().trunk == "gateway"
    assert story.said(Clear, leg=loser)
    assert story.said(RingParty)
    assert len(story.said(Clear, leg=loser)) == 1
    story.say(Cleared(loser, 44))
    assert len(story.gateway.calls()) == 2


def test_r1_glare_on_one_of_many_channels_takes_another_one_of_the_same_trunk() -> None:
    story = Story(gateway(snapshot_of(dropped=["gateway"])))
    story.say(dials("caller"))
    assert story.seized().channel == 23
    loser = story.seized().leg
    story.say(calls_back("psap", ELIN_2, channel=23))
    assert (story.seized().trunk, story.seized().channel) == ("pri", 22)
    assert story.said(Clear, leg=loser)
    assert not story.said(Clear, leg=LegId("caller"))


def test_glare_after_tones_but_before_the_network_named_a_channel_moves_on_too() -> None:
    story = Story(gateway(channels=(1,)))
    story.say(dials("caller"))
    loser = story.seized().leg
    story.say(Progress(loser, in_band=True))
    story.say(calls_back("psap", ELIN_2, channel=1))
    assert story.seized().trunk == "gateway"
    story.say(Cleared(loser, 44), Alerting(story.ever(SeizeTrunk)[-1].leg))
    assert not story.said(SeizeTrunk)


def test_all_channels_in_emergencies_is_503_at_once() -> None:
    story = Story(gateway(snapshot_of(dropped=["gateway"]), channels=(1, 2)))
    story.say(dials("a"), dials("b", BOB))
    story.say(dials("c", Caller("sip:carl@contoso.example", peer="lync")))
    assert not story.said(SeizeTrunk)
    assert story.said(Clear, leg=LegId("c"), failover=True)


def test_r8_an_emergency_preempts_a_call_to_the_desk_and_never_another_emergency() -> None:
    desk = branch(desk=("tel:+14255559999;trunk=pri",), reserve=0)
    story = Story(gateway(snapshot_of([desk], dropped=["gateway"]), channels=(1, 2)))
    story.say(calls_back("psap", ELIN_1, channel=1))
    (to_desk,) = story.said(SeizeTrunk)
    story.say(dials("caller"))
    assert story.said(Clear, leg=to_desk.leg, cause=8)
    assert story.seized().channel == to_desk.channel
    story.say(Cleared(to_desk.leg, 8))
    story.say(dials("other", BOB))
    assert not story.said(SeizeTrunk)


def test_r8_a_desk_that_talks_to_the_psap_is_a_callback_and_not_preempted() -> None:
    desk = branch(desk=("tel:+14255559999;trunk=pri",), reserve=0)
    story = Story(gateway(snapshot_of([desk], dropped=["gateway"]), channels=(1, 2)))
    story.say(calls_back("psap", ELIN_1, channel=1))
    (to_desk,) = story.said(SeizeTrunk)
    story.say(Answered(to_desk.leg))
    story.say(dials("caller"))
    assert not story.said(Clear, leg=to_desk.leg)
    assert story.said(Clear, leg=LegId("caller"), failover=True)


def test_r8_a_preempted_desk_is_rung_again_when_the_trunk_has_room() -> None:
    desk = branch(desk=("tel:+14255559999;trunk=pri",), reserve=0)
    story = Story(gateway(snapshot_of([desk], dropped=["gateway"]), channels=(1, 2)))
    story.say(calls_back("psap", ELIN_1, channel=1))
    (to_desk,) = story.said(SeizeTrunk)
    story.say(dials("caller"))
    trunk = story.seized().leg
    story.say(Cleared(to_desk.leg, 8))
    story.say(Answered(trunk), Cleared(LegId("caller"), 16), Cleared(trunk, 16))
    story.wait(5)
    assert story.said(SeizeTrunk)[0].called == "+14255559999"
    assert len(story.gateway.calls()) == 1


def test_r8_a_callback_on_a_full_sip_trunk_takes_the_place_of_a_call_to_the_desk() -> None:
    small = TrunkRow("gateway", "springfield", TrunkKind.SIP, host="127.0.0.1", capacity=2)
    desk = branch(desk=("tel:+14255559999;trunk=gateway",), reserve=0)
    story = Story(gateway(snapshot_of([desk, small])))
    dial_and_hang_up(story, ANA, "caller")
    story.say(calls_back("first", ELIN_1))
    (to_desk,) = story.said(SeizeTrunk)
    story.say(Offered(LegId("a"), "gateway", ELIN_2.digits, PSAP, from_trunk=True))
    assert not story.said(Clear)
    story.say(Offered(LegId("b"), "gateway", ELIN_2.digits, PSAP, from_trunk=True))
    assert story.said(Clear, leg=to_desk.leg)
    assert story.said(Ring, leg=LegId("b"))
    story.say(Offered(LegId("c"), "gateway", ELIN_2.digits, PSAP, from_trunk=True))
    assert story.said(Clear, leg=LegId("c"), cause=44)


def test_r8_the_reserve_keeps_the_desk_out_and_lets_an_emergency_in() -> None:
    desk = branch(desk=("tel:+14255559999;trunk=pri",), reserve=1)
    story = Story(gateway(snapshot_of([desk]), channels=(1, 2)))
    story.say(calls_back("psap", ELIN_1, channel=1))
    assert not story.said(SeizeTrunk)
    story.say(dials("caller"))
    assert story.seized().trunk == "pri"


def test_another_party_on_the_callers_leg_moves_media_and_becomes_an_alternate() -> None:
    story, _ = talking()
    media = RtpMedia(20002, ("127.0.0.1", 30002))
    story.say(MediaChanged(LegId("caller"), media, party=BOB))
    (remembered,) = story.said(Remember)
    assert remembered.binding.caller.contact == ANA.contact
    assert remembered.binding.caller.alternates == (BOB.contact,)


def test_replaces_moves_the_voice_and_keeps_the_first_caller_bound() -> None:
    story, trunk = talking()
    story.say(dials("pickup", BOB, replaces=LegId("caller")), rtp("pickup"))
    assert story.ever(Answer, leg=LegId("pickup"))
    assert story.ever(Clear, leg=LegId("caller"))
    story.say(Cleared(LegId("caller"), 16))
    assert not story.ever(Clear, leg=trunk)
    (binding,) = story.gateway.bindings(story.now)
    assert binding.caller.contact == ANA.contact
    story.say(Cleared(LegId("pickup"), 16))
    assert story.said(Clear, leg=trunk)


def test_replaces_before_the_psap_answers_rings_the_new_phone_and_answers_it_once() -> None:
    story = Story()
    story.say(dials("caller"))
    trunk = story.seized().leg
    story.say(Alerting(trunk))
    story.say(dials("pickup", BOB, replaces=LegId("caller")))
    assert story.said(Ring, leg=LegId("pickup"))
    assert not story.said(Answer)
    story.say(Cleared(LegId("caller"), 16), Answered(trunk))
    assert story.ever(Answer) == [Answer(LegId("pickup"))]


def test_r1_replaces_of_a_call_that_is_ending_is_a_call_of_its_own() -> None:
    story, trunk = talking()
    story.say(Cleared(trunk, 16))
    story.say(dials("pickup", BOB, replaces=LegId("caller")))
    assert story.seized().trunk == "pri"
    story.say(Cleared(LegId("caller"), 16))
    assert len(story.gateway.calls()) == 1


def test_replaces_of_a_call_of_which_no_trunk_saw_a_byte_binds_nobody() -> None:
    story = Story()
    story.say(dials("caller"))
    story.say(dials("pickup", BOB, replaces=LegId("caller")), Cleared(LegId("caller"), 16))
    for _ in range(2):
        story.say(Cleared(story.ever(SeizeTrunk)[-1].leg, 34, sent=False))
    story.say(Cleared(LegId("pickup"), 16))
    assert not story.gateway.bindings(story.now)


def test_a_callers_dead_peer_sends_the_callback_to_other_peers_then_to_the_desk() -> None:
    story = dial_and_hang_up(Story(), ANA, "first")
    story.say(calls_back("psap"))
    while not story.said(RingParty, contact=DESK):
        story.say(Cleared(story.said(RingParty)[0].leg, 38))
    assert [ring.peer for ring in story.ever(RingParty)] == ["lync", "desk", "desk"]


def test_a_call_to_nobodys_number_on_the_trunk_still_ends_at_a_human() -> None:
    story = Story()
    story.say(Offered(LegId("psap"), "pri", "7", Caller(""), from_trunk=True, channel=3))
    assert story.said(RingParty, contact=DESK)
