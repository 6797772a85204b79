"""A RESTART is acknowledged, and names what it ends."""

from __future__ import annotations

import pytest

from edge_agent.isdn import restart
from edge_agent.isdn.messages import decode, encode
from tests.edge.isdn.goldens import messages

CHANNELS = (1, 2, 3)


@pytest.mark.parametrize(
    ("content", "channels"),
    [
        ("1803a98381 790180", (1,)),
        ("1804a983 0182 790180", (1, 2)),
        ("1803a98389 790180", ()),
        ("790187", CHANNELS),
        ("1803a98381 790187", CHANNELS),
        ("790180", CHANNELS),
    ],
    ids=["one", "list", "not-ours", "all-interfaces", "class-7-wins", "no-channel-named"],
)
def test_a_restart_is_about_the_channels_named_or_all(
    content: str, channels: tuple[int, ...]
) -> None:
    message = decode(bytes.fromhex("0802000046" + content))
    assert restart.restarted_channels(message, CHANNELS) == channels


def test_the_acknowledgement_says_the_same_back() -> None:
    acknowledged = restart.acknowledgement(decode(messages()["restart-ch1"]))
    assert encode(acknowledged) == bytes.fromhex("080280004e 1803a98381 790180")
