"""Stories of a trunk: calls out, callbacks, glare, a lost link, and what a network gets wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from e911.numbers import Caller, Did, Elin
from edge_agent.isdn.config import E1_CHANNELS, IsdnTrunkConfig
from edge_agent.isdn.elements import Ie
from edge_agent.isdn.lapd_link import Discarded, SendFrame
from edge_agent.isdn.messages import M, encode
from edge_agent.isdn.switches import SwitchType
from edge_agent.isdn.trunk import Trunk
from edge_agent.leg import (
    Alerting,
    Answer,
    Answered,
    BearerMedia,
    Clear,
    Cleared,
    Law,
    LegId,
    LinkChanged,
    MediaChanged,
    Offered,
    Proceeding,
    Progress,
    Ring,
    SeizeTrunk,
    SendText,
    ShowProgress,
)
from tests.edge.isdn.goldens import messages
from tests.edge.isdn.span import SPAN, TRUNK, Ids, Span

A = LegId("a")
ELIN = Elin("4255550142")
FROM_PSAP = "6c0c2183" + b"2065550911".hex()
TO_ELIN = "700ba1" + ELIN.digits.encode().hex()
SPEECH = "04038090a2"


def seize(leg: LegId = A, channel: int | None = 1, *, emergency: bool = True) -> SeizeTrunk:
    return SeizeTrunk(leg, TRUNK, channel, ELIN, "911", emergency)


def callback(reference: int = 9, channel: str = "1803a98381", bearer: str = SPEECH) -> str:
    return f"0802{reference:04x}05{bearer}{channel}{FROM_PSAP}{TO_ELIN}"


def media(leg: LegId, channel: int) -> MediaChanged:
    return MediaChanged(leg, BearerMedia(SPAN, channel))


def an_answered_call() -> Span:
    span = Span()
    span.ask(seize())
    span.says("0802800102" + "1803a98381", "0802800107")
    span.take()
    span.take_sent()
    return span


# ---- out


def test_the_worked_example_octet_by_octet() -> None:
    """R2 and q931's example: SETUP in the I frame that leaves in the step of the request (R1)."""
    span = Span()
    outputs = span.trunk.handle(seize(emergency=False), 0.0)
    assert outputs == [SendFrame(bytes.fromhex("00010000") + messages()["setup-911"])]


def test_an_emergency_call_prefers_its_channel_and_insists_on_none() -> None:
    span = Span()
    span.ask(seize())
    assert span.take_sent()[0].find(Ie.CHANNEL_ID) == b"\xa1\x83\x81"


def test_a_911_call_is_answered_and_the_psap_hangs_up() -> None:
    span = Span()
    span.ask(seize())
    span.says("0802800102" + "1803a98381")
    assert span.take() == [Proceeding(A, 1), media(A, 1)]
    span.says("0802800101" + "1e028288")
    assert span.take() == [Alerting(A, in_band=True)]
    span.says("0802800107")
    assert span.take() == [Answered(A)]
    span.says("0802800145" + "08028290")
    assert span.take() == [Cleared(A, 16, 2, "disconnect")]
    assert span.kinds() == [M.SETUP, M.CONNECT_ACK, M.RELEASE]
    assert span.trunk.busy_channels == {1}
    span.says("080280015a")
    assert span.take() == []
    assert not span.trunk.legs | span.trunk.busy_channels


def test_a_silent_network_costs_four_seconds_and_a_late_answer_rings_no_twin() -> None:
    """R1: the next step waits no longer; the reference is given up by RELEASE COMPLETE 102."""
    span = Span()
    span.ask(seize())
    span.at(2.0)
    span.at(4.0)
    assert span.take() == [Cleared(A, 102, text="t303-last")]
    assert span.kinds() == [M.SETUP, M.SETUP, M.RELEASE_COMPLETE]
    span.says("0802800102" + "1803a98381")
    (again,) = span.take_sent()
    assert (again.kind, again.find(Ie.CAUSE)) == (M.RELEASE_COMPLETE, b"\x80\xd1")
    assert span.trunk.next_deadline() is not None
    assert span.trunk.legs == set()


