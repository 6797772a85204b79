"""Calls that are up: media moves, parties change, digits come, and nobody transfers an emergency
call.
"""

from __future__ import annotations

import pytest

from e911.numbers import Did
from edge_agent.leg import (
    Answer,
    Clear,
    Cleared,
    Digits,
    Law,
    LegId,
    MediaChanged,
    RtpMedia,
)
from edge_agent.sip.endpoint import Endpoint
from edge_agent.sip.legs import session_timer
from edge_agent.sip.message import Headers
from edge_agent.sip.outputs import Output, Refused, Send
from tests.edge.sip.scene import (
    LYNC,
    PHONE_SDP,
    STRANGER,
    endpoint,
    events,
    offered,
    request,
    requests,
    responses,
)

TAG = "e-tag-2"
MOVED = PHONE_SDP.replace("192.0.2.41", "192.0.2.99")


class Call:
    """A call from Lync that is up."""

    def __init__(self) -> None:
        self.core: Endpoint = endpoint()
        self.leg: LegId = offered(self.core.receive(request(body=PHONE_SDP), LYNC, 0.0)).leg
        self.core.handle(Answer(self.leg), 0.1)
        self.number = 1
        self.core.receive(request("ACK", branch="z9hG4bK-a", to_tag=TAG), LYNC, 0.2)

    def say(self, method: str, now: float = 1.0, **more: str) -> list[Output]:
        """A request of the caller within the dialog."""
        self.number += 1
        headers = {"branch": f"z9hG4bK-{self.number}", "cseq": f"{self.number} {method}"} | more
        body = headers.pop("body", "")
        branch, cseq = headers.pop("branch"), headers.pop("cseq")
        return self.core.receive(
            request(method, branch=branch, cseq=cseq, to_tag=TAG, body=body, drop=(), **headers),
            LYNC,
            now,
        )


@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
def test_voice_moves_where_the_caller_says(method: str) -> None:
    call = Call()
    outputs = call.say(method, body=MOVED)
    [ok] = responses(outputs)
    assert (ok.status, ok.headers.get("content-type")) == (200, "application/sdp")
    media = RtpMedia(20000, ("192.0.2.99", 50060), Law.MU, 101)
    assert events(outputs) == [MediaChanged(call.leg, media)]


def test_a_refresh_that_changes_nothing_says_nothing() -> None:
    call = Call()
    for method in ("INVITE", "UPDATE", "UPDATE"):
        outputs = call.say(method, body=PHONE_SDP if method == "INVITE" else "")
        assert [r.status for r in responses(outputs)] == [200]
        assert events(outputs) == []


def test_a_reinvite_without_offer_gets_ours_and_the_ack_answers_it() -> None:
    call = Call()
    [ok] = responses(call.say("INVITE"))
    assert b"RTP/AVP 0 8 101" in ok.body
    ack = request("ACK", branch="z9hG4bK-b", cseq="2 ACK", to_tag=TAG, body=MOVED)
    media = RtpMedia(20000, ("192.0.2.99", 50060), Law.MU, 101)
    assert call.core.receive(ack, LYNC, 1.1) == [MediaChanged(call.leg, media)]


def test_a_hold_is_answered_and_the_call_goes_on() -> None:
    call = Call()
    outputs = call.say("INVITE", body=PHONE_SDP + "a=sendonly\r\n")
    assert b"a=recvonly" in responses(outputs)[0].body
    assert events(outputs) == []


def test_another_party_on_the_line_is_told_with_where_voice_is() -> None:
    call = Call()
    outputs = call.say(
        "INVITE", body=MOVED, P_Asserted_Identity='"Bo" <sip:+14255550188@contoso.example>'
    )
    [moved] = events(outputs)
    assert isinstance(moved, MediaChanged)
    assert moved.party is not None
    assert (moved.party.number, moved.party.name) == (Did("4255550188"), "Bo")
    again = call.say("UPDATE", P_Asserted_Identity='"Bo" <sip:+14255550188@contoso.example>')
    assert events(again) == []


def test_a_transfer_of_an_emergency_call_is_refused() -> None:
    outputs = Call().say("REFER", Refer_To="<sip:elsewhere@h>")
    assert [r.status for r in responses(outputs)] == [403]
    assert events(outputs) == [Refused(LYNC, "refer")]


def test_keyed_digits_are_told() -> None:
    call = Call()
    outputs = call.say(
        "INFO", body="Signal=5\r\nDuration=160\r\n", Content_Type="application/dtmf-relay"
    )
    assert [r.status for r in responses(outputs)] == [200]
    assert events(outputs) == [Digits(call.leg, "5")]
    assert events(call.say("INFO", body="x", Content_Type="text/plain")) == []
    bare = call.say("INFO", body="signal= *", Content_Type="application/dtmf-relay")
    assert events(bare) == [Digits(call.leg, "*")]
    flash = call.say("INFO", body="Signal=16\r\n", Content_Type="application/dtmf-relay")
    assert events(flash) == []  # a hook flash in NetCentrex' spelling is no digit 1


