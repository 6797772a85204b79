"""What a network gets wrong, and what it is told (Q.931 §5.8)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.isdn.elements import Ie
from edge_agent.isdn.lapd_link import SendFrame
from edge_agent.isdn.messages import M, encode
from edge_agent.isdn.trunk import Trunk
from edge_agent.leg import (
    Alerting,
    Answer,
    ChannelsChanged,
    Clear,
    Cleared,
    Discarded,
    LegId,
    Offered,
    SendText,
)
from tests.edge.isdn.span import (
    SPAN,
    TRUNK,
    A,
    Ids,
    Span,
    a_config,
    an_answered_call,
    callback,
    seize,
)


@pytest.mark.parametrize(
    ("clause", "message", "answer"),
    [
        ("5.8.3.2 a", "0802800502", "08020005 5a 080280d1"),
        ("5.8.3.2 a", "0802000545 08028290", "08028005 5a 080280d1"),
        ("5.8.3.2 a", "0802000524", "08028005 5a 080280d1"),
        ("5.8.3.2 b", "080280054d", "08020005 5a 080280d1"),
        ("5.8.3.2 c", "080280055a", None),
        ("5.8.3.2 d", "0802800505", None),
        ("5.8.3.2 d", "0802800526", None),
        ("5.6.6", "0802000526", "08028005 22 080280d5"),
        ("5.8.11 a", "080280057d 0802829e 14010a", "08020005 5a 080280e5"),
        ("5.8.11", "080280057d 0802829e 140100", None),
        ("5.8.10", "0802000575", "08028005 7d 0802809e 140100"),
    ],
)
def test_a_message_without_a_call(clause: str, message: str, answer: str | None) -> None:
    span = Span()
    span.says(message)
    answers = [] if answer is None else [bytes.fromhex(answer)]
    assert [encode(sent) for sent in span.take_sent()] == answers
    assert span.take(Discarded) == [Discarded("message-reference-unknown")], clause


@pytest.mark.parametrize(
    ("message", "cause"),
    [
        ("08028001ff", b"\x80\xe1\xff"),
        ("0802800108", b"\x80\xe1\x08"),
        ("0802800103", b"\x80\xe0\x1e"),
        ("080280010d 0d0100", b"\x80\xe0\x0d"),
        ("080280010f 0a00", b"\x80\xe0\x0a"),
        ("0802800105", None),
        ("0802800162 1c03910000", None),
        ("080280016e 270180", None),
        ("080280017b 2c0131", None),
        ("080280017d", None),  # a STATUS is never answered by a STATUS
        ("080280017d 08018214 010a", None),
    ],
)
def test_a_message_that_cannot_be_acted_on_is_answered_by_status(
    message: str, cause: bytes | None
) -> None:
    """The diagnostics name the message type or the elements (Q.850 table 1)."""
    span = an_answered_call()
    span.says(message)
    causes = [sent.find(Ie.CAUSE) for sent in span.take_sent() if sent.kind == M.STATUS]
    assert causes == ([] if cause is None else [cause])
    assert span.take(Cleared) == []
    assert span.trunk.legs == {A}


def test_a_message_that_does_not_fit_the_state_is_answered_by_status_101() -> None:
    span = Span()
    span.ask(seize())
    span.take_sent()
    span.says("080280010f")
    (status,) = span.take_sent()
    assert (status.find(Ie.CAUSE), status.find(Ie.CALL_STATE)) == (b"\x80\xe5\x0f", b"\x01")


def test_a_disconnect_without_a_cause_is_a_disconnect() -> None:
    span = an_answered_call()
    span.says("0802800145")
    assert span.take() == [Cleared(A, 31, text="disconnect")]
    (release,) = span.take_sent()
    assert (release.kind, release.find(Ie.CAUSE)) == (M.RELEASE, b"\x80\xe0\x08")


def test_an_optional_element_that_cannot_be_read_is_passed_over() -> None:
    span = Span()
    span.ask(seize())
    span.take_sent()
    span.says("0802800101" + "1e0182")
    assert span.take(Alerting) == [Alerting(A)]
    assert span.take_sent()[0].find(Ie.CAUSE) == b"\x80\xe4\x1e"


@pytest.mark.parametrize(
    ("setup", "cause"),
    [
        ("0802000905 1803a98381", b"\x80\xe0\x04"),
        ("0802000905 04038090a2", b"\x80\xe0\x18"),
        ("0802000905 04038090a2 1801a9", b"\x80\xe4\x18"),
        ("0802000905 010100 04038090a2 1803a98381", b"\x80\xe0\x01"),
    ],
)
def test_a_setup_that_cannot_be_read_is_refused(setup: str, cause: bytes) -> None:
    span = Span()
    span.says(setup)
    (refused,) = span.take_sent()
    assert (refused.kind, refused.find(Ie.CAUSE)) == (M.RELEASE_COMPLETE, cause)
    assert span.take(Offered) == []


def test_a_status_enquiry_is_answered_with_the_state() -> None:
    span = an_answered_call()
    span.says("0802800175")
    (status,) = span.take_sent()
    assert (status.find(Ie.CAUSE), status.find(Ie.CALL_STATE)) == (b"\x80\x9e", b"\x0a")


def test_a_peer_in_an_impossible_state_clears_the_call() -> None:
    span = an_answered_call()
    span.says("080280017d" + "080282e5" + "140106")
    assert span.take() == [Cleared(A, 101, text="status-incompatible")]
    (release,) = span.take_sent()
    assert (release.kind, release.find(Ie.CAUSE)) == (M.RELEASE, b"\x80\xe5")


def test_a_restart_of_an_idle_channel_is_acknowledged() -> None:
    span = Span()
    span.says("0802000046" + "1803a98382" + "790180")
    (acknowledged,) = span.take_sent()
    assert (acknowledged.kind, acknowledged.reference) == (M.RESTART_ACK, 0)
    assert acknowledged.find(Ie.CHANNEL_ID) == b"\xa9\x83\x82"
    assert span.take() == []


@pytest.mark.parametrize("what", ["1803a98381 790180", "790187"])
def test_a_restart_ends_the_calls_that_it_names_and_no_other(what: str) -> None:
    span = an_answered_call()
    span.ask(seize(LegId("b"), 2))
    span.take_sent()
    span.says("0802000046" + what)
    assert span.take() == [Cleared(A, 41, text="restarted", lost=True)]
    assert span.kinds() == [M.RESTART_ACK]
    assert span.trunk.legs == {"b"}


def test_a_restart_that_says_nothing_is_refused() -> None:
    span = Span()
    span.says("0802000046")
    assert span.take_sent()[0].find(Ie.CAUSE) == b"\x80\xe0\x79"


@pytest.mark.parametrize(
    ("message", "counted"),
    [
        ("430200010f", "message-discriminator"),
        ("", "message-discriminator"),
        ("0802", "message-short"),
        ("08020001", "message-short"),
        ("0803000001 02", "message-reference"),
        ("0812000102", "message-reference"),
        ("0801010502", "message-reference"),
        ("0800 62", "message-dummy"),
        ("08020000 02", "message-global-unused"),
    ],
)
def test_a_message_for_nobody_is_counted(message: str, counted: str) -> None:
    """§5.8.1, §5.8.2, §5.8.3.1, §5.8.3.2 f."""
    span = an_answered_call()
    span.says(message)
    assert span.take() == [Discarded(counted)]
    assert span.trunk.legs == {A}


@pytest.mark.parametrize(
    ("request_", "rejected"),
    [("24", "30 0802809d"), ("31", "37 0802809d"), ("25", "21 080280b2"), ("26", "22 080280d5")],
    ids=["hold", "retrieve", "suspend", "resume"],
)
def test_holding_and_suspending_are_rejected_and_the_call_goes_on(
    request_: str, rejected: str
) -> None:
    span = an_answered_call()
    span.says("08028001" + request_)
    assert [encode(sent) for sent in span.take_sent()] == [bytes.fromhex("08020001" + rejected)]
    assert span.trunk.legs == {A}
    assert span.take(Cleared) == []


def test_a_release_that_does_not_say_why_is_told_so() -> None:
    """§5.8.6.1: the call is over all the same."""
    span = an_answered_call()
    span.says("080280014d")
    (over,) = span.take_sent()
    assert (over.kind, over.find(Ie.CAUSE)) == (M.RELEASE_COMPLETE, b"\x80\xe0\x08")
    assert span.take() == [Cleared(A, 31, text="release")]


def test_a_release_with_an_unreadable_cause_is_told_so() -> None:
    """§5.8.6.2."""
    span = an_answered_call()
    span.says("080280014d 080182")
    assert span.take_sent()[0].find(Ie.CAUSE) == b"\x80\xe4\x08"


def test_an_element_that_must_be_understood_spoils_a_disconnect_but_not_its_effect() -> None:
    """§5.8.7.1."""
    span = an_answered_call()
    span.says("0802800145 08028290 0b0100")
    (release,) = span.take_sent()
    assert (release.kind, release.find(Ie.CAUSE)) == (M.RELEASE, b"\x80\xe0\x0b")
    assert span.take() == [Cleared(A, 16, 2, text="disconnect")]


def test_unknown_elements_and_those_of_other_codesets_change_nothing() -> None:
    """§5.8.7.1 and §4.5.2: the channel behind them is still read."""
    span = Span()
    span.ask(seize())
    span.take_sent()
    span.says("0802800107 9e 180101 9d 180102 1803a98384 4f0100")
    assert span.trunk.busy_channels == {4}
    assert span.kinds() == [M.CONNECT_ACK]


def test_a_status_with_a_complaint_and_a_state_that_fits_ends_nothing() -> None:
    """§5.8.11 leaves it to us: a 911 call does not end for an element that a switch dislikes."""
    span = Span()
    span.ask(seize())
    span.says("0802800102", "080280017d 080282e31e 140103")
    assert span.take(Cleared) == []
    assert span.trunk.legs == {A}


def test_a_status_in_release_request_ends_nothing() -> None:
    """§5.8.11 b."""
    span = an_answered_call()
    span.says("0802800145 08028290")
    span.take_sent()
    span.says("080280017d 080282e5 14010a")
    assert span.take_sent() == []
    assert span.trunk.legs == {A}


def test_a_call_that_waits_without_a_channel_finds_us_busy() -> None:
    span = Span()
    span.says(callback(channel="1801a0"))
    assert span.take_sent()[0].find(Ie.CAUSE) == b"\x80\x91"
    assert span.take(Offered) == []


def test_digits_given_up_before_they_were_whole_are_no_call() -> None:
    """§5.2.4: what was never offered is never cleared."""
    span = Span(a_config(overlap_digits=10))
    span.says("0802000905 04038090a2 1803a98381 7003a13432")
    assert span.kinds() == [M.SETUP_ACK]
    span.says("080200094d 08028290")
    assert span.kinds() == [M.RELEASE_COMPLETE]
    assert span.take() == []
    assert not span.trunk.legs | span.trunk.busy_channels


def test_digits_that_stop_coming_are_offered_as_they_are() -> None:
    """T302; R7: whoever dialled too little still reaches a human."""
    span = Span(a_config(overlap_digits=10))
    span.says("0802000905 04038090a2 1803a98381", "080200097b 7003a13432", "080200097b 2c0135")
    span.at(16.0)
    (offered,) = span.take(Offered)
    assert isinstance(offered, Offered)
    assert offered.dialled == "425"
    assert span.kinds() == [M.SETUP_ACK, M.CALL_PROCEEDING]


def test_maintenance_is_acknowledged_and_the_channel_still_used() -> None:
    span = Span()
    assert span.trunk.receive(bytes.fromhex("020100004302000007" + "0101821803a98381"), 0.0) == [
        SendFrame(bytes.fromhex("00010002430280000f" + "0101821803a98381")),
        ChannelsChanged(TRUNK, SPAN, frozenset({1})),
    ]
    outputs = span.trunk.handle(seize(), 0.0)
    assert any(isinstance(word, SendFrame) and b"911" in word.data for word in outputs)


def test_a_request_for_a_leg_that_is_over_is_counted() -> None:
    span = Span()
    span.ask(Clear(A, 16), SendText("n", "desk", "sip:desk@example.com", "text"))
    assert span.take() == [Discarded("request-leg-unknown")] * 2
    span.ask(seize(), Answer(A))
    assert span.take() == [Discarded("request-unexpected")]


@given(
    frames=st.lists(
        st.one_of(
            st.binary(max_size=12),
            st.binary(max_size=30).map(lambda tail: b"\x02\x01\x00\x00\x08\x02" + tail),
        ),
        max_size=8,
    )
)
def test_no_frame_whatever_it_holds_stops_the_trunk(frames: list[bytes]) -> None:
    """Bad input is counted and answered; afterwards a 911 call still goes out (R1)."""
    trunk = Trunk(a_config(), Ids())
    trunk.start(0.0)
    trunk.receive(bytes.fromhex("000173"), 0.0)
    for frame in frames:
        trunk.receive(frame, 1.0)
    trunk.receive(bytes.fromhex("02017f"), 2.0)
    trunk.receive(bytes.fromhex("000173"), 2.0)
    sent = trunk.handle(seize(), 2.0)
    assert any(isinstance(output, SendFrame) and b"911" in output.data for output in sent)


@pytest.mark.parametrize("elements", ["", "08028290 1803a98381 1e028288"])
def test_every_message_type_in_every_phase_is_acted_on_answered_or_passed_over(
    elements: str,
) -> None:
    """All 256 types: none raises, no leg ends twice, and 911 still goes out (R1)."""
    for kind in range(256):
        span = Span()
        span.ask(seize(A, 1), seize(LegId("b"), 2), seize(LegId("c"), 3))
        span.says("0802800207", "0802800307", callback(channel="1803a98384"))
        span.ask(Clear(LegId("c"), 16))
        for reference in ("8001", "8002", "8003", "0009", "0000", "8000", "0077"):
            span.says(f"0802{reference}{kind:02x}{elements}")
        over = [word.leg for word in span.take(Cleared) if isinstance(word, Cleared)]
        assert len(over) == len(set(over)), kind
        span.take_sent()
        span.ask(seize(LegId("d"), 9))
        assert M.SETUP in span.kinds(), kind