def test_a_network_that_is_not_there_hears_nothing_when_it_comes_back() -> None:
    """R1 and R6: SABME in the very step, the SETUP withdrawn unsent, and the binding may go with
    it.
    """
    span = Span(up=False)
    span.ask(seize())
    assert span.frames == [bytes.fromhex("00017f")]
    span.at(4.0)
    assert span.take(Cleared) == [Cleared(A, 27, text="t303-last-unsent", sent=False)]
    span.mend_line()
    span.at(12.0)
    assert span.trunk.link_up
    assert span.take_sent() == []


def test_a_link_that_comes_up_in_time_carries_the_waiting_setup() -> None:
    span = Span(up=False)
    span.ask(seize())
    span.at(0.5)
    span.cut = False
    span.at(1.0)
    assert [message.kind for message in span.sent] == [M.SETUP]
    span.says("0802800107" + "1803a98381")
    assert span.take(Answered) == [Answered(A)]


def test_clearing_before_the_link_is_up_leaves_no_trace() -> None:
    span = Span(up=False)
    span.ask(seize(), Clear(A, 16))
    assert span.take() == [Cleared(A, 16, text="clear-unsent", sent=False)]
    span.mend_line()
    span.at(3.0)
    assert span.take_sent() == []
    assert not span.trunk.legs


@pytest.mark.parametrize("refusal", ["080280015a080282e5", "080280017d080282e5140100"])
def test_a_setup_lost_to_an_establishment_is_sent_again_under_a_new_reference(refusal: str) -> None:
    span = Span()
    span.ask(seize())
    span.says(refusal)
    first, second = span.take_sent()
    assert (first.kind, second.kind) == (M.SETUP, M.SETUP)
    assert (first.reference, second.reference) == (1, 2)
    assert span.take() == []
    span.says("080280025a080282e5")
    assert [word.cause for word in span.take(Cleared) if isinstance(word, Cleared)] == [101]


def test_the_same_refusal_on_a_link_long_established_is_a_refusal() -> None:
    span = Span()
    span.at(5.0)
    span.ask(seize())
    span.says("080280015a080282e5")
    assert span.take() == [Cleared(A, 101, 2, "release-complete")]


def test_the_channel_moves_where_the_network_says() -> None:
    span = Span()
    span.ask(seize())
    span.says("0802800102" + "1803a98389")
    assert span.take() == [Proceeding(A, 9), media(A, 9)]
    assert span.trunk.busy_channels == {9}


def test_a_channel_that_carries_another_call_is_unacceptable() -> None:
    span = an_answered_call()
    span.ask(seize(LegId("b"), 2))
    span.take_sent()
    span.says("0802800202" + "1803a98381")
    assert span.take() == [Cleared(LegId("b"), 6, text="channel-unusable")]
    (message,) = span.take_sent()
    assert (message.kind, message.find(Ie.CAUSE)) == (M.DISCONNECT, b"\x80\x86")


def test_a_wanted_channel_that_is_taken_gives_way_to_the_highest_that_is_free() -> None:
    span = an_answered_call()
    span.ask(seize(LegId("b"), 1))
    assert span.take_sent()[0].find(Ie.CHANNEL_ID) == b"\xa1\x83\x97"


def test_a_trunk_without_a_free_channel_says_so_at_once() -> None:
    span = Span(IsdnTrunkConfig(TRUNK, SPAN, channels=(1,)))
    span.ask(seize(), seize(LegId("b")))
    assert span.take() == [Cleared(LegId("b"), 34, text="no-channel", sent=False)]


