"""Where people are: civic addresses, and the emergency response locations that stand for them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class CivicAddress:
    """A civic address in the element names of RFC 4119 and RFC 5139; empty text where an element is absent."""

    country: str = "US"
    A1: str = ""
    """State or province, two letters."""
    A2: str = ""
    """County."""
    A3: str = ""
    """City."""
    PRD: str = ""
    """Leading street direction."""
    RD: str = ""
    """Street name."""
    STS: str = ""
    """Street suffix."""
    POD: str = ""
    """Trailing street direction."""
    HNO: str = ""
    """House number."""
    HNS: str = ""
    """House number suffix (never a suite)."""
    LOC: str = ""
    """Place inside the building, at most 20 characters with Lync: ``Flr 2``."""
    FLR: str = ""
    """Floor."""
    NAM: str = ""
    """Occupant's name; Lync puts the ELINs here."""
    PC: str = ""
    """Postal code."""

    STREET: ClassVar[tuple[str, ...]] = ("country", "A1", "A3", "PRD", "RD", "STS", "POD", "HNO", "HNS")

    def matching_key(self) -> tuple[str, ...]:
        """The street address alone, folded for comparison: what two spellings of one building share."""
        return tuple(" ".join(str(getattr(self, name)).casefold().split()) for name in self.STREET)

    @property
    def inside(self) -> str:
        """The place inside the building, folded for comparison."""
        return " ".join((self.LOC or self.FLR).casefold().split())

    def one_line(self) -> str:
        """The address as a dispatcher reads it."""
        street = " ".join(p for p in (self.HNO, self.HNS, self.PRD, self.RD, self.STS, self.POD) if p)
        return ", ".join(p for p in (street, self.LOC or self.FLR, self.A3, self.A1, self.PC) if p)

    def is_empty(self) -> bool:
        """Whether nothing but the country is given."""
        return not any(getattr(self, f.name) for f in fields(self) if f.name != "country")


@dataclass(frozen=True, slots=True)
class Point:
    """A geodetic position, WGS 84, degrees; ``radius_m`` is the uncertainty in metres where given."""

    latitude: float
    longitude: float
    radius_m: float = 0.0
