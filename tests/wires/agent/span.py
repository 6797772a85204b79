"""The other end of the PRI: libpri as a process, behind a tap that keeps every frame."""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from typing import Any

from tests.wires.agent.branch import Branch
from tests.wires.agent.ports import HOST, free_ports
from tests.wires.agent.pump import PATIENCE_S, Pump
from tests.wires.libpri.build import binding
from tests.wires.libpri.rig import Network

Event = dict[str, Any]


class PriNetwork:
    """libpri on the far end of the branch's D channel; its events carry the time they came."""

    def __init__(self, branch: Branch, pump: Pump, auto: str = "answer") -> None:
        binding()  # compiled here, so that no deadline of a test pays for it
        self._pump = pump
        tap, network = free_ports(2)
        self.frames: list[tuple[bool, bytes]] = []
        """(written by the agent, frame)"""
        self.heard: list[Event] = []
        self._near = _line(branch.d_remote, branch.d_local)
        self._far = _line(tap, network)
        pump.watch(self._near, lambda: self._carry(self._near, self._far, True))
        pump.watch(self._far, lambda: self._carry(self._far, self._near, False))
        self._network: Network | None = Network(
            "--udp", f"{HOST}:{network}", f"{HOST}:{tap}", "--switch", "ni2", "--auto", auto
        )
        self._stdout = _Descriptor(self._network.stdout)
        pump.watch(self._stdout, self._read)

    @property
    def ours(self) -> list[bytes]:
        """What the agent wrote."""
        return [frame for by_agent, frame in self.frames if by_agent]

    def do(self, deed: str, **fields: Any) -> None:
        """Ask libpri for something."""
        assert self._network is not None, "libpri was stopped"
        self._network.do(deed, **fields)

    def events(self, name: str) -> list[Event]:
        """What it has told of one name."""
        return [event for event in self.heard if event["event"] == name]

    def until(self, name: str, count: int = 1, within_s: float = PATIENCE_S) -> Event:
        """Wait for the ``count``th event of a name."""
        self._pump.until(
            lambda: len(self.events(name)) >= count, lambda: (name, self.heard), within_s
        )
        return self.events(name)[count - 1]

    def until_up(self) -> None:
        """Wait for the link."""
        self._pump.until(
            lambda: any(event.get("up") for event in self.events("link")), lambda: self.heard
        )

    def shout(self, datagrams: list[bytes]) -> None:
        """Put these on the line toward the agent."""
        for data in datagrams:
            self._near.send(data)

    def stop(self) -> None:
        """The exchange is gone: libpri ends, the line stays."""
        if self._network is not None:
            self._pump.drop(self._stdout)
            self._network.end()
            self._network = None

    def close(self) -> None:
        """Let go of everything."""
        self.stop()
        for line in (self._near, self._far):
            self._pump.drop(line)
            line.close()

    def _carry(self, source: socket.socket, to: socket.socket, by_agent: bool) -> None:
        with suppress(BlockingIOError, ConnectionRefusedError):
            data = source.recv(4096)
            if data[:1] == b"D":
                self.frames.append((by_agent, data[1:]))
            to.send(data)

    def _read(self) -> None:
        assert self._network is not None
        at = time.monotonic()
        self.heard += [{**event, "at": at} for event in self._network.read()]


class _Descriptor:
    """A descriptor that somebody else owns."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def fileno(self) -> int:
        return self._descriptor


def _line(local: int, remote: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setblocking(False)
    sock.bind((HOST, local))
    sock.connect((HOST, remote))
    return sock