def test_progress_with_a_cause_and_an_announcement() -> None:
    span = Span()
    span.ask(seize())
    span.says("0802800102", "0802800103" + "08028291" + "1e028288")
    assert span.take()[-1] == Progress(A, in_band=True, cause=17)
    span.says("0802800145" + "08028291" + "1e028288")
    assert span.take() == [Progress(A, in_band=True, cause=17)]
    span.ask(Clear(A, 16))
    assert [type(word) for word in span.take()] == [Cleared]
    assert span.kinds()[-1] == M.RELEASE


def test_an_e1_trunk_speaks_a_law_and_ends_its_digits() -> None:
    config = IsdnTrunkConfig(TRUNK, SPAN, channels=E1_CHANNELS, switch=SwitchType.EURO, law=Law.A)
    span = Span(config)
    span.ask(seize(channel=31))
    (setup,) = span.take_sent()
    assert setup.elements[0].id == Ie.SENDING_COMPLETE
    assert setup.find(Ie.BEARER) == b"\x80\x90\xa3"
    span.says("0802800107")
    assert span.take()[0] == MediaChanged(A, BearerMedia(SPAN, 31, Law.A))


# ---- in


def test_a_callback_is_acknowledged_before_it_is_offered() -> None:
    """R7: CALL PROCEEDING at once, ALERTING on Ring, CONNECT when a human answers."""
    span = Span()
    outputs = span.trunk.receive(bytes.fromhex("02010000" + callback()), 0.0)
    assert outputs == [
        SendFrame(bytes.fromhex("00010002" + "0802800902" + "1803a98381")),
        Offered(
            LegId("in-1"),
            TRUNK,
            ELIN.digits,
            Caller("", Did("2065550911")),
            from_trunk=True,
            channel=1,
        ),
        media(LegId("in-1"), 1),
    ]


def test_a_callback_rings_and_is_answered() -> None:
    span = Span()
    span.says(callback())
    leg = LegId("in-1")
    span.take()
    span.ask(ShowProgress(leg), Ring(leg), Ring(leg), Answer(leg), Answer(leg))
    assert span.kinds() == [M.CALL_PROCEEDING, M.PROGRESS, M.ALERTING, M.CONNECT]
    span.says("080200090f")
    span.ask(Clear(leg, 16))
    span.says("080200094d")
    assert span.kinds() == [M.DISCONNECT, M.RELEASE_COMPLETE]
    assert span.take() == [Cleared(leg, 16, text="release")]


def test_a_psap_that_withholds_its_number_stays_unknown() -> None:
    span = Span()
    span.says(callback().replace("6c0c2183", "6c0c21a3"))
    (offered,) = span.take(Offered)
    assert isinstance(offered, Offered)
    assert offered.caller == Caller("")


def test_on_glare_the_callback_keeps_the_channel_and_ours_may_be_moved() -> None:
    """When calls meet: glare."""
    span = Span()
    span.ask(seize(channel=1))
    span.says(callback())
    (offered,) = span.take(Offered)
    assert isinstance(offered, Offered)
    assert offered.channel == 1
    span.says("0802800102" + "1803a98385")
    assert span.take() == [Proceeding(A, 5), media(A, 5)]
    assert span.trunk.busy_channels == {1, 5}


def test_on_glare_our_own_call_is_cleared_without_freeing_the_channel() -> None:
    span = Span()
    span.ask(seize(channel=1))
    span.says(callback())
    span.ask(Clear(A, 44))
    span.says("080280014d")
    assert span.trunk.busy_channels == {1}
    assert span.trunk.legs == {"in-1"}


def test_a_busy_channel_is_refused_where_insisted_on_and_exchanged_where_preferred() -> None:
    span = an_answered_call()
    span.says(callback(9, "1803a98381"))
    (refused,) = span.take_sent()
    assert (refused.kind, refused.find(Ie.CAUSE)) == (M.RELEASE_COMPLETE, b"\x80\xac")
    span.says(callback(10, "1803a18381"))
    (taken,) = span.take_sent()
    assert (taken.kind, taken.find(Ie.CHANNEL_ID)) == (M.CALL_PROCEEDING, b"\xa9\x83\x97")


