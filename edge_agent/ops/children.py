"""Media and sync are children on socket pairs: started, watched, and started again when they die.

The agent never waits for either. A child that is gone raises its alarm, and the next one begins
after a pause that grows with each early death.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Protocol

log = logging.getLogger(__name__)

FIRST_PAUSE_S = 0.25
LONGEST_PAUSE_S = 10.0
STEADY_S = 30.0
"""A child that lived so long was no early death: the pause begins anew."""
REAP_S = 2.0
"""How long a child whose socket is closed may take to end before it is killed."""


class Pipe(Protocol):
    """The agent's end towards one child."""

    def attach(self, sock: socket.socket) -> None:
        """A new child is at the other end of ``sock``."""

    def close(self) -> None:
        """Let go of the socket: the child ends by itself."""


class Child:
    """One child process: ``argv`` and ``--fd N``; ``changed(up)`` is told of its life."""

    def __init__(
        self, name: str, argv: Sequence[str], pipe: Pipe, changed: Callable[[bool], None]
    ) -> None:
        self.name = name
        self._argv = tuple(argv)
        self._pipe = pipe
        self._changed = changed
        self._loop = asyncio.get_running_loop()
        self._process: subprocess.Popen[bytes] | None = None
        self._dying: list[subprocess.Popen[bytes]] = []
        self._again: asyncio.TimerHandle | None = None
        self._pause_s = FIRST_PAUSE_S
        self._began = 0.0
        self._stopping = False

    @property
    def pid(self) -> int | None:
        """The process, while there is one."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start it now."""
        self._again = None
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            with theirs:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", *self._argv, "--fd", str(theirs.fileno())],
                    pass_fds=(theirs.fileno(),),
                    stdin=subprocess.DEVNULL,
                )
        except OSError:
            log.exception("%s did not start", self.name)
            ours.close()
            self._start_later()
            return
        self._began = self._loop.time()
        log.info("%s is process %d", self.name, self._process.pid)
        self._pipe.attach(ours)
        self._changed(True)

    def gone(self, why: str) -> None:
        """The pipe's other end is closed, or speaks what we do not understand."""
        if self._stopping:
            return
        log.warning("%s is gone: %s", self.name, why)
        self._pipe.close()
        self._reap_later()
        self._changed(False)
        self._start_later()

    def stop(self) -> None:
        """End the child now: media lingers for an agent that died, not for one that stops."""
        self._stopping = True
        if self._again is not None:
            self._again.cancel()
        self._pipe.close()
        self._reap_later()
        for process in self._dying:
            process.terminate()
            try:
                process.wait(REAP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _start_later(self) -> None:
        if self._loop.time() - self._began >= STEADY_S:
            self._pause_s = FIRST_PAUSE_S
        self._again = self._loop.call_later(self._pause_s, self.start)
        self._pause_s = min(self._pause_s * 2, LONGEST_PAUSE_S)

    def _reap_later(self) -> None:
        """Its socket is closed: it ends by itself, or is killed after a while."""
        self._dying = [process for process in self._dying if process.poll() is None]
        if self._process is not None:
            self._dying.append(self._process)
            self._loop.call_later(REAP_S, _kill, self._process)
        self._process = None


def _kill(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.kill()
