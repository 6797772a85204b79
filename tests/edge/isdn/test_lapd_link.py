"""The link comes and goes: establishment, collision, release, and what breaks it (Q.921 §5.5,
§5.8).
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.isdn.lapd_frame import Side
from edge_agent.isdn.lapd_link import (
    Deliver,
    Link,
    LinkConfig,
    LinkLost,
    LinkOutput,
    LinkUp,
    SendFrame,
)
from edge_agent.isdn.lapd_table import State
from edge_agent.isdn.lapd_window import MOST_LINKS
from edge_agent.leg import Discarded
from tests.edge.isdn.line import (
    ASSIGNED,
    DISC,
    DM,
    POLL,
    SABME,
    THEIR_DISC,
    THEIR_SABME,
    THEIR_UA,
    UA,
    A,
    B,
    at,
    established,
    established_on_a_bus,
    hears,
    sent,
)


def test_nobody_answers_four_sabmes_then_rest_then_again_for_ever() -> None:
    link = Link()
    link.establish(0.0)
    assert sent(at(link, 3.9)) == [SABME] * 3
    assert at(link, 4.0) == [LinkLost("t200-last")]
    assert sent(at(link, 5.5)) == [SABME]
    assert len(sent(at(link, 600.0))) > 300


def test_a_call_that_waits_hurries_a_link_that_rests() -> None:
    link = Link()
    link.establish(0.0)
    at(link, 4.0)
    assert sent(link.establish(4.1)) == [SABME]
    assert sent(link.establish(4.2)) == []  # just asked
    assert sent(link.establish(4.5)) == [SABME]


def test_colliding_sabmes_establish_once() -> None:
    link = Link()
    link.establish(0.0)
    assert sent(hears(link, THEIR_SABME)) == [UA]
    assert hears(link, THEIR_UA) == [LinkUp()]


def test_a_message_lost_in_a_collision_is_sent_again() -> None:
    """The network answers a SABME that crossed our SETUP, and has thrown the SETUP away."""
    link = established()
    link.send(A, 1, 0.0)
    outputs = hears(link, THEIR_SABME, 0.1)
    assert sent(outputs) == [UA, "00010000" + A.hex()]
    assert LinkUp() in outputs


def test_messages_wait_for_the_link_and_go_in_order() -> None:
    link = Link()
    link.establish(0.0)
    assert link.send(A, 1, 0.0) == link.send(B, 2, 0.0) == []
    assert link.unsent(1)
    assert sent(hears(link, THEIR_UA)) == ["00010000" + A.hex(), "00010200" + B.hex()]
    assert not link.unsent(1)


def test_a_message_dropped_before_it_was_sent_never_goes_out() -> None:
    link = Link()
    link.establish(0.0)
    link.send(A, 1, 0.0)
    link.send(B, 2, 0.0)
    link.drop(1)
    assert sent(hears(link, THEIR_UA)) == ["00010000" + B.hex()]


def test_what_is_on_the_wire_of_a_working_link_cannot_be_dropped() -> None:
    link = established()
    link.send(A, 1, 0.0)
    link.drop(1)
    assert sent(hears(link, THEIR_SABME)) == [UA, "00010000" + A.hex()]


def test_a_dropped_message_of_a_call_that_is_over_is_not_sent_again() -> None:
    link = established()
    link.send(A, 1, 0.0)
    link.span_down(1.0)
    link.drop(1)
    link.establish(2.0)
    assert sent(hears(link, THEIR_UA, 2.1)) == []


def test_an_idle_link_asks_after_ten_seconds_and_is_given_up_after_four_polls() -> None:
    link = established()
    assert sent(at(link, 10.0)) == [POLL + "01"]
    outputs = at(link, 14.0)
    assert sent(outputs) == [POLL + "01"] * 3 + [SABME]
    assert LinkLost("t200-last") in outputs
    assert not link.up


@pytest.mark.parametrize("frame", ["00010108", "00010508", "00010909"])
def test_an_acknowledgement_of_what_was_never_sent_establishes_the_link_anew(frame: str) -> None:
    """Q.921 §5.8.5, N(R) sequence error."""
    outputs = hears(established(), frame)
    assert outputs == [LinkLost("bad-nr"), SendFrame(bytes.fromhex(SABME))]


def test_a_message_that_acknowledges_what_was_never_sent_is_taken_all_the_same() -> None:
    """Figure B.7 reads N(S) before N(R); and the peer will not send the message again."""
    outputs = hears(established(), "02010008" + A.hex())
    lost = LinkLost("information-bad-nr")
    assert outputs == [Deliver(A), lost, SendFrame(bytes.fromhex(SABME))]


def test_one_that_is_out_of_sequence_too_is_not_and_answers_nothing() -> None:
    outputs = hears(established(), "02010209" + A.hex())
    assert sent(outputs) == [SABME]
    assert not [output for output in outputs if isinstance(output, Deliver)]


@pytest.mark.parametrize("frame", ["02010d00", "020133", "02017f00", "02010000" + "00" * 261])
def test_a_rejectable_frame_establishes_the_link_anew_and_is_counted(frame: str) -> None:
    outputs = hears(established(), frame)
    assert isinstance(outputs[0], Discarded)
    assert sent(outputs) == [SABME]


@pytest.mark.parametrize("frame", ["", "02", "03017f", "02007f", "020101", "020103", "0201bf"])
def test_an_invalid_frame_is_counted_and_changes_nothing(frame: str) -> None:
    link = established()
    outputs = hears(link, frame)
    assert [type(output) for output in outputs] == [Discarded]
    assert link.state is State.ESTABLISHED


def test_the_peer_ends_the_link_and_we_ask_for_it_again() -> None:
    link = established()
    assert hears(link, THEIR_DISC) == [SendFrame(bytes.fromhex(UA)), LinkLost("disc")]
    assert sent(at(link, 1.5)) == [SABME]


def test_a_frame_reject_of_the_peer_establishes_the_link_anew() -> None:
    assert sent(hears(established(), "0001870000000000")) == [SABME]


def test_release_is_a_disc_that_is_waited_for() -> None:
    link = established()
    assert sent(link.release(0.0)) == [DISC]
    assert sent(hears(link, THEIR_SABME)) == [DM]
    hears(link, THEIR_UA)
    assert (link.state, link.next_deadline()) == (State.TEI_ASSIGNED, None)


@pytest.mark.parametrize("config", [LinkConfig.primary(), LinkConfig.basic(), LinkConfig.basic(63)])
def test_two_links_talk_and_one_is_the_network(config: LinkConfig) -> None:
    user, network = Link(config), Link(config, Side.NETWORK)
    line = sent(user.establish(0.0))
    seen: list[LinkOutput] = []
    sides = [network, user]
    for turn in range(8):
        outputs = [o for frame in line for o in hears(sides[turn % 2], frame)]
        seen += outputs
        line = sent(outputs)
        if turn == 1:
            line += sent(user.send(A, 1, 0.0))
    assert seen.count(LinkUp()) == 2
    assert Deliver(A) in seen


def test_a_setup_right_after_colliding_sabmes_reaches_a_network_that_established_again() -> None:
    """Our UA is lost, so the network says SABME again and has thrown away what we sent."""
    link = Link()
    link.establish(0.0)
    hears(link, THEIR_SABME)
    hears(link, THEIR_UA)
    assert sent(link.send(A, 1, 0.1)) == ["00010000" + A.hex()]
    assert sent(hears(link, THEIR_SABME, 1.0)) == [UA, "00010000" + A.hex()]
    assert hears(link, "00010102", 1.1) == []
    assert link.next_deadline() == 11.1


def test_a_message_that_breaks_every_link_is_given_up_and_the_next_one_goes() -> None:
    link = established()
    link.send(A, 1, 0.0)
    for _ in range(MOST_LINKS - 1):
        assert sent(hears(link, THEIR_SABME)) == [UA, "00010000" + A.hex()]
    link.send(B, 2, 0.0)
    outputs = hears(link, THEIR_SABME)
    assert Discarded("message-given-up") in outputs
    assert sent(outputs) == [UA, "00010000" + B.hex()]


def test_release_before_the_link_works_ends_it_too() -> None:
    link = Link()
    link.establish(0.0)
    assert sent(link.release(0.1)) == [DISC]
    assert sent(hears(link, THEIR_DISC, 0.2)) == [UA]
    hears(link, THEIR_UA, 0.3)
    assert (link.state, link.next_deadline()) == (State.TEI_ASSIGNED, None)


def test_a_release_that_nobody_answers_is_over_after_four_discs() -> None:
    link = established()
    link.release(0.0)
    assert sent(at(link, 60.0)) == [DISC] * 3
    assert (link.state, link.next_deadline()) == (State.TEI_ASSIGNED, None)


def test_a_network_that_refuses_is_asked_again_after_a_rest() -> None:
    link = Link()
    link.establish(0.0)
    assert hears(link, "00011f", 0.1) == [LinkLost("dm-f1")]
    assert sent(at(link, 1.6)) == [SABME]


def test_a_network_that_says_dm_unasked_is_asked_at_once() -> None:
    link = Link()
    assert sent(hears(link, "00010f")) == [SABME]


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        ("42017f", "frame-other-sapi"),  # X.25 on SAPI 16
        ("fe017f", "frame-other-sapi"),
        ("02037f", "frame-other-tei"),
        ("02ff030802000105", "frame-other-tei"),  # nothing is offered to all on a primary rate
        ("0201030802000105", "frame-unused"),
        ("0201bf", "frame-unused"),
        ("feff0300000006ff", "tei-entity"),
    ],
)
def test_a_frame_for_somebody_else_is_counted_and_changes_nothing(frame: str, reason: str) -> None:
    link = established()
    assert hears(link, frame) == [Discarded(reason)]
    assert link.up


def test_a_network_that_checks_teis_hears_that_ours_is_0() -> None:
    """Switches are unhappy with a line that does not answer, point-to-point or not."""
    assert sent(hears(established(), "feff030f000004ff")) == ["fcff030f00000501"]


def test_no_network_takes_a_fixed_tei_away() -> None:
    link = established()
    assert hears(link, "feff030f000006ff") == [Discarded("tei-unused")]
    assert link.up


def test_a_network_side_hears_nothing_that_is_said_to_users() -> None:
    network = Link(side=Side.NETWORK)
    assert hears(network, "fcff030f123401ff") == [Discarded("frame-other-sapi")]
    assert hears(network, "00ff030802000105") == [Discarded("frame-other-tei")]


_HEADS = st.sampled_from(["", "0201", "0001", "0281", "0081", "02ff", "feff", "feff030f", "4281"])
_OCTETS = st.builds(lambda head, rest: bytes.fromhex(head) + rest, _HEADS, st.binary(max_size=24))


@given(frames=st.lists(_OCTETS, max_size=24))
def test_whatever_octets_come_the_link_lives_and_can_be_established(frames: list[bytes]) -> None:
    for link in (established(), established_on_a_bus()):
        link.send(A, 1, 0.0)
        for n, frame in enumerate(frames):
            hears(link, frame.hex(), float(n))
            at(link, float(n))
        link.span_down(100.0)
        asked = sent(link.establish(101.0)) + sent(hears(link, ASSIGNED, 101.0))
        sabmes = [frame for frame in asked if len(frame) == len(SABME) and frame.endswith("7f")]
        assert len(sabmes) == 1
        assert hears(link, f"00{sabmes[0][2:4]}73", 101.1)[0] == LinkUp()
