"""No bytes from anywhere break the endpoint, and a mutilated 911 call is still answered in its
step.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_agent.leg import Answer, Clear, Offered, Ring
from edge_agent.sip.endpoint import Endpoint
from edge_agent.sip.outputs import Source
from tests.edge.sip.scene import LYNC, PHONE_SDP, STRANGER, data, endpoint, request

STREAM = Source("tcp", LYNC.host, 40000, 1)
INVITE = data("lync_invite.txt")
MESSAGES = [
    INVITE,
    request(body=PHONE_SDP),
    request("BYE", to_tag="e-tag-2", cseq="2 BYE"),
    request("INVITE", to_tag="e-tag-2", cseq="2 INVITE", body=PHONE_SDP),
    request("CANCEL"),
    request("ACK", to_tag="e-tag-2"),
    request("OPTIONS"),
    b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK-e1\r\nCSeq: 1 INVITE\r\n\r\n",
]


@st.composite
def mutilated(draw: st.DrawFn) -> bytes:
    """A message with some bytes cut out, doubled or replaced."""
    message = bytearray(draw(st.sampled_from(MESSAGES)))
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, len(message)))
        length = draw(st.integers(0, 12))
        message[at : at + length] = draw(
            st.one_of(
                st.binary(max_size=8), st.sampled_from([b"\r\n", b";", b'"', b"<", b",", b"\0"])
            )
        )
    return bytes(message)


def exercise(core: Endpoint, outputs: list[object], now: float) -> None:
    """Do what a gateway would with what it hears."""
    for output in outputs:
        if isinstance(output, Offered):
            output.caller.name.encode()
            output.dialled.encode()
            core.handle(Ring(output.leg), now)
            core.handle(Answer(output.leg), now)
            core.handle(Clear(output.leg, 16), now)


@settings(max_examples=150, deadline=None)
@given(st.lists(mutilated(), max_size=6))
def test_no_message_breaks_the_endpoint_and_every_leg_ends(messages: list[bytes]) -> None:
    core, now = endpoint(), 0.0
    for message in messages:
        for source in (LYNC, STREAM, STRANGER):
            now += 0.1
            exercise(core, list(core.receive(message, source, now)), now)
    while (at := core.next_deadline()) is not None:
        core.handle_timeout(at)
        now = at
    assert core.legs == ()


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_noise_is_refused_and_counted(noise: bytes) -> None:
    for source in (LYNC, STREAM, STRANGER):
        endpoint().receive(noise, source, 0.0)


@settings(max_examples=100, deadline=None)
@given(st.integers(INVITE.index(b"\r\n\r\n") + 4, len(INVITE)), st.binary(max_size=20))
def test_r1_whatever_happens_to_the_body_the_call_is_offered(at: int, noise: bytes) -> None:
    outputs = endpoint().receive(INVITE[:at] + noise, LYNC, 0.0)
    assert [o.dialled for o in outputs if isinstance(o, Offered)] == ["911"]


LONG = 60_000
SLOW = {
    "blanks in the start line": b"INVITE x" + b" " * LONG + b"y\r\n\r\n",
    "blanks in From": request(From="a" + " " * LONG + "b"),
    "blanks in Via": request(Via="SIP/2.0/UDP h" + " " * LONG + "x"),
    "brackets in Contact": request(Contact="<" * LONG),
    "brackets in P-Asserted-Identity": request(P_Asserted_Identity="<," * (LONG // 2)),
    "semicolons in To": request(To="<sip:911@h>" + "; " * (LONG // 2)),
    "quotes in From": request(From='";="\\' * (LONG // 5)),
    "reasons": request("CANCEL", Reason="Q.850;" * (LONG // 6)),
    "commas": request(Require="," * LONG),
    "dashes in the body": request(body="--" + "a" * 9 + " " * LONG, Content_Type="multipart/mixed"),
    "delimiters": request(body="--b\r\n" * (LONG // 5), Content_Type="multipart/mixed;boundary=b"),
    "line ends in INFO": request("INFO", body="\n" * LONG, Content_Type="application/dtmf-relay"),
    "media lines": request(body="m=audio 1 RTP/AVP 0\r\n" * (LONG // 21)),
    "payload types": request(body="m=audio 1 RTP/AVP " + "9 " * (LONG // 2)),
    "empty elements": request(
        body="<a>" + "<b/>" * (LONG // 4) + "</a>", Content_Type="application/pidf+xml"
    ),
    "deep elements": request(body="<a>" * (LONG // 3), Content_Type="application/pidf+xml"),
}


@pytest.mark.timeout(10)
@pytest.mark.parametrize("name", SLOW)
def test_r1_no_datagram_can_hold_up_the_next_call(name: str) -> None:
    for source in (STRANGER, LYNC):
        endpoint().receive(SLOW[name], source, 0.0)
