"""A span made of datagrams on loopback: the lab's T1, and that of every test without a card.

Each half is one UDP socket connected to its mirror. On the D half a datagram is ``D`` and a frame,
or ``A`` and the alarms as one byte; a span of CAS channels has signals there (``loop_signals``). On
the B half it is ``B``, channel, a sequence number of 16 bits per channel and 160 bytes of voice.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Collection, Iterator
from struct import Struct

from edge_agent.drivers.paced import PacedSounds
from edge_agent.drivers.span import (
    BLOCK,
    OnAlarm,
    OnBlock,
    OnFrame,
    OnPlayed,
    OnSlip,
    SpanAlarm,
)
from edge_agent.leg import Law

Address = tuple[str, int]

LARGEST = 4096
AT_ONCE = 64
"""Datagrams read in one turn of the loop; more of them wait for the next."""

_VOICE = Struct("!cBH")


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
        send_datagram(self._sock, b"D" + frame)

    def raise_alarm(self, alarm: SpanAlarm) -> None:
        """Make the far end see these alarms, as a broken line would."""
        send_alarm(self._sock, alarm)

    def close(self) -> None:
        """Let go of the socket."""
        let_go(self._loop, self._sock)

    def _readable(self) -> None:
        for data in datagrams(self._sock):
            if data[:1] == b"D":
                self._on_frame(data[1:], self._loop.time())
            elif (alarm := alarm_in(data)) is not None:
                self._on_alarm(alarm, self._loop.time())
            else:
                self.unread += 1


class LoopBChannels:
    """The B half. It owns ``sock`` (which may have come from another process) and closes it."""

    def __init__(
        self,
        sock: socket.socket,
        loop: asyncio.AbstractEventLoop,
        on_block: OnBlock,
        on_slip: OnSlip,
        law: Law = Law.MU,
    ) -> None:
        self._sock = sock
        self._loop = loop
        self._on_block = on_block
        self._on_slip = on_slip
        self._sent: dict[int, int] = {}
        self._heard: dict[int, int] = {}
        self._sounds = PacedSounds(loop, self._put, law)
        self.unread = 0
        """Datagrams that are none of ours."""
        loop.add_reader(sock, self._readable)

    def send(self, channel: int, block: bytes) -> None:
        """Play one block; while a sound is on its way it is dropped."""
        if channel not in self._sounds:
            self._put(channel, block)

    def listen(self, channels: Collection[int]) -> None:
        """Nothing comes on the others: a loop has no idle octets."""

    def play(self, channel: int, sound: bytes, on_played: OnPlayed) -> None:
        """Play a whole sound; no other voice goes to ``channel`` until it has gone out."""
        self._sounds.play(channel, sound, on_played)

    def hush(self, channel: int) -> None:
        """Stop the sound that ``channel`` plays."""
        self._sounds.hush(channel)

    def close(self) -> None:
        """Let go of the socket; sounds end where they are."""
        self._sounds.close()
        let_go(self._loop, self._sock)

    def _put(self, channel: int, block: bytes) -> None:
        number = self._sent.get(channel, -1) + 1 & 0xFFFF
        self._sent[channel] = number
        send_datagram(self._sock, _VOICE.pack(b"B", channel, number) + block)

    def _readable(self) -> None:
        for data in datagrams(self._sock):
            if len(data) == _VOICE.size + BLOCK and data[0] == 0x42:
                self._hear_block(data)
            else:
                self.unread += 1

    def _hear_block(self, data: bytes) -> None:
        _, channel, number = _VOICE.unpack_from(data)
        missed = (number - self._heard.get(channel, number - 1) - 1) & 0xFFFF
        self._heard[channel] = number
        if missed:
            self._on_slip(channel, missed)
        self._on_block(channel, data[_VOICE.size :], self._loop.time())


def send_datagram(sock: socket.socket, data: bytes) -> None:
    """Put one datagram on the line; one that the kernel does not take is lost."""
    try:
        sock.send(data)
    except OSError:
        # Nobody at the far end, a full buffer, a line that was let go: to a caller, that is noise.
        return


def send_alarm(sock: socket.socket, alarm: SpanAlarm) -> None:
    """Make the far end see these alarms."""
    send_datagram(sock, b"A" + bytes([alarm]))


def alarm_in(data: bytes) -> SpanAlarm | None:
    """The alarms that a datagram tells; ``None``: it tells something else."""
    return SpanAlarm(data[1] & 7) if data[:1] == b"A" and len(data) == 2 else None


def datagrams(sock: socket.socket) -> Iterator[bytes]:
    """What is there to be read in this turn, until there is no more or ``sock`` is let go."""
    for _ in range(AT_ONCE):
        if sock.fileno() < 0:
            return
        try:
            data = sock.recv(LARGEST)
        except (BlockingIOError, ConnectionRefusedError):
            return
        yield data


def let_go(loop: asyncio.AbstractEventLoop, sock: socket.socket) -> None:
    """Read ``sock`` no more and close it; once is enough."""
    if sock.fileno() >= 0:
        loop.remove_reader(sock)
        sock.close()
