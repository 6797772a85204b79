"""The peer's RESTART names what it ends; ours go out one at a time, and never for a channel with a
call.
"""

from __future__ import annotations

import pytest

from edge_agent.isdn import restart
from edge_agent.isdn.channels import Channels
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


def a_settled(*wanted: int) -> tuple[Restarts, Channels]:
    """The link came up a while ago."""
    channels = Channels(CHANNELS)
    restarts = Restarts(channels, 120.0)
    restarts.want(wanted)
    restarts.link_up(-3.0)
    return restarts, channels


def test_channels_are_restarted_one_after_the_other_from_the_top() -> None:
    restarts, channels = a_settled(1, 3)
    assert octets(restarts.next(idle, 0.0)) == ours(3)
    assert (restarts.out, restarts.state) == (3, RESTART_REQUESTED)
    assert channels.restarting == {3}
    assert restarts.next(idle, 0.0) is None
    assert not restarts.acknowledged((1,))
    assert restarts.acknowledged((3,))
    assert octets(restarts.next(idle, 1.0)) == ours(1)
    assert restarts.acknowledged((1,))
    assert (restarts.next(idle, 1.0), restarts.state) == (None, RESTART_NULL)
    assert (restarts.next_deadline(), channels.restarting) == (None, frozenset())


def test_a_channel_with_a_call_waits_for_its_end_and_needs_none_once_it_was_answered() -> None:
    restarts, _ = a_settled(3, 2, 1)
    assert octets(restarts.next(lambda channel: channel == 3, 0.0)) == ours(2)
    restarts.let_go(2)
    assert (restarts.out, restarts.next_deadline()) == (None, None)
    assert octets(restarts.next(lambda channel: channel != 1, 1.0)) == ours(1)
    assert restarts.acknowledged((1,))
    restarts.proved(3)
    assert octets(restarts.next(idle, 2.0)) == ours(2)
    assert restarts.acknowledged((2,))
    assert restarts.next(idle, 2.0) is None


def test_nobody_answers_so_it_is_said_twice_and_then_the_channel_is_in_doubt() -> None:
    """T316 and N316 (§5.5.1), of a peer that has answered before."""
    restarts, channels = a_settled(3, 2, 1)
    restarts.next(idle, 0.0)
    restarts.acknowledged((3,))
    restarts.next(idle, 0.0)
    assert restarts.expire(119.9) is None
    assert octets(restarts.expire(120.0)) == ours(2)
    assert (restarts.next_deadline(), channels.out_of_service) == (240.0, frozenset())
    assert restarts.expire(240.0) is None
    assert channels.out_of_service == {2}
    assert octets(restarts.next(idle, 240.0)) == ours(1)
    assert not restarts.acknowledged((2,))
    assert channels.out_of_service == set()


def test_r1_a_peer_that_never_answered_a_restart_has_no_channel_put_in_doubt_by_it() -> None:
    """Else a switch without RESTART would see every channel of a sound trunk tried last."""
    restarts, channels = a_settled(2, 1)
    restarts.next(idle, 0.0)
    assert octets(restarts.expire(120.0)) == ours(2)
    assert restarts.expire(240.0) is None
    assert (channels.out_of_service, restarts.out) == (frozenset(), None)
    assert (restarts.next(idle, 240.0), restarts.next_deadline()) == (None, None)


def test_a_peer_that_knows_no_restart_is_left_alone() -> None:
    restarts, _ = a_settled(2, 1)
    restarts.next(idle, 0.0)
    restarts.give_up()
    assert (restarts.next(idle, 0.0), restarts.next_deadline()) == (None, None)


def test_a_link_just_up_settles_first_and_a_lost_one_begins_again() -> None:
    restarts = Restarts(Channels(CHANNELS), 120.0)
    restarts.want((2, 1))
    assert (restarts.next(idle, 0.0), restarts.next_deadline()) == (None, None)
    restarts.link_up(0.0)
    assert (restarts.next(idle, 2.9), restarts.next_deadline()) == (None, 3.0)
    assert octets(restarts.next(idle, 3.0)) == ours(2)
    restarts.link_lost()
    assert (restarts.out, restarts.next_deadline()) == (None, None)
    restarts.link_up(10.0)
    assert octets(restarts.next(idle, 13.0)) == ours(2)


def test_a_trunk_that_sends_none_still_knows_which_channels_are_in_doubt() -> None:
    channels = Channels(CHANNELS)
    restarts = Restarts(channels, 120.0, enabled=False)
    restarts.want(CHANNELS)
    restarts.link_up(0.0)
    restarts.unacknowledged(1)
    assert (restarts.next(idle, 3.0), channels.out_of_service) == (None, frozenset({1}))
    restarts.proved(1)
    assert channels.out_of_service == set()
