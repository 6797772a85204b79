"""Legs that we place: forks, glare, silence, lost connections, and not a word about the caller
(R2).
"""

from __future__ import annotations

import re

from e911.numbers import Did, Elin
from e911.pidf import PidfLocation, read_pidf
from e911.places import CivicAddress
from edge_agent.leg import (
    Alerting,
    Answer,
    Answered,
    Clear,
    Cleared,
    Exempt,
    ExemptReason,
    LegId,
    MediaChanged,
    Progress,
    RingParty,
    SeizeTrunk,
)
from edge_agent.sip.endpoint import Endpoint
from edge_agent.sip.message import Request
from edge_agent.sip.multipart import PIDF, last, read_parts
from edge_agent.sip.outputs import Destination, Send, Source
from tests.edge.sip.scene import (
    LYNC,
    PHONE_SDP,
    PSTN,
    answer,
    data,
    endpoint,
    events,
    offered,
    request,
    requests,
)

CALL = LegId("trunk-leg")
SEIZE = SeizeTrunk(CALL, "provider", None, Elin("4255550101"), "911")
SBC = Source("tcp", "192.0.2.30", 5060, 4)


def seized(core: Endpoint, seize: SeizeTrunk = SEIZE) -> Request:
    [invite] = requests(core.handle(seize, 0.0))
    return invite


def methods(outputs: list[object]) -> list[str]:
    return [o.data.split(b" ")[0].decode() for o in outputs if isinstance(o, Send)]


def test_a_silent_trunk_is_left_after_4_s_and_cancelled_if_it_speaks_later() -> None:
    core = endpoint()
    invite = seized(core)
    while (at := core.next_deadline()) is not None and at < 4.0:
        assert methods(list(core.handle_timeout(at))) == ["INVITE"]
    assert core.handle_timeout(4.0) == [Cleared(CALL, 102, text="no response")]
    late = core.receive(answer(invite, 180), PSTN, 5.0)
    assert (methods(list(late)), events(late)) == (["CANCEL"], [])
    over = core.receive(answer(invite, 487), PSTN, 5.1)
    assert (methods(list(over)), events(over)) == (["ACK"], [])


def test_a_trunk_that_answers_after_it_was_left_is_acknowledged_and_hung_up() -> None:
    core = endpoint()
    invite = seized(core)
    core.handle_timeout(4.0)
    late = core.receive(answer(invite, 200, body=PHONE_SDP), PSTN, 5.0)
    assert (methods(list(late)), events(late)) == (["ACK", "BYE"], [])


def test_clearing_before_anything_was_heard_waits_with_cancel() -> None:
    core = endpoint()
    invite = seized(core)
    assert core.handle(Clear(CALL, 16), 0.2) == [Cleared(CALL, 16)]
    assert methods(list(core.receive(answer(invite, 100), PSTN, 0.3))) == ["CANCEL"]


def test_an_answer_that_crosses_our_cancel_is_acknowledged_and_hung_up() -> None:
    core = endpoint()
    invite = seized(core)
    core.receive(answer(invite, 180), PSTN, 0.1)
    assert methods(list(core.handle(Clear(CALL, 16), 0.2))) == ["CANCEL"]
    glare = core.receive(answer(invite, 200, body=PHONE_SDP), PSTN, 0.3)
    assert methods(list(glare)) == ["ACK", "BYE"]
    assert events(glare) == [Cleared(CALL, 16)]


def test_a_cancel_that_nobody_ends_is_ended_by_us() -> None:
    core = endpoint()
    invite = seized(core)
    core.receive(answer(invite, 180), PSTN, 0.1)
    core.handle(Clear(CALL, 16), 0.2)
    heard = []
    while (at := core.next_deadline()) is not None and at < 100.0:
        heard += events(core.handle_timeout(at))
    assert heard == [Cleared(CALL, 16, 1, "CANCEL without final response")]
    assert core.legs == ()


def test_the_first_fork_that_answers_wins_and_the_next_is_hung_up() -> None:
    core = endpoint()
    invite = seized(core)
    core.receive(answer(invite, 180, tag="a"), PSTN, 0.1)
    core.receive(answer(invite, 180, tag="b"), PSTN, 0.1)
    won = core.receive(answer(invite, 200, tag="b", body=PHONE_SDP), PSTN, 0.2)
    assert Answered(CALL) in won
    lost = core.receive(answer(invite, 200, tag="a", body=PHONE_SDP), PSTN, 0.3)
    assert (methods(list(lost)), events(lost)) == (["ACK", "BYE"], [])
    assert core.legs == (CALL,)


