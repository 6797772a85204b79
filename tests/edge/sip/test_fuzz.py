"""No bytes from anywhere break the endpoint, and a mutilated 911 call is still answered in its
step.
"""

from __future__ import annotations

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
