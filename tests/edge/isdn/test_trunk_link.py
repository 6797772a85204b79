"""Stories of a trunk whose link comes and goes: what it says, and which calls live on."""

from __future__ import annotations

from edge_agent.isdn.messages import M
from edge_agent.leg import (
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


def test_a_call_whose_second_setup_waits_was_still_on_the_wire() -> None:
    """R6: the network may be ringing the PSAP, so the binding must not be withdrawn."""
    span = Span()
    span.ask(seize())
    span.frame("00010502")  # RNR: taken, and no more for now
    span.cut = True
    span.at(4.0)
    assert span.take(Cleared) == [Cleared(A, 102, text="t303-last", sent=True)]
