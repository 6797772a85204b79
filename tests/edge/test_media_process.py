"""The media process as it runs: a child of the test, with a phone and a trunk on real sockets."""

from __future__ import annotations

import asyncio
import os
import socket
import stat
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from operator import eq
from pathlib import Path

import numpy as np

from edge_agent.drivers.ipc import IpcLink
from edge_agent.leg import Law
from edge_agent.media.g711 import BLOCK, Samples, from_linear, to_linear
from edge_agent.media.mf import spill
from edge_agent.media.rtp import read, render
from edge_agent.media.tones import hears, tone
from edge_agent.messages import (
    DropRoom,
    KeepVoice,
    LegDigit,
    MediaReady,
    Message,
    OpenSpan,
    PlayEvent,
    PlaySpill,
    RoomMember,
    SetRoom,
    SpanSlips,
    SpillPlayed,
    StopSpill,
    SyncCondition,
    VoiceKept,
)

DEADLINE = 20.0
ROOT = Path(__file__).parents[2]


def a_socket() -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setblocking(False)
    sock.bind(("127.0.0.1", 0))
    return sock


def a_free_port() -> int:
    with a_socket() as sock:
        return int(sock.getsockname()[1])


SECOND = 8000
"""Octets of G.711."""


@dataclass
class Stage:
    """A running media process and the far ends that a test speaks for."""

    child: asyncio.subprocess.Process
    link: IpcLink
    rtp_port: int
    phone: socket.socket
    trunk: socket.socket
    messages: list[Message] = field(default_factory=list)
    closed: asyncio.Event = field(default_factory=asyncio.Event)
    _told: asyncio.Event = field(default_factory=asyncio.Event)

    def heard(self, message: Message, descriptors: list[int]) -> None:
        self.messages.append(message)
        self._told.set()

    async def told(self, holds: Callable[[Message], bool]) -> None:
        """Wait until media has said something for which ``holds``."""
        async with asyncio.timeout(DEADLINE):
            while not any(holds(message) for message in self.messages):
                self._told.clear()
                await self._told.wait()

    def members(self) -> tuple[RoomMember, RoomMember]:
        host, port = self.phone.getsockname()
        return (
            RoomMember(
                "caller",
                local_port=self.rtp_port,
                remote_host=host,
                remote_port=port,
                event_payload=101,
            ),
            RoomMember("psap", span="t1", channel=3),
        )

    async def talk(
        self, phone: bytes, trunk: bytes, enough: Callable[[Samples, Samples], bool]
    ) -> tuple[bytes, bytes]:
        """Both far ends speak, over and over and at their own pace, until they have heard enough.

        Returns what the phone and what the trunk heard.
        """
        loop = asyncio.get_running_loop()
        at_phone, at_trunk = bytearray(), bytearray()
        done = asyncio.Event()

        def hear() -> None:
            while (data := received(self.phone)) is not None:
                packet = read(data)
                assert packet is not None
                at_phone.extend(packet.payload)
            while (data := received(self.trunk)) is not None:
                assert data[:2] == b"B\x03"
                at_trunk.extend(data[4:])
            if enough(to_linear(bytes(at_phone), Law.MU), to_linear(bytes(at_trunk), Law.MU)):
                done.set()

        def speak(n: int, at: float) -> None:
            start = n * BLOCK % len(phone)
            voice = phone[start : start + BLOCK]
            self.phone.sendto(
                render(0, n & 0xFFFF, n * BLOCK, 7, voice, marker=n == 0),
                ("127.0.0.1", self.rtp_port),
            )
            start = n * BLOCK % len(trunk)
            head = b"B\x03" + (n & 0xFFFF).to_bytes(2, "big")
            self.trunk.send(head + trunk[start : start + BLOCK])
            hear()
            if not done.is_set():
                loop.call_at(at + 0.02, speak, n + 1, at + 0.02)

        speak(0, loop.time())
        await asyncio.wait_for(done.wait(), DEADLINE)
        return bytes(at_phone), bytes(at_trunk)


def received(sock: socket.socket) -> bytes | None:
    try:
        return sock.recv(2048)
    except (BlockingIOError, ConnectionRefusedError):
        return None


@asynccontextmanager
async def running(cache: Path, path: str | None = None) -> AsyncIterator[Stage]:
    near, far = socket.socketpair()
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "edge_agent.media_process"),
        *("--fd", str(far.fileno()), "--cache", str(cache)),
        pass_fds=[far.fileno()],
        cwd=ROOT,
        env=os.environ
        | {"PYTHONPATH": f"{ROOT}:{ROOT}/layers/core"}
        | ({} if path is None else {"PATH": path}),
    )
    far.close()
    phone, trunk, span_end = a_socket(), a_socket(), a_socket()
    trunk.connect(span_end.getsockname())
    span_end.connect(trunk.getsockname())
    stage: Stage

    def closed(why: str) -> None:
        stage.closed.set()

    link = IpcLink(near, asyncio.get_running_loop(), lambda m, d: stage.heard(m, d), closed)
    stage = Stage(child, link, a_free_port(), phone, trunk)
    try:
        await stage.told(lambda message: isinstance(message, MediaReady))
        link.send(OpenSpan("t1", "loop", tuple(range(1, 24))), [span_end.fileno()])
        yield stage
    finally:
        link.close()
        for sock in (phone, trunk, span_end):
            sock.close()
        await asyncio.wait_for(child.wait(), DEADLINE)


