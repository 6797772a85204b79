"""A link on a basic rate line: a TEI that the network assigns, calls that it offers to all (Q.921
§5.2, §5.3).
"""

from __future__ import annotations

from itertools import count

import pytest

from edge_agent.isdn.lapd_link import Deliver, Link, LinkConfig, LinkLost, LinkUp, SendFrame
from edge_agent.isdn.lapd_table import State
from edge_agent.leg import Discarded
from tests.edge.isdn.line import (
    ASSIGNED,
    CHECK,
    CHECK_ALL,
    CHECKED,
    DENIED,
    REMOVE,
    REMOVE_ALL,
    REQUEST,
    SABME_64,
    UA_64,
    VERIFY,
    A,
    B,
    at,
    established_on_a_bus,
    hears,
    on_a_bus,
    sent,
)

OFFERED = "02ff03" + A.hex()


def test_a_setup_with_no_tei_yet_leaves_with_the_first_answer_to_each_step() -> None:
    """R1: the TEI is asked for in the step of the SETUP, and nothing waits for a timer."""
    link = on_a_bus()
    assert sent(link.send(A, 1, 0.0)) == [REQUEST]
    assert sent(hears(link, ASSIGNED, 0.01)) == [SABME_64]
    assert hears(link, UA_64, 0.02) == [
        LinkUp(),
        SendFrame(bytes.fromhex("00810000" + A.hex())),
    ]
    assert link.tei == 64


def test_an_established_bus_link_has_a_window_of_one() -> None:
    link = established_on_a_bus()
    assert len(sent(link.send(A, 1, 0.0))) == 1
    assert sent(link.send(B, 2, 0.0)) == []
    assert sent(hears(link, "00810102")) == ["00810200" + B.hex()]


def test_a_call_offered_to_all_is_delivered_with_and_without_a_tei() -> None:
    for link in (on_a_bus(), established_on_a_bus(), Link(LinkConfig.basic())):
        assert hears(link, OFFERED) == [Deliver(A, broadcast=True)]


def test_the_answer_to_a_call_offered_to_all_goes_on_our_own_tei() -> None:
    link = on_a_bus()
    hears(link, OFFERED)
    assert sent(link.send(B, 2, 0.0)) == [REQUEST]
    assert sent(hears(link, ASSIGNED)) == [SABME_64]
    assert sent(hears(link, UA_64)) == ["00810000" + B.hex()]


def test_an_answer_wakes_a_link_that_the_network_put_to_rest() -> None:
    link = established_on_a_bus()
    assert sent(hears(link, "028153")) == ["028173"]
    hears(link, OFFERED, 0.5)
    assert sent(link.send(B, 2, 0.5)) == [SABME_64]


def test_a_network_that_is_silent_is_asked_three_times_then_rested_and_asked_again() -> None:
    dice = count(1)
    link = Link(LinkConfig.multipoint(), reference=lambda: next(dice))
    asked = sent(link.establish(0.0)) + sent(at(link, 5.9))
    assert asked == [f"fcff030f000{n}01ff" for n in (1, 2, 3)]
    assert at(link, 6.0) == [LinkLost("tei-failed")]
    assert sent(at(link, 7.5)) == ["fcff030f000401ff"]
    assert link.state is State.ESTABLISH_AWAITING_TEI


def test_a_network_without_a_tei_is_asked_again_after_a_rest_or_for_a_call_at_once() -> None:
    link = on_a_bus()
    link.establish(0.0)
    assert hears(link, DENIED, 0.1) == [LinkLost("tei-failed")]
    assert sent(link.establish(0.2)) == [REQUEST]
    hears(link, DENIED, 0.3)
    assert sent(at(link, 1.8)) == [REQUEST]


