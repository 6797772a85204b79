"""The switch's own codec of Q.931, against octets that were read off a line to libpri."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge_agent.isdn.elements import Ie, read_channel_id, read_number
from lab.pstn import q931
from lab.pstn.q931 import Message, decode, encode

LINES = (Path(__file__).parents[2] / "data" / "isdn" / "messages.hex").read_text().splitlines()
GOLDEN = {
    line.split()[0]: bytes.fromhex("".join(line.split()[1:]))
    for line in LINES
    if line and not line.startswith("#")
}
SPOKEN = (
    *("setup-911", "refused-44", "proceeding-ch4", "alerting", "connect-ch4", "connect-ack"),
    *("disconnect-16", "release", "restart-ch1"),
)
"""What the switch of the lab says: primary rate, and no codeset but the first."""


def test_a_setup_says_who_calls_whom_on_which_channel() -> None:
    setup = decode(GOLDEN["setup-911"])
    assert setup is not None
    assert (setup.kind, setup.reference, setup.to_originator) == (q931.SETUP, 1, False)
    assert setup.digits(q931.CALLING) == "4255550142"
    assert setup.digits(q931.CALLED) == "911"
    assert setup.channel() == 1
    assert setup.is_exclusive()


def test_causes_are_read_with_and_without_a_recommendation() -> None:
    refused, ended = decode(GOLDEN["refused-44"]), decode(GOLDEN["disconnect-16"])
    assert refused is not None
    assert ended is not None
    assert (refused.cause(), ended.cause()) == (44, 16)
    assert Message(q931.RELEASE, 1, False).cause() == 16


@pytest.mark.parametrize("name", SPOKEN)
def test_what_is_read_is_written_alike(name: str) -> None:
    message = decode(GOLDEN[name])
    assert message is not None
    assert encode(message) == GOLDEN[name]


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"\x08\x02\x00\x01",
        b"\x03\x02\x00\x01\x05",
        b"\x08\x01\x01\x05\x00",
        b"\x08\x02\0\x01\x05\x04\x03\x80",
    ],
    ids=["nothing", "short", "protocol", "reference", "truncated"],
)
def test_octets_that_are_no_message_are_none(octets: bytes) -> None:
    assert decode(octets) is None


def test_what_the_switch_writes_the_product_reads() -> None:
    elin = read_number(q931.called("4255550101"), Ie.CALLED)
    psap = read_number(q931.calling("911"), Ie.CALLING)
    assert (elin.digits, psap.digits) == ("4255550101", "911")
    channel = read_channel_id(q931.channel_id(23))
    assert (channel.channel, channel.exclusive) == (23, True)