def test_a_data_call_is_no_callback() -> None:
    span = Span()
    span.says(callback(bearer="04028890"))
    assert span.take(Offered) == []
    assert span.take_sent()[0].find(Ie.CAUSE) == b"\x80\xd8"


def test_a_repeated_setup_is_the_same_call() -> None:
    span = Span()
    span.says(callback(), callback())
    assert len(span.take(Offered)) == 1
    assert span.kinds() == [M.CALL_PROCEEDING]


def test_both_sides_may_use_the_same_reference() -> None:
    span = Span()
    span.ask(seize(channel=2))
    span.says(callback(reference=1))
    span.says("0802800107")
    assert span.take(Answered) == [Answered(A)]
    assert span.trunk.legs == {A, "in-1"}


# ---- the link


def test_the_link_is_told_once_up_and_once_down() -> None:
    span = Span(up=False)
    span.mend_line()
    assert span.take() == [LinkChanged(TRUNK, True)]
    span.break_line()
    span.break_line()
    assert span.take() == [LinkChanged(TRUNK, False, "span-down")]


def test_a_call_lives_through_a_lost_link_and_is_asked_after() -> None:
    span = an_answered_call()
    span.break_line()
    span.at(60.0)
    span.mend_line()
    assert span.take(Cleared) == []
    assert span.kinds() == [M.STATUS_ENQUIRY]
    span.says("080280017d" + "0802829e" + "14010a")
    assert span.take(Cleared) == []
    span.at(200.0)
    assert span.trunk.legs == {A}


def test_a_call_that_the_network_lost_with_the_link_is_cleared() -> None:
    span = an_answered_call()
    span.break_line()
    span.at(5.0)
    span.mend_line()
    span.says("080280017d" + "0802829e" + "140100")
    assert span.take(Cleared) == [Cleared(A, 41, text="status-null")]


def test_a_link_that_stays_away_ends_its_calls_when_t309_is_over() -> None:
    span = an_answered_call()
    span.break_line()
    span.at(89.9)
    assert span.take(Cleared) == []
    span.at(90.0)
    assert span.take(Cleared) == [Cleared(A, 27, text="t309-last")]
    assert span.trunk.busy_channels == set()


def test_t309_leaves_a_setup_that_waits_to_its_own_timer() -> None:
    span = an_answered_call()
    span.break_line()
    span.at(89.0)
    span.ask(seize(LegId("b"), 2))
    span.at(91.0)
    assert span.take(Cleared) == [Cleared(A, 27, text="t309-last")]
    span.at(93.0)
    assert span.take(Cleared) == [Cleared(LegId("b"), 27, text="t303-last-unsent", sent=False)]


def test_a_link_without_calls_asks_every_ten_seconds_and_nothing_else_runs() -> None:
    span = Span()
    span.at(3600.0)
    assert span.trunk.link_up
    assert set(span.frames[1:]) <= {bytes.fromhex("00010101"), bytes.fromhex("02010101")}


# ---- what a network gets wrong (§5.8)


@pytest.mark.parametrize(
    ("message", "answer"),
    [
        ("0802800502", "08020005 5a 080280d1"),
        ("0802000545 08028290", "08028005 5a 080280d1"),
        ("080280054d", "08020005 5a 080280d1"),
        ("080280055a", None),
        ("0802800505", None),
        ("080280057d 0802829e 14010a", "08020005 5a 080280e5"),
        ("080280057d 0802829e 140100", None),
        ("0802000575", "08028005 7d 0802809e 140100"),
    ],
)
def test_a_message_without_a_call(message: str, answer: str | None) -> None:
    span = Span()
    span.says(message)
    answers = [] if answer is None else [bytes.fromhex(answer)]
    assert [encode(sent) for sent in span.take_sent()] == answers
    assert span.take(Discarded) == [Discarded("message-reference-unknown")]


