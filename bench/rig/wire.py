"""A stopwatch on loopback: datagrams are stamped by the kernel when they arrive, not when somebody
finds the time to read them.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import time
from collections.abc import Callable

HOST = "127.0.0.1"
SO_TIMESTAMPNS = 35
_TIMESPEC = struct.Struct("qq")
_BUFFER = 4 << 20

Hear = Callable[[bytes, int, float], None]
"""Called with a datagram, the port it came from, and when it arrived (wall time, seconds)."""


class StampedSocket:
    """One UDP socket."""

    def __init__(self, port: int, hear: Hear) -> None:
        self._hear = hear
        self._sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._sock.setblocking(False)
        self._sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        self._sock.bind((HOST, port))
        self.port: int = self._sock.getsockname()[1]
        asyncio.get_running_loop().add_reader(self._sock, self._read)

    def send(self, data: bytes, port: int) -> float:
        """Send; returns the wall time just before the kernel was given it."""
        at = time.time()
        with contextlib.suppress(OSError):  # nobody there yet: whoever waits for an answer sees it
            self._sock.sendto(data, (HOST, port))
        return at

    def close(self) -> None:
        """Let go of it."""
        asyncio.get_running_loop().remove_reader(self._sock)
        self._sock.close()

    def _read(self) -> None:
        for _ in range(64):
            try:
                data, extra, _, source = self._sock.recvmsg(65536, 64)
            except OSError:
                return
            self._hear(data, source[1], stamp(extra))


def stamp(extra: list[tuple[int, int, bytes]]) -> float:
    """When the kernel took a datagram in, from what recvmsg gave beside it; else now."""
    for level, kind, content in extra:
        if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS:
            seconds, nanoseconds = _TIMESPEC.unpack(content[: _TIMESPEC.size])
            return float(seconds) + float(nanoseconds) / 1e9
    return time.time()
