"""Children are real processes here: they are started, they die, and the next one takes over."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from edge_agent.ops.children import Child

PROGRAM = """
import argparse, os, socket
parser = argparse.ArgumentParser()
parser.add_argument("--fd", type=int)
parser.add_argument("--name")
chosen = parser.parse_args()
sock = socket.socket(fileno=chosen.fd)
sock.sendall(f"{chosen.name} {os.getpid()} ".encode())
sock.recv(1)
"""
PATIENCE_S = 15.0


class Pipe:
    """Reads what the children say, and tells when one is gone."""

    def __init__(self) -> None:
        self.said: asyncio.Queue[str] = asyncio.Queue()
        self.child: Child | None = None
        self._sock: socket.socket | None = None

    def attach(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        self._sock = sock
        asyncio.get_running_loop().add_reader(sock, self._read, sock)

    def close(self) -> None:
        if self._sock is not None:
            asyncio.get_running_loop().remove_reader(self._sock)
            self._sock.close()
            self._sock = None

    def _read(self, sock: socket.socket) -> None:
        data = sock.recv(100)
        if data:
            self.said.put_nowait(data.decode())
        else:
            assert self.child is not None
            self.child.gone("closed")


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "small_child.py").write_text(PROGRAM)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return "small_child"


def play(story: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(story(), PATIENCE_S))


def test_a_child_that_dies_is_started_again_and_that_is_told(program: str) -> None:
    async def story() -> None:
        pipe, life = Pipe(), list[bool]()
        child = pipe.child = Child("small", [program, "--name", "ann"], pipe, life.append)
        child.start()
        name, pid = (await pipe.said.get()).split()
        assert (name, int(pid)) == ("ann", child.pid)
        os.kill(int(pid), signal.SIGKILL)
        _, later = (await pipe.said.get()).split()
        assert later != pid
        assert life == [True, False, True]
        child.stop()
        assert child.pid is None

    play(story)


def test_a_stop_lets_it_end_by_itself_and_starts_no_other(program: str) -> None:
    async def story() -> None:
        pipe, life = Pipe(), list[bool]()
        child = pipe.child = Child("small", [program, "--name", "ann"], pipe, life.append)
        child.start()
        _, pid = (await pipe.said.get()).split()
        child.stop()
        child.gone("too late to matter")
        assert life == [True]
        with pytest.raises(ProcessLookupError):
            os.kill(int(pid), 0)

    play(story)


def test_pauses_grow_while_it_dies_early() -> None:
    async def story() -> None:
        again: asyncio.Queue[float] = asyncio.Queue()
        loop = asyncio.get_running_loop()
        pipe = Pipe()

        def changed(up: bool) -> None:
            if up:
                again.put_nowait(loop.time())

        child = pipe.child = Child("gone", ["no_such_module_at_all"], pipe, changed)
        child.start()
        first, second, third = [await again.get() for _ in range(3)]
        assert second - first >= 0.25
        assert third - second >= 0.5
        child.stop()

    play(story)
