"""Every wire of the local cloud is one small HTTP/1.1 server on loopback around one function."""

import json
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import unquote, urlsplit

LOOPBACK = "127.0.0.1"
MAX_BODY = 10 * 1024 * 1024  # what API Gateway reads of a request before it answers 413


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request, read whole.

    ``headers`` have lower-case names; repeated ones are joined by a comma. ``thing`` is the common
    name of the client's certificate where the wire asks for one.
    """

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""
    peer: str = LOOPBACK
    certificate: bytes = b""

    @property
    def path(self) -> str:
        """The path as it was sent, still percent-encoded."""
        return urlsplit(self.target).path or "/"

    @property
    def decoded_path(self) -> str:
        """The path as API Gateway's HTTP APIs route it and hand it on: decoded."""
        return unquote(self.path)

    @property
    def query(self) -> str:
        """The query string as it was sent."""
        return urlsplit(self.target).query

    def document(self) -> dict[str, Any]:
        """The body as a JSON object; raises ValueError when it is none."""
        document = json.loads(self.body or b"{}")
        if not isinstance(document, dict):
            raise ValueError("the body is not a JSON object")
        return document


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP answer."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, status: int, document: object) -> Self:
        """An answer in JSON."""
        body = json.dumps(document, separators=(",", ":")).encode()
        return cls(status, body, (("Content-Type", "application/json"),))


@dataclass(frozen=True, slots=True)
class Dropped:
    """No answer at all: the connection is closed."""


Answer = Callable[[Request], Reply | Dropped]


class LoopbackServer(ThreadingHTTPServer):
    """Serves ``answer`` on 127.0.0.1, one thread per connection, optionally over mutual TLS."""

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, answer: Answer, port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        super().__init__((LOOPBACK, port), _Handler)
        self.answer = answer
        self._tls = tls
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()
        self._thread = threading.Thread(target=self.serve_forever, args=(0.1,), daemon=True)

    @property
    def url(self) -> str:
        """Where it answers."""
        scheme = "http" if self._tls is None else "https"
        return f"{scheme}://{LOOPBACK}:{self.server_port}"

    def start(self) -> Self:
        """Accept from now on."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Refuse new connections and cut the open ones."""
        self.shutdown()
        self.server_close()
        with self._open_lock:
            for connection in self._open:
                _cut(connection)

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accept; the handshake of TLS happens later, in the connection's own thread."""
        connection, address = super().get_request()
        if self._tls is not None:
            connection = self._tls.wrap_socket(
                connection, server_side=True, do_handshake_on_connect=False
            )
        with self._open_lock:
            self._open.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        """Forget a connection that has ended."""
        with self._open_lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A peer that goes away or fails the handshake is not worth a traceback."""
        del request, client_address


class _Handler(BaseHTTPRequestHandler):
    """Reads one request whole, asks the server's function, writes one answer."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # header and body in one segment: else Nagle costs 40 ms an answer
    server: LoopbackServer

    def handle_one_request(self) -> None:
        """One request of any method."""
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        length = self.headers.get("Content-Length", "0")
        refused = _unreadable(length, self.headers.get("Transfer-Encoding"))
        if refused is not None:
            self.close_connection = True
            self._write(refused)
            return
        answer = self.server.answer(self._request(self.rfile.read(int(length))))
        if isinstance(answer, Dropped):
            self.close_connection = True
        else:
            self._write(answer)

    def handle_expect_100(self) -> bool:
        """Say 100 Continue now: in the buffer it would cost the client of each upload a second."""
        told = super().handle_expect_100()
        self.wfile.flush()
        return told

    def log_message(self, *words: object, **more: object) -> None:
        """Nothing: a request line may hold a number."""

    def _request(self, body: bytes) -> Request:
        headers: dict[str, str] = {}
        for name, value in self.headers.items():
            key = name.lower()
            headers[key] = f"{headers[key]},{value}" if key in headers else value
        certificate = b""
        if isinstance(self.connection, ssl.SSLSocket):
            certificate = self.connection.getpeercert(binary_form=True) or b""
        peer = str(self.client_address[0])
        return Request(self.command, self.path, headers, body, peer, certificate)

    def _write(self, reply: Reply) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers:
            self.send_header(name, value)
        if reply.status not in (204, 304) and self.command != "HEAD":
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body)
        self.wfile.flush()


def _unreadable(length: str, coding: str | None) -> Reply | None:
    """The answer to a request whose body cannot be read whole."""
    if coding is not None:
        return Reply.of(411, {"message": "Length Required"})
    if not (length.isascii() and length.isdigit()):
        return Reply.of(400, {"message": "Bad Request"})
    if int(length) > MAX_BODY:
        return Reply.of(413, {"message": "Request Entity Too Large"})
    return None


def _cut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it had gone already
