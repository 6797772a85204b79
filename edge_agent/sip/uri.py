"""URIs as SIP uses them: sip, sips, tel and service URNs in one value, read once at the door."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import unquote as unescape

from edge_agent.sip.grammar import MalformedMessage, Params, param, read_params, write_params

_SIP = re.compile(
    r"(?P<scheme>sips?):(?:(?P<user>[^@]*)@)?"
    r"(?P<host>\[[0-9A-Fa-f:.%]+\]|[^\s:;?<>\[\]@]+)(?::(?P<port>\d{1,5}))?"
    r"(?P<params>;[^?]*)?(?:\?(?P<headers>\S*))?",
    re.IGNORECASE,
)
_LONGEST_ADDRESS = 64
_OTHER = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):(\S+)")


@dataclass(frozen=True, slots=True)
class Uri:
    """One URI. For ``tel`` the number is ``user``; for a URN ``user`` is all that follows the
    scheme.
    """

    scheme: str
    user: str = ""
    """Unescaped and without parameters: ``911`` of ``sip:911;phone-context=x@host``."""
    host: str = ""
    port: int | None = None
    params: Params = ()
    user_params: Params = ()
    text: str = ""
    """As received; what is sent back where a URI is only repeated."""

    @classmethod
    def parse(cls, text: str) -> Uri:
        """Read ``text``.

        Raises:
            MalformedMessage: no scheme that can be followed, or a port out of range.
        """
        text = text.strip()
        match = _SIP.fullmatch(text)
        if match is not None:
            return cls._sip(match, text)
        other = _OTHER.fullmatch(text)
        if other is None or other[1].lower() in ("sip", "sips"):
            raise MalformedMessage("unreadable URI")
        scheme, rest = other[1].lower(), other[2]
        if scheme == "tel":
            number, params = _user(rest)
            return cls("tel", number, params=params, text=text)
        return cls(scheme, rest, text=text)

    @classmethod
    def _sip(cls, match: re.Match[str], text: str) -> Uri:
        user, user_params = _user(match["user"] or "")
        port = int(match["port"]) if match["port"] else None
        if port is not None and not 0 < port < 65536:
            raise MalformedMessage("port out of range in URI")
        params = read_params(match["params"]) if match["params"] else ()
        host = match["host"].lower()
        return cls(match["scheme"].lower(), user, host, port, params, user_params, text)

    @classmethod
    def read(cls, text: str) -> Uri | None:
        """Like :meth:`parse`, but ``None`` where it cannot be read."""
        try:
            return cls.parse(text)
        except MalformedMessage:
            return None

    def param(self, name: str) -> str | None:
        """A URI parameter, or ``None``."""
        return param(self.params, name)

    @property
    def is_sip(self) -> bool:
        """Whether a request can be sent to it as it is."""
        return self.scheme in ("sip", "sips")

    @property
    def literal_host(self) -> str | None:
        """The host where it is an IP address (no brackets), else ``None``: nothing here resolves
        names.
        """
        host = self.host.strip("[]")
        return host if is_literal(host) else None

    def bare(self) -> str:
        """Scheme, user, host and port only: what names a caller whatever the parameters of one
        call.
        """
        port = f":{self.port}" if self.port else ""
        if not self.is_sip:
            return f"{self.scheme}:{self.user}"
        user = self.text.partition(":")[2].partition("@")[0] if "@" in self.text else ""
        return f"{self.scheme}:{user + '@' if user else ''}{self.host}{port}"

    def __str__(self) -> str:
        if self.text:
            return self.text
        port = f":{self.port}" if self.port else ""
        user = f"{self.user}{write_params(self.user_params)}@" if self.user else ""
        if not self.is_sip:
            return f"{self.scheme}:{self.user}{write_params(self.params)}"
        return f"{self.scheme}:{user}{self.host}{port}{write_params(self.params)}"


def is_literal(host: str) -> bool:
    """Whether ``host`` is an IP address."""
    return len(host) <= _LONGEST_ADDRESS and _is_literal(host)


def bracketed(host: str) -> str:
    """A host as it stands in a URI or Via: IPv6 in brackets."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def _user(text: str) -> tuple[str, Params]:
    """User part without its parameters and password (RFC 3261 §19.1.1; RFC 3966 for ``phone-
    context``).
    """
    name, semicolon, rest = text.partition(";")
    return unescape(name.partition(":")[0]), read_params(semicolon + rest) if rest else ()


@lru_cache(maxsize=1024)
def _is_literal(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
