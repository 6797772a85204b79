"""One UDP socket: datagrams in as they come, out at once; a name is resolved off the step.

Whoever listens is called synchronously from the loop's own callback, so that what it sends leaves
in the same turn.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from ipaddress import ip_address
from typing import Self, cast

Hear = Callable[[bytes, str, int], None]
"""Called with the datagram and the address and port that it came from."""

MOST_WAITING = 64
"""Datagrams kept while one name is being resolved."""


class UdpWire(asyncio.DatagramProtocol):
    """Feeds ``hear`` from one socket."""

    def __init__(self, hear: Hear) -> None:
        self._hear = hear
        self._transport: asyncio.DatagramTransport | None = None
        self._loop = asyncio.get_running_loop()
        self._addresses: dict[str, str] = {}
        self._waiting: dict[str, list[tuple[bytes, int]]] = {}
        self._lookups: set[asyncio.Task[None]] = set()
        self.errors = 0
        """Datagrams that the kernel would not take, or that somebody answered with ICMP."""

    @classmethod
    async def open(cls, host: str, port: int, hear: Hear) -> Self:
        """Bind to ``host`` and ``port`` (0: any).

        Raises:
            OSError: the address is not ours, or the port is taken.
        """
        loop = asyncio.get_running_loop()
        _, wire = await loop.create_datagram_endpoint(lambda: cls(hear), local_addr=(host, port))
        return wire

    @property
    def port(self) -> int:
        """The port bound to."""
        assert self._transport is not None
        return cast(int, self._transport.get_extra_info("sockname")[1])

    def send(self, data: bytes, host: str, port: int) -> None:
        """Send one datagram; to a name that is not known yet, as soon as it is."""
        address = self._addresses.get(host)
        if address is None:
            address = self._literal(host)
        if address is None:
            self._send_later(data, host, port)
        elif self._transport is not None:
            self._transport.sendto(data, (address, port))

    def close(self) -> None:
        """Stop listening."""
        for lookup in self._lookups:
            lookup.cancel()
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # The selector transport of 3.11 is no instance of asyncio.DatagramTransport.
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._hear(data, addr[0], addr[1])

    def error_received(self, exc: Exception) -> None:
        self.errors += 1

    def _literal(self, host: str) -> str | None:
        try:
            self._addresses[host] = str(ip_address(host.strip("[]")))
        except ValueError:
            return None
        return self._addresses[host]

    def _send_later(self, data: bytes, host: str, port: int) -> None:
        waiting = self._waiting.setdefault(host, [])
        if len(waiting) < MOST_WAITING:
            waiting.append((data, port))
        if len(waiting) == 1:
            lookup = self._loop.create_task(self._resolve(host))
            self._lookups.add(lookup)
            lookup.add_done_callback(self._lookups.discard)

    async def _resolve(self, host: str) -> None:
        try:
            found = await self._loop.getaddrinfo(host, None)
        except OSError:
            found = []
        waiting = self._waiting.pop(host, [])
        if not found:
            self.errors += len(waiting)
            return
        # Kept until the process ends: a resolver that goes down later must not matter.
        self._addresses[host] = str(found[0][4][0])
        for data, port in waiting:
            self.send(data, host, port)
