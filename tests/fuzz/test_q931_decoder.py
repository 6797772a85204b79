"""Every input that the fuzzer once found worth keeping is replayed: nothing raises, nothing runs
on, nothing is said that must not be.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.isdn.elements import Cause, Element, Ie, cause
from edge_agent.isdn.messages import M, Message, encode
from edge_agent.leg import Cleared, Offered
from tests.edge.isdn.goldens import messages
from tests.fuzz.q931_decoder import MOST_SEEDS, seeds
from tests.fuzz.q931_line import (
    CHOICES,
    KINDS,
    OURS,
    STATES,
    in_state,
    look_at,
    packed,
    run,
    unpacked,
)

HEADERS = [bytes.fromhex(each) for each in ("08028001", "08020001", "08020000", "080101", "080181")]


def test_there_are_seeds_and_not_too_many() -> None:
    assert 50 <= len(seeds()) <= MOST_SEEDS
    chosen = {unpacked(data)[0] for data in seeds()}
    assert {choice % len(STATES) for choice in chosen} == set(range(len(STATES)))
    assert {choice // len(STATES) for choice in chosen} == set(range(len(KINDS)))


@pytest.mark.parametrize("data", seeds(), ids=lambda data: data.hex()[:24])
def test_a_kept_input_does_no_harm(data: bytes) -> None:
    line = run(data)
    assert line.trunk.next_deadline() is not None


@pytest.mark.parametrize("choice", range(CHOICES))
def test_every_golden_does_no_harm_in_any_state(choice: int) -> None:
    for octets in messages().values():
        run(packed(choice, [octets]))


@given(
    choice=st.integers(0, CHOICES - 1),
    header=st.sampled_from(HEADERS),
    kind=st.sampled_from(M),
    rest=st.binary(max_size=60),
)
def test_any_message_of_any_type_does_no_harm(
    choice: int, header: bytes, kind: M, rest: bytes
) -> None:
    run(packed(choice, [header + bytes((kind,)) + rest]))


@pytest.mark.parametrize("kind", range(len(KINDS)))
def test_the_states_are_what_they_say(kind: int) -> None:
    """The peer releases our call: it ends where there is one, and an incoming one is there."""
    ended, offered = set(), set()
    for state in range(len(STATES)):
        line = in_state(kind * len(STATES) + state)
        if any(isinstance(word, Offered) for word in line.said):
            offered.add(state)
        line.says(M.RELEASE, cause(Cause(16)))
        if any(isinstance(word, Cleared) and word.leg == OURS for word in line.said):
            ended.add(state)
    assert ended == {1, 2, 3, 4, 5, 6}
    assert offered == {7, 8, 9}


def test_a_trunk_that_says_a_name_would_be_found() -> None:
    named = Message(1, False, M.SETUP, (Element(Ie.DISPLAY, b"Ada"),))
    with pytest.raises(AssertionError):
        look_at(encode(named))
