"""Messages in and out of an established link: numbers, window, REJ, RNR on either side, recovery
(Q.921 §5.6, §5.7).
"""

from __future__ import annotations

import pytest

from edge_agent.isdn.lapd_frame import N201
from edge_agent.isdn.lapd_link import Deliver, LinkUp, SendFrame
from edge_agent.isdn.lapd_table import State
from edge_agent.leg import Discarded
from tests.edge.isdn.line import (
    POLL,
    SABME,
    THEIR_SABME,
    THEIR_UA,
    UA,
    A,
    B,
    at,
    established,
    hears,
    sent,
)


def test_a_message_goes_out_numbered_and_is_acknowledged() -> None:
    link = established()
    assert sent(link.send(A, 1, 0.0)) == ["00010000" + A.hex()]
    assert sent(link.send(B, 2, 0.0)) == ["00010200" + B.hex()]
    assert hears(link, "00010104") == []
    assert link.next_deadline() == 10.0  # T203 alone


def test_a_message_from_the_network_is_delivered_once_and_acknowledged_once() -> None:
    link = established()
    assert hears(link, "02010000" + A.hex()) == [
        Deliver(A),
        SendFrame(bytes.fromhex("02010102")),
    ]
    assert hears(link, "02010001" + A.hex()) == [
        Discarded("frame-out-of-sequence"),
        SendFrame(bytes.fromhex("02010903")),
    ]


def test_an_answer_carries_the_acknowledgement() -> None:
    link = established()
    assert link.receive(bytes.fromhex("02010000" + A.hex()), 0.0) == [Deliver(A)]
    assert sent(link.send(B, 2, 0.0)) == ["00010002" + B.hex()]
    assert link.settle(0.0) == []


def test_seven_messages_are_outstanding_and_no_more() -> None:
    link = established()
    frames = [sent(link.send(A, n, 0.0)) for n in range(9)]
    assert [len(frame) for frame in frames] == [1] * 7 + [0, 0]
    assert len(sent(hears(link, "00010106"))) == 2


def test_sequence_numbers_go_round() -> None:
    link = established()
    for n in range(300):
        (frame,) = sent(link.send(A, n, 0.0))
        assert int(frame[4:6], 16) >> 1 == n % 128
        assert hears(link, f"000101{(n + 1) % 128 << 1:02x}") == []


def test_t200_counts_from_the_latest_acknowledgement_of_something_new() -> None:
    link = established()
    link.send(A, 1, 0.0)
    link.send(B, 2, 0.2)
    assert link.next_deadline() == 1.0
    hears(link, "00010102", 0.5)
    assert link.next_deadline() == 1.5
    hears(link, "00010102", 0.7)
    assert link.next_deadline() == 1.5


def test_a_lost_message_is_found_by_polling_and_sent_again() -> None:
    link = established()
    link.send(A, 1, 0.0)
    assert sent(at(link, 1.0)) == [POLL + "01"]
    assert sent(hears(link, "00010101", 1.01)) == ["00010000" + A.hex()]


def test_a_poll_that_finds_everything_arrived_sends_nothing_twice() -> None:
    link = established()
    link.send(A, 1, 0.0)
    at(link, 1.0)
    assert sent(hears(link, "00010103", 1.01)) == []
    assert link.state is State.ESTABLISHED


def test_a_message_does_not_wait_for_the_answer_to_a_poll() -> None:
    """R1: the SETUP leaves in its own step, and arrives once though it may be sent twice."""
    link = established()
    at(link, 10.0)
    assert link.state is State.TIMER_RECOVERY
    assert sent(link.send(A, 1, 10.0)) == ["00010000" + A.hex()]
    assert sent(hears(link, "00010101", 10.01)) == ["00010000" + A.hex()]
    assert sent(hears(link, "00010902", 10.02)) == []


def test_a_gap_is_rejected_once_until_it_is_filled() -> None:
    link = established()
    assert sent(hears(link, "02010200" + B.hex())) == ["02010900" + ""]
    assert sent(hears(link, "02010400" + B.hex())) == []
    assert hears(link, "02010000" + A.hex())[0] == Deliver(A)
    assert sent(hears(link, "02010400" + B.hex())) == ["02010902"]


def test_a_reject_is_answered_by_sending_again_from_there() -> None:
    link = established()
    link.send(A, 1, 0.0)
    link.send(B, 2, 0.0)
    assert sent(hears(link, "00010902")) == ["00010200" + B.hex()]


def test_a_poll_of_the_peer_is_answered_with_the_final_bit() -> None:
    assert sent(hears(established(), "02010101")) == ["02010101"]
    assert sent(hears(established(), "02010001" + A.hex())) == ["02010103"]


