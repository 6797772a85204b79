"""The link against golden frames: establishment, loss, collision, recovery (Q.921 §5.5 to §5.8)."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest

from edge_agent.isdn.lapd_frame import Side
from edge_agent.isdn.lapd_link import (
    Deliver,
    Discarded,
    Link,
    LinkConfig,
    LinkLost,
    LinkOutput,
    LinkUp,
    SendFrame,
    _Heard,
)
from edge_agent.isdn.lapd_table import STEPS, In, State

SABME, UA, DM, DISC = "00017f", "020173", "02011f", "000153"
THEIR_UA, THEIR_SABME, THEIR_DISC = "000173", "02017f", "020153"
POLL = "000101"
A, B = b"\x08\x02\x00\x01\x05", b"\x08\x02\x00\x02\x05"


def sent(outputs: list[LinkOutput]) -> list[str]:
    return [output.data.hex() for output in outputs if isinstance(output, SendFrame)]


def hears(link: Link, frame: str, now: float = 0.0) -> list[LinkOutput]:
    outputs = link.receive(bytes.fromhex(frame), now)
    return outputs + link.settle(now)


def established() -> Link:
    link = Link()
    assert sent(link.establish(0.0)) == [SABME]
    assert hears(link, THEIR_UA) == [LinkUp()]
    return link


def at(link: Link, now: float) -> list[LinkOutput]:
    """Move the clock, through every deadline on the way."""
    outputs: list[LinkOutput] = []
    while (due := link.next_deadline()) is not None and due <= now:
        outputs += link.handle_timeout(due)
    return outputs


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


def test_a_withdrawn_message_never_goes_out() -> None:
    link = Link()
    link.establish(0.0)
    link.send(A, 1, 0.0)
    link.send(B, 2, 0.0)
    link.withdraw(1)
    assert sent(hears(link, THEIR_UA)) == ["00010000" + B.hex()]


def test_what_was_on_the_wire_cannot_be_withdrawn() -> None:
    link = established()
    link.send(A, 1, 0.0)
    link.withdraw(1)
    assert sent(hears(link, THEIR_SABME)) == [UA, "00010000" + A.hex()]


def test_a_dropped_message_of_a_call_that_is_over_is_not_sent_again() -> None:
    link = established()
    link.send(A, 1, 0.0)
    link.span_down(1.0)
    link.drop(1)
    link.establish(2.0)
    assert sent(hears(link, THEIR_UA, 2.1)) == []


def test_seven_messages_are_outstanding_and_no_more() -> None:
    link = established()
    frames = [sent(link.send(A, n, 0.0)) for n in range(9)]
    assert [len(frame) for frame in frames] == [1] * 7 + [0, 0]
    assert len(sent(hears(link, "00010106"))) == 2


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


def test_an_idle_link_asks_after_ten_seconds_and_is_given_up_after_four_polls() -> None:
    link = established()
    assert sent(at(link, 10.0)) == [POLL + "01"]
    outputs = at(link, 14.0)
    assert sent(outputs) == [POLL + "01"] * 3 + [SABME]
    assert LinkLost("t200-last") in outputs
    assert not link.up


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


def test_a_busy_peer_is_spared_and_asked() -> None:
    link = established()
    assert sent(hears(link, "00010500")) == []
    assert sent(link.send(A, 1, 0.0)) == []
    assert sent(at(link, 1.0)) == [POLL + "01"]
    assert sent(hears(link, "00010501", 1.1)) == []
    assert sent(hears(link, "00010100", 1.2)) == ["00010000" + A.hex()]


def test_a_poll_of_the_peer_is_answered_with_the_final_bit() -> None:
    assert sent(hears(established(), "02010101")) == ["02010101"]
    assert sent(hears(established(), "02010001" + A.hex())) == ["02010103"]


@pytest.mark.parametrize("frame", ["00010108", "02010008" + "0802000105", "00010909"])
def test_an_acknowledgement_of_what_was_never_sent_establishes_the_link_anew(frame: str) -> None:
    """Q.921 §5.8.5, N(R) sequence error."""
    outputs = hears(established(), frame)
    assert outputs == [LinkLost("bad-nr"), SendFrame(bytes.fromhex(SABME))]


@pytest.mark.parametrize("frame", ["02010d00", "020133", "02017f00", "02010000" + "00" * 261])
def test_a_rejectable_frame_establishes_the_link_anew_and_is_counted(frame: str) -> None:
    outputs = hears(established(), frame)
    assert isinstance(outputs[0], Discarded)
    assert sent(outputs) == [SABME]


@pytest.mark.parametrize("frame", ["", "02", "fe0103", "02037f", "020101", "020103", "0201bf"])
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
    assert (link.state, link.next_deadline()) == (State.RELEASED, None)


def test_sequence_numbers_go_round() -> None:
    link = established()
    for n in range(300):
        (frame,) = sent(link.send(A, n, 0.0))
        assert int(frame[4:6], 16) >> 1 == n % 128
        assert hears(link, f"000101{(n + 1) % 128 << 1:02x}") == []


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda: LinkConfig(t200_s=0.01), "T200"),
        (lambda: LinkConfig(t203_s=600.0), "T203"),
        (lambda: LinkConfig(rest_s=0.0), "REST"),
        (lambda: LinkConfig(n200=0), "n200"),
        (lambda: LinkConfig(window=128), "window"),
    ],
)
def test_a_parameter_outside_its_limits_is_refused(
    make: Callable[[], LinkConfig], named: str
) -> None:
    with pytest.raises(ValueError, match=named):
        make()


REACHED: dict[State, list[Callable[[Link], object]]] = {
    State.RELEASED: [],
    State.AWAITING_ESTABLISHMENT: [lambda link: link.establish(0.0)],
    State.AWAITING_RELEASE: [
        lambda link: link.establish(0.0),
        lambda link: hears(link, THEIR_UA),
        lambda link: link.release(0.0),
    ],
    State.ESTABLISHED: [lambda link: link.establish(0.0), lambda link: hears(link, THEIR_UA)],
    State.TIMER_RECOVERY: [
        lambda link: link.establish(0.0),
        lambda link: hears(link, THEIR_UA),
        lambda link: at(link, 10.0),
    ],
}

FRAMES = {
    In.SABME: THEIR_SABME,
    In.DISC: THEIR_DISC,
    In.UA_F1: THEIR_UA,
    In.UA_F0: "000163",
    In.DM_F1: "00011f",
    In.DM_F0: "00010f",
    In.FRMR: "0001870000000000",
    In.INFORMATION: "02010000" + A.hex(),
    In.SUPERVISORY: "02010100",
    In.SUPERVISORY_F1: "00010101",
    In.BAD_NR: "02010164",
    In.BAD_FRAME: "02010d00",
}


@pytest.mark.parametrize(("state", "event"), list(product(State, FRAMES)))
def test_every_frame_in_every_state_does_what_its_row_says(state: State, event: In) -> None:
    link = Link()
    for act in REACHED[state]:
        act(link)
    assert link.state is state
    step = STEPS.get((state, event))
    outputs = hears(link, FRAMES[event], 10.0)
    assert link.state is (state if step is None else step.to)
    if step is None:
        assert {type(output) for output in outputs} == {Discarded}


OTHERS = [event for event in In if event not in FRAMES]


@pytest.mark.parametrize(("state", "event"), list(product(State, OTHERS)))
def test_every_request_and_timer_in_every_state_does_what_its_row_says(
    state: State, event: In
) -> None:
    link = Link()
    for act in REACHED[state]:
        act(link)
    deadline = link.next_deadline()
    outputs = link._handle(event, _Heard(10.0))
    step = STEPS.get((state, event))
    if step is None:
        assert (link.state, link.next_deadline()) == (state, deadline)
        assert {type(output) for output in outputs} == {Discarded}
    else:
        assert link.state is step.to


def test_every_row_belongs_to_a_state_and_an_input_and_no_row_is_missing_for_requests() -> None:
    for state in State:
        for event in (In.ESTABLISH_REQUEST, In.RELEASE_REQUEST, In.SPAN_DOWN, In.SABME, In.DISC):
            assert (state, event) in STEPS


def test_two_links_talk_and_one_is_the_network() -> None:
    user, network = Link(), Link(side=Side.NETWORK)
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
