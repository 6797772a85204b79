"""A port on loopback where Prometheus reads the metrics; whatever is asked, that is the answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import cast

READ_S = 5.0
HEAD = b"HTTP/1.0 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\n"
STRANGE = (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError)


class ScrapePort:
    """HTTP/1.0 on 127.0.0.1: one request, one answer, closed."""

    def __init__(self, text: Callable[[], str]) -> None:
        self._text = text
        self._server: asyncio.Server | None = None

    async def start(self, port: int) -> None:
        """Listen. Raises OSError: the port is taken."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port)

    @property
    def port(self) -> int:
        """The port listened on."""
        assert self._server is not None
        return cast(int, self._server.sockets[0].getsockname()[1])

    def stop(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(*STRANGE):
            await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), READ_S)
            body = self._text().encode()
            writer.write(HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body)
            await writer.drain()
        writer.close()
