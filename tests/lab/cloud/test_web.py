"""The small server reads a request whole, or says why it cannot."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from lab.cloud.web import Dropped, LoopbackServer, Reply, Request
from tests.lab.asking import ask


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    def answer(request: Request) -> Reply | Dropped:
        if request.path == "/drop":
            return Dropped()
        return Reply.of(200, [request.method, request.query, request.body.decode()])

    running = LoopbackServer(answer).start()
    yield running
    running.stop()


def raw(server: LoopbackServer, text: str) -> bytes:
    """What comes back on a connection until it is closed or has a whole answer."""
    with socket.create_connection(("127.0.0.1", server.server_port), 5) as connection:
        connection.sendall(text.replace("\n", "\r\n").encode())
        return connection.recv(4096)


def test_a_request_is_read_whole(server: LoopbackServer) -> None:
    told = ask("PUT", f"{server.url}/x?a=1", b"body")
    assert told.document == ["PUT", "a=1", "body"]


def test_an_upload_that_asks_first_is_told_to_go_on_at_once(server: LoopbackServer) -> None:
    head = "PUT / HTTP/1.1\nHost: x\nExpect: 100-continue\nContent-Length: 1\n\n"
    assert raw(server, head).startswith(b"HTTP/1.1 100 ")


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("Content-Length: x", 400),
        ("Content-Length: -1", 400),
        ("Content-Length: 99999999", 413),
        ("Transfer-Encoding: chunked", 411),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(
    server: LoopbackServer, header: str, status: int
) -> None:
    told = raw(server, f"POST / HTTP/1.1\nHost: x\n{header}\n\n")
    assert told.startswith(f"HTTP/1.1 {status} ".encode())


def test_a_dropped_request_gets_nothing(server: LoopbackServer) -> None:
    assert raw(server, "GET /drop HTTP/1.1\nHost: x\n\n") == b""
