"""The real door with ordinary descriptors behind it: what DAHDI calls an event is urgent data."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from edge_agent.drivers.dahdi import INT, Ready, Request
from edge_agent.drivers.dahdi_kernel import LinuxKernel

PATIENCE_S = 5.0


class Told:
    """What a poller has told."""

    def __init__(self) -> None:
        self.heard: asyncio.Queue[tuple[int, Ready]] = asyncio.Queue()

    def __call__(self, descriptor: int, ready: Ready) -> None:
        self.heard.put_nowait((descriptor, ready))

    async def next(self) -> tuple[int, Ready]:
        return await asyncio.wait_for(self.heard.get(), PATIENCE_S)


def played(story: Callable[[LinuxKernel, Told], Coroutine[Any, Any, None]]) -> None:
    async def on_a_loop() -> None:
        await story(LinuxKernel(asyncio.get_running_loop()), Told())

    asyncio.run(on_a_loop())


def stream() -> tuple[socket.socket, socket.socket]:
    """Two ends of a TCP connection: only TCP has urgent data."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        near = socket.create_connection(server.getsockname())
        far, _ = server.accept()
    return near, far


def test_data_and_events_are_told_apart_and_only_what_was_asked_for() -> None:
    async def story(kernel: LinuxKernel, told: Told) -> None:
        near, far = stream()
        poller = kernel.poller(told)
        poller.watch(near.fileno(), Ready.DATA | Ready.EVENT)
        far.send(b"block")
        assert await told.next() == (near.fileno(), Ready.DATA)
        assert kernel.read(near.fileno(), 100) == b"block"

        poller.watch(near.fileno(), Ready.EVENT)
        far.send(b"more")
        far.send(b"!", socket.MSG_OOB)
        while (found := await told.next()) == (near.fileno(), Ready.DATA):
            pass  # told before the second wish
        assert found == (near.fileno(), Ready.EVENT)
        poller.close()
        poller.close()
        near.close()
        far.close()

    played(story)


def test_a_broken_descriptor_is_told_as_gone_and_a_forgotten_one_not_at_all() -> None:
    async def story(kernel: LinuxKernel, told: Told) -> None:
        broken, far = os.pipe()
        kept, other = os.pipe()
        poller = kernel.poller(told)
        poller.watch(broken, Ready.EVENT)
        poller.watch(kept, Ready.DATA)
        os.close(far)
        assert await told.next() == (broken, Ready.GONE)
        poller.forget(broken)
        poller.forget(broken)
        while not told.heard.empty():
            told.heard.get_nowait()
        kernel.write(other, b"x")
        assert await told.next() == (kept, Ready.DATA)
        poller.close()
        for descriptor in (broken, kept, other):
            kernel.close(descriptor)

    played(story)


def test_what_closes_the_poller_from_within_is_the_last_to_be_told() -> None:
    async def story(kernel: LinuxKernel, told: Told) -> None:
        pipes = [os.pipe() for _ in range(3)]

        def close(descriptor: int, ready: Ready) -> None:
            told(descriptor, ready)
            poller.close()

        poller = kernel.poller(close)
        for near, far in pipes:
            os.write(far, b"x")
            poller.watch(near, Ready.DATA)
        await told.next()
        assert told.heard.empty()
        for near, far in pipes:
            os.close(near)
            os.close(far)

    played(story)


def test_descriptors_neither_block_nor_are_inherited_and_errors_are_the_kernels() -> None:
    async def story(kernel: LinuxKernel, _: Told) -> None:
        null = kernel.open("/dev/null")
        assert not os.get_blocking(null)
        assert not os.get_inheritable(null)
        with pytest.raises(OSError, match="ioctl"):
            kernel.ioctl(null, Request.GETEVENT, INT.buffer())
        kernel.close(null)
        with pytest.raises(FileNotFoundError):
            kernel.open("/dev/dahdi/nothing")

    played(story)
