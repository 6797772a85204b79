"""What a call asks of the network besides a channel: its services, another carrier, a facility;
and what the network of North America says of the line that calls.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from edge_agent.isdn.ie import Element, Ie, Ie6, MalformedElement, digits_of, group, measured


class AttService(IntEnum):
    """Facility codes of AT&T for Network-specific facilities (*read in source*)."""

    SID_PREFERRED = 0xB1
    ANI_PREFERRED = 0xB2
    SID_ONLY = 0xB3
    ANI_ONLY = 0xB4
    OPERATOR = 0xB5
    SDN = 0xE1
    MEGACOM_800 = 0xE2
    MEGACOM = 0xE3
    ACCUNET = 0xE6
    LONG_DISTANCE = 0xE7
    INTERNATIONAL_800 = 0xE8
    MULTIQUEST = 0xF0
    CALL_REDIRECTION = 0xF7


@dataclass(frozen=True, slots=True)
class NetworkFacility:
    """One service of one network; without ``network`` it is that at the other end of the line."""

    facility: bytes
    """What is asked for, in the network's own code: one octet for AT&T."""
    network: str = ""
    """Identification, e.g. the carrier's code."""
    plan: int = 0
    """Type (upper three bits) and plan (lower four) of the identification."""


@dataclass(frozen=True, slots=True)
class TransitNetwork:
    """A carrier asked for by its code (§4.5.29)."""

    network: str
    plan: int = 0x21
    """Type and plan of the identification: national, carrier identification code."""


@dataclass(frozen=True, slots=True)
class Facility:
    """A supplementary service; its components are passed on unread."""

    profile: int
    """11 hex is ROSE, 1F hex networking extensions."""
    components: bytes


@dataclass(frozen=True, slots=True)
class GenericDigits:
    """Digits of a kind, codeset 6 (Bellcore): ``kind`` 0 is an account code, 4 a bill-to number."""

    kind: int
    digits: str


_IA5, _BCD_ODD, _BCD_EVEN = 2, 1, 0


def network_facility(value: NetworkFacility) -> Element:
    """Network-specific facilities (§4.5.21)."""
    network = value.network.encode("ascii")
    named = bytes((1 + len(network), 0x80 | value.plan)) + network if network else b"\x00"
    return Element(Ie.NETWORK_FACILITIES, named + value.facility)


def read_network_facility(content: bytes) -> NetworkFacility:
    """Read a Network-specific facilities."""
    measured(Ie.NETWORK_FACILITIES, content, 2)
    named, facility = content[1 : 1 + content[0]], content[1 + content[0] :]
    if not facility:
        raise MalformedElement(Ie.NETWORK_FACILITIES)
    plan = named[0] & 0x7F if named else 0
    return NetworkFacility(facility, _ascii(named[1:]), plan)


def transit_network(value: TransitNetwork) -> Element:
    """Transit network selection (§4.5.29)."""
    content = bytes((0x80 | value.plan,)) + value.network.encode("ascii")
    return Element(Ie.TRANSIT_NETWORK, content)


def read_transit_network(content: bytes) -> TransitNetwork:
    """Read a Transit network selection."""
    plan, network = group(Ie.TRANSIT_NETWORK, measured(Ie.TRANSIT_NETWORK, content, 2))
    return TransitNetwork(_ascii(network), plan[0] & 0x7F)


def facility(value: Facility) -> Element:
    """Facility (Q.932)."""
    return Element(Ie.FACILITY, bytes((0x80 | value.profile,)) + value.components)


def read_facility(content: bytes) -> Facility:
    """Read a Facility."""
    profile, components = group(Ie.FACILITY, content)
    return Facility(profile[0] & 0x7F, components)


def read_originating_line(content: bytes) -> int:
    """Return the two digits that say what kind of line calls (ANI II): 0 is an ordinary one."""
    if not content:
        raise MalformedElement(Ie6.ORIGINATING_LINE)
    return content[0]


def read_generic_digits(content: bytes) -> GenericDigits:
    """Read a Generic digits."""
    if not content:
        raise MalformedElement(Ie6.GENERIC_DIGITS)
    scheme, kind = content[0] >> 5, content[0] & 0x1F
    if scheme == _IA5:
        return GenericDigits(kind, digits_of(content[1:]))
    if scheme not in (_BCD_EVEN, _BCD_ODD):
        raise MalformedElement(Ie6.GENERIC_DIGITS)
    halves = [half for octet in content[1:] for half in (octet & 0x0F, octet >> 4)]
    if scheme == _BCD_ODD:
        halves = halves[:-1]
    return GenericDigits(kind, "".join(str(half) for half in halves if half <= 9))


def _ascii(octets: bytes) -> str:
    return "".join(chr(octet) for octet in octets if 0x20 <= octet < 0x7F)