def test_a_repeated_200_gets_the_same_ack_again() -> None:
    core = endpoint()
    invite = seized(core)
    ok = answer(invite, 200, body=PHONE_SDP)
    first = core.receive(ok, PSTN, 0.2)
    again = core.receive(ok, PSTN, 0.7)
    assert again == [o for o in first if isinstance(o, Send)]


def test_progress_without_sdp_is_not_in_band_and_ringing_with_sdp_is() -> None:
    core = endpoint()
    invite = seized(core)
    assert core.receive(answer(invite, 183), PSTN, 0.1) == [Progress(CALL, in_band=False)]
    outputs = core.receive(answer(invite, 180, body=PHONE_SDP), PSTN, 0.2)
    assert isinstance(outputs[0], MediaChanged)
    assert outputs[1:] == [Alerting(CALL, in_band=True)]


def test_a_refusal_with_a_q850_reason_says_that_cause() -> None:
    core = endpoint()
    invite = seized(core)
    outputs = core.receive(answer(invite, 503, Reason="Q.850;cause=34"), PSTN, 0.1)
    assert events(outputs) == [Cleared(CALL, 34, 1, "SIP 503")]


def test_a_far_end_that_hangs_up_clears_with_its_cause() -> None:
    core = endpoint()
    invite = seized(core)
    core.receive(answer(invite, 200, body=PHONE_SDP), PSTN, 0.1)
    tag = invite.headers.get("from").partition("tag=")[2]
    bye = request(
        "BYE",
        call_id=invite.headers.get("call-id"),
        to_tag=tag,
        From="<sip:x@h>;tag=far",
        Via="SIP/2.0/UDP 192.0.2.20;branch=z9hG4bKb",
        Reason='Q.850;cause=31;text="x"',
    )
    assert events(core.receive(bye, PSTN, 9.0)) == [Cleared(CALL, 31, text="BYE")]


def test_an_unknown_trunk_is_a_route_that_failed_before_it_began() -> None:
    [cleared] = endpoint().handle(SeizeTrunk(CALL, "gone", None, Elin("4255550101"), "911"), 0.0)
    assert cleared == Cleared(CALL, 38, 1, "no such remote", sent=False)


def test_a_connection_that_cannot_be_made_is_a_leg_that_was_never_sent() -> None:
    core = endpoint()
    ring = RingParty(CALL, "sbc", "sip:ana@sbc.example", "4255550911")
    [send] = core.handle(ring, 0.0)
    assert isinstance(send, Send)
    assert send.destination == Destination("tcp", "192.0.2.30", 5060)
    assert core.connection_lost(Source("tcp", "192.0.2.30", 5060), 0.1) == [
        Cleared(CALL, 38, 1, "transport lost", sent=False)
    ]


def test_a_call_outlives_its_connection_and_hangs_up_on_a_new_one() -> None:
    core = endpoint()
    via = "SIP/2.0/TCP 192.0.2.30;branch=z9hG4bKt"
    invite = request(Via=via, Contact="<sip:ana@sbc.example>", body=PHONE_SDP)
    leg = offered(core.receive(invite, SBC, 0.0)).leg
    core.handle(Clear(leg, 16), 0.1)
    assert core.connection_lost(SBC, 0.2) == []
    core = endpoint()
    leg = offered(core.receive(invite, SBC, 0.0)).leg
    core.handle(Answer(leg), 0.1)
    core.receive(request("ACK", Via=via + "a", to_tag="e-tag-2"), SBC, 0.2)
    assert core.connection_lost(SBC, 1.0) == []
    outputs = core.handle(Clear(leg, 16), 2.0)
    assert [o.destination for o in outputs if isinstance(o, Send)] == [
        Destination("tcp", "192.0.2.30", 5060)
    ]


def test_the_calling_number_is_written_as_the_route_step_wants_it() -> None:
    for form, written in (
        ("national", "4255550101"),
        ("e164", "+14255550101"),
        ("subscriber", "5550101"),
    ):
        step = SeizeTrunk(CALL, "provider", None, Elin("4255550101"), "911", calling_form=form)
        invite = seized(endpoint(), step)
        assert invite.headers.get("from").startswith(f"<sip:{written}@")
        assert invite.headers.get("contact").startswith(f"<sip:{written}@")


