"""The network side of the data link: what is handed to it arrives once, in order, or it says so."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from lab.pstn.lapd import NetworkLink

SABME, UA = bytes.fromhex("0001 7f"), bytes.fromhex("0201 73")
"""From the user: a command has the C/R bit clear, a response has it set."""


class Wire:
    """What the link did; the user side is played by hand."""

    def __init__(self) -> None:
        self.frames: list[bytes] = []
        self.messages: list[bytes] = []
        self.ups: list[bool] = []
        self.link = NetworkLink(self.frames.append, self.messages.append, self.ups.append)

    def user(self, *frames: str) -> None:
        """The user side sends these."""
        for frame in frames:
            self.link.receive(bytes.fromhex(frame))

    def taken(self) -> list[str]:
        """What the link has written since."""
        frames = [frame.hex(" ") for frame in self.frames]
        self.frames.clear()
        return frames


def test_the_link_is_established_by_either_side() -> None:
    async def story(wire: Wire) -> None:
        wire.link.start()
        assert wire.taken() == ["02 01 7f"]
        wire.link.receive(UA)
        assert wire.link.is_up
        wire.link.receive(SABME)
        assert wire.taken() == ["00 01 73"]
        assert wire.ups == [True, True]
        assert wire.link.established == 2

    _tell(story)


def test_messages_wait_for_the_link_and_are_numbered() -> None:
    async def story(wire: Wire) -> None:
        wire.link.send(b"\x08one")
        assert wire.taken() == []
        wire.link.receive(SABME)
        wire.link.send(b"\x08two")
        assert wire.taken() == ["00 01 73", "02 01 00 00 08 6f 6e 65", "02 01 02 00 08 74 77 6f"]

    _tell(story)


def test_messages_are_delivered_once_in_order_and_acknowledged() -> None:
    async def story(wire: Wire) -> None:
        wire.link.receive(SABME)
        wire.taken()
        wire.user("00 01 00 00 aa", "00 01 00 00 aa", "00 01 04 00 cc", "00 01 02 01 bb")
        assert wire.messages == [b"\xaa", b"\xbb"]
        assert wire.taken() == ["00 01 01 02", "00 01 09 02", "00 01 09 02", "00 01 01 05"]

    _tell(story)


def test_no_more_than_seven_are_out_at_once() -> None:
    async def story(wire: Wire) -> None:
        wire.link.receive(SABME)
        wire.taken()
        for n in range(9):
            wire.link.send(bytes((n,)))
        assert len(wire.taken()) == 7
        wire.user("02 01 01 06")
        assert len(wire.taken()) == 2

    _tell(story)


def test_a_rejected_message_is_sent_again() -> None:
    async def story(wire: Wire) -> None:
        wire.link.receive(SABME)
        wire.link.send(b"\xaa")
        wire.link.send(b"\xbb")
        wire.taken()
        wire.user("02 01 09 02")
        assert wire.taken() == ["02 01 02 00 bb"]

    _tell(story)


def test_a_poll_is_answered_and_what_is_not_for_this_link_is_not() -> None:
    async def story(wire: Wire) -> None:
        wire.link.receive(SABME)
        wire.taken()
        wire.user("00 01 01 01", "00 03 01 01", "fc 01 01 01", "00")
        assert wire.taken() == ["00 01 01 01"]

    _tell(story)


def test_a_disconnected_link_says_that_it_is_down() -> None:
    async def story(wire: Wire) -> None:
        wire.user("00 01 53")
        assert wire.taken() == ["00 01 1f"]
        wire.link.receive(SABME)
        wire.user("00 01 53")
        assert wire.taken() == ["00 01 73", "00 01 73"]
        assert wire.ups == [True, False]

    _tell(story)


def _tell(story: Callable[[Wire], Awaitable[None]]) -> None:
    async def told() -> None:
        wire = Wire()
        await story(wire)
        wire.link.close()

    asyncio.run(told())
