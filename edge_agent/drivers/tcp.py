"""SIP's streams: connections have numbers; bytes go out on one that is open, or one is dialled.

RFC 3261 §18: a response goes back on the connection of its request; if that is gone, a new one is
opened. Framing is the core's business; here are only bytes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import count
from typing import cast

Hear = Callable[[bytes, str, int, int], None]
"""Called with bytes, address and port of the far end, and the number of the connection."""
Lost = Callable[[str, int, int], None]
"""Called with address, port and number when a connection ends or could not be made."""

DIAL_S = 4.0
MOST_CONNECTIONS = 512
MOST_UNSENT = 1 << 20
"""Bytes that a far end may leave unread before its connection is cut."""


class TcpWire:
    """All connections of the agent's SIP port."""

    def __init__(self, hear: Hear, lost: Lost) -> None:
        self.hear = hear
        self.lost = lost
        self._numbers = count(1)
        self._open: dict[int, _Stream] = {}
        self._by_address: dict[tuple[str, int], _Stream] = {}
        self._dialling: dict[tuple[str, int], list[bytes]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def listen(self, host: str, port: int) -> None:
        """Accept connections.

        Raises:
            OSError: the address is not ours, or the port is taken.
        """
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Stream(self), host, port)

    @property
    def port(self) -> int:
        """The port listened on."""
        assert self._server is not None
        return cast(int, self._server.sockets[0].getsockname()[1])

    def send(self, data: bytes, host: str, port: int, connection: int | None = None) -> None:
        """Write to that connection, else to one open to ``host`` and ``port``, else dial."""
        stream = self._open.get(connection) if connection is not None else None
        stream = stream or self._by_address.get((host, port))
        if stream is not None:
            stream.write(data)
        elif (host, port) in self._dialling:
            self._dialling[host, port].append(data)
        else:
            self._dialling[host, port] = [data]
            task = asyncio.get_running_loop().create_task(self._dial(host, port))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def cut(self, connection: int) -> None:
        """End a connection: its framing is lost, or its far end does not read."""
        stream = self._open.get(connection)
        if stream is not None:
            stream.abort()

    def close(self) -> None:
        """End everything."""
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        for stream in list(self._open.values()):
            stream.abort()

    def enter(self, stream: _Stream) -> int | None:
        """A connection is made; its number, or ``None`` where there are too many."""
        if len(self._open) >= MOST_CONNECTIONS:
            return None
        number = next(self._numbers)
        self._open[number] = stream
        self._by_address.setdefault((stream.host, stream.port), stream)
        return number

    def leave(self, stream: _Stream) -> None:
        """A connection is gone."""
        self._open.pop(stream.number, None)
        for address in [a for a, each in self._by_address.items() if each is stream]:
            del self._by_address[address]
        self.lost(stream.host, stream.port, stream.number)

    async def _dial(self, host: str, port: int) -> None:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(DIAL_S):
                _, stream = await loop.create_connection(lambda: _Stream(self), host, port)
        except (OSError, TimeoutError):
            del self._dialling[host, port]
            self.lost(host, port, 0)
            return
        # A name was dialled: later requests to the name use the connection too.
        self._by_address[host, port] = stream
        for data in self._dialling.pop((host, port)):
            stream.write(data)


class _Stream(asyncio.Protocol):
    """One connection."""

    def __init__(self, wire: TcpWire) -> None:
        self._wire = wire
        self._transport: asyncio.Transport | None = None
        self.host, self.port = "", 0
        self.number = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self.host, self.port = transport.get_extra_info("peername")[:2]
        number = self._wire.enter(self)
        if number is None:
            self._transport.abort()
        else:
            self.number = number

    def data_received(self, data: bytes) -> None:
        if self.number:
            self._wire.hear(data, self.host, self.port, self.number)

    def connection_lost(self, exc: Exception | None) -> None:
        if self.number:
            self._wire.leave(self)

    def write(self, data: bytes) -> None:
        if self._transport is None:
            return
        self._transport.write(data)
        if self._transport.get_write_buffer_size() > MOST_UNSENT:
            self._transport.abort()

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()
