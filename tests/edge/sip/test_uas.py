"""Legs that are offered to us: tolerant where somebody may be in need, by the RFC everywhere
else.
"""

from __future__ import annotations

import pytest

from e911.numbers import Elin
from edge_agent.leg import (
    Answer,
    Clear,
    Cleared,
    Law,
    LegId,
    MediaChanged,
    Offered,
    Ring,
    RtpMedia,
    ShowProgress,
)
from edge_agent.sip.config import EndpointConfig
from edge_agent.sip.endpoint import Endpoint
from edge_agent.sip.outputs import PortsExhausted, Send
from tests.edge.sip.scene import (
    CONFIG,
    LYNC,
    PHONE_SDP,
    PSTN,
    REMOTES,
    data,
    endpoint,
    events,
    offered,
    request,
    responses,
)
from tests.play import Datagram, Like, Playbook

MEDIA = RtpMedia(20000, ("192.0.2.41", 50060), Law.MU, 101)


def ring(core: Endpoint) -> LegId:
    return offered(core.receive(request(body=PHONE_SDP), LYNC, 0.0)).leg


def test_a_call_in_the_words_of_the_playbook() -> None:
    leg = LegId("leg-1")
    play = Playbook(endpoint())
    play >> Datagram(request(body=PHONE_SDP), LYNC)
    play << Send << Like(Offered, leg=leg, dialled="911") << MediaChanged(leg, MEDIA)
    play @ 0.2 >> Ring(leg) << Send
    play @ 3.0 >> Answer(leg) << Send
    play @ 3.4 >> Datagram(request("ACK", to_tag="e-tag-2"), LYNC)
    play @ 9.0 >> Clear(leg, 16) << Cleared(leg, 16) << Send


def test_a_repeated_invite_is_answered_with_our_latest_response_and_offered_once() -> None:
    core = endpoint()
    leg = ring(core)
    core.handle(Ring(leg), 0.2)
    again = core.receive(request(body=PHONE_SDP), LYNC, 0.5)
    assert [r.status for r in responses(again)] == [180]
    assert events(again) == []


def test_the_200_is_repeated_until_its_ack() -> None:
    core = endpoint()
    leg = ring(core)
    first = core.handle(Answer(leg), 1.0)
    assert core.next_deadline() == 1.5
    assert core.handle_timeout(1.5) == first
    assert core.handle_timeout(2.5) == first
    core.receive(request("ACK", branch="z9hG4bK-a", to_tag="e-tag-2"), LYNC, 2.6)
    assert core.handle_timeout(30.0) == []


def test_a_200_that_nobody_acknowledges_does_not_end_an_emergency_call() -> None:
    core = endpoint()
    leg = ring(core)
    core.handle(Answer(leg), 1.0)
    while (at := core.next_deadline()) is not None and at < 100.0:
        assert events(core.handle_timeout(at)) == []
    assert core.legs == (leg,)
    assert [type(o) for o in core.handle(Clear(leg, 16), 100.0)] == [Cleared, Send]


def test_hanging_up_before_the_ack_waits_with_bye_for_it() -> None:
    core = endpoint()
    leg = ring(core)
    core.handle(Answer(leg), 1.0)
    assert core.handle(Clear(leg, 16), 1.1) == [Cleared(leg, 16)]
    [bye] = core.receive(request("ACK", branch="z9hG4bK-a", to_tag="e-tag-2"), LYNC, 1.2)
    assert isinstance(bye, Send)
    assert bye.data.startswith(b"BYE sip:ana@192.0.2.10:5060 SIP/2.0")


def test_an_invite_without_offer_gets_ours_and_the_answer_comes_in_the_ack() -> None:
    core = endpoint()
    outputs = core.receive(request(), LYNC, 0.0)
    leg = offered(outputs).leg
    assert [type(o) for o in outputs] == [Send, Offered]
    [progress] = responses(core.handle(ShowProgress(leg), 0.1))
    [ok] = responses(core.handle(Answer(leg), 0.2))
    assert progress.body == ok.body
    assert b"RTP/AVP 0 8 101" in ok.body
    ack = request("ACK", branch="z9hG4bK-a", to_tag="e-tag-2", body=PHONE_SDP)
    assert core.receive(ack, LYNC, 0.3) == [MediaChanged(leg, MEDIA)]