def test_a_busy_peer_is_spared_and_asked() -> None:
    link = established()
    assert sent(hears(link, "00010500")) == []
    assert sent(link.send(A, 1, 0.0)) == []
    assert sent(at(link, 1.0)) == [POLL + "01"]
    assert sent(hears(link, "00010501", 1.1)) == []
    assert sent(hears(link, "00010100", 1.2)) == ["00010000" + A.hex()]


def test_a_busy_peer_that_acknowledges_is_asked_until_it_is_ready_again() -> None:
    link = established()
    link.send(A, 1, 0.0)
    assert sent(hears(link, "00010502", 0.5)) == []
    for second in (1.5, 3.0, 4.5, 6.0, 7.5):  # no N200: every poll is answered
        assert sent(at(link, second)) == [POLL + "01"]
        assert sent(hears(link, "00010503", second + 0.5)) == []
    assert link.up
    assert sent(link.send(B, 2, 8.0)) == []
    assert sent(hears(link, "00010102", 8.1)) == ["00010200" + B.hex()]


def test_a_reject_ends_the_peers_being_busy() -> None:
    link = established()
    link.send(A, 1, 0.0)
    hears(link, "00010500", 0.1)
    assert sent(hears(link, "00010900", 0.2)) == ["00010000" + A.hex()]


def test_layer_3_that_is_busy_is_told_to_the_peer_once_and_once_that_it_is_over() -> None:
    link = established()
    assert sent(link.set_own_busy(True, 0.0)) == ["02010500"]
    assert link.set_own_busy(True, 0.0) == []
    assert sent(link.set_own_busy(False, 1.0)) == ["02010100"]
    assert link.set_own_busy(False, 1.0) == []


def test_what_comes_while_layer_3_is_busy_is_dropped_and_its_acknowledgement_is_used() -> None:
    link = established()
    link.send(A, 1, 0.0)
    link.set_own_busy(True, 0.0)
    assert hears(link, "02010002" + B.hex()) == [Discarded("frame-while-busy")]
    assert link.next_deadline() == 10.0  # T203 alone: the message out is acknowledged
    assert sent(hears(link, "02010003" + B.hex())) == ["02010501"]
    link.set_own_busy(False, 0.1)
    assert hears(link, "02010002" + B.hex(), 0.2)[0] == Deliver(B)


def test_a_message_taken_just_before_is_acknowledged_by_the_rnr() -> None:
    link = established()
    link.receive(bytes.fromhex("02010000" + A.hex()), 0.0)
    assert sent(link.set_own_busy(True, 0.0)) == ["02010502"]
    assert link.settle(0.0) == []


def test_polls_both_ways_say_that_layer_3_is_busy() -> None:
    link = established()
    link.set_own_busy(True, 0.0)
    assert sent(hears(link, "02010101")) == ["02010501"]
    assert sent(at(link, 10.0)) == ["00010501"]
    assert link.state is State.TIMER_RECOVERY
    assert sent(link.set_own_busy(False, 10.1)) == ["02010100"]
    assert hears(link, "00010101", 10.2) == []
    assert link.state.name == "ESTABLISHED"


def test_messages_go_out_while_layer_3_is_busy() -> None:
    link = established()
    link.set_own_busy(True, 0.0)
    assert sent(link.send(A, 1, 0.0)) == ["00010000" + A.hex()]


def test_being_busy_outlives_an_establishment() -> None:
    link = established()
    link.set_own_busy(True, 0.0)
    assert sent(hears(link, THEIR_SABME)) == [UA, "02010500"]
    link.span_down(1.0)
    link.set_own_busy(False, 1.0)
    assert sent(link.establish(1.0)) == [SABME]
    assert hears(link, THEIR_UA, 1.1) == [LinkUp()]


def test_a_message_that_comes_while_a_poll_is_out_is_delivered_and_acknowledges() -> None:
    link = established()
    link.send(A, 1, 0.0)
    at(link, 1.0)
    assert link.state is State.TIMER_RECOVERY
    assert hears(link, "02010002" + B.hex(), 1.1) == [
        Deliver(B),
        SendFrame(bytes.fromhex("02010102")),
    ]
    assert link.state is State.TIMER_RECOVERY
    assert sent(hears(link, "00010103", 1.2)) == []
    assert link.state.name == "ESTABLISHED"


@pytest.mark.parametrize("frame", ["00010100", "02010900", "00010900"])
def test_supervision_that_does_not_answer_the_poll_leaves_it_out(frame: str) -> None:
    link = established()
    link.send(A, 1, 0.0)
    at(link, 1.0)
    assert sent(hears(link, frame, 1.1)) == []
    assert (link.state, link.next_deadline()) == (State.TIMER_RECOVERY, 2.0)


def test_a_message_longer_than_any_frame_is_refused_before_it_breaks_the_link() -> None:
    link = established()
    assert link.send(bytes(N201 + 1), 1, 0.0) == [Discarded("message-long")]
    assert len(sent(link.send(bytes(N201), 1, 0.0))) == 1
