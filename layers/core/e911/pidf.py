"""PIDF-LO read and written: one neutral value for every platform's way to say where a caller is."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

from e911.errors import InvalidLocation as InvalidLocation
from e911.numbers import Elin
from e911.places import CivicAddress, Point

MOST_BYTES = 65_536
"""A longer document is not read: nobody's address needs it."""
MOST_ELINS = 5
ANONYMOUS = "pres:anonymous@anonymous.invalid"
"""The presentity of a document that must name nobody (R2)."""


@dataclass(frozen=True, slots=True)
class PidfLocation:
    """What a PIDF-LO (RFC 4119, 5139, 5491; Microsoft's E911 extension) says, whatever its prefixes
    and order.
    """

    civic: CivicAddress | None = None
    point: Point | None = None
    elins: tuple[Elin, ...] = ()
    """From ``ca:ELIN``, else from ``ca:NAM`` where every entry is a number; at most five."""
    method: str = ""
    """How it was found, as written: ``Manual``, ``LIS``, ``DHCP`` …"""
    entity: str = ""
    """The presentity. Names the caller: never leaves on a trunk (R2), never logged."""
    timestamp: str = ""
    """As written; a missing zone never rejects a location."""
    conference_uri: str = ""
    conference_mode: str = ""
    """``oneway`` or ``twoway``, as in MS-SIPRE appendix D."""
    policy_tag: str = ""
    """LocationPolicyTagID."""


def read_pidf(data: bytes) -> PidfLocation:
    """Read a PIDF-LO in anybody's form: prefixes, order and missing parts do not matter, names do.

    Of several places the one of the first ``device`` counts, then of the first ``tuple``, then of a
    ``person`` (RFC 5491 §3.4). Nothing is validated against a schema: an emergency is no time for
    that.

    Raises:
        InvalidLocation: no XML, a document type (entities are an attack here), or no place in it.
    """
    root = _document(data)
    whole = _index(root)
    holder = _holder(whole)
    if holder is None:
        raise InvalidLocation("no location in the document")
    civic, point, elins = _civic(holder), _point(holder), _elins(holder)
    if civic is None and point is None and not elins:
        raise InvalidLocation("the location is empty")
    return PidfLocation(
        civic=civic,
        point=point,
        elins=elins,
        method=_text(holder, "method"),
        entity=root.get("entity", "").strip(),
        timestamp=_text(holder, "timestamp"),
        conference_uri=_text(whole, "ConferenceUri"),
        conference_mode=_text(whole, "ConferenceMode").lower(),
        policy_tag=_text(whole, "LocationPolicyTagID"),
    )


def write_pidf(
    location: PidfLocation,
    *,
    entity: str = ANONYMOUS,
    elins_as: str = "NAM",
    microsoft: bool = True,
    tuple_id: str = "lis-0",
) -> bytes:
    """Write ``location`` as one tuple, in the order of the schemas, geodetic before civic (RFC 5491
    §3.5).

    ``entity`` is not taken from the location, so that nobody is named by accident (R2).
    ``elins_as`` is the civic element that carries the ELINs: ``NAM`` as Lync does, ``ELIN`` as
    AudioCodes reads first, or empty for none. ``microsoft`` says whether the conference and policy
    extension may be written.
    """
    pieces = [
        '<?xml version="1.0" encoding="UTF-8"?>\n<presence xmlns="urn:ietf:params:xml:ns:pidf"',
        *(f' xmlns:{prefix}="{name}"' for prefix, name in _NAMESPACES.items()),
        f" entity={quoteattr(entity)}>",
        f"<tuple id={quoteattr(tuple_id)}><status><gp:geopriv><gp:location-info>",
        _written_point(location.point),
        _written_civic(location, elins_as),
        "</gp:location-info><gp:usage-rules>",
        "<bp:retransmission-allowed>true</bp:retransmission-allowed></gp:usage-rules>",
        _element("gp:method", location.method),
        "</gp:geopriv>",
        _written_extension(location) if microsoft else "",
        "</status>",
        _element("timestamp", location.timestamp),
        "</tuple></presence>\n",
    ]
    return "".join(pieces).encode("utf-8", "replace")


_NAMESPACES = {
    "gp": "urn:ietf:params:xml:ns:pidf:geopriv10",
    "bp": "urn:ietf:params:xml:ns:pidf:geopriv10:basicPolicy",
    "ca": "urn:ietf:params:xml:ns:pidf:geopriv10:civicAddr",
    "gml": "http://www.opengis.net/gml",
    "gs": "http://www.opengis.net/pidflo/1.0",
    "ms": "urn:schema:Rtc.LIS.msftE911PidfExtn.2008",
}
_TAG_NAMESPACE = "urn:schema:Rtc.Lis.LocationPolicyTagID.2008"
_EPSG = "urn:ogc:def:crs:EPSG::4326"
_METRE = "urn:ogc:def:uom:EPSG::9001"
_CIVIC_ORDER = (  # RFC 5139 §4: the order is the schema's
    (
        "country",
        "A1",
        "A2",
        "A3",
        "PRD",
        "RD",
        "STS",
        "POD",
        "HNO",
        "HNS",
        "LOC",
        "FLR",
        "NAM",
        "PC",
    )
)
_NOT_DIGITS = re.compile(r"\D")
_NUMBER = re.compile(r"[+\d\s().\-]+")


def _document(data: bytes) -> ElementTree.Element:
    data = data.strip(b"\r\n\t \0")
    if len(data) > MOST_BYTES:
        raise InvalidLocation("the document is too long")
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise InvalidLocation("a document type is not allowed")
    if b"\0" in data:  # two bytes a character would hide a document type from the line above
        raise InvalidLocation("not a document in UTF-8")
    try:
        return ElementTree.fromstring(data)
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise InvalidLocation("not well-formed XML") from error


