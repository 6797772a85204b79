"""The loop holds to the conformance suite, and its wire form is the agreed one."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable

import pytest

from edge_agent.drivers.loop_signals import LoopSignals
from edge_agent.drivers.loop_span import LoopBChannels, LoopDChannel, connected_socket
from edge_agent.drivers.span import BLOCK
from tests.edge.drivers.span_conformance import STORIES, Ear, Line


def joined_sockets() -> tuple[socket.socket, socket.socket]:
    """Two connected ends on ports that the kernel chose."""
    near, far = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
    for end in (near, far):
        end.setblocking(False)
        end.bind(("127.0.0.1", 0))
    near.connect(far.getsockname())
    far.connect(near.getsockname())
    return near, far


def loop_line() -> Line:
    loop = asyncio.get_running_loop()
    ear, near_ear = Ear(), Ear()
    near_d, far_d = joined_sockets()
    near_s, far_s = joined_sockets()
    near_b, far_b = joined_sockets()
    return Line(
        LoopDChannel(near_d, loop, near_ear.on_frame, near_ear.on_alarm),
        LoopSignals(near_s, loop, near_ear.on_transition, near_ear.on_alarm),
        LoopBChannels(near_b, loop, near_ear.on_block, near_ear.on_slip),
        LoopDChannel(far_d, loop, ear.on_frame, ear.on_alarm),
        LoopSignals(far_s, loop, ear.on_transition, ear.on_alarm),
        LoopBChannels(far_b, loop, ear.on_block, ear.on_slip),
        near_ear,
        ear,
    )


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_the_loop_conforms(story: Callable[[Line], Awaitable[None]]) -> None:
    async def played() -> None:
        line = loop_line()
        try:
            await story(line)
        finally:
            line.close()

    asyncio.run(played())


def test_the_wire_form_of_the_loop_is_the_agreed_one() -> None:
    async def played() -> None:
        loop, ear = asyncio.get_running_loop(), Ear()
        near, far = joined_sockets()
        d = LoopDChannel(near, loop, ear.on_frame, ear.on_alarm)
        d.send(b"\x02\x01\x7f")
        assert far.recv(100) == b"D\x02\x01\x7f"
        far.send(b"A\x01")
        await ear.until(lambda: bool(ear.alarms))
        d.close()
        far.close()

        near, far = joined_sockets()
        b = LoopBChannels(near, loop, ear.on_block, ear.on_slip)
        b.send(23, bytes(BLOCK))
        b.send(23, bytes(BLOCK))
        b.send(7, bytes(BLOCK))
        heads = [far.recv(200)[:4] for _ in range(3)]
        assert heads == [b"B\x17\x00\x00", b"B\x17\x00\x01", b"B\x07\x00\x00"]
        b.close()
        far.close()

    asyncio.run(played())


def test_lost_blocks_are_told_as_slips_per_channel_and_the_number_wraps() -> None:
    async def played() -> None:
        ear = Ear()
        near, far = joined_sockets()
        b = LoopBChannels(near, asyncio.get_running_loop(), ear.on_block, ear.on_slip)
        for channel, number in ((1, 0xFFFE), (2, 9), (1, 0xFFFF), (1, 0), (1, 3), (2, 10)):
            far.send(b"B" + bytes([channel]) + number.to_bytes(2, "big") + bytes(BLOCK))
        await ear.until(lambda: len(ear.blocks) == 6)
        assert ear.slips == [(1, 2)]
        b.close()
        far.close()

    asyncio.run(played())


@pytest.mark.parametrize(
    "noise", [b"", b"X", b"B", b"B\x01\x00\x00" + bytes(159), b"S\x01h\x01", b"A"]
)
def test_noise_on_either_half_is_counted_and_disturbs_nothing(noise: bytes) -> None:
    async def played() -> None:
        loop, ear = asyncio.get_running_loop(), Ear()
        near_d, far_d = joined_sockets()
        near_b, far_b = joined_sockets()
        d = LoopDChannel(near_d, loop, ear.on_frame, ear.on_alarm)
        b = LoopBChannels(near_b, loop, ear.on_block, ear.on_slip)
        for far, good in ((far_d, b"Dframe"), (far_b, b"B\x01\x00\x00" + bytes(BLOCK))):
            far.send(noise)
            far.send(good)
        await ear.until(lambda: bool(ear.frames) and bool(ear.blocks))
        assert (d.unread, b.unread) == (1, 1)
        for end in (d, b, far_d, far_b):
            end.close()

    asyncio.run(played())


def test_a_taken_port_is_an_error_and_leaks_no_socket() -> None:
    taken = connected_socket(("127.0.0.1", 0), ("127.0.0.1", 9))
    with pytest.raises(OSError, match="in use"):
        connected_socket(taken.getsockname(), ("127.0.0.1", 9))
    taken.close()
