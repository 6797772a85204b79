"""Half of a span on loopback: one UDP socket that is connected to its mirror."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable

AT_ONCE = 64
"""Datagrams that are read in one turn of the loop."""


class Half:
    """The D or the B half; ``hear`` is given each datagram."""

    def __init__(self, local: int, remote: int, hear: Callable[[bytes], None]) -> None:
        self._hear = hear
        self._sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._sock.setblocking(False)
        self._sock.bind(("127.0.0.1", local))
        self._sock.connect(("127.0.0.1", remote))

    def start(self) -> None:
        """Listen."""
        asyncio.get_running_loop().add_reader(self._sock, self._read)

    def write(self, data: bytes) -> None:
        """Send one datagram."""
        with contextlib.suppress(OSError):  # nobody at the far end: a cable that is not plugged in
            self._sock.send(data)

    def close(self) -> None:
        """Let go of the socket."""
        asyncio.get_running_loop().remove_reader(self._sock)
        self._sock.close()

    def _read(self) -> None:
        for _ in range(AT_ONCE):
            try:
                data = self._sock.recv(4096)
            except OSError:
                return
            self._hear(data)
