"""The ledger told as calls: who holds what, who is found by a callback, and what survives a
restart.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from e911.bindings import LONGEST, CallKind, How
from e911.elin import FREE, HELD, REST
from e911.errors import NoElin, UnknownCall
from e911.ledger import Bound, Ledger
from e911.numbers import Caller, Elin
from e911.rows import ElinRow
from tests.core.springfield import (
    ANA,
    BEN,
    CAM,
    E1,
    E2,
    E3,
    FAR,
    LOBBY,
    NOON,
    after,
    binding,
    floor2,
)

ONE = floor2()[:1]


def bind(
    ledger: Ledger,
    call: str,
    caller: Caller,
    utc: datetime = NOON,
    pool: tuple[ElinRow, ...] = floor2(),
    erl: str = "spf-f2",
    overflow: tuple[ElinRow, ...] = (),
) -> Bound:
    return ledger.bind(
        call=call,
        caller=caller,
        erl=erl,
        how=How.SUBNET,
        kind=CallKind.EMERGENCY,
        utc=utc,
        pool=pool,
        overflow=overflow,
        guard_s=1800,
        window_s=180 * 60,
        incident=f"i-{call}",
        trunk="spf-pri",
        channel=3,
        platform_call_id=f"p-{call}",
        elins_named=(),
    )


def found(ledger: Ledger, elin: Elin, utc: datetime) -> list[str]:
    return [b.call for b in ledger.callers_of(elin, utc)]


def test_a_call_is_bound_and_found_by_its_callback_until_the_window_closes() -> None:
    ledger = Ledger()
    bound = bind(ledger, "c1", ANA)
    assert (bound.rank, bound.binding.forced, bound.shared_with) == (FREE, False, ())
    assert bound.binding.channel == 3
    elin = bound.binding.elin
    assert found(ledger, elin, after(5)) == ["c1"]
    ended = ledger.end("c1", after(10))
    assert ended is not None
    assert ended.ended_at == after(10)
    assert found(ledger, elin, after(189)) == ["c1"]
    assert found(ledger, elin, after(190)) == []


def test_callers_are_spread_over_the_pool_while_it_lasts() -> None:
    ledger = Ledger()
    elins = {bind(ledger, f"c{n}", caller).binding.elin for n, caller in enumerate((ANA, BEN, CAM))}
    assert elins == {E1, E2, E3}


def test_when_calls_meet_a_redial_in_the_window_keeps_its_elin() -> None:
    """Same caller, same ERL: same ELIN, new call; both bindings stay, one caller is found."""
    ledger = Ledger()
    first = bind(ledger, "c1", ANA)
    ledger.end("c1", after(1))
    again = bind(ledger, "c2", ANA, after(2))
    assert again.binding.elin == first.binding.elin
    assert (again.rank, again.shared_with) == (HELD, ())
    assert found(ledger, again.binding.elin, after(3)) == ["c2"]
    assert len(ledger.all(after(3))) == 2


def test_when_calls_meet_a_redial_from_another_erl_gets_a_new_elin_and_both_ring_the_caller() -> (
    None
):
    ledger = Ledger()
    bind(ledger, "c1", ANA)
    ledger.end("c1", after(1))
    lobby = (ElinRow(LOBBY, "springfield", "spf-f1"),)
    moved = bind(ledger, "c2", ANA, after(2), lobby, "spf-f1")
    assert moved.binding.elin == LOBBY
    assert found(ledger, E2, after(3)) == ["c1"]
    assert found(ledger, LOBBY, after(3)) == ["c2"]


def test_an_elin_held_in_another_erl_is_no_claim_here() -> None:
    """Held as overflow for floor 1, an ELIN of floor 2 is not "the same again" on floor 2."""
    ledger = Ledger()
    bind(ledger, "c1", ANA, pool=(), overflow=ONE, erl="spf-f1")
    assert bind(ledger, "c2", ANA, after(1)).rank == FREE
    assert bind(ledger, "c3", ANA, after(1), pool=(), overflow=ONE, erl="spf-f1").rank == HELD


def test_r4_a_forced_reuse_keeps_both_callers_newest_first() -> None:
    ledger = Ledger()
    bind(ledger, "c1", ANA, pool=ONE)
    forced = bind(ledger, "c2", BEN, after(1), ONE)
    assert (forced.rank, forced.binding.forced) == (REST, True)
    assert [b.call for b in forced.shared_with] == ["c1"]
    assert found(ledger, E1, after(2)) == ["c2", "c1"]


def test_r4_a_redial_on_a_shared_elin_still_says_with_whom_it_is_shared() -> None:
    ledger = Ledger()
    bind(ledger, "c1", ANA, pool=ONE)
    bind(ledger, "c2", BEN, after(1), ONE)
    again = bind(ledger, "c3", ANA, after(2), ONE)
    assert [b.call for b in again.shared_with] == ["c2"]
    assert found(ledger, E1, after(3)) == ["c3", "c2"]


def test_r5_a_callback_holds_the_elin_and_restarts_its_window() -> None:
    ledger = Ledger()
    bind(ledger, "c1", ANA, pool=ONE)
    ledger.end("c1", after(1))
    held = ledger.hold("c1", after(100))
    assert held.is_open
    assert ledger.use_of(E1, "spf-f2", after(100)).live == 1
    assert bind(ledger, "c2", BEN, after(150), ONE).rank == REST
    ledger.end("c1", after(160))
    assert "c1" in found(ledger, E1, after(339))
    assert "c1" not in found(ledger, E1, after(340))


def test_r5_a_callback_during_the_call_and_the_call_end_apart() -> None:
    """The window starts when the last leg is gone, whichever that is (R6)."""
    ledger = Ledger()
    bind(ledger, "c1", ANA, pool=ONE)
    ledger.hold("c1", after(1))
    still = ledger.end("c1", after(2))
    assert still is not None
    assert still.is_open
    over = ledger.end("c1", after(3))
    assert over is not None
    assert over.ended_at == after(3)


def test_r5_callbacks_cannot_carry_a_binding_past_24_hours() -> None:
    ledger = Ledger()
    bind(ledger, "c1", ANA, pool=ONE)
    ledger.end("c1", after(1))
    for hour in range(2, 24, 2):
        ledger.hold("c1", after(60 * hour))
        ledger.end("c1", after(60 * hour + 1))
    assert found(ledger, E1, NOON + LONGEST - timedelta(seconds=1)) == ["c1"]
    assert found(ledger, E1, NOON + LONGEST) == []


def test_r6_a_withdrawn_binding_leaves_no_trace() -> None:
    ledger = Ledger()
    bind(ledger, "c1", ANA, pool=ONE)
    withdrawn = ledger.withdraw("c1")
    assert withdrawn is not None
    assert found(ledger, E1, NOON) == []
    assert ledger.use_of(E1, "spf-f2", NOON).is_free
    assert ledger.use_of(E1, "spf-f2", NOON).last_released is None
    assert ledger.withdraw("c1") is None
    assert ledger.end("c1", NOON) is None


def test_r6_a_binding_found_open_at_start_is_closed_at_start_up_time() -> None:
    ledger = Ledger()
    restored = ledger.restore(binding("c1"), after(20))
    assert restored.ended_at == after(20)
    assert found(ledger, E1, after(199)) == ["c1"]


def test_r6_an_ended_binding_comes_back_as_it_was_and_counts_as_released_then() -> None:
    ledger = Ledger()
    assert ledger.restore(binding("c1", end=10), after(20)).ended_at == after(10)
    assert ledger.use_of(E1, "spf-f2", after(20)).last_released == after(10)
    assert ledger.restore(binding("c1", end=15), after(20)).ended_at == after(15)
    assert ledger.restore(binding("c1", end=12), after(20)).ended_at == after(15)


def test_restoring_does_not_close_a_call_that_lives_here() -> None:
    ledger = Ledger()
    bind(ledger, "c1", ANA, pool=ONE)
    assert ledger.restore(binding("c1", end=1), after(2)).is_open


def test_the_longest_free_is_remembered_beyond_the_binding() -> None:
    ledger = Ledger()
    for call, elin, end in (("c1", E1, 1), ("c2", E2, 9), ("c3", E3, 5)):
        ledger.restore(binding(call, elin=elin, end=end), NOON)
    day_later = after(60 * 25)
    assert ledger.expire(day_later) == 3
    rows = tuple(row for row in floor2() if row.id != E2)
    assert bind(ledger, "c4", BEN, day_later, rows).binding.elin == E1


def test_expiry_frees_only_what_answers_no_more() -> None:
    ledger = Ledger()
    ledger.restore(binding("old", ANA, E1, end=1), NOON)
    ledger.restore(binding("new", BEN, E1, end=60), NOON)
    bind(ledger, "live", CAM, pool=floor2()[1:2])
    assert ledger.expire(after(185)) == 1
    assert [b.call for b in ledger.all(after(185))] == ["new", "live"]
    assert len(ledger) == 2


def test_a_caller_may_only_be_on_the_elins_of_bindings_that_are_kept() -> None:
    ledger = Ledger()
    bind(ledger, "c1", ANA, pool=ONE)
    bind(ledger, "c2", ANA, pool=ONE)
    bind(ledger, "c3", ANA, pool=floor2()[1:2], erl="spf-f1")
    assert set(ledger.elins_of(ANA)) == {E1, E2}
    assert not ledger.elins_of(BEN)
    ledger.withdraw("c1")
    assert set(ledger.elins_of(ANA)) == {E1, E2}
    ledger.withdraw("c2")
    assert set(ledger.elins_of(ANA)) == {E2}
    ledger.end("c3", after(1))
    assert set(ledger.elins_of(ANA)) == {E2}
    ledger.expire(after(60 * 25))
    assert not ledger.elins_of(ANA)


def test_the_last_resort_and_another_branchs_elin_are_bound_as_they_are() -> None:
    ledger = Ledger()

    def fixed(call: str, caller: Caller, utc: datetime) -> Bound:
        return ledger.bind_fixed(
            FAR,
            call=call,
            caller=caller,
            erl="shv-f1",
            how=How.LAST_RESORT,
            kind=CallKind.EMERGENCY,
            utc=utc,
            window_s=600,
            incident="",
        )

    assert fixed("c1", ANA, NOON).rank == FREE
    assert fixed("c2", ANA, after(1)).rank == HELD
    shared = fixed("c3", BEN, after(2))
    assert (shared.rank, shared.binding.forced) == (REST, True)
    assert [b.call for b in shared.shared_with] == ["c2"]


def test_a_party_that_took_the_call_over_is_an_alternate_once() -> None:
    ledger = Ledger()
    bind(ledger, "c1", ANA, pool=ONE)
    ledger.add_alternate("c1", "sip:cam@contoso.example")
    ledger.add_alternate("c1", "sip:CAM@contoso.example")
    same = ledger.add_alternate("c1", ANA.contact.upper())
    assert same.caller.alternates == ("sip:cam@contoso.example",)
    assert same.caller.contact == ANA.contact


def test_route_advance_moves_the_trunk_and_keeps_the_elin() -> None:
    ledger = Ledger()
    first = bind(ledger, "c1", ANA, pool=ONE).binding
    moved = ledger.moved("c1", "spf-sip", None)
    assert (moved.trunk, moved.channel, moved.elin) == ("spf-sip", None, first.elin)
    assert ledger.get("c1") == moved


def test_an_unknown_call_is_named() -> None:
    ledger = Ledger()
    with pytest.raises(UnknownCall, match="c9"):
        ledger.hold("c9", NOON)
    with pytest.raises(UnknownCall, match="c9"):
        ledger.moved("c9", "spf-pri", 1)
    with pytest.raises(UnknownCall, match="c9"):
        ledger.add_alternate("c9", BEN.contact)


def test_nothing_to_choose_from_binds_nothing() -> None:
    ledger = Ledger()
    with pytest.raises(NoElin):
        bind(ledger, "c1", ANA, pool=())
    assert len(ledger) == 0
