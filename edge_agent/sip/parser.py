"""Bytes to messages: one datagram, or a stream cut by Content-Length; strict about framing, lenient
inside.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from edge_agent.sip.grammar import TOKEN, MalformedMessage
from edge_agent.sip.message import COMPACT, Headers, Message, Request, Response

MOST_BYTES = 65_535
"""The longest message taken from a stream: what a datagram could hold too."""
MOST_HEADERS = 200

_METHOD = re.compile(TOKEN)
_VERSION = re.compile(r"SIP/(\d{1,3}\.\d{1,3})", re.IGNORECASE)
_RESPONSE = re.compile(r"SIP/2\.0 ([1-6]\d\d)(?: (.*))?", re.IGNORECASE)
_PING = b"\r\n\r\n"
_END = re.compile(rb"\r?\n\r?\n")
_FOLD = re.compile(r"\r?\n[ \t]+")
_LENGTH = re.compile(rb"^(?:content-length|l)[ \t]*:[ \t]*(\d{1,9})[ \t]*\r?$", re.I | re.M)


@dataclass(frozen=True, slots=True)
class Ping:
    """A double CRLF: the far end asks whether the connection is alive (RFC 5626 §3.5.1)."""


def read_message(data: bytes) -> Message:
    """The message in one datagram; a body longer than Content-Length is cut, a shorter one kept as
    it is.

    Raises:
        MalformedMessage: no start line that SIP knows, or more headers than anybody sends.
    """
    data = data.lstrip(b"\r\n")
    end = _END.search(data)
    head, body = (data, b"") if end is None else (data[: end.start()], data[end.end() :])
    text = head.decode("utf-8", "surrogateescape")
    if "\n " in text or "\n\t" in text:
        text = _FOLD.sub(" ", text)
    lines = text.split("\n")
    if len(lines) > MOST_HEADERS:
        raise MalformedMessage("too many headers", 513)
    headers = _headers(lines)
    length = headers.get("content-length").strip()
    if length.isascii() and length.isdigit() and len(length) < 10:
        body = body[: int(length)]
    return _message(lines[0].rstrip("\r"), headers, body)


class Framer:
    """Cuts a stream into messages; one per connection.

    A stream whose framing is lost cannot be found again: :meth:`feed` raises and the connection has
    to go.
    """

    __slots__ = ("_held",)

    def __init__(self) -> None:
        self._held = b""

    def feed(self, chunk: bytes) -> list[bytes | Ping]:
        """The whole messages that ``chunk`` completes, as bytes, and the pings between them.

        Raises:
            MalformedMessage: a message above :data:`MOST_BYTES`.
        """
        self._held += chunk
        found: list[bytes | Ping] = []
        while self._held:
            if self._held.startswith(_PING):
                self._held = self._held[len(_PING) :]
                found.append(Ping())
            elif _PING.startswith(self._held):
                break  # a pong, or half a ping: the next bytes tell
            elif self._held[:1] in b"\r\n":
                self._held = self._held.lstrip(b"\r\n")
            else:
                message = self._cut()
                if message is None:
                    break
                found.append(message)
        return found

    def _cut(self) -> bytes | None:
        end = _END.search(self._held)
        if end is None:
            if len(self._held) > MOST_BYTES:
                raise MalformedMessage("message too long", 513)
            return None
        length = _LENGTH.search(self._held, 0, end.start() + 1)
        whole = end.end() + (
            int(length[1]) if length else 0
        )  # RFC 3261 §18.3: absent is 400 at best
        if whole > MOST_BYTES:
            raise MalformedMessage("message too long", 513)
        if len(self._held) < whole:
            return None
        message, self._held = self._held[:whole], self._held[whole:]
        return message


def _headers(lines: list[str]) -> Headers:
    """Every line that has a name and a colon; others are passed over, as a stranger's spelling of
    nothing.
    """
    found: list[tuple[str, str]] = []
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if colon:
            key = name.strip().lower()
            found.append((COMPACT.get(key, key), value.strip()))
    return Headers(found)


def _message(start: str, headers: Headers, body: bytes) -> Message:
    response = _RESPONSE.fullmatch(start)
    if response is not None:
        return Response(int(response[1]), (response[2] or "").strip(), headers, body)
    # Split, not matched: a pattern over a line of blanks takes time with the square of its length.
    method, _, rest = start.partition(" ")
    uri, _, last = rest.strip().rpartition(" ")
    version = _VERSION.fullmatch(last)
    uri = uri.strip().strip("<>")
    if version is None or not uri or _METHOD.fullmatch(method) is None:
        raise MalformedMessage("not a SIP start line")
    return Request(method, uri, headers, body, version[1])
