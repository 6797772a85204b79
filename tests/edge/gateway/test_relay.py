"""Where a call is from is three-valued: inside, outside, unknown (R9)."""

from __future__ import annotations

from dataclasses import replace

from e911.numbers import Elin
from e911.places import CivicAddress
from e911.records import CallStep
from e911.rows import OutsidePolicy, PeerRow, TrunkKind, TrunkRow
from edge_agent.gateway.exchange import LastResort
from edge_agent.gateway.gateway import Gateway
from edge_agent.gateway.outputs import RaiseAlarm, Report
from edge_agent.gateway.requests import ClockReading, Equip
from edge_agent.leg import (
    Answer,
    Answered,
    Clear,
    Cleared,
    Exempt,
    ExemptReason,
    LegId,
    Proceeding,
    Progress,
    SeizeTrunk,
    SendText,
    ShowProgress,
)
from tests.edge.gateway.test_callback import branch
from tests.flows.springfield import (
    ANA,
    DESK,
    ELIN_1,
    SHELBYVILLE,
    START,
    SeededIds,
    Story,
    calls_back,
    dials,
    gateway,
    phone_address,
    snapshot_of,
)

NOBODYS = CivicAddress(A1="OR", A3="Ogdenville", RD="Main", STS="St", HNO="99")


def test_r9_an_address_that_is_nobodys_is_refused_with_503_a_reason_and_a_notice() -> None:
    story = Story()
    story.say(dials("caller", location=NOBODYS))
    assert not story.said(SeizeTrunk)
    (clear,) = story.said(Clear)
    assert clear.failover
    assert "outside" in clear.why
    assert story.said(RaiseAlarm, slug="outside-refused")
    assert story.said(SendText, contact=DESK)
    story.say(Cleared(LegId("caller"), 21))
    assert not story.gateway.calls()


def test_r9_a_vpn_address_is_evidence_even_with_an_office_location() -> None:
    story = Story()
    story.say(dials("caller", address=phone_address("10.99.3.4")))
    assert story.said(Clear, leg=LegId("caller"), failover=True)


def test_r9_a_peer_marked_outside_is_evidence() -> None:
    peer = PeerRow("lync", "springfield", "127.0.0.1", 5070, outside=True)
    story = Story(gateway(snapshot_of([peer])))
    story.say(dials("caller"))
    assert story.said(Clear, leg=LegId("caller"), failover=True)


def test_r9_by_policy_an_outside_call_is_relayed_with_the_callers_own_number() -> None:
    story = Story(gateway(snapshot_of([branch(outside=OutsidePolicy.RELAY)])))
    story.say(dials("caller", location=NOBODYS))
    seize = story.seized()
    assert (seize.trunk, seize.called) == ("pri", "8005550199")
    assert seize.calling == Exempt("4255551234", ExemptReason.RELAY)
    assert story.said(RaiseAlarm, slug="outside-relayed")
    assert story.said(SendText, contact=DESK)
    story.say(Answered(seize.leg))
    assert story.said(Answer, leg=LegId("caller"))
    story.say(Cleared(LegId("caller"), 16))
    assert story.said(Clear, leg=seize.leg)
    story.say(Cleared(seize.leg, 16))
    assert not story.gateway.calls()
    assert not story.gateway.bindings(story.now), "no ELIN was ever bound"


def test_r9_a_relay_that_fails_is_503() -> None:
    story = Story(gateway(snapshot_of([branch(outside=OutsidePolicy.RELAY)])))
    story.say(dials("caller", location=NOBODYS))
    story.say(Cleared(story.seized().leg, 38))
    assert story.said(Clear, leg=LegId("caller"), failover=True)


def relayed() -> tuple[Story, LegId]:
    story = Story(gateway(snapshot_of([branch(outside=OutsidePolicy.RELAY)])))
    story.say(dials("caller", location=NOBODYS))
    return story, story.seized().leg


def test_a_relay_shows_the_platform_the_first_sign_of_life_and_then_has_time() -> None:
    story, trunk = relayed()
    story.say(Proceeding(trunk), Progress(trunk, in_band=True))
    assert story.said(ShowProgress) == [ShowProgress(LegId("caller"))]
    story.wait(60)
    assert not story.said(Clear)