def test_in_band_ringing_is_183_with_sdp_and_plain_ringing_180_without() -> None:
    core = endpoint()
    leg = ring(core)
    [early] = responses(core.handle(Ring(leg, in_band=True), 0.1))
    assert (early.status, early.headers.get("content-type")) == (183, "application/sdp")
    assert core.handle(ShowProgress(leg), 0.2) == []
    [ringing] = responses(core.handle(Ring(leg), 0.3))
    assert (ringing.status, ringing.body) == (180, b"")


def test_a_long_ringing_call_is_kept_alive_at_the_proxies_every_minute() -> None:
    core = endpoint()
    leg = ring(core)
    core.handle(Ring(leg), 0.0)
    assert core.next_deadline() == 60.0
    assert [r.status for r in responses(core.handle_timeout(60.0))] == [180]
    assert core.next_deadline() == 120.0


def test_a_refusal_goes_by_the_table_and_is_repeated_until_its_ack() -> None:
    core = endpoint()
    leg = ring(core)
    outputs = core.handle(Clear(leg, 21), 0.1)
    assert [r.status for r in responses(outputs)] == [403]
    assert [r.status for r in responses(core.handle_timeout(0.6))] == [403]
    core.receive(request("ACK", to_tag="e-tag-2"), LYNC, 0.7)
    assert responses(core.handle_timeout(4.0)) == []
    assert core.legs == ()


def test_a_cancel_that_comes_after_the_answer_changes_nothing() -> None:
    core = endpoint()
    leg = ring(core)
    core.handle(Answer(leg), 0.1)
    outputs = core.receive(request("CANCEL"), LYNC, 0.2)
    assert [r.status for r in responses(outputs)] == [200]
    assert (events(outputs), core.legs) == ([], (leg,))


def test_a_cancel_for_nothing_is_481() -> None:
    assert [r.status for r in responses(endpoint().receive(request("CANCEL"), LYNC, 0.0))] == [481]


def test_the_same_call_by_a_second_path_is_482_and_the_first_goes_on() -> None:
    core = endpoint()
    leg = ring(core)
    second = core.receive(request(branch="z9hG4bK-fork", body=PHONE_SDP), LYNC, 0.1)
    assert [r.status for r in responses(second)] == [482]
    assert core.legs == (leg,)


