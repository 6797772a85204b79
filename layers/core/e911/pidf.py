"""PIDF-LO read and written: one neutral value for every platform's way to say where a caller is."""

from __future__ import annotations

from dataclasses import dataclass

from e911.numbers import Elin
from e911.places import CivicAddress, Point


@dataclass(frozen=True, slots=True)
class PidfLocation:
    """What a PIDF-LO (RFC 4119, 5139, 5491; Microsoft's E911 extension) says, whatever its prefixes and order."""

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
