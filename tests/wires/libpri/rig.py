"""Our trunk and the libpri process on one lossy wire, in real time: feeds both and keeps what each
side said.
"""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from random import Random
from types import TracebackType
from typing import Any, Self

from edge_agent.isdn.lapd_link import SendFrame
from edge_agent.isdn.trunk import Output, Trunk
from edge_agent.leg import Discarded, LegId, LegRequest
from tests.wires.libpri.build import ROOT, binding
from tests.wires.libpri.faults import ALL, Faults

Event = dict[str, Any]
_SHOWN = 30
_TURN_S = 1.0


class Ids:
    """Leg ids and first reference for a test."""

    def __init__(self, first_reference: int = 1) -> None:
        self._count = 0
        self._first = first_reference

    def leg_id(self) -> LegId:
        """The next of in-1, in-2, …"""
        self._count += 1
        return LegId(f"in-{self._count}")

    def call_reference(self) -> int:
        """As given."""
        return self._first


class Network:
    """The libpri process: commands go in by :meth:`do`, events come out of :meth:`read`."""

    def __init__(self, *options: str, fd: int | None = None) -> None:
        command = [sys.executable, "-m", "tests.wires.libpri.peer"]
        inherited = [] if fd is None else ["--fd", str(fd)]
        self._process = subprocess.Popen(
            [*command, *inherited, *options],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=() if fd is None else (fd,),
        )
        assert self._process.stdout is not None
        self.stdout = self._process.stdout.fileno()
        os.set_blocking(self.stdout, False)
        self._rest = b""

    def do(self, deed: str, **fields: Any) -> None:
        """Send a command."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": deed, **fields}).encode() + b"\n")
        self._process.stdin.flush()

    def read(self) -> list[Event]:
        """Return the events that have arrived."""
        try:
            data = os.read(self.stdout, 1 << 20)
        except BlockingIOError:
            return []
        assert data, "the libpri process has ended"
        *lines, self._rest = (self._rest + data).split(b"\n")
        return [json.loads(line) for line in lines]

    def end(self) -> None:
        """End the process and wait for it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(5)
        self._process.stdout.close()


