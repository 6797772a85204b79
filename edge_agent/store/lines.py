"""A line that knows whether it is whole: CRC-32 in hex, a blank, one JSON object."""

from __future__ import annotations

from zlib import crc32

from e911.errors import InvalidDocument
from e911.wire import Document, from_line, to_line


def seal(document: Document) -> bytes:
    """The line of ``document``, its end included."""
    body = to_line(document)
    return b"%08x %s" % (crc32(body), body)


def unseal(line: bytes) -> Document:
    """The document of a sealed line.

    Raises:
        InvalidDocument: the line is torn, its checksum is wrong, or it is no JSON object.
    """
    if len(line) < 10 or line[8:9] != b" " or line[-1:] != b"\n":
        raise InvalidDocument("line", "is torn")
    body = line[9:]
    if line[:8] != b"%08x" % crc32(body):
        raise InvalidDocument("line", "has a wrong checksum")
    return from_line(body)