def play(story: Callable[[Stage], Awaitable[None]], cache: Path, path: str | None = None) -> None:
    async def whole() -> None:
        async with running(cache, path) as stage:
            await story(stage)

    asyncio.run(whole())


def coded(hertz: float, seconds: float = 1.0) -> bytes:
    return from_linear(tone([hertz], seconds, -16.0), Law.MU)


def last_half_second(samples: Samples) -> Samples:
    return samples[-4000:] if len(samples) >= 4000 else np.zeros(0, np.int16)


def test_voice_passes_both_ways_between_a_phone_and_a_channel(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        stage.link.send(SetRoom("c1", stage.members()))

        def both_heard(phone: Samples, trunk: Samples) -> bool:
            return hears(last_half_second(phone), 1000.0) and hears(last_half_second(trunk), 600.0)

        at_phone, at_trunk = await stage.talk(coded(600.0), coded(1000.0), both_heard)
        assert not hears(last_half_second(to_linear(at_phone, Law.MU)), 600.0)
        assert not hears(last_half_second(to_linear(at_trunk, Law.MU)), 1000.0)

    play(story, tmp_path)


def test_a_room_changes_while_voice_flows_and_ends(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        caller, psap = stage.members()
        stage.link.send(SetRoom("c1", (caller, psap)))
        await stage.talk(coded(600.0), coded(1000.0), lambda p, t: hears(last_half_second(t), 600))
        muted = RoomMember("psap", hears=False, span="t1", channel=3)
        stage.link.send(SetRoom("c1", (caller, muted)))
        _, at_trunk = await stage.talk(
            coded(600.0),
            coded(1000.0),
            lambda p, t: len(t) > 4000 and not last_half_second(t).any(),
        )
        assert at_trunk.endswith(b"\xff" * 4000)

        stage.link.send(DropRoom("c1"))
        other = RoomMember("next", local_port=a_free_port())
        stage.link.send(SetRoom("c2", (other,)))
        stage.link.send(SetRoom("c3", (RoomMember("x", local_port=other.local_port),)))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
            taken.bind(("127.0.0.1", 0))
            taken_port = taken.getsockname()[1]
            stage.link.send(SetRoom("c4", (RoomMember("y", local_port=taken_port),)))
            await stage.told(lambda m: isinstance(m, SyncCondition) and m.slug == "media-port")
        # The dropped room's port is free again once media has got as far as the taken one.
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as again:
            again.bind(("127.0.0.1", stage.rtp_port))

    play(story, tmp_path)


def test_a_keyed_digit_is_told_to_the_agent(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        stage.link.send(SetRoom("c1", stage.members()))
        await stage.talk(coded(600.0), coded(1000.0), lambda p, t: len(p) > 0)
        event = render(101, 1, 1600, 7, bytes([1, 0x0A, 0, 160]), marker=True)
        stage.phone.sendto(event, ("127.0.0.1", stage.rtp_port))
        await stage.told(lambda message: message == LegDigit("caller", "1"))

    play(story, tmp_path)


def test_what_the_far_end_says_is_kept_as_a_file_that_only_its_owner_may_read(
    tmp_path: Path,
) -> None:
    kept, heard = str(tmp_path / "c1.wav"), bytearray()

    async def story(stage: Stage) -> None:
        stage.link.send(SetRoom("c1", stage.members()))
        stage.link.send(KeepVoice("c1", "psap", kept, 60.0))
        stage.link.send(SetRoom("c2", ()))
        stage.link.send(KeepVoice("c2", "x", str(tmp_path / "no-folder" / "c2.wav"), 60.0))
        at_phone, _ = await stage.talk(
            coded(600.0),
            coded(1000.0),
            lambda p, t: len(p) > SECOND and hears(last_half_second(p), 1000),
        )
        stage.link.send(DropRoom("c1"))
        await stage.told(lambda m: isinstance(m, VoiceKept) and m.path == kept and m.seconds > 0.5)
        heard.extend(at_phone[-4000:-800])
        stage.link.send(DropRoom("c2"))
        await stage.told(lambda m: m == VoiceKept("c2", "", why="No such file or directory"))

    play(story, tmp_path)
    assert stat.S_IMODE(os.stat(kept).st_mode) == 0o600
    assert heard in Path(kept).read_bytes()


def test_blocks_that_a_span_loses_are_told_by_its_worst_channel(tmp_path: Path) -> None:
    def block(channel: int, number: int) -> bytes:
        return b"B" + bytes((channel,)) + number.to_bytes(2, "big") + bytes(BLOCK)

    async def story(stage: Stage) -> None:
        for channel, number in ((3, 1), (3, 4), (4, 1), (4, 7), (3, 6)):
            stage.trunk.send(block(channel, number))
        await stage.told(lambda m: m == SpanSlips("t1", 5))

    play(story, tmp_path)


def test_it_ends_by_itself_soon_after_the_agent_and_carries_voice_until_then(
    tmp_path: Path,
) -> None:
    async def story(stage: Stage) -> None:
        stage.link.send(SetRoom("c1", stage.members()))
        await stage.talk(coded(600.0), coded(1000.0), lambda p, t: len(p) > 0)
        gone_at = asyncio.get_running_loop().time()
        stage.link.close()
        await stage.talk(coded(600.0), coded(1000.0), lambda p, t: hears(last_half_second(p), 1000))
        assert await asyncio.wait_for(stage.child.wait(), DEADLINE) == 0
        assert asyncio.get_running_loop().time() - gone_at < 5.0

    play(story, tmp_path)


async def at_trunk(stage: Stage, enough: Callable[[bytes], bool]) -> bytes:
    """What the trunk hears on channel 3, as long as it takes to hear enough."""
    loop, heard = asyncio.get_running_loop(), bytearray()
    async with asyncio.timeout(DEADLINE):
        while not enough(bytes(heard)):
            data = await loop.sock_recv(stage.trunk, 2048)
            heard.extend(data[4:] if data[:2] == b"B\x03" else b"")
    return bytes(heard)


def test_a_spill_goes_out_whole_and_then_the_agent_is_told(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        stage.link.send(PlaySpill("t1", 3, 1, "*9x#"))
        await stage.told(lambda m: isinstance(m, SpillPlayed) and m.spill == 1 and bool(m.why))
        stage.link.send(PlaySpill("t1", 3, 2, "*911#"))
        sound = spill("*911#")
        await at_trunk(stage, lambda heard: sound in heard)
        await stage.told(partial(eq, SpillPlayed("t1", 3, 2)))

    play(story, tmp_path)


def test_a_spill_that_is_stopped_ends_and_one_whose_span_is_opened_anew_is_void(
    tmp_path: Path,
) -> None:
    async def story(stage: Stage) -> None:
        long = "*" + 20 * "5" + "#"
        stage.link.send(PlaySpill("t1", 3, 1, long))
        await at_trunk(stage, lambda heard: len(heard) >= 5 * BLOCK)
        stage.link.send(StopSpill("t1", 3))
        stage.link.send(PlaySpill("t1", 3, 2, long))
        await at_trunk(stage, lambda heard: spill(long)[: 5 * BLOCK] in heard)
        with a_socket() as again:
            stage.link.send(OpenSpan("t1", "loop", (3,)), [again.fileno()])
            await stage.told(lambda m: isinstance(m, SpillPlayed) and bool(m.why))
        assert [m.spill for m in stage.messages if isinstance(m, SpillPlayed)] == [2]

    play(story, tmp_path)


def test_a_hook_flash_is_sent_to_a_phone_as_an_event(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        loop = asyncio.get_running_loop()
        stage.link.send(SetRoom("c1", stage.members()))
        stage.link.send(PlayEvent("caller", 16))
        async with asyncio.timeout(DEADLINE):
            while True:
                packet = read(await loop.sock_recv(stage.phone, 2048))
                assert packet is not None
                if packet.payload_type == 101:
                    break
        assert packet.payload[0] == 16

    play(story, tmp_path)


def test_a_span_that_cannot_be_opened_is_told_and_what_is_no_card_is_closed(
    tmp_path: Path,
) -> None:
    async def story(stage: Stage) -> None:
        def sent(message: OpenSpan, count: int) -> list[socket.socket]:
            """Ends of pairs whose other ends media is given for channels."""
            pairs = [socket.socketpair() for _ in range(count)]
            stage.link.send(message, [theirs.fileno() for _, theirs in pairs])
            for _, theirs in pairs:
                theirs.close()
            return [ours for ours, _ in pairs]

        loop = asyncio.get_running_loop()
        given = [
            *sent(OpenSpan("too-few", "dahdi", (1, 2, 3)), 2),
            *sent(OpenSpan("unknown", "sdh", (1,)), 1),
            *sent(OpenSpan("no-card", "dahdi", (1, 2)), 2),
        ]
        stage.link.send(OpenSpan("away", "dahdi", (1, 2)))
        for ours in given:
            ours.setblocking(False)
            assert await loop.sock_recv(ours, 1) == b"", "closed, and the process lives"
            ours.close()
        for span in ("too-few", "unknown"):
            told = SyncCondition("media-span", True, f"{span}: cannot be opened")
            await stage.told(partial(eq, told))
        assert not any("away" in str(message) for message in stage.messages)

    play(story, tmp_path)