class Rig:
    """Runs a core against the network side; waits are for events, each with a deadline."""

    def __init__(
        self,
        trunk: Trunk,
        *,
        switch: str = "ni2",
        auto: str = "answer",
        share: float = 0.0,
        kinds: tuple[str, ...] = ALL,
        udp: bool = False,
        seed: int = 911,
        options: tuple[str, ...] = (),
    ) -> None:
        binding()  # compiled here, so that no deadline of a test pays for it
        self.trunk = trunk
        dice = Random(seed)
        self.ours, self.theirs = (Faults(share, dice, kinds) for _ in range(2))
        self.said: list[Output] = []
        self.heard: list[Event] = []
        self.frames: list[tuple[bool, bytes]] = []
        self.began = self.now
        self.on_said: Callable[[Output], object] = lambda output: None
        self.on_heard: Callable[[Event], object] = lambda event: None
        self.on_turn: Callable[[], object] = lambda: None
        options = ("--switch", switch, "--auto", auto, *options)
        self._prefix = b"D" if udp else b""
        if udp:
            self._wire, ours, theirs = _loopback_pair()
            self.network = Network("--udp", theirs, ours, *options)
        else:
            self._wire, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            self.network = Network(*options, fd=far.fileno())
            far.close()
        self._wire.setblocking(False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.network.end()
        self._wire.close()

    @property
    def now(self) -> float:
        """The clock of this rig."""
        return time.monotonic()

    def start(self) -> None:
        """Establish the link and wait until both sides say so."""
        self.perform(self.trunk.start(self.now))
        self.until(lambda: self.trunk.link_up and {"event": "link", "up": True} in self.heard)

    def replace(self, trunk: Trunk) -> None:
        """The agent is started anew: its core knows nothing, the network remembers."""
        self.trunk = trunk
        self.said.clear()
        self.perform(trunk.start(self.now))

    def ask(self, request: LegRequest) -> None:
        """Give the core a request of the gateway's."""
        self.perform(self.trunk.handle(request, self.now))

    def perform(self, outputs: list[Output]) -> None:
        """Write frames (or lose them) and keep the words."""
        for output in outputs:
            if isinstance(output, SendFrame):
                self.frames.append((True, output.data))
                self._write(self.ours.carry(output.data, self.now))
            else:
                self.said.append(output)
                self.on_said(output)

    def until(self, done: Callable[[], bool], within_s: float = 10.0) -> None:
        """Run both sides until ``done``; fails after ``within_s`` with what was said."""
        limit = self.now + within_s
        while not done():
            assert self.now < limit, (
                f"waited {within_s} s; said {self.said[-_SHOWN:]}; heard {self.heard[-_SHOWN:]}"
            )
            self._turn(min(limit, self.now + _TURN_S))
            self.on_turn()

    def standing_still(self, name: str, within_s: float = 10.0) -> None:
        """Hear the network side tell of an event, and nothing of the line yet: two that write at
        the same time have not heard of each other."""
        limit = self.now + within_s
        while not self.events(name):
            select.select([self.network.stdout], [], [], max(0.0, limit - self.now))
            assert self.now < limit, f"no {name} within {within_s} s"
            for event in self.network.read():
                self.heard.append(event)
                self.on_heard(event)

    def told(self, kind: type, leg: str | None = None) -> list[Any]:
        """Words of a kind, of one leg or of all."""
        return [
            word
            for word in self.said
            if isinstance(word, kind) and (leg is None or getattr(word, "leg", None) == leg)
        ]

    def events(self, name: str) -> list[Event]:
        """Events of the network side of one name."""
        return [event for event in self.heard if event["event"] == name]

    def quiet(self) -> dict[str, object]:
        """What is left in the core: empty where nothing leaked."""
        left: dict[str, object] = {}
        if self.trunk.legs:
            left["legs"] = sorted(self.trunk.legs)
        if self.trunk.busy_channels:
            left["channels"] = sorted(self.trunk.busy_channels)
        return left

    def unexpected(self) -> list[str]:
        """Reasons of what the core discarded."""
        return [word.reason for word in self.said if isinstance(word, Discarded)]

    @property
    def faults(self) -> Counter[str]:
        """How many frames met which fault, both directions together."""
        return self.ours.done + self.theirs.done

    def cut(self, *, yes: bool) -> None:
        """Cut the line, or mend it."""
        self.ours.cut = self.theirs.cut = yes

    def _write(self, frames: list[bytes]) -> None:
        for frame in frames:
            try:
                self._wire.send(self._prefix + frame)
            except ConnectionRefusedError:
                self.ours.done["lost"] += 1  # over UDP: the other end is not there yet

    def _receive(self, frames: list[bytes]) -> None:
        for frame in frames:
            self.frames.append((False, frame))
            self.perform(self.trunk.receive(frame, self.now))

    def _turn(self, limit: float) -> None:
        dues = (each.next_deadline() for each in (self.trunk, self.ours, self.theirs))
        wait = max(0.0, min([limit, *(due for due in dues if due is not None)]) - self.now)
        wire = self._wire.fileno()
        ready, _, _ = select.select([wire, self.network.stdout], [], [], wait)
        if wire in ready:
            try:
                frame = self._wire.recv(4096).removeprefix(self._prefix)
            except ConnectionRefusedError:
                return
            self._receive(self.theirs.carry(frame, self.now))
        if self.network.stdout in ready:
            for event in self.network.read():
                self.heard.append(event)
                self.on_heard(event)
        self._write(self.ours.overdue(self.now))
        self._receive(self.theirs.overdue(self.now))
        due = self.trunk.next_deadline()
        if due is not None and due <= self.now:
            self.perform(self.trunk.handle_timeout(self.now))


def _loopback_pair() -> tuple[socket.socket, str, str]:
    """Our end of a UDP line and the addresses of both ends."""
    ours, probe = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
    ours.bind(("127.0.0.1", 0))
    probe.bind(("127.0.0.1", 0))
    near, far = ours.getsockname(), probe.getsockname()
    probe.close()
    ours.connect(far)
    return ours, f"{near[0]}:{near[1]}", f"{far[0]}:{far[1]}"
