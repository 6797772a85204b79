"""Messages that we write: every header that leaves us is put on here, so that R2 can be read in one
place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote as escaped

from edge_agent.causes import cause_text
from edge_agent.sip.config import EndpointConfig
from edge_agent.sip.grammar import MalformedMessage, quote
from edge_agent.sip.headers import Via, tag_of
from edge_agent.sip.message import Headers, Request, Response
from edge_agent.sip.outputs import Destination, Source
from edge_agent.sip.uri import bracketed

ALLOW = "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, INFO"
SUPPORTED = "replaces, timer"
ABLE = (
    ("allow", ALLOW),
    ("accept", "application/sdp, application/pidf+xml, multipart/mixed"),
    ("supported", SUPPORTED),
)
"""What OPTIONS is answered with (RFC 3261 §11.2)."""
KNOWN_METHODS = frozenset(ALLOW.split(", ")) | {"REFER", "MESSAGE", "REGISTER", "PRACK"}
KNOWN_METHODS |= {"SUBSCRIBE", "NOTIFY", "PUBLISH"}
"""What is 405 and not 501."""
OPTION_TAGS = frozenset({"replaces", "timer", "geolocation", "geolocation-sip"})
"""Option tags that a Require may name; a location by reference is simply not followed."""

_USER = "+*-_.!~'()&=$,;?/"
"""What may stand in a user part as it is (RFC 3261 §25.1)."""

Extra = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Path:
    """How a response goes back: the Via lines to echo, and the address (RFC 3261 §18.2, RFC
    3581).
    """

    vias: tuple[str, ...]
    back: Destination
    branch: str
    sent_by: str
    sent_by_port: int | None


def path_of(request: Request, source: Source) -> Path:
    """Read the way back; a Via that cannot be read is echoed as it is, and the source has to
    serve.
    """
    vias = request.headers.all("via")
    try:
        via = Via.parse(vias[0]) if vias else None
    except MalformedMessage:
        via = None
    if via is None:
        return Path(tuple(vias), source, "", "", None)
    top = vias[0]
    rport = via.param("rport")
    if rport == "":
        top = _with_rport(top, source.port)
    if via.host.strip("[]") != source.host or rport is not None:
        top += f";received={source.host}"
    back = source
    if not source.is_stream and rport is None:
        back = Destination(source.transport, source.host, via.port or 5060)
    return Path((top, *vias[1:]), back, via.branch, via.sent_by, via.port)


def response_to(
    request: Request,
    path: Path,
    status: int,
    *,
    tag: str = "",
    extra: Extra = (),
    sdp: bytes = b"",
) -> Response:
    """A response with what RFC 3261 §8.2.6 copies, our tag on To, and ``extra``."""
    old = request.headers
    headers = Headers(("via", via) for via in path.vias)
    headers.add("from", old.get("from"))
    to = old.get("to") or f"<{request.uri}>"
    headers.add("to", f"{to};tag={tag}" if tag and not tag_of(to) else to)
    headers.add("call-id", old.get("call-id"))
    headers.add("cseq", old.get("cseq"))
    for key, value in extra:
        headers.add(key, value)
    if sdp:
        headers.add("content-type", "application/sdp")
    return Response(status, "", headers, sdp)


def via_line(config: EndpointConfig, to: Destination, branch: str) -> str:
    """Our Via for a request to ``to``."""
    port = config.tcp_port if to.is_stream else config.udp_port
    host = bracketed(config.host)
    return f"SIP/2.0/{to.transport.upper()} {host}:{port};branch={branch};rport"


def contact_line(config: EndpointConfig, to: Destination, user: str) -> str:
    """Our Contact; ``user`` is the ELIN on a trunk and a neutral word elsewhere (R2)."""
    port = config.tcp_port if to.is_stream else config.udp_port
    transport = f";transport={to.transport}" if to.is_stream else ""
    return f"<sip:{user}@{bracketed(config.host)}:{port}{transport}>"


def address_line(user: str, realm: str, name: str = "", phone: bool = False) -> str:
    """A name-addr of our own making for From, To and P-Asserted-Identity."""
    shown = f"{quote(name)} " if name else ""
    user = escaped(user, safe=_USER)
    suffix = ";user=phone" if phone else ""
    return f"{shown}<sip:{user}@{realm}{suffix}>"


def reason_line(cause: int) -> str:
    """``Reason: Q.850`` (RFC 3326)."""
    return f'Q.850;cause={cause};text="{cause_text(cause)}"'


def warning_line(why: str) -> str:
    """``Warning: 399`` (RFC 3261 §20.43) with text for a human."""
    return f"399 elingate {quote(why)}"


def _with_rport(via: str, port: int) -> str:
    """The Via with its empty ``rport`` filled in (RFC 3581 §4)."""
    head, semicolon, rest = via.partition(";")
    params = [
        f"rport={port}" if p.strip().lower() in ("rport", "rport=") else p for p in rest.split(";")
    ]
    return head + semicolon + ";".join(params)
