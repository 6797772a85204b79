"""Requests and responses as values: an ordered list of header lines and a body, nothing
interpreted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from edge_agent.sip.grammar import split_list

COMPACT = {  # RFC 3261 §20, and the extensions that define a short form
    "v": "via",
    "f": "from",
    "t": "to",
    "i": "call-id",
    "m": "contact",
    "c": "content-type",
    "l": "content-length",
    "e": "content-encoding",
    "k": "supported",
    "s": "subject",
    "x": "session-expires",
    "r": "refer-to",
    "b": "referred-by",
    "o": "event",
    "u": "allow-events",
    "a": "accept-contact",
    "j": "reject-contact",
    "d": "request-disposition",
}
_SPELLED = {
    "call-id": "Call-ID",
    "cseq": "CSeq",
    "mime-version": "MIME-Version",
    "content-id": "Content-ID",
    "min-se": "Min-SE",
}
REASONS = {
    100: "Trying",
    180: "Ringing",
    183: "Session Progress",
    200: "OK",
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    408: "Request Timeout",
    410: "Gone",
    415: "Unsupported Media Type",
    416: "Unsupported URI Scheme",
    420: "Bad Extension",
    480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist",
    482: "Loop Detected",
    483: "Too Many Hops",
    484: "Address Incomplete",
    486: "Busy Here",
    487: "Request Terminated",
    488: "Not Acceptable Here",
    491: "Request Pending",
    500: "Server Internal Error",
    501: "Not Implemented",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Server Time-out",
    505: "Version Not Supported",
    513: "Message Too Large",
    603: "Decline",
}
"""Reason phrases of the responses that we send (RFC 3261 §21)."""


def folded(name: str) -> str:
    """A header name as the key that every spelling of it shares."""
    key = name.strip().lower()
    return COMPACT.get(key, key)


def spelled(key: str) -> str:
    """A key as it is usually written: ``p-asserted-identity`` becomes ``P-Asserted-Identity``."""
    known = _SPELLED.get(key)
    if known is None:
        known = _SPELLED[key] = "-".join(part.capitalize() for part in key.split("-"))
    return known


class Headers:
    """Header lines in order, by folded name; names repeat."""

    __slots__ = ("_lines",)

    def __init__(self, lines: Iterable[tuple[str, str]] = ()) -> None:
        self._lines = list(lines)

    def get(self, key: str, default: str = "") -> str:
        """The first value of ``key``, a folded name; ``default`` where there is none."""
        for name, value in self._lines:
            if name == key:
                return value
        return default

    def all(self, key: str) -> list[str]:
        """Every item of every line of ``key``, in order, lists split at their commas."""
        return [
            item for name, value in self._lines if name == key for item in split_list(value) if item
        ]

    def lines(self, key: str) -> list[str]:
        """Every line of ``key`` as written."""
        return [value for name, value in self._lines if name == key]

    def add(self, key: str, value: str) -> None:
        """Append a line."""
        self._lines.append((key, value))

    def __contains__(self, key: str) -> bool:
        return any(name == key for name, _ in self._lines)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._lines)


@dataclass(frozen=True, slots=True)
class Request:
    """A request; ``uri`` is the Request-URI as written."""

    method: str
    uri: str
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""
    version: str = "2.0"
    """As received; what we send is always 2.0."""

    def encode(self) -> bytes:
        """The bytes on the wire."""
        return _encode(f"{self.method} {self.uri} SIP/2.0", self.headers, self.body)


@dataclass(frozen=True, slots=True)
class Response:
    """A response."""

    status: int
    reason: str = ""
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""

    def encode(self) -> bytes:
        """The bytes on the wire."""
        reason = self.reason or REASONS.get(self.status, "Unknown")
        return _encode(f"SIP/2.0 {self.status} {reason}", self.headers, self.body)


Message = Request | Response


def _encode(start: str, headers: Headers, body: bytes) -> bytes:
    lines = [start]
    lines += [f"{spelled(key)}: {value}" for key, value in headers if key != "content-length"]
    lines.append(f"Content-Length: {len(body)}\r\n\r\n")
    return "\r\n".join(lines).encode("utf-8", "surrogateescape") + body
