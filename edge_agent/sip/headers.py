"""The structured headers that a user agent must understand; every other header stays text."""

from __future__ import annotations

import re
from dataclasses import dataclass

from edge_agent.sip.grammar import QUOTED, MalformedMessage, Params, param, read_params, unquote
from edge_agent.sip.message import Headers
from edge_agent.sip.uri import Uri

_NAME = re.compile(QUOTED)
_VIA = re.compile(
    r"SIP ?/ ?2\.0 ?/ ?([A-Za-z0-9\-]+) "
    r"(\[[0-9A-Fa-f:.%]+\]|[^\s:;]+) ?(?:: ?(\d{1,5}))? ?(;.*)?",
    re.IGNORECASE | re.DOTALL,
)
"""Over text whose blanks are single: runs of blanks would cost the square of their length."""
_TAG = re.compile(r";\s*tag\s*=\s*([^\s;,]+)", re.IGNORECASE)
_CSEQ = re.compile(r"\s*(\d{1,10})\s+([A-Za-z0-9\-.!%*_+`'~]+)\s*")


@dataclass(frozen=True, slots=True)
class NameAddr:
    """From, To, Contact, P-Asserted-Identity, Route: a display name, a URI and header
    parameters.
    """

    uri: Uri
    name: str = ""
    params: Params = ()

    @classmethod
    def parse(cls, text: str) -> NameAddr:
        """Read ``text`` in either form of RFC 3261 §20.10.

        Raises:
            MalformedMessage: there is no readable URI in it.
        """
        text = text.strip()
        quoted = _NAME.match(text)
        opened = text.find("<", quoted.end() if quoted is not None else 0)
        closed = text.find(">", opened)
        if 0 <= opened < closed:
            params = read_params(text[closed + 1 :]) if closed + 1 < len(text) else ()
            return cls(Uri.parse(text[opened + 1 : closed]), unquote(text[:opened].strip()), params)
        bare, semicolon, rest = text.partition(";")  # without brackets, parameters are the header's
        return cls(Uri.parse(bare), "", read_params(semicolon + rest))

    @classmethod
    def read(cls, text: str) -> NameAddr | None:
        """Like :meth:`parse`, but ``None`` where it cannot be read."""
        try:
            return cls.parse(text)
        except MalformedMessage:
            return None


@dataclass(frozen=True, slots=True)
class Via:
    """The top of the path that a response goes back along (RFC 3261 §20.42, RFC 3581)."""

    transport: str
    host: str
    port: int | None
    params: Params

    @classmethod
    def parse(cls, text: str) -> Via:
        """Read one Via.

        Raises:
            MalformedMessage: no transport or no sent-by.
        """
        match = _VIA.fullmatch(" ".join(text.split()))
        if match is None:
            raise MalformedMessage("unreadable Via")
        port = int(match[3]) if match[3] else None
        if port is not None and not 0 < port < 65536:
            raise MalformedMessage("port out of range in Via")
        return cls(match[1].lower(), match[2].lower(), port, read_params(match[4] or ""))

    def param(self, name: str) -> str | None:
        """A parameter, or ``None``."""
        return param(self.params, name)

    @property
    def branch(self) -> str:
        """The branch, or empty text."""
        return self.param("branch") or ""

    @property
    def sent_by(self) -> str:
        """Host and port as one text, for comparing."""
        return f"{self.host}:{self.port or 5060}"


@dataclass(frozen=True, slots=True)
class CSeq:
    """Sequence number and method."""

    number: int
    method: str

    @classmethod
    def parse(cls, text: str) -> CSeq:
        """Read ``text``.

        Raises:
            MalformedMessage: no number below 2**31 and method.
        """
        match = _CSEQ.fullmatch(text)
        if match is None or int(match[1]) >= 2**31:
            raise MalformedMessage("unreadable CSeq")
        return cls(int(match[1]), match[2])


def tag_of(text: str) -> str:
    """The tag of a From or To, read even where the rest of it cannot be."""
    match = _TAG.search(text, text.rfind(">") + 1)
    return match[1] if match else ""


def q850_cause(headers: Headers) -> int | None:
    """The cause of a ``Reason: Q.850`` header (RFC 3326), or ``None``."""
    for item in headers.all("reason"):
        protocol, semicolon, rest = item.partition(";")
        cause = param(read_params(semicolon + rest), "cause") or ""
        if protocol.strip().upper() == "Q.850" and cause.isascii() and cause.isdigit():
            return int(cause) if len(cause) < 4 and 0 < int(cause) < 128 else None
    return None


def identities(headers: Headers, key: str = "p-asserted-identity") -> list[NameAddr]:
    """The identities of a header, readable ones only (RFC 3325 §9.1 allows a sip and a tel URI)."""
    read = (NameAddr.read(item) for item in headers.all(key))
    return [identity for identity in read if identity is not None]
