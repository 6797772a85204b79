"""Bodies: SDP and PIDF-LO found in whatever wrapping they come, and wrapped again for those who
ask.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass

from edge_agent.sip.grammar import param, read_params

SDP = "application/sdp"
PIDF = "application/pidf+xml"

_FIRST_LINE = re.compile(rb"(?:^|\n)--([^\r\n]+)\r?\n")
_BLANK = re.compile(rb"^\r?\n|\r?\n\r?\n")
_DEEPEST = 4


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a body."""

    kind: str
    """Media type in lower case, without parameters."""
    content: bytes
    content_id: str = ""
    """Without its angle brackets."""


def read_parts(content_type: str, body: bytes) -> list[Part]:
    """Every leaf part of ``body`` in order; never raises: what cannot be cut is one part of its
    own.

    Lync prints the boundary unquoted, after a blank, or with the dashes of the delimiter line;
    where the announced boundary cuts nothing, the first line of the body that looks like a
    delimiter is believed instead.
    """
    return list(_leaves(content_type, body, 0))


def last(parts: Iterable[Part], kind: str) -> bytes | None:
    """The content of the last part of a media type: in an alternative the last is the fullest (RFC
    2046 §5.1.4).
    """
    found = None
    for part in parts:
        if part.kind == kind:
            found = part.content
    return found


def write_parts(parts: Iterable[Part], boundary: str) -> tuple[str, bytes]:
    """Content-Type and body of a multipart/mixed (RFC 6442 §3.4)."""
    pieces = []
    for part in parts:
        head = f"--{boundary}\r\nContent-Type: {part.kind}\r\n"
        if part.content_id:
            head += f"Content-ID: <{part.content_id}>\r\n"
        pieces.append(head.encode() + b"\r\n" + part.content + b"\r\n")
    return f'multipart/mixed;boundary="{boundary}"', b"".join(
        pieces
    ) + f"--{boundary}--\r\n".encode()


def _leaves(content_type: str, body: bytes, depth: int) -> Iterable[Part]:
    kind, semicolon, rest = content_type.partition(";")
    kind = kind.strip().lower() or _guess(body)
    if not kind.startswith("multipart/") or depth >= _DEEPEST:
        if body.strip():
            yield Part(kind, body)
        return
    boundary = param(read_params(semicolon + rest), "boundary") or ""
    for piece in _cut(body, boundary.encode("utf-8", "surrogateescape")):
        yield from _part(piece, depth)


def _guess(body: bytes) -> str:
    """The media type of a body that was sent without one."""
    start = body.lstrip()[:64]
    if start.startswith(b"v=0"):
        return SDP
    if start.startswith(b"--"):
        return "multipart/mixed"
    return PIDF if start.startswith(b"<") else ""


def _cut(body: bytes, boundary: bytes) -> list[bytes]:
    """The parts between delimiters; splitting, not a pattern: every call has a boundary of its
    own.
    """
    if not boundary or b"--" + boundary not in body:
        match = _FIRST_LINE.search(body)
        if match is None:
            return []
        boundary = match[1].rstrip()
    pieces = []
    for piece in body.split(b"--" + boundary)[1:]:
        if piece.startswith(b"--"):
            break
        rest = piece.lstrip(b" \t")  # RFC 2046 §5.1.1: a delimiter line may be padded
        if rest.startswith((b"\r\n", b"\n")) and rest.strip():
            pieces.append(rest.removesuffix(b"\n").removesuffix(b"\r"))
    return pieces


def _part(piece: bytes, depth: int) -> Iterable[Part]:
    piece = piece[2:] if piece.startswith(b"\r\n") else piece[1:]  # the delimiter's own line end
    blank = _BLANK.search(piece)
    head, content = (
        (b"", piece) if blank is None else (piece[: blank.start()], piece[blank.end() :])
    )
    fields = _fields(head)
    content = _decoded(content, fields.get("content-transfer-encoding", ""))
    content_id = fields.get("content-id", "").strip("<> ")
    for leaf in _leaves(fields.get("content-type", ""), content, depth + 1):
        yield leaf if leaf.content_id else Part(leaf.kind, leaf.content, content_id)


def _fields(head: bytes) -> dict[str, str]:
    text = re.sub(r"\r?\n[ \t]+", " ", head.decode("utf-8", "replace"))
    pairs = (line.partition(":") for line in text.splitlines())
    return {name.strip().lower(): value.strip() for name, colon, value in pairs if colon}


def _decoded(content: bytes, encoding: str) -> bytes:
    try:
        if encoding.lower() == "base64":
            return binascii.a2b_base64(content)
    except binascii.Error:
        return content
    return binascii.a2b_qp(content) if encoding.lower() == "quoted-printable" else content