def test_an_exception_to_r2_has_a_name_and_its_own_number() -> None:
    exempt = Exempt("+14255550177", ExemptReason.RELAY)
    relay = SeizeTrunk(CALL, "provider", None, exempt, "4255550000", emergency=False)
    invite = seized(endpoint(), relay)
    assert invite.headers.get("from").startswith("<sip:+14255550177@")
    assert "priority" not in invite.headers


def test_a_provider_that_takes_locations_gets_one_that_names_nobody() -> None:
    here = PidfLocation(
        CivicAddress(A1="WA", A3="Springfield", RD="Harbor", HNO="1200", NAM="4255550102"),
        elins=(Elin("4255550102"),),
        entity="sip:ana@contoso.example",
        conference_uri="sip:+14255550123@contoso.example",
        conference_mode="twoway",
    )
    exempt = Exempt("+14255550177", ExemptReason.IDENTITY_CALLER)
    invite = seized(endpoint(), SeizeTrunk(CALL, "provider", None, exempt, "911", location=here))
    parts = read_parts(invite.headers.get("content-type"), invite.body)
    assert invite.headers.get("geolocation") == f"<cid:{parts[1].content_id}>"
    document = last(parts, PIDF)
    assert document is not None
    assert b"ana" not in document
    assert b"4255550123" not in document
    assert read_pidf(document).civic == CivicAddress(
        A1="WA", A3="Springfield", RD="Harbor", HNO="1200"
    )


def test_r2_no_byte_to_a_trunk_holds_the_callers_number_or_name_from_invite_to_bye() -> None:
    core = endpoint()
    invite_in = data("lync_invite.txt").replace(
        b"PRIORITY", b"P-Asserted-Identity: <tel:+14255550177>\r\nPRIORITY"
    )
    caller = offered(core.receive(invite_in, LYNC, 0.0)).caller
    assert (caller.name, caller.number) == ("Ana B", Did("4255550177"))
    wire = b""

    def note(outputs: list[object]) -> None:
        nonlocal wire
        wire += b"".join(
            o.data for o in outputs if isinstance(o, Send) and o.destination.host == PSTN.host
        )

    first = core.handle(SEIZE, 0.1)
    note(list(first))
    [invite] = requests(first)
    note(list(core.receive(answer(invite, 180), PSTN, 0.2)))
    note(list(core.receive(answer(invite, 200, body=PHONE_SDP), PSTN, 0.3)))
    tag = invite.headers.get("from").partition("tag=")[2]
    for number, method in enumerate(("INVITE", "ACK", "UPDATE", "OPTIONS", "INFO", "REFER")):
        note(
            list(
                core.receive(
                    request(
                        method,
                        call_id=invite.headers.get("call-id"),
                        to_tag=tag,
                        cseq=f"{max(number, 1)} {method}",
                        From="<sip:911@h>;tag=far",
                        body=PHONE_SDP,
                        Contact=f"<sip:psap@{PSTN.host}>",
                        Via=f"SIP/2.0/UDP {PSTN.host};branch=z9hG4bK{number}",
                    ),
                    PSTN,
                    1.0,
                )
            )
        )
    note(list(core.handle(Clear(CALL, 16), 2.0)))
    assert len(re.findall(rb"\r\n\r\n", wire)) >= 8
    assert not re.search(rb"4255550177|Ana|ana@|contoso|10\.20\.30\.41", wire)
    assert b"4255550101" in wire


def test_a_far_end_that_hangs_up_before_it_answers_has_said_its_last() -> None:
    core = endpoint()
    invite = seized(core)
    core.receive(answer(invite, 180), PSTN, 0.1)
    tag = invite.headers.get("from").partition("tag=")[2]
    bye = request(
        "BYE", call_id=invite.headers.get("call-id"), to_tag=tag, From="<sip:x@h>;tag=far"
    )
    assert events(core.receive(bye, PSTN, 0.2)) == [Cleared(CALL, 16, text="BYE")]
    assert core.receive(answer(invite, 183), PSTN, 0.3) == []
    late = core.receive(answer(invite, 200, body=PHONE_SDP), PSTN, 0.4)
    assert (methods(list(late)), events(late)) == (["ACK", "BYE"], [])
