"""The other end of the E&M span: hooks by a plan, and spandsp as the MF receiver.

A thread of its own keeps the tandem's time. What it saw and heard is read when the test asks.
"""

from __future__ import annotations

import heapq
import select
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from types import TracebackType
from typing import Self

from edge_agent.drivers.priority import SIGNALLING, go_real_time
from tests.wires.agent.branch import Branch
from tests.wires.agent.ports import HOST
from tests.wires.spandsp.rig import Receiver, Spandsp

PATIENCE_S = 15.0
BLOCK = 160
_VOICE = struct.Struct("!cBH")


@dataclass(frozen=True)
class Plan:
    """What the tandem does, in seconds; ``None`` is never."""

    wink_after: float | None = 0.1
    """After the seizure."""
    wink: float = 0.2
    asks_after: float | None = None
    """Off hook as the ANI request, so long after the first group."""
    answers_after: float | None = 0.2
    """Off hook (or speaking) so long after the last group."""
    groups: int = 1
    hangs_up_after: float | None = None
    """On hook so long after the answer."""
    flashes_after: float | None = None
    """On hook for half a second, so long after the answer."""


@dataclass
class Seen:
    """One call on one channel."""

    channel: int
    off_at: float
    on_at: float | None = None
    digits: str = ""
    digits_at: float = 0.0
    """When the last terminator was heard."""
    voice: bytearray = field(default_factory=bytearray)
    """What came after the digits."""


class Tandem:
    """A selective router's end of the branch's E&M span."""

    def __init__(self, branch: Branch, plan: Plan) -> None:
        d_local, d_remote, b_local, b_remote = branch.em_ports
        self._hooks, self._voices = _socket(d_remote, d_local), _socket(b_remote, b_local)
        self._plan = plan
        self._spandsp = Spandsp()
        self._receivers: dict[int, Receiver] = {}
        self._open: dict[int, Seen] = {}
        self._numbers: dict[int, int] = {}
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()
        self._changed = threading.Condition()
        self._over = False
        self.seen: list[Seen] = []
        self._thread = threading.Thread(target=self._work, name="tandem", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over = True
        self._thread.join()
        self._spandsp.__exit__(kind, error, trace)
        self._hooks.close()
        self._voices.close()

    def until(self, met: Callable[[], bool], within_s: float = PATIENCE_S) -> None:
        """Wait for something that the tandem sees; fails with what it saw instead."""
        with self._changed:
            assert self._changed.wait_for(met, within_s), f"the tandem saw {self.seen}"

    def raise_alarm(self, alarms: int) -> None:
        """The line shows these alarms."""
        self._hooks.send(b"A" + bytes([alarms]))

    def hook(self, channel: int, *, off_hook: bool) -> None:
        """Our end of a channel goes off or on hook."""
        self._hooks.send(b"S" + bytes([channel]) + b"h" + bytes([off_hook]))

    def _work(self) -> None:
        go_real_time(SIGNALLING)  # a tandem's wink is as long as it says, whatever else is running
        while not self._over:
            wait = max(0.0, self._due[0][0] - time.monotonic()) if self._due else 0.05
            ready, _, _ = select.select([self._hooks, self._voices], [], [], min(wait, 0.05))
            with self._changed:
                for sock in ready:
                    self._read(sock)
                while self._due and self._due[0][0] <= time.monotonic():
                    heapq.heappop(self._due)[2]()
                self._changed.notify_all()

    def _read(self, sock: socket.socket) -> None:
        try:
            data = sock.recv(4096)
        except OSError:
            return
        if data[:1] == b"S" and data[2:3] == b"h":
            (self._seized if data[3] else self._released)(data[1])
        elif data[:1] == b"B" and data[1] in self._open:
            self._heard(self._open[data[1]], data[_VOICE.size :])

    def _seized(self, channel: int) -> None:
        call = self._open[channel] = Seen(channel, time.monotonic())
        self.seen.append(call)
        self._receivers[channel] = self._spandsp.receiver("mu")
        if self._plan.wink_after is not None:
            self._later(self._plan.wink_after, lambda: self.hook(channel, off_hook=True))
            over = self._plan.wink_after + self._plan.wink
            self._later(over, lambda: self.hook(channel, off_hook=False))

    def _released(self, channel: int) -> None:
        call = self._open.pop(channel, None)
        if call is not None:
            call.on_at = time.monotonic()
            self.hook(channel, off_hook=False)

    def _heard(self, call: Seen, block: bytes) -> None:
        groups = _groups(call.digits)
        if groups >= self._plan.groups:
            call.voice += block
            return
        call.digits += "".join(each.digit for each in self._receivers[call.channel].hear(block))
        if _groups(call.digits) > groups:
            call.digits_at = time.monotonic()
            self._group_is_over(call)

    def _group_is_over(self, call: Seen) -> None:
        plan, channel = self._plan, call.channel
        if _groups(call.digits) < plan.groups:
            if plan.asks_after is not None:
                self._later(plan.asks_after, lambda: self.hook(channel, off_hook=True))
        elif plan.answers_after is not None:
            self._later(plan.answers_after, lambda: self._answer(channel))

    def _answer(self, channel: int) -> None:
        plan = self._plan
        self.hook(channel, off_hook=True)
        if plan.flashes_after is not None:
            self._later(plan.flashes_after, lambda: self.hook(channel, off_hook=False))
            self._later(plan.flashes_after + 0.5, lambda: self.hook(channel, off_hook=True))
        if plan.hangs_up_after is not None:
            self._later(plan.hangs_up_after, lambda: self.hook(channel, off_hook=False))

    def _later(self, seconds: float, do: Callable[[], None]) -> None:
        heapq.heappush(self._due, (time.monotonic() + seconds, next(self._order), do))


def _groups(digits: str) -> int:
    """How many groups have ended: by ST, ST', ST'' or ST'''."""
    return sum(digits.count(end) for end in "#ABC")


def _socket(local: int, remote: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setblocking(False)
    sock.bind((HOST, local))
    sock.connect((HOST, remote))
    return sock
