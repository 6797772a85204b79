"""One user and its TEI: every state meets every message, request and timer (Q.921 §5.3)."""

from __future__ import annotations

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.isdn.tei import Tei, TeiOutput, Told, Unused
from edge_agent.isdn.tei_message import Kind, TeiMessage, encode
from edge_agent.isdn.tei_table import STEPS, Hold, In

ALL = 127
ASKED, ASKED_AGAIN = (TeiMessage(Kind.REQUEST, n, ALL) for n in (1, 2))
OURS = TeiMessage(Kind.ASSIGNED, 1, 64)


def user(fixed: int | None = None) -> Tei:
    """A user whose dice throw 1, 2, 3, …"""
    dice = count(1)
    return Tei(fixed, 2.0, 3, lambda: next(dice))


def hears(tei: Tei, message: TeiMessage, now: float = 0.0) -> list[TeiOutput]:
    return tei.receive(encode(message), now)


def with_64() -> Tei:
    tei = user()
    assert tei.ask(0.0) == [ASKED]
    assert hears(tei, OURS) == [Told.ASSIGNED]
    assert (tei.value, tei.next_deadline()) == (64, None)
    return tei


def test_a_request_that_nobody_answers_is_said_three_times_with_a_number_of_its_own() -> None:
    tei = user()
    said = tei.ask(0.0)
    for now in (2.0, 4.0, 6.0):
        assert tei.next_deadline() == now
        said += tei.handle_timeout(now)
    assert said == [ASKED, ASKED_AGAIN, TeiMessage(Kind.REQUEST, 3, ALL), Told.FAILED]
    assert tei.next_deadline() is None


def test_an_answer_to_an_earlier_request_or_to_somebody_else_is_not_taken() -> None:
    tei = user()
    tei.ask(0.0)
    tei.handle_timeout(2.0)
    assert hears(tei, OURS, 2.1) == [Unused("tei-unused")]
    assert hears(tei, TeiMessage(Kind.DENIED, 1, ALL), 2.1) == [Unused("tei-unused")]
    assert hears(tei, TeiMessage(Kind.ASSIGNED, 2, 65), 2.2) == [Told.ASSIGNED]
    assert tei.value == 65


@pytest.mark.parametrize("assigned", [0, 63, 127])
def test_a_tei_that_no_network_may_assign_is_not_taken(assigned: int) -> None:
    tei = user()
    tei.ask(0.0)
    assert hears(tei, TeiMessage(Kind.ASSIGNED, 1, assigned)) == [Unused("tei-unused")]
    assert tei.value is None


def test_a_network_without_a_tei_to_give_says_so() -> None:
    tei = user()
    tei.ask(0.0)
    assert hears(tei, TeiMessage(Kind.DENIED, 1, ALL)) == [Told.FAILED]
    assert tei.next_deadline() is None


def test_a_call_that_waits_repeats_the_request_but_not_one_that_is_fresh() -> None:
    tei = user()
    tei.ask(0.0)
    assert tei.ask(0.1) == []
    assert tei.ask(0.5) == [ASKED_AGAIN]
    assert tei.next_deadline() == 2.5


def test_a_request_repeated_for_a_call_has_all_its_tries() -> None:
    tei = user()
    tei.ask(0.0)
    tei.handle_timeout(2.0)
    tei.ask(3.0)
    assert [len(tei.handle_timeout(now)) for now in (5.0, 7.0)] == [1, 1]
    assert tei.handle_timeout(9.0) == [Told.FAILED]


def test_the_answer_may_come_twice() -> None:
    tei = with_64()
    assert hears(tei, OURS) == [Unused("tei-unused")]
    assert tei.value == 64


@pytest.mark.parametrize("named", [64, ALL])
def test_a_check_is_answered_with_what_we_have(named: int) -> None:
    assert hears(with_64(), TeiMessage(Kind.CHECK_REQUEST, 0, named)) == [
        TeiMessage(Kind.CHECK_RESPONSE, 2, 64)
    ]


@pytest.mark.parametrize("kind", [Kind.CHECK_REQUEST, Kind.REMOVE])
def test_what_concerns_another_tei_does_not_concern_us(kind: Kind) -> None:
    assert hears(with_64(), TeiMessage(kind, 0, 65)) == [Unused("tei-unused")]


@pytest.mark.parametrize("named", [64, ALL])
def test_a_removed_tei_is_gone(named: int) -> None:
    tei = with_64()
    assert hears(tei, TeiMessage(Kind.REMOVE, 0, named)) == [Told.REMOVED]
    assert tei.value is None


def test_a_tei_that_the_network_gives_to_somebody_else_is_gone() -> None:
    """§5.3.4.2 c: it has forgotten that it is ours."""
    tei = with_64()
    assert hears(tei, TeiMessage(Kind.ASSIGNED, 77, 64)) == [Told.REMOVED]
    assert tei.value is None


