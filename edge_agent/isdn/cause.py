"""Why something happened, and who found out: the Cause element of Q.931 §4.5.12, values of
Q.850.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from edge_agent.isdn.ie import Element, Ie, MalformedElement, group, measured


class Location(IntEnum):
    """Where a cause or a progress was found."""

    USER = 0
    LOCAL_PRIVATE = 1
    LOCAL_PUBLIC = 2
    TRANSIT = 3
    REMOTE_PUBLIC = 4
    REMOTE_PRIVATE = 5
    INTERNATIONAL = 7
    BEYOND_INTERWORKING = 10


@dataclass(frozen=True, slots=True)
class Cause:
    """Why (Q.850), and where that was found."""

    value: int
    location: int = Location.USER
    coding: int = 0
    """Coding standard: 0 is ITU-T; in any other ``value`` means what that standard says."""
    recommendation: int | None = None
    """Octet 3a, where there is one: 0 is Q.931."""
    diagnostics: bytes = b""
    """With 96, 99 and 100 identifiers of elements, with 97, 98 and 101 a message type, with 102 the
    digits of a timer (Q.850 table 1).
    """


def cause(value: Cause) -> Element:
    """Cause (§4.5.12)."""
    octet3 = value.coding << 5 | value.location
    if value.recommendation is None:
        octets = bytes((0x80 | octet3, 0x80 | value.value))
    else:
        octets = bytes((octet3, 0x80 | value.recommendation, 0x80 | value.value))
    return Element(Ie.CAUSE, octets + value.diagnostics)


def read_cause(content: bytes) -> Cause:
    """Read a Cause."""
    octet3, rest = group(Ie.CAUSE, measured(Ie.CAUSE, content, 2))
    if not rest:
        raise MalformedElement(Ie.CAUSE)
    recommendation = octet3[1] & 0x7F if len(octet3) > 1 else None
    coding, location = octet3[0] >> 5 & 3, octet3[0] & 0x0F
    return Cause(rest[0] & 0x7F, location, coding, recommendation, rest[1:])
