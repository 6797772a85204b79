"""The window of a binding: it starts at the end, it never moves back, and 24 hours are its limit
(R5).
"""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from e911.bindings import LONGEST
from tests.core.springfield import NOON, after, binding

MINUTES = st.integers(0, 3000)


def test_a_binding_answers_while_its_call_lives_however_long() -> None:
    talking = binding("c1")
    assert talking.is_open
    assert talking.expires_at() is None
    assert talking.answers(after(60 * 30))


def test_the_window_starts_at_the_end_and_closes_after_180_minutes() -> None:
    over = binding("c1").ended(after(10))
    assert over.expires_at() == after(190)
    assert over.answers(after(189.99))
    assert not over.answers(after(190))


def test_an_end_never_moves_back_nor_before_the_beginning() -> None:
    over = binding("c1").ended(after(10))
    assert over.ended(after(5)).ended_at == after(10)
    assert binding("c1").ended(after(-5)).ended_at == NOON


def test_r5_no_renewal_carries_a_binding_past_24_hours() -> None:
    late = binding("c1").ended(NOON + timedelta(hours=23))
    assert late.expires_at() == NOON + LONGEST


@given(st.lists(MINUTES, min_size=1), MINUTES)
def test_r5_however_it_is_held_the_end_only_moves_later_and_the_window_is_clamped(
    ends: list[int], probe: int
) -> None:
    held = binding("c1")
    latest = NOON
    for minutes in ends:
        held = held.ended(after(minutes))
        assert held.ended_at is not None
        assert held.ended_at >= latest
        latest = held.ended_at
    expires = held.expires_at()
    assert expires is not None
    assert expires <= NOON + LONGEST
    assert held.answers(after(probe)) == (after(probe) < expires)
