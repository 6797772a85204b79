"""Who stops lets go of the link: the network knows at once, and nobody waits for anybody."""

from __future__ import annotations

from typing import Any

import pytest

from edge_agent.isdn.lapd_frame import Side
from edge_agent.isdn.lapd_link import LinkConfig
from edge_agent.isdn.trunk import Trunk
from edge_agent.leg import LinkChanged
from tests.edge.isdn.pair import NETWORK, USER, Pair
from tests.edge.isdn.span import SPAN, TRUNK, Ids, Span, a_config, an_answered_call, seize

DISC, UA = "000153", "000173"


def stopped(trunk: Trunk, now: float) -> list[str]:
    return [frame.data.hex() for frame in trunk.stop(now)]


def test_a_trunk_that_stops_says_disc_and_no_more_whatever_calls_are_up() -> None:
    assert stopped(Span().trunk, 1.0) == [DISC]
    assert stopped(an_answered_call().trunk, 1.0) == [DISC]


@pytest.mark.parametrize(
    "line", [{}, {"link": LinkConfig.basic(), "channels": (1, 2)}], ids=["primary", "basic"]
)
def test_the_network_knows_in_the_same_instant_and_routes_elsewhere(line: dict[str, Any]) -> None:
    pair = Pair(**line)
    pair.run(5.0)
    (disc,) = pair.trunks[USER].stop(pair.now)
    heard = pair.trunks[NETWORK].receive(disc.data, pair.now)
    assert LinkChanged(TRUNK, False, "disc", SPAN) in heard
    assert not pair.trunks[NETWORK].link_up


def test_an_answer_ends_it_and_without_one_it_is_over_after_four_discs() -> None:
    answered, silent = Span(), Span()
    for span in (answered, silent):
        span.cut = True
        span.trunk.stop(span.now)
    answered.frame(UA)
    assert answered.trunk.next_deadline() is None
    frames = len(silent.frames)
    silent.at(60.0)
    assert [frame.hex() for frame in silent.frames[frames:]] == [DISC] * 3
    assert silent.trunk.next_deadline() is None


def test_a_link_that_is_being_asked_for_is_let_go_of_too() -> None:
    """The network may have answered our SABME by a UA that is on its way."""
    span = Span(up=False)
    span.trunk.start(0.0)
    assert stopped(span.trunk, 0.1) == [DISC]


def test_a_link_that_nobody_wanted_yet_has_nothing_to_say() -> None:
    assert Trunk(a_config(), Ids()).stop(0.0) == []
    assert Trunk(a_config(side=Side.NETWORK), Ids()).stop(0.0) == []


def test_a_setup_that_waits_for_the_link_is_not_said_after_the_disc() -> None:
    """It would ring a PSAP for a caller whose platform has gone on to its next route."""
    span = Span(up=False)
    span.ask(seize())
    assert stopped(span.trunk, 0.0) == [DISC]
    span.cut = False
    span.frame(UA)
    span.at(60.0)
    assert span.take_sent() == []