BROKEN = {
    "no Contact": request(drop=("Contact",)),
    "no Max-Forwards": request(drop=("Max-Forwards",)),
    "no hops left": request(Max_Forwards="0"),
    "an unreadable From": request(From="<<<"),
    "an unreadable CSeq": request(cseq="INVITE"),
    "no To": request(drop=("To",)),
    "an unreadable Contact": request(Contact="*;;;"),
    "an unknown Require": request(Require="100rel, x-foo"),
    "a Request-URI with a blank": request(uri="sip:911@[broken"),
    "no To tag but rubbish": request(To='"x'),
    "SDP that is none": request(body="rubbish"),
    "a body of no known type": request(body="x", Content_Type="application/x-foo"),
    "a length that lies": request(body=PHONE_SDP).replace(
        b"Content-Length: 1", b"Content-Length: 9"
    ),
    "an unreadable Via": request(Via="SIP/2.0/UDP"),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_r1_an_invite_that_can_be_read_as_911_is_offered_whatever_is_wrong_with_it(
    fault: str,
) -> None:
    call = offered(endpoint().receive(BROKEN[fault], LYNC, 0.0))
    assert call.dialled == "911"
    assert call.platform_call_id == "call-1"


@pytest.mark.parametrize(
    ("invite", "status"),
    [
        (request(uri="sip:alice@192.0.2.1", drop=("Call-ID",)), 400),
        (request(uri="sip:alice@192.0.2.1", cseq="1 BYE"), 400),
        (request(uri="sip:alice@192.0.2.1", Max_Forwards="0"), 483),
        (request(uri="sip:alice@192.0.2.1", Require="100rel"), 420),
        (request(uri="mailto:alice@x.example"), 416),
        (request(uri="sip:911@192.0.2.1", to_tag="gone"), 481),
    ],
)
def test_an_ordinary_invite_gets_the_outcome_of_the_rfc(invite: bytes, status: int) -> None:
    outputs = endpoint().receive(invite, LYNC, 0.0)
    assert [r.status for r in responses(outputs)] == [status]
    assert events(outputs) == []


def test_an_unreadable_location_costs_the_location_and_not_the_call() -> None:
    invite = data("lync_invite.txt").replace(b"</presence>", b"")
    call = offered(endpoint().receive(invite, LYNC, 0.0))
    assert (call.location, call.location_fault) == (None, "not well-formed XML")


def test_of_two_locations_the_last_that_can_be_read_counts() -> None:
    whole = data("lync_invite.txt")
    start = whole.index(b"------=_NextPart_000_0001\r\nContent-Type: application/pidf")
    part = whole[start : whole.index(b"------=_NextPart_000_0001--")]
    newer = part.replace(b"425-555-0101; 4255550102", b"4255550109")
    broken = part.replace(b"</presence>", b"")
    call = offered(endpoint().receive(whole[:start] + part + newer + broken, LYNC, 0.0))
    assert call.location is not None
    assert call.location.elins == (Elin("4255550109"),)
    assert call.location_fault == "not well-formed XML"


def test_a_call_from_the_trunk_is_a_call_to_an_elin() -> None:
    invite = request(uri="sip:+14255550101@192.0.2.1", Via="SIP/2.0/UDP 192.0.2.20;branch=z9hG4bK1")
    call = offered(endpoint().receive(invite, PSTN, 0.0))
    assert (call.source, call.from_trunk, call.dialled) == ("provider", True, "+14255550101")


def test_r1_without_a_free_rtp_port_the_call_is_offered_and_said_to_be_without_voice() -> None:
    config = EndpointConfig("h", 5060, 5060, "h", 20000, 20001, REMOTES)
    core = endpoint(config)
    ring(core)
    outputs = core.receive(request(branch="z9hG4bK-2", call_id="b", body=PHONE_SDP), LYNC, 0.1)
    leg = offered(outputs).leg
    assert PortsExhausted(leg) in outputs
    assert not [o for o in outputs if isinstance(o, MediaChanged)]
    [ok] = responses(core.handle(Answer(leg), 0.2))
    assert b"m=audio 9 " in ok.body


def test_a_port_comes_back_after_its_leg() -> None:
    config = EndpointConfig("h", 5060, 5060, "h", 20000, 20001, REMOTES, rtp_rest_s=5.0)
    core = endpoint(config)
    core.handle(Clear(ring(core), 16), 1.0)
    outputs = core.receive(request(branch="z9hG4bK-2", call_id="b", body=PHONE_SDP), LYNC, 7.0)
    assert [o.media for o in outputs if isinstance(o, MediaChanged)] == [MEDIA]


def test_a_request_of_the_gateway_that_comes_too_late_changes_nothing() -> None:
    core = endpoint(CONFIG)
    leg = ring(core)
    core.handle(Clear(leg, 34, failover=True), 0.1)
    for late in (Ring(leg), ShowProgress(leg), Answer(leg), Clear(leg, 16)):
        assert core.handle(late, 0.2) == []


def test_a_bye_before_the_answer_ends_the_invite_too() -> None:
    core = endpoint()
    leg = ring(core)
    core.handle(Ring(leg), 0.1)
    bye = request("BYE", branch="z9hG4bK-b", cseq="2 BYE", to_tag="e-tag-2")
    outputs = core.receive(bye, LYNC, 0.2)
    assert sorted(r.status for r in responses(outputs)) == [200, 487]
    assert events(outputs) == [Cleared(leg, 16, text="BYE")]


def test_two_calls_that_share_a_call_id_are_cancelled_one_by_one() -> None:
    core = endpoint()
    first = ring(core)
    other = request(branch="z9hG4bK-2", From="<sip:bo@h>;tag=bo", body=PHONE_SDP)
    second = offered(core.receive(other, LYNC, 0.1)).leg
    assert events(core.receive(request("CANCEL"), LYNC, 0.2)) == [Cleared(first, 16, text="CANCEL")]
    assert core.legs == (second,)


def test_another_version_of_sip_is_505_but_not_for_a_911_call() -> None:
    wrong = request(uri="sip:alice@192.0.2.1").replace(b"SIP/2.0\r\n", b"SIP/3.0\r\n", 1)
    assert [r.status for r in responses(endpoint().receive(wrong, LYNC, 0.0))] == [505]
    call = offered(endpoint().receive(wrong.replace(b"alice", b"911"), LYNC, 0.0))
    assert call.dialled == "911"