_Index = dict[str, list[ElementTree.Element]]
"""Elements by local name in lower case, in document order: read once, asked often."""


def _index(element: ElementTree.Element) -> _Index:
    index: _Index = {}
    for each in element.iter():
        index.setdefault(_folded(each.tag), []).append(each)
    return index


def _holder(whole: _Index) -> _Index | None:
    """What lies inside the element whose place counts."""
    holders = [e for name in ("device", "tuple", "person") for e in whole.get(name, ())]
    if len(holders) <= 1:
        return whole if _holds_place(whole) else None
    inside = (_index(holder) for holder in holders)
    return next((index for index in inside if _holds_place(index)), None)


def _holds_place(index: _Index) -> bool:
    return any(name in index for name in ("civicaddress", "civicloc", "pos"))


def _civic(holder: _Index) -> CivicAddress | None:
    for element in holder.get("civicaddress", []) + holder.get("civicloc", []):
        found: dict[str, str] = {}
        for child in element:
            name, text = _name(child.tag), _collapsed(child.text)
            if text and name in _CIVIC_ORDER:
                found.setdefault(name, text)
        if "country" in found:
            found["country"] = found["country"].upper()
        civic = CivicAddress(**found)
        if not civic.is_empty():
            return civic
    return None


def _elins(holder: _Index) -> tuple[Elin, ...]:
    """``ELIN`` where it holds a number; else ``NAM``, but only where every entry is one: it may be
    a company.
    """
    named = [_collapsed(element.text) for element in holder.get("elin", ())]
    found = [elin for text in named for elin in _numbers(text) if elin is not None]
    if not found:
        for element in holder.get("nam", ()):
            entries = _numbers(_collapsed(element.text))
            if entries and None not in entries:
                found = [elin for elin in entries if elin is not None]
                break
    return tuple(dict.fromkeys(found))[:MOST_ELINS]


def _numbers(text: str) -> list[Elin | None]:
    entries = [entry.strip() for entry in re.split(r"[;,]", text) if entry.strip()]
    return [
        Elin.read(_NOT_DIGITS.sub("", entry)) if _NUMBER.fullmatch(entry) else None
        for entry in entries
    ]


def _point(holder: _Index) -> Point | None:
    """The position, or the middle of a polygon's corners; with the radius of a circle."""
    corners = []
    for element in holder.get("pos", ()):
        numbers = _floats(element.text)
        if len(numbers) >= 2 and abs(numbers[0]) <= 90 and abs(numbers[1]) <= 180:
            corners.append((numbers[0], numbers[1]))
    if not corners:
        return None
    if len(corners) > 1 and corners[0] == corners[-1]:
        corners.pop()
    latitude = sum(corner[0] for corner in corners) / len(corners)
    longitude = sum(corner[1] for corner in corners) / len(corners)
    radius = _floats(_text(holder, "radius"))
    return Point(latitude, longitude, radius[0] if radius and radius[0] >= 0 else 0.0)


def _floats(text: str | None) -> list[float]:
    try:
        numbers = [float(word) for word in (text or "").split()]
    except ValueError:
        return []
    return numbers if all(math.isfinite(number) for number in numbers) else []


def _text(index: _Index, name: str) -> str:
    texts = (_collapsed(element.text) for element in index.get(name.lower(), ()))
    return next((text for text in texts if text), "")


def _collapsed(text: str | None) -> str:
    return " ".join((text or "").split())


@lru_cache(maxsize=512)
def _folded(tag: object) -> str:
    return _name(tag).lower()


@lru_cache(maxsize=512)
def _name(tag: object) -> str:
    """The local name; a comment's tag is no text at all."""
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _element(name: str, text: str) -> str:
    return f"<{name}>{escape(text)}</{name}>" if text else ""


def _written_point(point: Point | None) -> str:
    if point is None:
        return ""
    position = f"<gml:pos>{point.latitude:.7g} {point.longitude:.7g}</gml:pos>"
    if not point.radius_m:
        return f'<gml:Point srsName="{_EPSG}">{position}</gml:Point>'
    radius = f'<gs:radius uom="{_METRE}">{point.radius_m:g}</gs:radius>'
    return f'<gs:Circle srsName="{_EPSG}">{position}{radius}</gs:Circle>'


def _written_civic(location: PidfLocation, elins_as: str) -> str:
    civic = location.civic or CivicAddress()
    if civic.is_empty() and not location.elins:
        return ""
    joined = ";".join(elin.digits for elin in location.elins)
    values = {name: str(getattr(civic, name)) for name in _CIVIC_ORDER}
    if location.elins and all(_numbers(values["NAM"])):
        values["NAM"] = ""  # it held ELINs, not a name
    if joined and elins_as == "NAM":
        values["NAM"] = joined
    inside = "".join(_element(f"ca:{name}", values[name]) for name in _CIVIC_ORDER)
    if joined and elins_as == "ELIN":
        inside += _element("ca:ELIN", joined)
    return f"<ca:civicAddress>{inside}</ca:civicAddress>"


def _written_extension(location: PidfLocation) -> str:
    if not location.conference_uri:
        return ""
    tag = ""
    if location.policy_tag:
        text = escape(location.policy_tag)
        tag = f'<LocationPolicyTagID xmlns="{_TAG_NAMESPACE}">{text}</LocationPolicyTagID>'
    uri = _element("ms:ConferenceUri", location.conference_uri)
    mode = _element("ms:ConferenceMode", location.conference_mode or "twoway")
    return f"<ms:msftE911PidfExtn>{uri}{mode}{tag}</ms:msftE911PidfExtn>"
