"""The ledger over long histories: beside looking at everything, at expiry, after many redials."""

from __future__ import annotations

from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from e911.elin import HELD
from e911.ledger import Ledger
from e911.numbers import Caller
from tests.core.springfield import ANA, BEN, E1, E2, E3, NOON, after, binding, floor2
from tests.core.test_ledger import ONE, bind, found

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["bind", "end", "hold", "withdraw", "expire"]),
        st.integers(0, 5),
        st.integers(1, 200),
    ),
    max_size=40,
)


@given(STEPS)
def test_r3_r4_r5_hold_over_any_history(steps: list[tuple[str, int, int]]) -> None:
    """Whatever happens: a bind succeeds, a caller who holds keeps, live calls are always found,
    ends never move back.
    """
    ledger, minutes, calls = Ledger(), 0, 0
    callers = [Caller(f"sip:{n}@x") for n in range(6)]
    open_calls: dict[str, int] = {}
    ends: dict[str, datetime] = {}
    for what, who, wait in steps:
        minutes += wait
        utc = after(minutes)
        mine = [c for c in open_calls if c.startswith(f"{who}-")]
        if what == "bind":
            calls += 1
            use = [ledger.use_of(row.id, "spf-f2", utc, callers[who]) for row in floor2()]
            held = {u.elin for u in use if callers[who] in u.holders}
            bound = bind(ledger, f"{who}-{calls}", callers[who], utc)
            open_calls[bound.binding.call] = 1
            assert not held or bound.binding.elin in held
            assert bound.binding.forced == (bound.rank in (3, 5))
            if bound.rank == 5:
                assert not any(u.is_free for u in use)
        elif what == "end" and mine:
            ended = ledger.end(mine[0], utc)
            open_calls[mine[0]] -= 1
            if not open_calls[mine[0]]:
                del open_calls[mine[0]]
                assert ended is not None
                assert ended.ended_at is not None
                assert ended.ended_at >= ends.get(mine[0], ended.ended_at)
                ends[mine[0]] = ended.ended_at
        elif what == "hold" and mine:
            ledger.hold(mine[0], utc)
            open_calls[mine[0]] += 1
        elif what == "withdraw" and mine:
            ledger.withdraw(mine[0])
            del open_calls[mine[0]]
        elif what == "expire":
            ledger.expire(utc)
        for call in open_calls:
            kept = ledger.get(call)
            assert kept is not None
            assert kept.is_open
        _agrees_with_looking_at_all(ledger, utc)


def _agrees_with_looking_at_all(ledger: Ledger, utc: datetime) -> None:
    """What the ledger keeps up to date per ELIN is what all its bindings together say."""
    everything = ledger.all(utc)
    for elin in (E1, E2, E3):
        on = [b for b in everything if b.elin == elin]
        newest: dict[str, str] = {}
        for kept in on:
            newest.setdefault(kept.caller.contact, kept.call)
        assert found(ledger, elin, utc) == list(newest.values())
        use = ledger.use_of(elin, "spf-f2", utc)
        assert use.live == sum(b.is_open for b in on)
        assert use.is_free == (not on)
        for kept in on:
            assert ledger.use_of(elin, kept.erl, utc, kept.caller).holders == (kept.caller,)
            others = ledger.others_on(elin, kept.caller, utc)
            assert len(others) == len(newest) - 1


def test_expiry_passes_over_a_window_that_was_renewed() -> None:
    ledger = Ledger()
    bind(ledger, "c1", ANA, pool=ONE)
    ledger.end("c1", after(1))
    ledger.hold("c1", after(100))
    assert ledger.expire(after(200)) == 0
    ledger.end("c1", after(250))
    assert ledger.expire(after(300)) == 0
    assert found(ledger, E1, after(300)) == ["c1"]
    assert ledger.expire(after(430)) == 1
    assert ledger.expire(after(9999)) == 0
    assert len(ledger) == 0


def test_a_window_is_checked_at_the_read_whether_or_not_anything_expired() -> None:
    """With a doubted clock nothing is dropped, and still nobody is found too late."""
    ledger = Ledger()
    ledger.restore(binding("c1", end=0), NOON)
    assert found(ledger, E1, after(180)) == []
    assert ledger.use_of(E1, "spf-f2", after(180), ANA).is_free
    assert ledger.use_of(E1, "spf-f2", after(180), ANA).holders == ()
    assert len(ledger) == 1


def test_bindings_restored_in_any_order_are_found_newest_first() -> None:
    ledger = Ledger()
    for call, caller, at in (("c3", ANA, 3), ("c1", ANA, 1), ("c4", BEN, 4), ("c2", BEN, 2)):
        ledger.restore(binding(call, caller, at=at, end=9), after(10))
    assert found(ledger, E1, after(10)) == ["c4", "c3"]


def test_a_call_bound_anew_leaves_its_old_elin() -> None:
    ledger = Ledger()
    bind(ledger, "c1", ANA, pool=ONE)
    bind(ledger, "c1", ANA, pool=floor2()[1:2])
    assert found(ledger, E1, NOON) == []
    assert ledger.use_of(E1, "spf-f2", NOON).is_free
    assert found(ledger, E2, NOON) == ["c1"]


def test_a_caller_who_redials_without_end_is_one_caller() -> None:
    ledger = Ledger()
    for n in range(500):
        bound = bind(ledger, f"c{n}", ANA, after(n / 10), ONE)
        ledger.end(f"c{n}", after(n / 10))
    assert bound.rank == HELD
    assert found(ledger, E1, after(50)) == ["c499"]
    assert ledger.use_of(E1, "spf-f2", after(50)).live == 0
