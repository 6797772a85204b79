"""The operator's socket: one line in, one line out, for the owner only."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from edge_agent.ops.admin import AdminRefused, AdminServer, Command, ask


def refuse(request: dict[str, Any]) -> Any:
    raise ValueError("not now")


async def late(request: dict[str, Any]) -> str:
    return "late"


COMMANDS: dict[str, Command] = {
    "echo": lambda request: request.get("text"),
    "late": late,
    "refuse": refuse,
}


def serve(path: Path, story: Callable[[], Awaitable[None]]) -> None:
    async def run() -> None:
        server = AdminServer(path, COMMANDS)
        await server.start()
        try:
            await asyncio.wait_for(story(), 5.0)
        finally:
            await server.stop()

    asyncio.run(run())


def test_questions_are_answered_and_only_the_owner_may_ask(tmp_path: Path) -> None:
    path = tmp_path / "run" / "admin.sock"

    async def story() -> None:
        assert path.stat().st_mode & 0o777 == 0o600
        assert await asyncio.to_thread(ask, path, {"do": "echo", "text": "häß"}) == "häß"
        assert await asyncio.to_thread(ask, path, {"do": "late"}) == "late"

    serve(path, story)
    assert not path.exists()


def test_no_is_an_answer_too(tmp_path: Path) -> None:
    path = tmp_path / "admin.sock"

    async def story() -> None:
        with pytest.raises(AdminRefused, match="not now"):
            await asyncio.to_thread(ask, path, {"do": "refuse"})
        with pytest.raises(AdminRefused, match="do must be one of echo, late, refuse"):
            await asyncio.to_thread(ask, path, {"do": "dance"})

    serve(path, story)


def test_rubbish_is_answered_and_one_connection_may_ask_again(tmp_path: Path) -> None:
    path = tmp_path / "admin.sock"

    async def story() -> None:
        reader, writer = await asyncio.open_unix_connection(str(path))
        for line in (b"rubbish\n", b"[]\n", b'{"do": "echo", "text": 1}\n'):
            writer.write(line)
        answers = [json.loads(await reader.readline()) for _ in range(3)]
        assert [answer["ok"] for answer in answers] == [False, False, True]
        writer.close()

    serve(path, story)


def test_a_socket_that_a_dead_agent_left_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "admin.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))

    async def story() -> None:
        assert await asyncio.to_thread(ask, path, {"do": "late"}) == "late"

    serve(path, story)


def test_where_nobody_listens_the_operator_is_told(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        ask(tmp_path / "admin.sock", {"do": "echo"})