def test_a_doubt_that_the_network_checks_is_over() -> None:
    tei = with_64()
    assert tei.doubt(0.0) == [TeiMessage(Kind.VERIFY, 0, 64)]
    assert tei.doubt(0.1) == []
    assert hears(tei, TeiMessage(Kind.CHECK_REQUEST, 0, ALL)) == [
        TeiMessage(Kind.CHECK_RESPONSE, 2, 64)
    ]
    assert (tei.value, tei.next_deadline()) == (64, None)


def test_a_doubt_that_nobody_checks_costs_the_tei() -> None:
    tei = with_64()
    said = tei.doubt(0.0)
    for now in (2.0, 4.0, 6.0):
        said += tei.handle_timeout(now)
    assert said == [TeiMessage(Kind.VERIFY, 0, 64)] * 3 + [Told.REMOVED]
    assert (tei.value, tei.next_deadline()) == (None, None)


def test_a_forgotten_tei_is_asked_for_anew() -> None:
    tei = with_64()
    assert tei.forget(1.0) == []
    assert tei.value is None
    assert tei.ask(1.0) == [ASKED_AGAIN]


def test_a_fixed_tei_is_checked_and_nothing_else() -> None:
    tei = user(5)
    assert tei.ask(0.0) == tei.doubt(0.0) == tei.forget(0.0) == []
    assert hears(tei, TeiMessage(Kind.REMOVE, 0, ALL)) == [Unused("tei-unused")]
    assert hears(tei, TeiMessage(Kind.ASSIGNED, 1, 5)) == [Unused("tei-unused")]
    assert hears(tei, TeiMessage(Kind.CHECK_REQUEST, 0, ALL)) == [
        TeiMessage(Kind.CHECK_RESPONSE, 1, 5)
    ]


MATRIX = """
input                FIXED    NONE     ASKED             HELD              DOUBTED
ASK                  .        ASKED    ASKED             .                 .
DOUBT                .        .        .                 DOUBTED           .
FORGET               .        .        NONE              NONE              NONE
ASSIGNED             .        .        HELD:ASSIGNED     .                 .
ASSIGNED_TO_ANOTHER  .        .        .                 NONE:REMOVED      NONE:REMOVED
DENIED               .        .        NONE:FAILED       .                 .
CHECK_REQUEST        FIXED    .        .                 HELD              HELD
REMOVE               .        .        .                 NONE:REMOVED      NONE:REMOVED
T202_AGAIN           .        .        ASKED             .                 DOUBTED
T202_LAST            .        .        NONE:FAILED       .                 NONE:REMOVED
"""


def cells() -> list[tuple[Hold, In, str]]:
    """State, input and what the matrix says of them."""
    head, *rows = [line.split() for line in MATRIX.strip().splitlines()]
    holds = [Hold[name] for name in head[1:]]
    return [
        (hold, In[name], cell) for name, *row in rows for hold, cell in zip(holds, row, strict=True)
    ]


def reached(hold: Hold) -> Tei:
    """A user in that state."""
    if hold is Hold.FIXED:
        return user(0)
    if hold in (Hold.HELD, Hold.DOUBTED):
        tei = with_64()
        if hold is Hold.DOUBTED:
            tei.doubt(0.0)
        return tei
    tei = user()
    if hold is Hold.ASKED:
        tei.ask(0.0)
    return tei


@pytest.mark.parametrize(("hold", "event", "cell"), cells())
def test_every_input_in_every_state_does_what_the_standard_says(
    hold: Hold, event: In, cell: str
) -> None:
    tei = reached(hold)
    assert tei.hold is hold
    deadline = tei.next_deadline()
    said = tei._handle(event, 1.0, OURS)
    if cell == ".":
        assert (said, tei.hold, tei.next_deadline()) == ([], hold, deadline)
        return
    to, _, told = cell.partition(":")
    assert tei.hold is Hold[to]
    assert [word.name for word in said if isinstance(word, Told)] == [w for w in [told] if w]
    assert (tei.next_deadline() is not None) == (tei.hold in (Hold.ASKED, Hold.DOUBTED))
    assert (tei.value is not None) == (tei.hold in (Hold.FIXED, Hold.HELD, Hold.DOUBTED))


def test_the_matrix_and_the_table_have_the_same_pairs() -> None:
    assert set(STEPS) == {(hold, event) for hold, event, cell in cells() if cell != "."}
    assert {(hold, event) for hold, event, _ in cells()} == {(h, e) for h in Hold for e in In}


_HEARD = st.builds(TeiMessage, st.sampled_from(Kind), st.integers(0, 6), st.integers(0, 127))


@given(heard=st.lists(_HEARD, max_size=30))
def test_whatever_a_network_says_a_user_has_a_tei_or_can_ask_for_one(
    heard: list[TeiMessage],
) -> None:
    tei = user()
    for n, message in enumerate(heard):
        if tei.value is None:
            tei.ask(float(n))
        hears(tei, message, float(n))
        if n % 3 == 2:
            tei.doubt(float(n))
        tei.handle_timeout(float(n))
    assert tei.value is None or 64 <= tei.value <= 126
    assert (tei.value is None) == (tei.hold in (Hold.NONE, Hold.ASKED))