@pytest.mark.parametrize(
    ("method", "status"), [("OPTIONS", 200), ("MESSAGE", 405), ("PRACK", 405), ("DANCE", 501)]
)
def test_other_requests_get_the_outcome_of_the_rfc(method: str, status: int) -> None:
    outputs = Call().say(method)
    assert [r.status for r in responses(outputs)] == [status]
    assert events(outputs) == []


def test_a_request_older_than_the_last_is_500_but_a_bye_always_ends() -> None:
    call = Call()
    call.number = 10
    call.say("UPDATE")
    assert [r.status for r in responses(call.say("UPDATE", cseq="5 UPDATE"))] == [500]
    assert events(call.say("BYE", cseq="4 BYE")) == [Cleared(call.leg, 16, text="BYE")]


def test_a_repeated_bye_is_answered_again_and_clears_once() -> None:
    call = Call()
    first = call.say("BYE", branch="z9hG4bK-bye")
    again = call.core.receive(
        request("BYE", branch="z9hG4bK-bye", cseq="2 BYE", to_tag=TAG), LYNC, 1.5
    )
    assert again == [output for output in first if isinstance(output, Send)]
    assert events(again) == []


def test_a_reinvite_while_the_first_invite_is_open_is_500() -> None:
    core = endpoint()
    offered(core.receive(request(body=PHONE_SDP), LYNC, 0.0))
    early = request("INVITE", branch="z9hG4bK-2", cseq="2 INVITE", to_tag=TAG, body=MOVED)
    [refused] = responses(core.receive(early, LYNC, 0.1))
    assert (refused.status, refused.headers.get("retry-after")) == (500, "1")


def test_a_request_with_a_foreign_tag_is_481() -> None:
    call = Call()
    outputs = call.say("BYE", From="<sip:x@h>;tag=other")
    assert [r.status for r in responses(outputs)] == [481]
    assert call.core.legs == (call.leg,)


def test_a_call_in_progress_goes_on_when_its_remote_is_configured_away() -> None:
    call = Call()
    assert call.core.adopt((), 5.0) == []
    bye = request("BYE", branch="z9hG4bK-z", cseq="9 BYE", to_tag=TAG)
    assert events(call.core.receive(bye, STRANGER, 6.0)) == [Cleared(call.leg, 16, text="BYE")]
    [refusal] = responses(call.core.receive(request(call_id="new", branch="z9hG4bK-n"), LYNC, 7.0))
    assert refusal.status == 403


def test_our_bye_says_why_and_a_far_end_that_is_gone_does_not_keep_the_leg() -> None:
    call = Call()
    outputs = call.core.handle(Clear(call.leg, 47, why="no channel"), 2.0)
    [bye] = requests(outputs)
    assert bye.headers.get("reason").startswith("Q.850;cause=47;")
    assert bye.headers.get("warning") == '399 elingate "no channel"'
    while (at := call.core.next_deadline()) is not None:
        assert all(isinstance(o, Send) for o in call.core.handle_timeout(at))
    assert call.core.legs == ()


@pytest.mark.parametrize(
    ("value", "supported", "answered"),
    [
        ("1800", "timer", "1800;refresher=uac"),
        ("1800;refresher=uac", "100rel, timer", "1800;refresher=uac"),
        ("1800 ; Refresher=UAS", "timer", ""),
        ("1800", "", ""),
        ("soon", "timer", ""),
    ],
)
def test_the_far_end_refreshes_or_there_is_no_session_timer(
    value: str, supported: str, answered: str
) -> None:
    headers = Headers([("session-expires", value), ("supported", supported)])
    assert dict(session_timer(headers)).get("session-expires", "") == answered


def test_a_session_timer_is_accepted_in_the_200_and_its_loss_ends_nothing() -> None:
    core = endpoint()
    invite = request(body=PHONE_SDP, Session_Expires="90", Supported="timer")
    leg = offered(core.receive(invite, LYNC, 0.0)).leg
    [ok] = responses(core.handle(Answer(leg), 0.1))
    assert ok.headers.get("session-expires") == "90;refresher=uac"
    assert ok.headers.get("require") == "timer"
    core.receive(request("ACK", branch="z9hG4bK-a", to_tag=TAG), LYNC, 0.2)
    while (at := core.next_deadline()) is not None:
        assert core.handle_timeout(at) == []
    assert core.legs == (leg,)
