"""Channels go by rank: the reserve, pre-emption and glare (R8)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from edge_agent.gateway.trunks import Rank, Reserved, TrunkBoard
from edge_agent.leg import LegId


def board(channels: tuple[int, ...] = (1, 2, 3)) -> TrunkBoard:
    made = TrunkBoard()
    made.equip("pri", channels)
    return made


def leg(n: int) -> LegId:
    return LegId(f"L{n}")


def test_channels_are_hunted_from_the_top_so_that_glare_is_rare() -> None:
    trunks = board()
    assert trunks.reserve("pri", leg(1), Rank.FIRST, 1) == Reserved(3)
    assert trunks.reserve("pri", leg(2), Rank.FIRST, 1) == Reserved(2)


def test_r8_the_reserve_is_for_the_first_rank_alone() -> None:
    trunks = board()
    for n in (1, 2):
        assert trunks.reserve("pri", leg(n), Rank.DESK, 1) is not None
    assert trunks.reserve("pri", leg(3), Rank.DESK, 1) is None
    assert trunks.reserve("pri", leg(4), Rank.FIRST, 1) == Reserved(1)


def test_r8_preemption_goes_from_the_bottom() -> None:
    trunks = board()
    trunks.reserve("pri", leg(1), Rank.DESK, 0)
    trunks.reserve("pri", leg(2), Rank.TEST, 0)
    trunks.reserve("pri", leg(3), Rank.ORDINARY, 0)
    assert trunks.reserve("pri", leg(4), Rank.FIRST, 0) == Reserved(2, preempted=leg(2))
    assert trunks.reserve("pri", leg(5), Rank.FIRST, 0) == Reserved(1, preempted=leg(3))
    assert trunks.reserve("pri", leg(6), Rank.FIRST, 0) == Reserved(3, preempted=leg(1))
    assert trunks.reserve("pri", leg(7), Rank.FIRST, 0) is None


@given(st.lists(st.sampled_from(list(Rank)), max_size=40))
def test_r8_the_first_rank_is_never_preempted(ranks: list[Rank]) -> None:
    trunks = board()
    first: set[LegId] = set()
    for n, rank in enumerate(ranks):
        held = trunks.reserve("pri", leg(n), rank, 1)
        if held is None:
            continue
        assert held.preempted not in first
        if rank is Rank.FIRST:
            first.add(leg(n))
    channels = [hold.channel for hold in trunks["pri"].holds.values()]
    assert len(channels) == len(set(channels)) <= 3


def test_glare_before_the_network_agreed_is_won_by_the_network() -> None:
    trunks = board()
    trunks.reserve("pri", leg(1), Rank.FIRST, 0)
    assert trunks.accept("pri", leg(2), 3) == (True, leg(1))
    assert trunks["pri"].holds.keys() == {leg(2)}


def test_a_confirmed_channel_is_not_given_away() -> None:
    trunks = board()
    trunks.reserve("pri", leg(1), Rank.FIRST, 0)
    trunks.confirm(leg(1), None)
    assert trunks.accept("pri", leg(2), 3) == (False, None)


def test_the_network_may_move_a_call_and_the_old_channel_is_free_again() -> None:
    trunks = board()
    trunks.reserve("pri", leg(1), Rank.FIRST, 0)
    trunks.confirm(leg(1), 1)
    assert trunks["pri"].free() == [3, 2]
    trunks.release(leg(1))
    trunks.release(leg(1))
    assert trunks["pri"].free() == [3, 2, 1]


def test_a_sip_trunk_counts_calls() -> None:
    trunks = TrunkBoard()
    trunks.equip("gateway", capacity=1)
    assert trunks.reserve("gateway", leg(1), Rank.FIRST, 0) == Reserved(None)
    assert trunks.reserve("gateway", leg(2), Rank.FIRST, 0) is None
    trunks.equip("gateway", capacity=0)
    assert trunks.reserve("gateway", leg(2), Rank.FIRST, 0) == Reserved(None)


def test_links_and_unknown_trunks() -> None:
    trunks = board()
    trunks.link("pri", up=False, why="T203")
    trunks.link("other", up=True)
    assert not trunks.is_up("pri")
    assert "other" not in trunks
    assert trunks["pri"].why == "T203"
    assert trunks.reserve("other", leg(1), Rank.FIRST, 0) is None
    assert trunks.accept("other", leg(1), 1) == (False, None)
    assert [trunk.id for trunk in trunks] == ["pri"]
