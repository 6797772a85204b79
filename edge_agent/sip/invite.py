"""What an INVITE says: who calls, what was dialled, from where; read so that a broken header costs
only itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_address

from e911.hints import IpAddress
from e911.numbers import Caller, Did
from e911.pidf import InvalidLocation, PidfLocation, read_pidf
from edge_agent.sip.config import Remote
from edge_agent.sip.grammar import MalformedMessage, param
from edge_agent.sip.headers import NameAddr, Via, identities
from edge_agent.sip.message import Headers, Request
from edge_agent.sip.multipart import PIDF, SDP, Part, last, read_parts
from edge_agent.sip.outputs import Source
from edge_agent.sip.uri import Uri, is_literal

_DIALLED = re.compile(r"[0-9*#+]+")
_SHORT = re.compile(r"\+?\d{2,4}")
_PUNCTUATION = re.compile(r"[\s().\-]")
_REQUEST_URI = re.compile(r"(?:sips?|tel):\s*([^@;>\s]+)", re.IGNORECASE)
_NOBODY = re.compile(r"anonymous|unavailable|restricted|", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Body:
    """The parts of a body that matter to a call."""

    sdp: bytes | None
    location: PidfLocation | None
    fault: str
    """Why a location that was sent cannot be used."""
    has_location: bool


def read_body(request: Request, want_location: bool = True) -> Body:
    """SDP and the last PIDF-LO that can be read (RFC 6442: locations are appended, the last is the
    newest).
    """
    parts = read_parts(request.headers.get("content-type"), request.body) if request.body else []
    sdp = last(parts, SDP)
    documents = [part for part in parts if part.kind == PIDF] if want_location else []
    location, fault = _location(documents)
    if not documents and want_location and _cid(request.headers) and sdp is None:
        fault = "the body holds no readable part"
    return Body(sdp, location, fault, bool(documents))


def read_dialled(uri: str) -> str:
    """What was dialled: the user part without parameters, the whole URN, or what looks like digits
    in a broken URI.
    """
    read = Uri.read(uri)
    if read is None:
        match = _REQUEST_URI.search(uri)
        return _clean(match[1].partition(":")[0]) if match else ""
    return _clean(f"urn:{read.user}" if read.scheme == "urn" else read.user)


def read_caller(headers: Headers, peer: str, source_key: str = "from") -> Caller:
    """The caller: P-Asserted-Identity tel, then sip, then From; each only where it names
    somebody.
    """
    asserted = [identity for identity in identities(headers) if _names_somebody(identity)]
    asserted.sort(key=lambda identity: identity.uri.scheme != "tel")
    source = NameAddr.read(headers.get(source_key))
    known = asserted + ([source] if source is not None and _names_somebody(source) else [])
    number, extension = _number(known)
    name = next((identity.name for identity in known if identity.name), "")
    return Caller(_contact(headers, known), number, extension, _clean(name), peer)


def read_address(request: Request, remote: Remote, source: Source) -> IpAddress | None:
    """The phone's own address, where the wire shows it: a configured header, or a phone that is
    itself the peer.
    """
    if remote.address_header:
        text = request.headers.get(remote.address_header.lower()).strip().strip("[]")
        if is_literal(text):
            return ip_address(text)
    if not remote.callers_are_phones:
        return None
    vias = request.headers.all("via")
    if len(vias) > 1:  # a proxy of the phones stands between: the lowest Via is the phone's
        via = _via(vias[-1])
        text = ((via.param("received") or via.host) if via else "").strip("[]")
        return ip_address(text) if is_literal(text) else None
    return ip_address(source.host) if is_literal(source.host) else None


def is_marked(headers: Headers) -> bool:
    """``Priority: emergency`` (RFC 3261 §20.26)."""
    return headers.get("priority").strip().lower() == "emergency"


def reads_as_emergency(request: Request, dialled: str, has_location: bool) -> bool:
    """Whether to be tolerant: anything that a person in need may have sent. The gateway decides
    what it is.
    """
    return (
        is_marked(request.headers)
        or has_location
        or dialled.lower().startswith("urn:service:sos")
        or _SHORT.fullmatch(dialled) is not None
    )


def _location(documents: list[Part]) -> tuple[PidfLocation | None, str]:
    fault = ""
    for part in reversed(documents):
        try:
            return read_pidf(part.content), fault
        except InvalidLocation as error:
            fault = fault or str(error)
    return None, fault


def _cid(headers: Headers) -> bool:
    return "<cid:" in headers.get("geolocation").lower()


def _names_somebody(identity: NameAddr) -> bool:
    user, host = identity.uri.user, identity.uri.host
    return not _NOBODY.fullmatch(user) and not host.endswith(".invalid")


def _number(known: list[NameAddr]) -> tuple[Did | None, str]:
    """The first full number; else the first digits, as an extension."""
    extension = ""
    for identity in known:
        user = _PUNCTUATION.sub("", identity.uri.user)
        number = Did.read(user)
        if number is not None:
            return number, param(identity.uri.params, "ext") or extension
        if not extension and _DIALLED.fullmatch(user):
            extension = user
    return None, extension


def _contact(headers: Headers, known: list[NameAddr]) -> str:
    """Where a callback goes: a GRUU, else the address of record, else the Contact as it is.

    A GRUU names one device for as long as it is registered. A plain Contact names a port of the
    platform or an address lease, and AudioCodes' gateways return to the From that Lync sent: so
    does this.
    """
    contact = NameAddr.read(next(iter(headers.all("contact")), ""))
    if contact is not None and contact.uri.is_sip and contact.uri.param("gruu") is not None:
        return _clean(str(contact.uri))
    for identity in sorted(known, key=lambda identity: not identity.uri.is_sip):
        if identity.uri.is_sip:
            user = ";user=phone" if identity.uri.param("user") == "phone" else ""
            return _clean(identity.uri.bare() + user)
    if contact is not None and contact.uri.is_sip:
        return _clean(str(contact.uri))
    return _clean(known[0].uri.bare()) if known else ""


def _via(text: str) -> Via | None:
    try:
        return Via.parse(text)
    except MalformedMessage:
        return None


def _clean(text: str) -> str:
    """Text that any encoder takes: bytes that were not UTF-8 become a mark, control characters
    go.
    """
    if text.isascii() and text.isprintable():
        return text
    text = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return "".join(c for c in text if c.isprintable())
