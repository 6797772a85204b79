"""Frames and descriptors between processes: nothing waits, what is about one subject is sent
once.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from edge_agent.drivers.ipc import MOST_WAITING, IpcLink, MediaLink
from edge_agent.messages import (
    DropRoom,
    LegDigit,
    MediaReady,
    Message,
    OpenSpan,
    PlayVoice,
    PrepareVoice,
    RoomMember,
    SetRoom,
    encode,
)

DEADLINE = 5.0


def room(call: str, *legs: str) -> SetRoom:
    return SetRoom(call, tuple(RoomMember(leg, local_port=20000) for leg in legs))


@dataclass
class Hearer:
    """What one end was told."""

    messages: list[Message] = field(default_factory=list)
    descriptors: list[list[int]] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    _something: asyncio.Event = field(default_factory=asyncio.Event)

    def heard(self, message: Message, descriptors: list[int]) -> None:
        self.messages.append(message)
        self.descriptors.append(descriptors)
        self._something.set()

    def on_closed(self, why: str) -> None:
        self.closed.append(why)
        self._something.set()

    async def until_told(self, count: int) -> None:
        await self.until(lambda: len(self.messages) == count)

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(DEADLINE):
            while not holds():
                self._something.clear()
                await self._something.wait()


@dataclass
class Pair:
    """The agent's link, and the other end with its hearer."""

    agent: IpcLink
    peer: IpcLink
    at_agent: Hearer
    at_peer: Hearer


def play(story: Callable[[Pair], Awaitable[None]]) -> None:
    async def whole() -> None:
        loop = asyncio.get_running_loop()
        near, far = socket.socketpair()
        at_agent, at_peer = Hearer(), Hearer()
        agent = IpcLink(near, loop, at_agent.heard, at_agent.on_closed)
        peer = IpcLink(far, loop, at_peer.heard, at_peer.on_closed)
        try:
            await story(Pair(agent, peer, at_agent, at_peer))
        finally:
            agent.close()
            peer.close()

    asyncio.run(whole())


def test_messages_arrive_in_order_both_ways() -> None:
    async def story(pair: Pair) -> None:
        told: list[Message] = [room("c1", "a"), PlayVoice("c1", "a", "floor-2"), DropRoom("c2")]
        for message in told:
            pair.agent.send(message)
        pair.peer.send(MediaReady(7))
        await pair.at_peer.until(lambda: len(pair.at_peer.messages) == 3)
        await pair.at_agent.until(lambda: len(pair.at_agent.messages) == 1)
        assert pair.at_peer.messages == told
        assert pair.at_agent.messages == [MediaReady(7)]

    play(story)


def test_descriptors_ride_beside_their_own_span_among_other_messages() -> None:
    async def story(pair: Pair) -> None:
        pipes = [os.pipe() for _ in range(3)]
        for n, (read, _) in enumerate(pipes):
            pair.agent.send(room(f"before-{n}", "a"))
            pair.agent.send(OpenSpan(f"span-{n}", "loop", (1, 2)), [read])
            pair.agent.send(room(f"after-{n}", "a"))
        await pair.at_peer.until(lambda: len(pair.at_peer.messages) == 9)
        for n, (read, write) in enumerate(pipes):
            (copy,) = pair.at_peer.descriptors[3 * n + 1]
            assert not os.get_inheritable(copy)
            os.write(write, b"span %d" % n)
            os.close(read)
            assert os.read(copy, 10) == b"span %d" % n, "the copy outlives the agent's own"
            os.close(copy)
            os.close(write)
        others = [d for i, d in enumerate(pair.at_peer.descriptors) if i % 3 != 1]
        assert not any(others)

    play(story)


def test_a_peer_that_reads_nothing_never_blocks_and_gets_the_latest_room_of_each_call() -> None:
    async def story(pair: Pair) -> None:
        members = [f"leg-{n}" for n in range(200)]
        for n in range(3000):
            pair.agent.send(room(f"call-{n % 5}", f"round-{n // 5}", *members))
        assert pair.agent.waiting <= 6
        assert pair.agent.dropped == 0

        def all_have_the_last_round() -> bool:
            latest = {m.call: m for m in pair.at_peer.messages if isinstance(m, SetRoom)}
            return {m.members[0].leg for m in latest.values()} == {"round-599"}

        await pair.at_peer.until(all_have_the_last_round)
        assert len(pair.at_peer.messages) < 3000

    play(story)


def test_a_room_makes_the_voice_that_was_to_play_in_the_last_one_untrue() -> None:
    async def story(pair: Pair) -> None:
        pair.agent.send(room("busy", *[f"leg-{n}" for n in range(9000)]))  # fills the socket
        assert pair.agent.waiting == 1
        pair.agent.send(room("c1", "psap"))
        pair.agent.send(PlayVoice("c1", "psap", "floor-2"))
        pair.agent.send(room("c1", "psap", "caller"))
        await pair.at_peer.until(lambda: len(pair.at_peer.messages) == 2)
        assert pair.at_peer.messages[1] == room("c1", "psap", "caller")

    play(story)


def test_the_queue_is_bounded_and_what_is_dropped_is_counted() -> None:
    async def story(pair: Pair) -> None:
        pair.agent.send(room("busy", *[f"leg-{n}" for n in range(9000)]))
        for _ in range(MOST_WAITING + 10):
            pair.agent.send(LegDigit("a", "5"))
        assert pair.agent.waiting == MOST_WAITING + 1
        assert pair.agent.dropped == 10

    play(story)


def test_a_gone_peer_is_told_once_and_sending_on_is_no_error() -> None:
    async def story(pair: Pair) -> None:
        pair.peer.close()
        pair.agent.send(room("c1", "a"))
        await pair.at_agent.until(lambda: bool(pair.at_agent.closed))
        pair.agent.send(room("c2", "a"))
        assert len(pair.at_agent.closed) == 1
        assert not pair.agent.is_open

    play(story)


def test_bytes_that_are_no_frame_close_the_link() -> None:
    async def played() -> None:
        near, far = socket.socketpair()
        hearer = Hearer()
        link = IpcLink(near, asyncio.get_running_loop(), hearer.heard, hearer.on_closed)
        far.send(encode(DropRoom("c1")) + b"\xff\xff\xff\xff")
        await hearer.until(lambda: bool(hearer.closed))
        assert not link.is_open
        far.close()

    asyncio.run(played())


def test_a_restarted_media_process_is_told_everything_that_still_holds() -> None:
    async def played() -> None:
        loop = asyncio.get_running_loop()
        quiet = Hearer()
        agent = MediaLink(loop, quiet.heard, quiet.on_closed)
        read, write = os.pipe()
        agent.send(PrepareVoice("floor-2", "the address"))
        agent.send(room("over", "a"))
        agent.send(room("c1", "psap"))
        agent.send(OpenSpan("pri-1", "loop", (1,)), [read])
        agent.send(PlayVoice("c1", "psap", "floor-2"))
        agent.send(DropRoom("over"))

        for _ in range(2):  # the first start, and a restart after a crash
            near, far = socket.socketpair()
            hearer = Hearer()
            peer = IpcLink(far, loop, hearer.heard, hearer.on_closed)
            agent.attach(near)
            await hearer.until_told(4)
            assert hearer.messages == [
                OpenSpan("pri-1", "loop", (1,)),
                room("c1", "psap"),
                PlayVoice("c1", "psap", "floor-2"),
                PrepareVoice("floor-2", "the address"),
            ]
            (copy,) = hearer.descriptors[0]
            os.close(copy)
            peer.close()
        agent.close()
        os.close(read)
        os.close(write)

    asyncio.run(played())
