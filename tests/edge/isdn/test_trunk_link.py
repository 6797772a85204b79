"""Stories of a trunk whose link comes and goes: what it says, and which calls live on."""

from __future__ import annotations

import pytest

from edge_agent.isdn.messages import M
from edge_agent.leg import (
    Answered,
    Clear,
    Cleared,
    LegId,
    LinkChanged,
)
from tests.edge.isdn.span import (
    SPAN,
    TRUNK,
    A,
    Span,
    an_answered_call,
    seize,
)


def test_the_link_is_told_once_up_and_once_down() -> None:
    span = Span(up=False)
    span.mend_line()
    assert span.take() == [LinkChanged(TRUNK, True, span=SPAN)]
    span.break_line()
    span.break_line()
    assert span.take() == [LinkChanged(TRUNK, False, "span-down", SPAN)]


def test_why_a_link_is_down_is_told_once_for_each_reason_also_before_it_was_ever_up() -> None:
    span = Span(up=False)
    span.ask(seize())
    span.at(60.0)
    assert span.take(LinkChanged) == [LinkChanged(TRUNK, False, "t200-last", SPAN)]
    span.break_line()
    assert span.take(LinkChanged) == [LinkChanged(TRUNK, False, "span-down", SPAN)]
    span.mend_line()
    assert span.take(LinkChanged) == [LinkChanged(TRUNK, True, span=SPAN)]


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


def test_r1_a_connect_that_a_reset_of_the_link_swallowed_is_asked_for_and_the_caller_answered() -> (
    None
):
    """Seen with libpri: it drops what it had to say when it establishes the link anew."""
    span = Span()
    span.ask(seize())
    span.says("0802800102" + "1803a98381", "0802800101")
    span.take_sent()
    span.take()
    span.peer_begins_anew()
    assert span.kinds() == [M.STATUS_ENQUIRY]
    span.says("080280017d" + "0802829e" + "14010a")
    assert span.take(Answered) == [Answered(A)]
    assert span.take(LinkChanged) == []


def test_a_call_that_the_network_lost_with_the_link_is_cleared() -> None:
    span = an_answered_call()
    span.break_line()
    span.at(5.0)
    span.mend_line()
    span.says("080280017d" + "0802829e" + "140100")
    assert span.take(Cleared) == [Cleared(A, 41, text="status-null", lost=True)]


def test_a_link_that_stays_away_ends_its_calls_when_t309_is_over() -> None:
    span = an_answered_call()
    span.break_line()
    span.at(89.9)
    assert span.take(Cleared) == []
    span.at(90.0)
    assert span.take(Cleared) == [Cleared(A, 27, text="t309-last", lost=True)]
    assert span.trunk.busy_channels == set()


def test_a_call_that_only_rings_is_given_up_4_s_after_its_link_and_the_next_span_can_have_it() -> (
    None
):
    """R1: a caller must not hear a dead line ring for as long as T309 holds talking calls."""
    span = Span()
    span.ask(seize())
    span.says("0802800101" + "1803a98381")
    span.break_line()
    span.at(3.9)
    assert span.take(Cleared) == []
    span.at(4.0)
    assert span.take(Cleared) == [Cleared(A, 27, text="t309-last", lost=True)]
    assert span.trunk.busy_channels == set()


def test_t309_leaves_a_setup_that_waits_to_its_own_timer() -> None:
    span = an_answered_call()
    span.break_line()
    span.at(89.0)
    span.ask(seize(LegId("b"), 2))
    span.at(91.0)
    assert span.take(Cleared) == [Cleared(A, 27, text="t309-last", lost=True)]
    span.at(93.0)
    assert span.take(Cleared) == [Cleared(LegId("b"), 27, text="t303-last-unsent", sent=False)]


def test_a_link_without_calls_asks_every_ten_seconds_and_nothing_else_runs() -> None:
    span = Span()
    span.at(3600.0)
    assert span.trunk.link_up
    assert set(span.frames[1:]) <= {bytes.fromhex("00010101"), bytes.fromhex("02010101")}


def test_a_call_whose_second_setup_waits_was_still_on_the_wire() -> None:
    """R6: the network may be ringing the PSAP, so the binding must not be withdrawn."""
    span = Span()
    span.ask(seize())
    span.frame("00010502")  # RNR: taken, and no more for now
    span.cut = True
    span.at(4.0)
    assert span.take(Cleared) == [Cleared(A, 102, text="t303-last", sent=True)]


def test_a_call_refused_for_its_channel_was_on_the_wire_though_its_next_setup_waits() -> None:
    """R6, again: the ALI bid of the first SETUP may be under way."""
    span = Span()
    span.ask(seize())
    span.frame("00010502")  # RNR
    span.says("080280015a080282ac")
    span.cut = True
    span.at(4.0)
    assert span.take(Cleared) == [Cleared(A, 102, text="t303-last", sent=True)]


@pytest.mark.parametrize(("ends", "said"), [(4.0, M.RELEASE_COMPLETE), (0.5, M.DISCONNECT)])
def test_a_setup_given_up_while_its_link_was_away_rings_nobody_when_it_is_back(
    ends: float, said: M
) -> None:
    """The network may have it, so the end of it is said; the call itself is not said again."""
    span = Span()
    span.cut = True
    span.ask(seize())
    span.break_line()
    span.at(ends)
    if said is M.DISCONNECT:
        span.ask(Clear(A, 16))
    span.mend_line()
    assert span.kinds() == [said]


@pytest.mark.parametrize("state", ["a", "8"])
def test_an_answer_that_went_under_with_the_link_is_learned_from_the_status(state: str) -> None:
    """§5.8.11: the network holds the call for answered (8: libpri has sent CONNECT), so it is."""
    span = Span()
    span.ask(seize())
    span.says("0802800101" + "1803a98381")
    span.break_line()
    span.at(2.0)
    span.mend_line()
    span.take()
    span.take_sent()
    span.says("080280017d" + "0802829e" + "14010" + state)
    assert span.take() == [Answered(A)]
    assert span.kinds() == [M.CONNECT_ACK]


def test_a_call_that_comes_up_is_asked_after_too_and_a_clearing_one_is_not() -> None:
    span = Span()
    span.ask(seize(LegId("a"), 1), seize(LegId("b"), 2), seize(LegId("c"), 3))
    span.says("0802800102", "0802800207")
    span.ask(Clear(LegId("b"), 16))
    span.break_line()
    span.at(1.0)
    span.take_sent()
    span.mend_line()
    asked = [sent.reference for sent in span.take_sent() if sent.kind == M.STATUS_ENQUIRY]
    assert asked == [1]


def test_a_network_that_does_not_answer_an_enquiry_keeps_an_emergency_call() -> None:
    """A switch may not know the question; the PSAP is on the line."""
    span = an_answered_call()
    span.break_line()
    span.at(5.0)
    span.mend_line()
    span.at(100.0)
    assert span.trunk.legs == {A}
    assert span.kinds() == [M.STATUS_ENQUIRY]


def test_an_ordinary_call_that_nobody_answers_for_is_cleared_after_two_enquiries() -> None:
    """§5.8.10: T322, again, and 41."""
    span = Span()
    span.ask(seize(emergency=False))
    span.says("0802800107")
    span.break_line()
    span.at(5.0)
    span.take()
    span.take_sent()
    span.mend_line()
    span.at(13.1)
    assert span.kinds() == [M.STATUS_ENQUIRY, M.STATUS_ENQUIRY, M.RELEASE]
    assert span.take(Cleared) == [Cleared(A, 41, text="t322-last")]
