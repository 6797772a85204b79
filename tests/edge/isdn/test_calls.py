"""Calls by reference, leg and channel: who owns what, and who gives way."""

from __future__ import annotations

from edge_agent.isdn.call import Call, Detail, Party
from edge_agent.isdn.call_words import In
from edge_agent.isdn.calls import Calls
from edge_agent.isdn.channels import Channels
from edge_agent.isdn.elements import Cause, ChannelId
from edge_agent.isdn.messages import MOST_REFERENCE
from edge_agent.isdn.timers import call_seconds
from edge_agent.leg import Law, LegId

SECONDS = call_seconds({}, emergency=False)


def calls_on(*channels: int, first: int = 1) -> Calls:
    return Calls(Channels(channels), first)


def a_call(calls: Calls, leg: str, channel: int, *events: In) -> Call:
    party = Party(LegId(leg), True, "psap", "span-1", Law.MU)
    reference = calls.new_reference()
    assert reference is not None
    call = Call(party, reference, channel, SECONDS)
    for event in events:
        call.feed(event, 0.0, Detail(Cause(16)))
    calls.add(call)
    return call


UP = (In.SETUP_REQUEST, In.CONNECT)
ENDING = (*UP, In.CLEAR_REQUEST)


def test_references_go_round_and_skip_those_in_use() -> None:
    calls = calls_on(1, 2, 3, first=MOST_REFERENCE)
    last = a_call(calls, "a", 1, *UP)
    assert (last.reference, a_call(calls, "b", 2, *UP).reference) == (MOST_REFERENCE, 1)
    for _ in range(MOST_REFERENCE - 2):
        assert calls.new_reference() not in (MOST_REFERENCE, 1)
    assert calls.new_reference() == 2


def test_a_call_is_found_by_reference_side_and_leg_until_it_is_removed() -> None:
    calls = calls_on(1, 2, first=5)
    call = a_call(calls, "a", 1, *UP)
    assert calls.of_reference(5, ours=True) is call is calls.of_leg(LegId("a"))
    assert calls.of_reference(5, ours=False) is None
    calls.remove(call)
    assert (calls.of_leg(LegId("a")), calls.all, calls.busy) == (None, [], frozenset())


def test_our_call_hunts_from_the_top_and_takes_a_clearing_channel_last() -> None:
    calls = calls_on(1, 2, 3)
    assert (calls.choose(2), calls.choose(None), calls.choose(9)) == (2, 3, 3)
    a_call(calls, "a", 3, *UP)
    a_call(calls, "b", 2, *ENDING)
    a_call(calls, "c", 1, *UP)
    assert calls.choose(3) == 2
    a_call(calls, "d", 2, *UP)
    assert calls.choose(None) is None


def test_the_network_gets_the_channel_that_we_only_wish_for() -> None:
    calls = calls_on(1, 2)
    a_call(calls, "wish", 1, In.SETUP_REQUEST)
    a_call(calls, "up", 2, *UP)
    assert calls.accept(ChannelId(1, exclusive=True)) == 1
    assert calls.accept(ChannelId(2, exclusive=True)) is None
    assert calls.accept(ChannelId(2)) is None
    assert calls.accept(ChannelId(7, exclusive=True)) is None
    assert calls.accept(ChannelId(None)) is None


def test_the_networks_wish_does_not_give_way() -> None:
    calls = Calls(Channels((1, 2)), 1, yields=False)
    a_call(calls, "wish", 1, In.SETUP_REQUEST)
    assert calls.accept(ChannelId(1, exclusive=True)) is None
    assert calls.accept(ChannelId(1)) == 2


def test_a_channel_taken_over_is_not_freed_by_the_call_that_lost_it() -> None:
    calls = calls_on(1, 2)
    loser = a_call(calls, "loser", 1, In.SETUP_REQUEST)
    a_call(calls, "winner", 1, *UP)
    calls.remove(loser)
    assert calls.busy == {1}


def test_a_moved_call_frees_where_it_was() -> None:
    calls = calls_on(1, 2)
    call = a_call(calls, "a", 1, *UP)
    assert calls.usable(call, 2)
    call.channel = 2
    calls.move(call, 1)
    assert calls.busy == {2}
    assert not calls.usable(call, 24)


def test_a_basic_rate_line_that_has_used_up_its_references_has_none() -> None:
    calls = Calls(Channels((1, 2)), 127, 127)
    for n in range(127):
        a_call(calls, f"leg-{n}", 1, *UP)
    assert calls.new_reference() is None


def test_a_channel_in_doubt_is_had_after_every_other_and_before_none() -> None:
    """R1: under restart comes after free, a clearing call after that, out of service last."""
    channels = Channels((1, 2, 3, 4))
    calls = Calls(channels, 1)
    channels.restarting = frozenset({3})
    channels.take_out((4,))
    a_call(calls, "ending", 2, *ENDING)
    assert calls.choose(4) == 1
    a_call(calls, "a", 1, *UP)
    assert calls.choose(4) == 3
    a_call(calls, "b", 3, *UP)
    assert calls.choose(4) == 2
    assert calls.choose(None, but=2) == 4
    a_call(calls, "c", 2, *UP)
    assert calls.choose(1) == 4


def test_the_network_may_have_a_channel_that_it_took_out_of_service() -> None:
    channels = Channels((1, 2))
    channels.take_out((2,))
    calls = Calls(channels, 1)
    assert calls.accept(ChannelId(2, exclusive=True)) == 2
    assert calls.accept(ChannelId(None)) == 1
