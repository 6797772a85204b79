"""A SETUP refused for its channel or lost to its link goes out again, and for nothing else."""

from __future__ import annotations

import pytest

from edge_agent.isdn.elements import Ie
from edge_agent.isdn.messages import M
from edge_agent.leg import ChannelMoved, Clear, Cleared, LegId, MediaChanged, Offered, Proceeding
from tests.edge.isdn.pair import NETWORK, USER, Pair, call_back, dial_911
from tests.edge.isdn.span import A, Span, a_config, media, seize

# ---- the network does not know the call


@pytest.mark.parametrize("refusal", ["080280015a080282e5", "080280017d080282e5140100"])
def test_a_setup_lost_to_an_establishment_is_sent_again_under_a_new_reference(refusal: str) -> None:
    span = Span()
    span.ask(seize())
    span.says(refusal)
    first, second = span.take_sent()
    assert (first.kind, second.kind) == (M.SETUP, M.SETUP)
    assert (first.reference, second.reference) == (1, 2)
    assert span.take() == []
    span.says("080280025a080282e5")
    assert [word.cause for word in span.take(Cleared) if isinstance(word, Cleared)] == [101]


def test_the_same_refusal_on_a_link_long_established_is_a_refusal() -> None:
    span = Span()
    span.at(5.0)
    span.ask(seize())
    span.says("080280015a080282e5")
    assert span.take() == [Cleared(A, 101, 2, "release-complete")]


def test_a_cause_that_is_of_the_call_is_the_end_of_it_on_a_fresh_link_too() -> None:
    span = Span()
    span.ask(seize())
    span.says("080280015a08028291")
    assert span.take() == [Cleared(A, 17, 2, "release-complete")]
    assert span.kinds() == [M.SETUP]


# ---- the channel is taken


def test_an_emergency_call_refused_for_its_channel_takes_another_in_the_same_step() -> None:
    """RFC 3398: 44 is not the end of the call; the late RELEASE is acknowledged."""
    span = Span()
    span.ask(seize(channel=5))
    span.says("080280014d" + "080282ac")
    _, released, again = span.take_sent()
    assert (released.kind, released.reference) == (M.RELEASE_COMPLETE, 1)
    assert (again.kind, again.reference) == (M.SETUP, 2)
    assert again.find(Ie.CHANNEL_ID) == b"\xa1\x83\x97"
    assert span.take() == [ChannelMoved(A, 23)]
    span.says("0802800202")
    assert span.take() == [Proceeding(A, 23), media(A, 23)]
    assert span.trunk.busy_channels == {23}


def test_an_ordinary_call_refused_for_its_channel_takes_another() -> None:
    """RFC 3398: cause 44 means another channel, not another route."""
    pair = Pair()
    pair.ask(NETWORK, call_back(channel=5))
    pair.ask(USER, dial_911(channel=5, emergency=False))
    pair.settle()
    assert [kind for _, kind in pair.take_sent()].count(M.SETUP) == 3
    (offered,) = pair.take(NETWORK, Offered)
    assert offered.channel == 23
    assert pair.take(USER, Proceeding, MediaChanged)[-2] == Proceeding(LegId("a"), 23)
    assert pair.take(USER, Cleared) == []


def test_a_switch_that_has_no_channel_at_all_is_asked_three_times_and_no_more() -> None:
    pair = Pair(channels=(1, 2, 3, 4, 5))
    pair.trunks[NETWORK] = Pair(channels=(23,)).trunks[NETWORK]
    pair.run(8.0)
    pair.take_sent()
    pair.ask(USER, dial_911(emergency=False))
    pair.settle()
    assert [kind for _, kind in pair.take_sent()] == [M.SETUP, M.RELEASE_COMPLETE] * 3
    assert [word.cause for word in pair.take(USER, Cleared)] == [44]


def test_where_no_other_channel_is_free_the_refusal_stands() -> None:
    """The gateway has other spans and other steps; this span has nothing left to ask for."""
    span = Span(a_config(channels=(5,)))
    span.ask(seize(channel=5))
    span.says("080280015a080282ac")
    assert span.take() == [Cleared(A, 44, 2, "release-complete")]
    assert span.kinds() == [M.SETUP]


def test_a_channel_that_still_clears_is_no_other_channel() -> None:
    span = Span(a_config(channels=(4, 5)))
    span.ask(seize(LegId("b"), 4))
    span.says("0802800102")
    span.ask(Clear(LegId("b"), 16), seize(channel=5))
    span.says("080280025a080282ac")
    assert span.take(Cleared) == [Cleared(A, 44, 2, "release-complete")]
    assert span.kinds() == [M.SETUP, M.DISCONNECT, M.SETUP]


def test_a_call_that_the_network_has_answered_to_is_not_asked_for_again() -> None:
    span = Span()
    span.ask(seize(channel=5))
    span.says("0802800102" + "1803a98385", "080280015a080282ac")
    assert [word.cause for word in span.take(Cleared) if isinstance(word, Cleared)] == [44]
    assert span.kinds() == [M.SETUP]
