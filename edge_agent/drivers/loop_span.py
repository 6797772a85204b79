"""A span made of datagrams on loopback: the lab's T1, and that of every test without a card.

Each half is one UDP socket connected to its mirror. On the D half a datagram is ``D`` and a frame,
or ``A`` and the alarms as one byte. On the B half it is ``B``, channel, a sequence number of 16
bits per channel and 160 bytes of voice; or ``S``, channel, kind (``h`` hook, ``b`` bits,
``p`` polarity) and the value as one byte.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Collection
from contextlib import suppress
from struct import Struct

from edge_agent.drivers.span import (
    BLOCK,
    OnAlarm,
    OnBlock,
    OnFrame,
    OnSlip,
    OnTransition,
    SpanAlarm,
)
from edge_agent.line import BitsChanged, HookChanged, PolarityChanged, Transition

Address = tuple[str, int]

LARGEST = 4096
AT_ONCE = 64
"""Datagrams read in one turn of the loop; more of them wait for the next."""

_VOICE = Struct("!cBH")
_SIGNAL = Struct("!cBcB")


def connected_socket(local: Address, remote: Address) -> socket.socket:
    """A UDP socket that hears ``remote`` only. Raises OSError: the local port is taken."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        sock.bind(local)
        sock.connect(remote)
    except OSError:
        sock.close()
        raise
    return sock


class LoopDChannel:
    """The D half. It owns ``sock`` and closes it."""

    def __init__(
        self,
        sock: socket.socket,
        loop: asyncio.AbstractEventLoop,
        on_frame: OnFrame,
        on_alarm: OnAlarm,
    ) -> None:
        self._sock = sock
        self._loop = loop
        self._on_frame = on_frame
        self._on_alarm = on_alarm
        self.unread = 0
        """Datagrams that are none of ours."""
        loop.add_reader(sock, self._readable)

    def send(self, frame: bytes) -> None:
        """Put a frame on the wire; one that the kernel does not take is lost, as on a bad line."""
        _send(self._sock, b"D" + frame)

    def raise_alarm(self, alarm: SpanAlarm) -> None:
        """Make the far end see these alarms, as a broken line would."""
        _send(self._sock, b"A" + bytes([alarm]))

    def close(self) -> None:
        """Let go of the socket."""
        if self._sock.fileno() >= 0:
            self._loop.remove_reader(self._sock)
            self._sock.close()

    def _readable(self) -> None:
        for _ in range(AT_ONCE):
            data = _receive(self._sock)
            if data is None or self._sock.fileno() < 0:
                return
            now = self._loop.time()
            if data[:1] == b"D":
                self._on_frame(data[1:], now)
            elif data[:1] == b"A" and len(data) == 2:
                self._on_alarm(SpanAlarm(data[1] & 7), now)
            else:
                self.unread += 1


class LoopBChannels:
    """The B half. It owns ``sock`` (which may have come from another process) and closes it."""

    def __init__(
        self,
        sock: socket.socket,
        loop: asyncio.AbstractEventLoop,
        on_block: OnBlock,
        on_transition: OnTransition,
        on_slip: OnSlip,
    ) -> None:
        self._sock = sock
        self._loop = loop
        self._on_block = on_block
        self._on_transition = on_transition
        self._on_slip = on_slip
        self._sent: dict[int, int] = {}
        self._heard: dict[int, int] = {}
        self.unread = 0
        """Datagrams that are none of ours."""
        loop.add_reader(sock, self._readable)

    def send(self, channel: int, block: bytes) -> None:
        """Play one block."""
        number = self._sent.get(channel, -1) + 1 & 0xFFFF
        self._sent[channel] = number
        _send(self._sock, _VOICE.pack(b"B", channel, number) + block)

    def listen(self, channels: Collection[int]) -> None:
        """Nothing comes on the others: a loop has no idle octets."""

    def hook(self, channel: int, *, off_hook: bool) -> None:
        """Take ``channel`` off hook, or hang up."""
        self.signal(HookChanged(channel, off_hook, 0.0))

    def signal(self, transition: Transition) -> None:
        """Make the far end see a transition; its time is when it gets there."""
        kind, value = _coded(transition)
        _send(self._sock, _SIGNAL.pack(b"S", transition.channel, kind, value))

    def close(self) -> None:
        """Let go of the socket."""
        if self._sock.fileno() >= 0:
            self._loop.remove_reader(self._sock)
            self._sock.close()

    def _readable(self) -> None:
        for _ in range(AT_ONCE):
            data = _receive(self._sock)
            if data is None or self._sock.fileno() < 0:
                return
            if len(data) == _VOICE.size + BLOCK and data[0] == 0x42:
                self._hear_block(data)
            elif len(data) == _SIGNAL.size and data[0] == 0x53:
                self._hear_signal(data)
            else:
                self.unread += 1

    def _hear_block(self, data: bytes) -> None:
        _, channel, number = _VOICE.unpack_from(data)
        missed = (number - self._heard.get(channel, number - 1) - 1) & 0xFFFF
        self._heard[channel] = number
        if missed:
            self._on_slip(channel, missed)
        self._on_block(channel, data[_VOICE.size :], self._loop.time())

    def _hear_signal(self, data: bytes) -> None:
        _, channel, kind, value = _SIGNAL.unpack(data)
        now = self._loop.time()
        if kind == b"h":
            self._on_transition(HookChanged(channel, bool(value), now))
        elif kind == b"p":
            self._on_transition(PolarityChanged(channel, bool(value), now))
        elif kind == b"b":
            self._on_transition(BitsChanged(channel, value & 0xF, now))
        else:
            self.unread += 1


def _coded(transition: Transition) -> tuple[bytes, int]:
    match transition:
        case HookChanged():
            return b"h", transition.off_hook
        case BitsChanged():
            return b"b", transition.bits
        case PolarityChanged():
            return b"p", transition.is_reversed


def _send(sock: socket.socket, data: bytes) -> None:
    # Nobody at the far end, a full buffer, a line that was let go: to a caller, that is noise.
    with suppress(OSError):
        sock.send(data)


def _receive(sock: socket.socket) -> bytes | None:
    try:
        return sock.recv(LARGEST)
    except (BlockingIOError, ConnectionRefusedError):
        return None
