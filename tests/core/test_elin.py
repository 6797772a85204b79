"""R3 as a story, rank by rank, and as properties over every pool and every use of it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from e911.elin import (
    FREE,
    GUARDED,
    HELD,
    OVERFLOW,
    REST,
    Choice,
    ElinUse,
    choose_elin,
    holds,
)
from e911.errors import NoElin
from e911.numbers import Caller, Elin
from e911.rows import AliState, ElinRow
from tests.core.springfield import ANA, BEN, CAM, E1, E2, E3, LOBBY, NOON, after, floor2

GUARD = timedelta(minutes=30)
SPARE = (ElinRow(LOBBY, "springfield", "spf-f1", 0, AliState.CONFIRMED),)


def choose(
    *uses: ElinUse,
    caller: Caller = ANA,
    pool: tuple[ElinRow, ...] = floor2(),
    overflow: tuple[ElinRow, ...] = (),
    utc: datetime = NOON,
    prefer: tuple[Elin, ...] = (),
) -> Choice:
    return choose_elin(pool, overflow, {u.elin: u for u in uses}, caller, utc, GUARD, prefer)


def live(elin: Elin, calls: int = 1) -> ElinUse:
    return ElinUse(elin, live=calls)


def idle(elin: Elin, minutes: float, *holders: Caller) -> ElinUse:
    """In its window, released so many minutes before noon."""
    return ElinUse(elin, windowed=True, holders=holders, last_released=after(-minutes))


def test_r3_the_confirmed_elin_of_an_unused_pool_comes_first() -> None:
    assert choose() == Choice(E2, FREE)


def test_r3_1_a_caller_who_holds_one_gets_the_same_again_even_if_a_better_is_free() -> None:
    assert choose(idle(E3, 1, ANA)) == Choice(E3, HELD)
    assert choose(ElinUse(E3, live=1, holders=(BEN, ANA))) == Choice(E3, HELD)


def test_r3_1_the_building_elin_that_a_caller_was_given_stays_theirs() -> None:
    assert choose(idle(LOBBY, 1, ANA), overflow=SPARE) == Choice(LOBBY, HELD)


def test_r3_1_of_two_held_the_erls_own_is_taken() -> None:
    assert choose(idle(LOBBY, 9, ANA), idle(E1, 1, ANA), overflow=SPARE) == Choice(E1, HELD)


def test_r3_2_longest_free_comes_first_and_never_used_is_longest() -> None:
    used = [ElinUse(E1, last_released=after(-500)), ElinUse(E3, last_released=after(-900))]
    assert choose(*used, live(E2)).elin == E3
    assert choose(used[0], live(E2)).elin == E3


def test_r3_2_confirmed_comes_before_longest_free() -> None:
    assert choose(ElinUse(E2, last_released=after(-200))).elin == E2


def test_r3_3_idle_beyond_the_guard_is_a_forced_reuse_but_better_than_the_building() -> None:
    choice = choose(live(E1), live(E2), idle(E3, 31), overflow=SPARE)
    assert choice == Choice(E3, GUARDED)
    assert choice.is_forced
    assert not choice.is_overflow


def test_r3_3_needs_to_be_idle_longer_than_the_guard() -> None:
    choice = choose(live(E1), live(E2), idle(E3, 30), overflow=SPARE)
    assert choice == Choice(LOBBY, OVERFLOW)
    assert choice.is_overflow
    assert not choice.is_forced


def test_r3_4_an_overflow_elin_in_use_is_passed_over_for_the_erls_own() -> None:
    choice = choose(live(E1), live(E2), idle(E3, 5), live(LOBBY), overflow=SPARE)
    assert choice == Choice(E3, REST)
    assert choice.is_forced


def test_r3_5_idle_before_live_then_longest_since_release() -> None:
    assert choose(live(E1), idle(E2, 3), idle(E3, 7)).elin == E3
    busy = [ElinUse(e, live=1, last_released=after(-m)) for e, m in ((E1, 50), (E2, 70), (E3, 60))]
    assert choose(*busy) == Choice(E2, REST)


def test_r3_5_among_live_ones_the_fewest_callers_are_confused() -> None:
    assert choose(live(E1, 3), live(E2, 2), live(E3, 2)).elin == E2


def test_r3_a_named_elin_comes_first_among_equals_but_never_forces_a_reuse() -> None:
    assert choose(prefer=(E3,)) == Choice(E3, FREE)
    assert choose(live(E3), prefer=(E3,)) == Choice(E2, FREE)
    assert choose(prefer=(LOBBY,)) == Choice(E2, FREE)


def test_r3_never_refuses_while_one_elin_is_left_anywhere() -> None:
    assert choose(pool=(), overflow=SPARE) == Choice(LOBBY, OVERFLOW)
    assert choose(live(LOBBY, 5), pool=(), overflow=SPARE) == Choice(LOBBY, REST)
    with pytest.raises(NoElin):
        choose(pool=())


def test_a_clock_that_went_back_makes_nothing_look_idle() -> None:
    assert choose(live(E1), live(E2), idle(E3, -600)).rank == REST


def test_a_holder_is_known_by_contact() -> None:
    assert holds(ANA, [BEN, ANA])
    assert not holds(CAM, [BEN, ANA])


ELINS = [Elin(f"425555{n:04}") for n in range(8)]


@st.composite
def pools(draw: st.DrawFn) -> tuple[tuple[ElinRow, ...], tuple[ElinRow, ...]]:
    states = st.sampled_from(AliState)
    rows = [ElinRow(e, "b", "e", draw(st.integers(0, 3)), draw(states)) for e in ELINS]
    split = draw(st.integers(0, len(rows)))
    end = draw(st.integers(max(split, 1), len(rows)))
    return tuple(rows[:split]), tuple(rows[split:end])


def _use(elin: Elin) -> st.SearchStrategy[ElinUse]:
    return st.builds(
        ElinUse,
        st.just(elin),
        live=st.integers(0, 3),
        windowed=st.booleans(),
        holders=st.lists(st.sampled_from([ANA, BEN, CAM]), max_size=2).map(tuple),
        last_released=st.none() | st.integers(-2000, 10).map(after),
    )


USES = st.tuples(*(_use(e) for e in ELINS)).map(lambda uses: {use.elin: use for use in uses})
PREFER = st.sets(st.sampled_from(ELINS), max_size=5)


@given(pools(), USES, PREFER)
def test_r3_is_total_and_does_not_depend_on_the_order_of_the_pool(
    rows: tuple[tuple[ElinRow, ...], tuple[ElinRow, ...]],
    uses: dict[Elin, ElinUse],
    prefer: set[Elin],
) -> None:
    pool, overflow = rows
    choice = choose_elin(pool, overflow, uses, ANA, NOON, GUARD, prefer)
    assert choice.elin in {row.id for row in (*pool, *overflow)}
    turned = choose_elin(pool[::-1], overflow[::-1], uses, ANA, NOON, GUARD, prefer)
    assert turned == choice


@given(pools(), USES, PREFER)
def test_r3_takes_the_least_harm_there_is(
    rows: tuple[tuple[ElinRow, ...], tuple[ElinRow, ...]],
    uses: dict[Elin, ElinUse],
    prefer: set[Elin],
) -> None:
    pool, overflow = rows
    chosen = choose_elin(pool, overflow, uses, ANA, NOON, GUARD, prefer)
    own = [uses[row.id] for row in pool]
    every = [*own, *(uses[row.id] for row in overflow)]
    use = uses[chosen.elin]
    if any(holds(ANA, u.holders) for u in every):
        assert chosen.rank == HELD
        assert holds(ANA, use.holders)
    elif any(u.is_free for u in own):
        assert chosen.rank == FREE
        assert use.is_free
        assert use in own
    elif any(not u.live and _idle_s(u) > GUARD.total_seconds() for u in own):
        assert chosen.rank == GUARDED
        assert not use.live
    elif any(u.is_free for u in every):
        assert chosen.rank == OVERFLOW
        assert use.is_free
    else:
        assert chosen.rank == REST
        assert use.live == min(u.live for u in own or every)
        assert not own or use in own


def _idle_s(use: ElinUse) -> float:
    return (NOON - use.last_released).total_seconds() if use.last_released else float("inf")
