"""Channels go by rank: the reserve, pre-emption and glare (R8)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.gateway.outputs import ClearAlarm, RaiseAlarm
from edge_agent.gateway.trunks import ChannelState, Order, Rank, Reserved, TrunkBoard
from edge_agent.leg import ChannelsChanged, LegId, LinkChanged


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
    assert [trunks["pri"].idle(), len(trunks["pri"].holds)] == [3, 1]
    trunks.release(leg(1))
    trunks.release(leg(1))
    assert [trunks.reserve("pri", leg(n), Rank.FIRST, 0) for n in (2, 3, 4)] == [
        Reserved(3),
        Reserved(2),
        Reserved(1),
    ]


def test_a_call_that_took_another_channel_can_lose_that_one_and_no_longer_the_first() -> None:
    trunks = board()
    trunks.reserve("pri", leg(1), Rank.FIRST, 0)
    trunks.move(leg(1), 1)
    assert trunks["pri"].states("") == {
        1: ChannelState.RESERVED,
        2: ChannelState.IDLE,
        3: ChannelState.IDLE,
    }
    assert trunks.accept("pri", leg(2), 3) == (True, None)
    assert trunks.accept("pri", leg(3), 1) == (True, leg(1))


def test_a_sip_trunk_counts_calls() -> None:
    trunks = TrunkBoard()
    trunks.equip("gateway", capacity=1)
    assert trunks.reserve("gateway", leg(1), Rank.FIRST, 0) == Reserved(None)
    assert trunks.reserve("gateway", leg(2), Rank.FIRST, 0) is None
    trunks.equip("gateway", capacity=0)
    assert trunks.reserve("gateway", leg(2), Rank.FIRST, 0) == Reserved(None)


def test_links_and_unknown_trunks() -> None:
    trunks = board()
    assert trunks.link_changed(LinkChanged("pri", False, "T203")) == [
        RaiseAlarm("trunk-down", "pri", "T203")
    ]
    assert trunks.link_changed(LinkChanged("other", True)) == []
    assert trunks.channels_changed(ChannelsChanged("other", "x", frozenset({1}))) == []
    assert not trunks.is_up("pri")
    assert "other" not in trunks
    assert trunks["pri"].why == "T203"
    assert trunks.reserve("other", leg(1), Rank.FIRST, 0) is None
    assert trunks.accept("other", leg(1), 1) == (False, None)
    assert [trunk.id for trunk in trunks] == ["pri"]


# ---- several spans -------------------------------------------------------------------------------

SPANS = {"pri-1": (1, 2), "pri-2": (101, 102)}


def two_spans(order: Order = Order.DESCENDING) -> TrunkBoard:
    made = TrunkBoard()
    made.equip("pri", spans=SPANS, order=order)
    return made


def seized(trunks: TrunkBoard, n: int, **how: Any) -> int | None:
    held = trunks.reserve("pri", leg(n), Rank.FIRST, 0, **how)
    return held.channel if held else None


@pytest.mark.parametrize(
    ("order", "channels"),
    [
        (Order.DESCENDING, [102, 101, 2, 1]),
        (Order.ASCENDING, [1, 2, 101, 102]),
        (Order.ROTATING, [102, 101, 2, 1]),
    ],
)
def test_idle_channels_are_chosen_in_the_order_of_the_trunk(
    order: Order, channels: list[int]
) -> None:
    trunks = two_spans(order)
    assert [seized(trunks, n) for n in range(4)] == channels
    assert seized(trunks, 9) is None


def test_a_rotating_trunk_does_not_meet_the_same_channel_twice_in_a_row() -> None:
    trunks, used = two_spans(Order.ROTATING), []
    for n in range(5):
        used.append(seized(trunks, n))
        trunks.release(leg(n))
    assert used == [102, 101, 2, 1, 102]


def test_r1_a_span_whose_link_is_down_is_passed_over_and_used_when_nothing_else_is_left() -> None:
    trunks = two_spans()
    down = trunks.link_changed(LinkChanged("pri", False, "t200-last", "pri-2"))
    assert down == [RaiseAlarm("link-down", "pri-2", "t200-last"), ClearAlarm("trunk-down", "pri")]
    assert trunks.is_up("pri")
    assert [seized(trunks, n, doubtful=False) for n in range(3)] == [2, 1, None]
    assert [seized(trunks, n) for n in (3, 4)] == [102, 101]
    both = trunks.link_changed(LinkChanged("pri", False, "t200-last", "pri-1"))
    assert both[-1] == RaiseAlarm("trunk-down", "pri", "t200-last")
    assert not trunks.is_up("pri")
    assert trunks.link_changed(LinkChanged("pri", True, span="pri-2")) == [
        ClearAlarm("link-down", "pri-2"),
        ClearAlarm("trunk-down", "pri"),
    ]
    assert trunks["pri"].why == ""


def test_r1_a_channel_out_of_service_is_chosen_last_and_never_refused() -> None:
    trunks = two_spans()
    out = ChannelsChanged("pri", "pri-2", frozenset({102}))
    assert trunks.channels_changed(out) == [RaiseAlarm("channels-out", "pri-2", "102")]
    assert [seized(trunks, n) for n in range(4)] == [101, 2, 1, 102]
    back = ChannelsChanged("pri", "pri-2", frozenset())
    assert trunks.channels_changed(back) == [ClearAlarm("channels-out", "pri-2")]
    assert trunks["pri"].is_sound(102)


def test_r1_of_the_channels_in_doubt_those_that_rest_go_before_suspect_ones_before_those_out() -> (
    None
):
    trunks = two_spans()
    trunks.channels_changed(
        ChannelsChanged("pri", "pri-2", frozenset(), frozenset({102}), frozenset({101}))
    )
    trunks.link_changed(LinkChanged("pri", False, "red", "pri-1"))
    assert [seized(trunks, n, doubtful=False) for n in range(2)] == [None, None]
    assert [seized(trunks, n) for n in range(5)] == [101, 102, 2, 1, None]


def test_r8_nobody_is_cut_off_for_a_channel_that_would_have_to_rest_like_the_idle_one() -> None:
    trunks = board((1, 2))
    trunks.reserve("pri", leg(1), Rank.DESK, 0)
    trunks.channels_changed(ChannelsChanged("pri", "", frozenset(), resting=frozenset({1})))
    assert trunks.reserve("pri", leg(2), Rank.FIRST, 0, doubtful=False) is None
    assert trunks.reserve("pri", leg(2), Rank.FIRST, 0) == Reserved(1)
    assert trunks.reserve("pri", leg(3), Rank.FIRST, 0) == Reserved(2, preempted=leg(1))


def test_r8_a_suspect_channel_is_no_reason_to_spare_a_call_of_a_lower_rank() -> None:
    trunks = board((1, 2))
    trunks.reserve("pri", leg(1), Rank.DESK, 0)
    trunks.channels_changed(ChannelsChanged("pri", "", frozenset(), frozenset({1})))
    assert trunks.reserve("pri", leg(2), Rank.FIRST, 0) == Reserved(2, preempted=leg(1))


def test_r8_a_sound_channel_is_taken_from_a_lower_rank_before_one_in_doubt_is_tried() -> None:
    trunks = two_spans()
    trunks.link_changed(LinkChanged("pri", False, "red", "pri-2"))
    for n in (1, 2):
        trunks.reserve("pri", leg(n), Rank.TEST, 0)
    assert trunks.reserve("pri", leg(3), Rank.FIRST, 0) == Reserved(2, preempted=leg(1))


def test_a_call_that_was_tried_on_a_span_can_ask_for_another() -> None:
    trunks = two_spans()
    assert seized(trunks, 1, avoid={"pri-2"}) == 2
    assert seized(trunks, 2, avoid={"pri-1", "pri-2"}) is None


def test_an_operator_is_shown_what_each_channel_is_doing() -> None:
    trunks = two_spans()
    seized(trunks, 1)
    seized(trunks, 2)
    trunks.confirm(leg(1), None)
    trunks.channels_changed(ChannelsChanged("pri", "pri-1", frozenset({1})))
    assert trunks["pri"].states("pri-2") == {
        101: ChannelState.RESERVED,
        102: ChannelState.BUSY,
    }
    assert trunks["pri"].states("pri-1") == {
        1: ChannelState.OUT_OF_SERVICE,
        2: ChannelState.IDLE,
    }


def test_an_operator_tells_a_suspect_channel_from_one_that_only_rests() -> None:
    trunks = board((1, 2, 3, 4))
    trunks.channels_changed(
        ChannelsChanged("pri", "", frozenset({3}), frozenset({1}), frozenset({1, 2}))
    )
    trunks.reserve("pri", leg(1), Rank.FIRST, 0)
    assert trunks["pri"].states("") == {
        1: ChannelState.SUSPECT,
        2: ChannelState.GUARD,
        3: ChannelState.OUT_OF_SERVICE,
        4: ChannelState.RESERVED,
    }