@pytest.mark.parametrize("frame", [REMOVE, REMOVE_ALL, "feff030fabcd0281"])
def test_a_tei_that_is_taken_away_is_asked_for_at_once_and_no_message_is_lost(frame: str) -> None:
    link = established_on_a_bus()
    link.send(A, 1, 0.0)
    assert hears(link, frame, 0.1) == [
        LinkLost("tei-removed"),
        SendFrame(bytes.fromhex(REQUEST)),
    ]
    assert sent(hears(link, "feff030f12340283", 0.2)) == ["00837f"]
    assert sent(hears(link, "008373", 0.3)) == ["00830000" + A.hex()]


def test_a_network_that_was_started_anew_does_not_know_the_tei_and_gives_another() -> None:
    """It answers no SABME; asking for a TEI comes before the rest, not after it (R1)."""
    link = established_on_a_bus()
    link.span_down(1.0)
    assert sent(link.establish(2.0)) == [SABME_64]
    assert sent(at(link, 5.9)) == [SABME_64] * 3
    assert at(link, 6.0) == [
        LinkLost("t200-last"),
        SendFrame(bytes.fromhex(REQUEST)),
    ]


def test_layer_1_that_is_gone_leaves_the_tei_and_stops_every_timer() -> None:
    link = established_on_a_bus()
    link.span_down(1.0)
    assert (link.tei, link.next_deadline()) == (64, None)
    asking = on_a_bus()
    asking.establish(0.0)
    asking.span_down(0.1)
    assert (asking.state, asking.next_deadline()) == (State.TEI_UNASSIGNED, None)


def test_a_second_user_of_our_tei_is_suspected_after_a_ua_that_nobody_asked_for() -> None:
    link = established_on_a_bus()
    assert sent(hears(link, UA_64, 1.0)) == [VERIFY]
    assert sent(hears(link, CHECK_ALL, 1.1)) == [CHECKED]
    assert link.up
    assert link.next_deadline() == 10.0  # T203 alone


def test_a_suspicion_that_the_network_does_not_clear_costs_the_tei() -> None:
    link = established_on_a_bus()
    hears(link, UA_64, 1.0)
    outputs = at(link, 7.0)
    assert sent(outputs) == [VERIFY, VERIFY, REQUEST]
    assert LinkLost("tei-removed") in outputs


def test_a_check_of_the_network_is_answered_before_and_after_establishment() -> None:
    link = on_a_bus()
    assert hears(link, CHECK_ALL) == [Discarded("tei-unused")]
    link.establish(0.0)
    hears(link, ASSIGNED)
    assert sent(hears(link, CHECK)) == [CHECKED]
    hears(link, UA_64)
    assert sent(hears(link, CHECK)) == [CHECKED]


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        ("02837f", "frame-other-tei"),
        ("02017f", "frame-other-tei"),
        ("42817f", "frame-other-sapi"),
        ("feff7f", "frame-unused"),
        ("02ff0100", "frame-unused"),
        ("fcff030f12340281", "frame-direction"),
        ("feff030f123407ff", "tei-unused"),
        ("feff030f1234", "tei-short"),
        ("02ff0d00", "frame-undefined"),
    ],
)
def test_what_is_for_others_on_the_bus_is_counted_and_changes_nothing(
    frame: str, reason: str
) -> None:
    link = established_on_a_bus()
    assert hears(link, frame) == [Discarded(reason)]
    assert (link.state, link.next_deadline()) == (State.ESTABLISHED, 10.0)


def test_nobody_wants_the_link_any_more_while_the_tei_is_on_its_way() -> None:
    link = on_a_bus()
    link.establish(0.0)
    assert link.release(0.1) == []
    assert hears(link, ASSIGNED, 0.2) == []
    assert (link.state, link.next_deadline()) == (State.TEI_ASSIGNED, None)


def test_the_network_may_establish_the_link_itself() -> None:
    link = on_a_bus()
    link.establish(0.0)
    link.release(0.1)
    hears(link, ASSIGNED, 0.2)
    assert hears(link, "02817f", 0.3) == [SendFrame(bytes.fromhex("028173")), LinkUp()]
