"""The story of each leg through the four doors: in, out, answered, refused, hung up."""

from __future__ import annotations

import pytest

from e911.numbers import Did, Elin
from edge_agent.leg import (
    Alerting,
    Answer,
    Answered,
    Clear,
    Cleared,
    Law,
    LegId,
    MediaChanged,
    Progress,
    Ring,
    RingParty,
    RtpMedia,
    SeizeTrunk,
    SendText,
    ShowProgress,
    TextSettled,
)
from edge_agent.sip.outputs import Refused, Source
from tests.edge.sip.scene import (
    LYNC,
    PHONE_SDP,
    PSTN,
    STRANGER,
    answer,
    data,
    endpoint,
    events,
    offered,
    request,
    requests,
    responses,
)

CALL = LegId("trunk-leg")
SEIZE = SeizeTrunk(CALL, "provider", None, Elin("4255550101"), "911", call="E1-1")


def test_r1_lyncs_own_invite_is_offered_in_the_step_that_receives_it() -> None:
    core = endpoint()
    outputs = core.receive(data("lync_invite.txt"), LYNC, 0.0)
    assert [r.status for r in responses(outputs)] == [100]
    call = offered(outputs)
    assert (call.source, call.dialled, call.marked_emergency) == ("lync", "911", True)
    assert call.caller.name == "Ana B"
    assert call.caller.contact == "sip:ana@contoso.example;opaque=user:epid:XXXX;gruu"
    assert call.location is not None
    assert call.location.elins == (Elin("4255550101"), Elin("4255550102"))
    assert call.location_fault == ""
    assert call.platform_call_id == "3f0c0001"
    assert outputs[-1] == MediaChanged(
        call.leg, RtpMedia(20000, ("10.20.30.41", 50060), Law.MU, 101)
    )


def test_a_call_rings_is_answered_acknowledged_and_hung_up_by_the_caller() -> None:
    core = endpoint()
    leg = offered(core.receive(request(body=PHONE_SDP), LYNC, 0.0)).leg
    assert [r.status for r in responses(core.handle(ShowProgress(leg), 0.1))] == [183]
    assert [r.status for r in responses(core.handle(Ring(leg), 0.2))] == [180]
    [ok] = responses(core.handle(Answer(leg), 0.3))
    assert ok.status == 200
    assert b"m=audio 20000 RTP/AVP 0 101" in ok.body
    tag = ok.headers.get("to").partition("tag=")[2]
    assert core.receive(request("ACK", branch="z9hG4bK-p2", to_tag=tag), LYNC, 0.4) == []
    bye = request("BYE", branch="z9hG4bK-p3", to_tag=tag, cseq="2 BYE")
    outputs = core.receive(bye, LYNC, 0.5)
    assert [r.status for r in responses(outputs)] == [200]
    assert events(outputs) == [Cleared(leg, 16, text="BYE")]
    assert core.legs == ()


def test_a_caller_who_cancels_gets_487_and_the_leg_is_cleared_once() -> None:
    core = endpoint()
    leg = offered(core.receive(request(body=PHONE_SDP), LYNC, 0.0)).leg
    outputs = core.receive(request("CANCEL"), LYNC, 0.1)
    assert [r.status for r in responses(outputs)] == [200, 487]
    assert events(outputs) == [Cleared(leg, 16, text="CANCEL")]
    assert core.handle(Clear(leg, 16), 0.2) == []


def test_r1_a_call_that_failed_everywhere_is_503_with_its_cause() -> None:
    core = endpoint()
    leg = offered(core.receive(request(body=PHONE_SDP), LYNC, 0.0)).leg
    outputs = core.handle(Clear(leg, 34, failover=True, why="no trunk left"), 1.0)
    [refusal] = responses(outputs)
    assert refusal.status == 503
    assert refusal.headers.get("reason") == 'Q.850;cause=34;text="No circuit available"'
    assert refusal.headers.get("warning") == '399 elingate "no trunk left"'
    assert events(outputs) == [Cleared(leg, 34)]


def test_r2_a_trunk_is_seized_with_the_elin_in_every_field_that_names_somebody() -> None:
    core = endpoint()
    [invite] = requests(core.handle(SEIZE, 0.0))
    assert invite.method == "INVITE"
    assert invite.uri == "sip:911@192.0.2.20;user=phone"
    assert invite.headers.get("from").startswith("<sip:4255550101@192.0.2.1;user=phone>;tag=")
    assert invite.headers.get("p-asserted-identity") == "<sip:4255550101@192.0.2.1;user=phone>"
    assert invite.headers.get("contact") == "<sip:4255550101@192.0.2.1:5060>"
    assert invite.headers.get("x-elingate-call") == "E1-1"
    assert b"\no=- " in invite.body


def test_a_trunk_call_progresses_rings_is_answered_and_hung_up_by_us() -> None:
    core = endpoint()
    [invite] = requests(core.handle(SEIZE, 0.0))
    assert core.receive(answer(invite, 100), PSTN, 0.1) == []
    early = core.receive(answer(invite, 183, body=PHONE_SDP), PSTN, 0.2)
    media = MediaChanged(CALL, RtpMedia(20000, ("192.0.2.41", 50060), Law.MU, 101))
    assert early == [media, Progress(CALL, in_band=True)]
    assert core.receive(answer(invite, 180), PSTN, 0.3) == [Alerting(CALL)]
    up = core.receive(answer(invite, 200, body=PHONE_SDP), PSTN, 0.4)
    assert [r.method for r in requests(up)] == ["ACK"]
    assert events(up) == [Answered(CALL)]
    down = core.handle(Clear(CALL, 16), 5.0)
    [bye] = requests(down)
    assert (bye.method, bye.uri) == ("BYE", "sip:far@192.0.2.20:5060")
    assert events(down) == [Cleared(CALL, 16)]
    core.receive(answer(bye, 200), PSTN, 5.1)
    assert core.legs == ()


