"""The peer's RESTART names what it ends; ours go out one at a time, and never for a channel with a
call.
"""

from __future__ import annotations

import pytest

from edge_agent.isdn import restart
from edge_agent.isdn.elements import Cause
from edge_agent.isdn.messages import Message, decode, encode
from edge_agent.isdn.restart import RESTART_NULL, RESTART_REQUESTED, Restarts
from tests.edge.isdn.goldens import messages

CHANNELS = (1, 2, 3)


def idle(channel: int) -> bool:
    return False


def octets(message: Message | None) -> str:
    return "" if message is None else encode(message).hex()


def ours(channel: int) -> str:
    return f"0802000046 1803a9838{channel} 790180".replace(" ", "")


@pytest.mark.parametrize(
    ("content", "channels"),
    [
        ("1803a98381 790180", (1,)),
        ("1804a983 0182 790180", (1, 2)),
        ("1803a98389 790180", ()),
        ("790187", CHANNELS),
        ("790186", CHANNELS),
        ("1803a98381 790187", CHANNELS),
    ],
    ids=["one", "list", "not-ours", "all-interfaces", "single-interface", "class-7-wins"],
)
def test_a_restart_is_about_the_channels_named_or_all(
    content: str, channels: tuple[int, ...]
) -> None:
    message = decode(bytes.fromhex("0802000046" + content))
    assert restart.refused(message) is None
    assert restart.restarted_channels(message, CHANNELS) == channels


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        ("", Cause(96, diagnostics=b"\x79")),
        ("790180", Cause(96, diagnostics=b"\x18")),
        ("1801a9 790180", Cause(96, diagnostics=b"\x18")),
        ("1803a98381 790183", Cause(100, diagnostics=b"\x79")),
    ],
    ids=["no-class", "no-channel", "unreadable-channel", "reserved-class"],
)
def test_a_restart_that_does_not_say_what_it_ends_ends_nothing(content: str, cause: Cause) -> None:
    message = decode(bytes.fromhex("0802000046" + content))
    assert restart.refused(message) == cause
    if cause.diagnostics == b"\x18":
        assert restart.restarted_channels(message, CHANNELS) == ()


def test_the_acknowledgement_says_the_same_back() -> None:
    acknowledged = restart.acknowledgement(decode(messages()["restart-ch1"]))
    assert encode(acknowledged) == bytes.fromhex("080280004e 1803a98381 790180")


def a_settled(*channels: int) -> Restarts:
    """The link came up a while ago."""
    restarts = Restarts(120.0)
    restarts.want(channels)
    restarts.link_up(-3.0)
    return restarts


def test_channels_are_restarted_one_after_the_other() -> None:
    restarts = a_settled(3, 1)
    assert octets(restarts.next(idle, 0.0)) == ours(3)
    assert (restarts.out, restarts.state) == (3, RESTART_REQUESTED)
    assert restarts.next(idle, 0.0) is None
    assert not restarts.acknowledged((1,))
    assert restarts.acknowledged((3,))
    assert octets(restarts.next(idle, 1.0)) == ours(1)
    assert restarts.acknowledged((1,))
    assert (restarts.next(idle, 1.0), restarts.state) == (None, RESTART_NULL)
    assert restarts.next_deadline() is None


def test_a_channel_with_a_call_is_passed_over_and_one_that_gets_a_call_is_let_go() -> None:
    restarts = a_settled(3, 2, 1)
    assert octets(restarts.next(lambda channel: channel == 3, 0.0)) == ours(2)
    restarts.abandon(2)
    restarts.abandon(1)
    assert (restarts.out, restarts.next_deadline(), restarts.next(idle, 0.0)) == (None, None, None)
    assert not restarts.acknowledged((2,))


def test_nobody_answers_so_it_is_said_twice_and_then_given_up() -> None:
    """T316 and N316 (§5.5.1)."""
    restarts = a_settled(2, 1)
    restarts.next(idle, 0.0)
    assert restarts.expire(119.9) == (None, None)
    again, given_up = restarts.expire(120.0)
    assert (octets(again), given_up, restarts.next_deadline()) == (ours(2), None, 240.0)
    assert restarts.expire(240.0) == (None, 2)
    assert octets(restarts.next(idle, 240.0)) == ours(1)


def test_a_peer_that_knows_no_restart_is_left_alone() -> None:
    restarts = a_settled(2, 1)
    restarts.next(idle, 0.0)
    restarts.give_up()
    assert (restarts.next(idle, 0.0), restarts.next_deadline()) == (None, None)


def test_a_link_just_up_settles_first_and_a_lost_one_begins_again() -> None:
    restarts = Restarts(120.0)
    restarts.want((2, 1))
    assert (restarts.next(idle, 0.0), restarts.next_deadline()) == (None, None)
    restarts.link_up(0.0)
    assert (restarts.next(idle, 2.9), restarts.next_deadline()) == (None, 3.0)
    assert octets(restarts.next(idle, 3.0)) == ours(2)
    restarts.link_lost()
    assert (restarts.out, restarts.next_deadline()) == (None, None)
    restarts.link_up(10.0)
    assert octets(restarts.next(idle, 13.0)) == ours(2)
