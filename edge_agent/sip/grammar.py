"""The few productions of RFC 3261 §25 that everything else is read with, and what a breach of them
is called.
"""

from __future__ import annotations

import re

TOKEN = r"[A-Za-z0-9\-.!%*_+`'~]+"
QUOTED = r'"(?:[^"\\]|\\.)*"'

_COMMA = re.compile(rf"{QUOTED}|<[^<>]*>|,")
_PARAM = re.compile(rf";\s*([^\s;=,]+)\s*(?:=\s*({QUOTED}|[^;,]*))?")
_ESCAPE = re.compile(r"\\(.)")

Params = tuple[tuple[str, str], ...]
"""Parameters in order, names in lower case; a parameter without value has the empty text."""


class MalformedMessage(Exception):
    """Bytes that are not SIP, or SIP that cannot be answered with the sense it lacks.

    ``status`` is what the sender is told where an answer is possible at all.
    """

    def __init__(self, reason: str, status: int = 400) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status


def split_list(text: str) -> list[str]:
    """The items of a comma-separated header value; commas inside quotes or angle brackets do not
    count.
    """
    if "," not in text:
        return [text.strip()]
    items, start = [], 0
    for match in _COMMA.finditer(text):
        if match[0] == ",":
            items.append(text[start : match.start()].strip())
            start = match.end()
    items.append(text[start:].strip())
    return [item for item in items if item]


def read_params(text: str) -> Params:
    """``;name=value`` pairs; what does not read as one is left out (a stray blank, a broken
    quote).
    """
    return tuple((m[1].lower(), unquote((m[2] or "").strip())) for m in _PARAM.finditer(text))


def write_params(params: Params) -> str:
    """The pairs as they go on the wire."""
    return "".join(f";{name}={value}" if value else f";{name}" for name, value in params)


def param(params: Params, name: str) -> str | None:
    """The first value of ``name``; empty text where it stands without one, ``None`` where it is
    absent.
    """
    for key, value in params:
        if key == name:
            return value
    return None


def unquote(text: str) -> str:
    """Text without its quotes and backslashes."""
    if len(text) >= 2 and text[0] == text[-1] == '"':
        return _ESCAPE.sub(r"\1", text[1:-1])
    return text


def quote(text: str) -> str:
    """A quoted-string (RFC 3261 §25.1); control characters cannot be carried and become blanks."""
    clean = re.sub(r"[\x00-\x1f\x7f]", " ", text)
    return '"' + clean.replace("\\", "\\\\").replace('"', '\\"') + '"'