def test_a_refused_trunk_call_is_acknowledged_and_cleared_with_the_cause_of_the_table() -> None:
    core = endpoint()
    [invite] = requests(core.handle(SEIZE, 0.0))
    outputs = core.receive(answer(invite, 486), PSTN, 0.1)
    assert [r.method for r in requests(outputs)] == ["ACK"]
    assert events(outputs) == [Cleared(CALL, 17, 1, "SIP 486")]


def test_r7_a_callback_rings_the_caller_marked_so_that_nothing_swallows_it() -> None:
    core = endpoint()
    ring = RingParty(
        CALL, "lync", "sip:ana@contoso.example;gruu", "4255550911", "PSAP", call="E1-2"
    )
    [invite] = requests(core.handle(ring, 0.0))
    assert invite.uri == "sip:ana@contoso.example;gruu"
    assert invite.headers.get("priority") == "psap-callback"
    assert invite.headers.get("from").startswith('"PSAP" <sip:4255550911@192.0.2.1>;tag=')
    assert core.receive(answer(invite, 180), LYNC, 0.1) == [Alerting(CALL)]
    outputs = core.handle(Clear(CALL, 16), 0.2)
    [cancel] = requests(outputs)
    assert (cancel.method, cancel.headers.get("via")) == ("CANCEL", invite.headers.get("via"))
    ended = core.receive(answer(invite, 487), LYNC, 0.3)
    assert events(ended) == [Cleared(CALL, 16, 1, "SIP 487")]


@pytest.mark.parametrize(
    ("uri", "dialled"),
    [
        ("sip:4255550101@192.0.2.1", "4255550101"),
        ("sip:+14255550101@192.0.2.1:5060;user=phone", "+14255550101"),
        ("sip:14255550101;npdi@192.0.2.1;transport=udp", "14255550101"),
        ("tel:+1-425-555-0101", "+1-425-555-0101"),
    ],
)
@pytest.mark.parametrize("source", [LYNC, PSTN], ids=["platform", "trunk"])
def test_r7_a_call_to_an_elin_is_offered_as_dialled_from_whichever_side_it_comes(
    uri: str, dialled: str, source: Source
) -> None:
    """A PSAP's callback by DID through the platform, where our trunks carry calls out only."""
    core = endpoint()
    psap = "<sip:+14255550911@pstn.example;user=phone>"
    invite = request(uri=uri, From=f"{psap};tag=p-tag", To=f"<{uri}>", body=PHONE_SDP)
    outputs = core.receive(invite, source, 0.0)
    assert [r.status for r in responses(outputs)] == [100]
    call = offered(outputs)
    assert (call.dialled, call.from_trunk) == (dialled, source is PSTN)
    assert call.caller.number == Did("4255550911")
    assert not call.marked_emergency
    assert [r.status for r in responses(core.handle(Ring(call.leg), 0.1))] == [180]
    assert [r.status for r in responses(core.handle(Answer(call.leg), 5.0))] == [200]


def test_r7_a_callback_of_a_psap_that_hides_its_number_is_offered_too() -> None:
    core = endpoint()
    invite = request(
        uri="sip:4255550101@192.0.2.1",
        From="<sip:anonymous@anonymous.invalid>;tag=p-tag",
        Privacy="id",
        Supported="100rel, timer, histinfo, resource-priority",
        Diversion="<sip:+14255550101@pbx.example>;reason=unconditional",
        History_Info="<sip:+14255550101@pbx.example>;index=1",
    )
    call = offered(core.receive(invite, LYNC, 0.0))
    assert (call.dialled, call.caller.number) == ("4255550101", None)


def test_a_text_to_the_desk_settles_once() -> None:
    core = endpoint()
    [message] = requests(
        core.handle(SendText("n1", "lync", "sip:desk@contoso.example", "911"), 0.0)
    )
    assert (message.method, message.body) == ("MESSAGE", b"911")
    assert core.receive(answer(message, 202), LYNC, 0.1) == [TextSettled("n1", True, "SIP 202")]
    assert core.receive(answer(message, 202), LYNC, 0.2) == []


def test_options_is_answered_and_a_stranger_is_refused_and_counted() -> None:
    core = endpoint()
    assert [r.status for r in responses(core.receive(request("OPTIONS"), LYNC, 0.0))] == [200]
    outputs = core.receive(request(branch="z9hG4bK-s"), STRANGER, 0.1)
    assert [r.status for r in responses(outputs)] == [403]
    assert events(outputs) == [Refused(STRANGER, "unknown-address")]
    assert core.receive(b"\x00\x01garbage", STRANGER, 0.2) == [Refused(STRANGER, "garbage")]


def test_the_callers_own_number_comes_from_the_identity_that_the_platform_asserts() -> None:
    core = endpoint()
    asserted = '"Ana" <sip:ana@contoso.example>, <tel:+14255550199>'
    call = offered(core.receive(request(P_Asserted_Identity=asserted), LYNC, 0.0))
    assert call.caller.number == Did("4255550199")
