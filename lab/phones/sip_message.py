"""SIP messages as the lab reads and writes them: a start line, headers in order, a body."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

COMPACT = {
    "v": "via",
    "f": "from",
    "t": "to",
    "i": "call-id",
    "m": "contact",
    "l": "content-length",
    "c": "content-type",
    "k": "supported",
}
"""RFC 3261 §7.3.3."""


@dataclass(slots=True)
class SipMessage:
    """A request or a response; header names are kept as written and found in any case."""

    start: str
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    @property
    def is_request(self) -> bool:
        """Whether this is a request."""
        return not self.start.startswith("SIP/2.0 ")

    @property
    def method(self) -> str:
        """The method: of the request line, or of the CSeq of a response."""
        return self.start.split(" ")[0] if self.is_request else self.cseq[1]

    @property
    def uri(self) -> str:
        """The Request-URI."""
        return self.start.split(" ")[1]

    @property
    def status(self) -> int:
        """The status of a response."""
        return int(self.start.split(" ")[1])

    @property
    def reason(self) -> str:
        """The reason phrase of a response."""
        return self.start.split(" ", 2)[2]

    @property
    def cseq(self) -> tuple[int, str]:
        """Number and method."""
        number, _, method = self.get("cseq").partition(" ")
        return int(number), method.strip()

    @property
    def branch(self) -> str:
        """The branch of the topmost Via."""
        return param(self.get("via"), "branch")

    def get(self, name: str) -> str:
        """The first value of a header, or empty."""
        return next(iter(self.all(name)), "")

    def all(self, name: str) -> list[str]:
        """Every value of a header, in order."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def tag(self, name: str) -> str:
        """The tag of From or To."""
        return param(self.get(name), "tag")

    def render(self) -> bytes:
        """The message as it goes out."""
        lines = [self.start, *(f"{name}: {value}" for name, value in self.headers)]
        lines.append(f"Content-Length: {len(self.body)}")
        return "\r\n".join([*lines, "", ""]).encode() + self.body


def read(data: bytes) -> SipMessage | None:
    """A message, or ``None`` where the datagram is none."""
    head, _, body = data.partition(b"\r\n\r\n")
    lines = re.sub(r"\r\n[ \t]+", " ", head.decode(errors="replace")).split("\r\n")
    if "SIP/2.0" not in lines[0]:
        return None
    headers = []
    for line in lines[1:]:
        name, _, value = line.partition(":")
        name = name.strip().lower()
        if name != "content-length":
            headers.append((COMPACT.get(name, name), value.strip()))
    return SipMessage(lines[0], headers, body)


def request(
    method: str, uri: str, headers: Iterable[tuple[str, str]], body: bytes = b""
) -> SipMessage:
    """A request."""
    return SipMessage(f"{method} {uri} SIP/2.0", list(headers), body)


def response(
    to: SipMessage,
    status: int,
    reason: str,
    tag: str = "",
    more: Iterable[tuple[str, str]] = (),
    body: bytes = b"",
) -> SipMessage:
    """A response (RFC 3261 §8.2.6): Via, From, To, Call-ID and CSeq are the request's."""
    copied = [
        (name, value)
        for name, value in to.headers
        if name.lower() in ("via", "from", "call-id", "cseq", "record-route")
    ]
    target = to.get("to")
    if tag and not param(target, "tag"):
        target += f";tag={tag}"
    return SipMessage(f"SIP/2.0 {status} {reason}", [*copied, ("To", target), *more], body)


def param(value: str, name: str) -> str:
    """A parameter of a header's value, after any ``<…>``."""
    tail = value.rpartition(">")[2]
    match = re.search(rf";\s*{name}\s*=\s*([^;,\s]+)", tail, re.IGNORECASE)
    return match[1] if match else ""


def uri_of(value: str) -> str:
    """The URI of a name-addr."""
    match = re.search(r"<([^>]*)>", value)
    return match[1] if match else value.split(";")[0].strip()


def user_of(uri: str) -> str:
    """The user part of a URI, without parameters."""
    return re.split(r"[@;]", uri.partition(":")[2])[0]