def test_a_relay_without_a_sign_of_life_is_503_at_8_s_and_told() -> None:
    story, trunk = relayed()
    story.wait(8)
    assert story.said(Clear, leg=LegId("caller"), failover=True)
    assert story.said(Clear, leg=trunk)
    assert story.said(Report)[0].record.step is CallStep.FAILED
    assert story.said(SendText)
    story.say(Cleared(LegId("caller"), 102), Cleared(trunk, 102))
    assert not story.gateway.calls()


def test_r11_a_relay_that_is_preempted_before_answer_is_told_as_failed() -> None:
    story, trunk = relayed()
    story.say(Cleared(trunk, 8))
    assert story.said(RaiseAlarm, slug="call-failed")
    assert story.said(SendText)
    story.say(Cleared(LegId("caller"), 8))
    assert not story.gateway.calls()


def test_r11_a_relay_that_is_abandoned_is_told_as_such() -> None:
    story, trunk = relayed()
    story.say(Cleared(LegId("caller"), 16))
    assert story.said(Clear, leg=trunk)
    assert "hung up before answer" in story.said(SendText)[0].body
    story.say(Cleared(trunk, 16))
    assert not story.gateway.calls()


def test_a_relay_that_loses_the_glare_is_cleared_once_on_each_side() -> None:
    story, trunk = relayed()
    story.say(calls_back("psap", ELIN_1, channel=23))
    story.say(Cleared(trunk, 44), Cleared(LegId("caller"), 44))
    cleared = [clear.leg for clear in story.ever(Clear)]
    assert sorted(cleared) == sorted([LegId("caller"), trunk])


def test_r9_another_branchs_elin_goes_only_over_a_trunk_that_lists_its_erl() -> None:
    story = Story()
    story.say(dials("caller", location=SHELBYVILLE))
    assert story.seized().calling == ELIN_1, "the branch default: this trunk does not list it"
    assert story.said(RaiseAlarm, slug="location-other-branch")
    central = TrunkRow("gateway", "springfield", TrunkKind.SIP, host="127.0.0.1", erls=("shv-f1",))
    story = Story(gateway(snapshot_of([central])))
    story.say(dials("caller", location=SHELBYVILLE))
    assert (story.seized().trunk, story.seized().calling) == ("gateway", Elin("4255550201"))


def test_r9_when_the_trunk_that_lists_it_fails_the_call_goes_out_with_the_default() -> None:
    central = TrunkRow("gateway", "springfield", TrunkKind.SIP, host="127.0.0.1", erls=("shv-f1",))
    story = Story(gateway(snapshot_of([central])))
    story.say(dials("caller", location=SHELBYVILLE))
    story.say(Cleared(story.seized().leg, 38))
    assert (story.seized().trunk, story.seized().calling) == ("pri", ELIN_1)
    story.say(Cleared(LegId("caller"), 16))


def test_r9_unknown_is_treated_as_inside_with_the_default_and_an_alarm() -> None:
    story = Story()
    story.say(dials("caller", location=None))
    assert story.seized().calling == ELIN_1
    assert story.said(RaiseAlarm, slug="location-unknown")
    (started,) = (r.record for r in story.said(Report) if r.record.step is CallStep.STARTED)
    assert started.erl == "spf-f1"


def test_a_call_that_is_no_emergency_is_refused_and_seizes_nothing() -> None:
    story = Story()
    story.say(dials("caller", dialled="5551212"))
    assert story.said(Clear, cause=21)
    assert not story.said(SeizeTrunk)


def test_r1_without_any_snapshot_the_last_resort_places_the_call() -> None:
    bare = Gateway("e", "b", SeededIds(), LastResort(Elin("4255550100"), "pri", "911", DESK))
    bare.handle(ClockReading(START), 0.0)
    bare.handle(Equip("pri", (1, 2)), 0.0)
    story = Story(bare)
    story.say(dials("caller", replace(ANA, peer="anybody")))
    assert (story.seized().calling, story.seized().trunk) == (Elin("4255550100"), "pri")
    assert story.said(RaiseAlarm, slug="no-snapshot")