@pytest.mark.parametrize(
    ("message", "cause"),
    [
        ("08028001ff", 97),
        ("0802800124", 97),
        ("0802800103", 96),
        ("080280010d 0d0100", 96),
        ("080280010f 0a00", 96),
        ("0802800105", None),
        ("0802800162 1c03910000", None),
        ("080280016e 270180", None),
        ("080280017b 2c0131", None),
        ("080280017d", 96),
        ("080280017d 08018214 010a", 100),
    ],
)
def test_a_message_that_cannot_be_acted_on_is_answered_by_status(
    message: str, cause: int | None
) -> None:
    span = an_answered_call()
    span.says(message)
    causes = [sent.find(Ie.CAUSE) for sent in span.take_sent() if sent.kind == M.STATUS]
    assert causes == ([] if cause is None else [bytes((0x80, 0x80 | cause))])
    assert span.take(Cleared) == []
    assert span.trunk.legs == {A}


def test_a_message_that_does_not_fit_the_state_is_answered_by_status_101() -> None:
    span = Span()
    span.ask(seize())
    span.take_sent()
    span.says("080280010f")
    (status,) = span.take_sent()
    assert (status.find(Ie.CAUSE), status.find(Ie.CALL_STATE)) == (b"\x80\xe5", b"\x01")


def test_a_disconnect_without_a_cause_is_a_disconnect() -> None:
    span = an_answered_call()
    span.says("0802800145")
    assert span.take() == [Cleared(A, 31, text="disconnect")]
    (release,) = span.take_sent()
    assert (release.kind, release.find(Ie.CAUSE)) == (M.RELEASE, b"\x80\xe0")


def test_an_optional_element_that_cannot_be_read_is_passed_over() -> None:
    span = Span()
    span.ask(seize())
    span.take_sent()
    span.says("0802800101" + "1e0182")
    assert span.take(Alerting) == [Alerting(A)]
    assert span.take_sent()[0].find(Ie.CAUSE) == b"\x80\xe4"


@pytest.mark.parametrize(
    ("setup", "cause"),
    [
        ("0802000905 1803a98381", 96),
        ("0802000905 04038090a2", 96),
        ("0802000905 04038090a2 1801a9", 100),
        ("0802000905 010100 04038090a2 1803a98381", 96),
    ],
)
def test_a_setup_that_cannot_be_read_is_refused(setup: str, cause: int) -> None:
    span = Span()
    span.says(setup)
    (refused,) = span.take_sent()
    assert (refused.kind, refused.find(Ie.CAUSE)) == (
        M.RELEASE_COMPLETE,
        bytes((0x80, 0x80 | cause)),
    )
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
    assert span.take() == [Cleared(A, 41, text="restarted")]
    assert span.kinds() == [M.RESTART_ACK]
    assert span.trunk.legs == {"b"}


def test_a_restart_that_says_nothing_is_refused() -> None:
    span = Span()
    span.says("0802000046")
    assert span.take_sent()[0].find(Ie.CAUSE) == b"\x80\xe0"


@pytest.mark.parametrize("message", ["4302000107", "0802", "", "0801010502", "08020000 02"])
def test_a_message_for_nobody_is_counted(message: str) -> None:
    span = an_answered_call()
    span.says(message)
    assert [type(word) for word in span.take()] == [Discarded]
    assert span.trunk.legs == {A}


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
    trunk = Trunk(IsdnTrunkConfig(TRUNK, SPAN), Ids())
    trunk.start(0.0)
    trunk.receive(bytes.fromhex("000173"), 0.0)
    for frame in frames:
        trunk.receive(frame, 1.0)
    trunk.receive(bytes.fromhex("02017f"), 2.0)
    trunk.receive(bytes.fromhex("000173"), 2.0)
    sent = trunk.handle(seize(), 2.0)
    assert any(isinstance(output, SendFrame) and b"911" in output.data for output in sent)
