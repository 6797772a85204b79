"""Phones that speak by a clock and not when they are spoken to: all of them at one beat of 20 ms.

For many calls at once, which wake the guest once a beat and not once a packet.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.vm.phone import HOST, RTP_HEADER, Call, Phone

BEAT_S = 0.02
LARGEST = 2048


class Desk(Call):
    """A call whose voice waits in its socket until the next beat."""

    _socket: socket.socket | None = None

    @property
    def port(self) -> int:
        """Of our voice."""
        assert self._socket is not None
        port: int = self._socket.getsockname()[1]
        return port

    async def open(self) -> None:
        """Have a port for voice."""
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.bind((HOST, 0))

    def beat(self) -> None:
        """Hear what came, and say one block."""
        if self._socket is None or self.voice_to is None:
            return
        with suppress(BlockingIOError):
            while True:
                self.heard += self._socket.recv(LARGEST)[RTP_HEADER:]
        self._socket.sendto(self.packet(), self.voice_to)

    def close(self) -> None:
        """No voice any more."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None


@contextmanager
def beating(phone: Phone) -> Iterator[None]:
    """The desks of ``phone`` speak and hear, in time."""
    loop = asyncio.get_running_loop()
    at = loop.time()
    handle: asyncio.TimerHandle | None = None

    def beat() -> None:
        nonlocal at, handle
        for call in phone.calls.values():
            if isinstance(call, Desk):
                call.beat()
        at += BEAT_S
        handle = loop.call_at(at, beat)

    beat()
    try:
        yield
    finally:
        if handle is not None:
            handle.cancel()
