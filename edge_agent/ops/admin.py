"""The operator's door: a unix socket (mode 0600) that answers one JSON line with one JSON line.

``{"do": "status"}`` is answered ``{"ok": true, "answer": {…}}`` or ``{"ok": false, "error": "…"}``.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

Document = dict[str, Any]
Command = Callable[[Document], Any | Awaitable[Any]]
"""Takes the whole request and returns the answer; a ``ValueError`` is told to the operator."""

LONGEST_REQUEST = 64 << 10
ANSWER_S = 10.0


class AdminRefused(Exception):
    """The agent answered that it will not; the text says why."""


class AdminServer:
    """Serves ``commands`` at ``path``."""

    def __init__(self, path: Path, commands: Mapping[str, Command]) -> None:
        self._path = path
        self._commands = commands
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Begin to listen; a socket that a dead agent left behind is replaced.

        Raises:
            OSError: the folder is missing or not ours to write.
        """
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            self._path.unlink()
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        earlier = os.umask(0o177)
        try:
            sock.bind(str(self._path))
        finally:
            os.umask(earlier)
        self._server = await asyncio.start_unix_server(
            self._serve, sock=sock, limit=LONGEST_REQUEST
        )

    async def stop(self) -> None:
        """Stop listening and remove the socket."""
        if self._server is None:
            return
        self._server.close()
        with suppress(FileNotFoundError):
            self._path.unlink()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, ValueError):
            while line := await reader.readline():
                writer.write(json.dumps(await self._answer(line), default=str).encode() + b"\n")
                await writer.drain()
        writer.close()

    async def _answer(self, line: bytes) -> Document:
        try:
            request = json.loads(line)
        except ValueError:
            return {"ok": False, "error": "the request is not JSON"}
        if not isinstance(request, dict) or request.get("do") not in self._commands:
            return {"ok": False, "error": f"do must be one of {', '.join(sorted(self._commands))}"}
        try:
            answer = self._commands[request["do"]](request)
            return {"ok": True, "answer": await answer if isinstance(answer, Awaitable) else answer}
        except ValueError as error:
            return {"ok": False, "error": str(error)}


def ask(path: Path, request: Document, timeout_s: float | None = ANSWER_S) -> Any:
    """Ask the agent at ``path``, from another process; blocks.

    Raises:
        OSError: nobody is there.
        AdminRefused: the agent says no.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        sock.settimeout(timeout_s)
        sock.connect(str(path))
        sock.sendall(json.dumps(request).encode() + b"\n")
        with sock.makefile("rb") as answers:
            line = answers.readline()
    if not line:
        raise AdminRefused("the agent ended before it answered")
    document = json.loads(line)
    if not document.get("ok"):
        raise AdminRefused(document.get("error", "refused"))
    return document["answer"]
