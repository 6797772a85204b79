"""Where people are: civic addresses, and the emergency response locations that stand for them."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class CivicAddress:
    """A civic address in the elements of RFC 4119 and RFC 5139; empty text for an absent one."""

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

    def matching_key(self) -> tuple[str, ...]:
        """The street address alone, in one spelling: what two spellings of one building share.

        Street and number are compared as words with USPS abbreviations, whichever element they came
        in: ``Harbor Avenue Northeast`` in RD is RD ``Harbor``, STS ``Ave``, POD ``NE``. A call must
        not be taken for one from outside (R9) because a platform spells a suffix out.
        """
        street = " ".join((self.PRD, self.RD, self.STS, self.POD))
        number = "".join(f"{self.HNO}{self.HNS}".casefold().split())
        return (*(_fold(text) for text in (self.country, self.A1, self.A3, street)), number)

    @property
    def inside(self) -> str:
        """The place inside the building, folded for comparison."""
        return " ".join((self.LOC or self.FLR).casefold().split())

    def one_line(self) -> str:
        """The address as a dispatcher reads it."""
        street = " ".join(
            p for p in (self.HNO, self.HNS, self.PRD, self.RD, self.STS, self.POD) if p
        )
        return ", ".join(p for p in (street, self.LOC or self.FLR, self.A3, self.A1, self.PC) if p)

    def is_empty(self) -> bool:
        """Whether nothing but the country is given."""
        return not any(getattr(self, f.name) for f in fields(self) if f.name != "country")


@dataclass(frozen=True, slots=True)
class Point:
    """A geodetic position, WGS 84, degrees; ``radius_m`` is its uncertainty in metres."""

    latitude: float
    longitude: float
    radius_m: float = 0.0


_ABBREVIATED = {
    "avenue": "ave",
    "av": "ave",
    "boulevard": "blvd",
    "circle": "cir",
    "court": "ct",
    "drive": "dr",
    "expressway": "expy",
    "freeway": "fwy",
    "highway": "hwy",
    "lane": "ln",
    "parkway": "pkwy",
    "place": "pl",
    "plaza": "plz",
    "road": "rd",
    "square": "sq",
    "street": "st",
    "terrace": "ter",
    "trail": "trl",
    "turnpike": "tpke",
    "north": "n",
    "south": "s",
    "east": "e",
    "west": "w",
    "northeast": "ne",
    "northwest": "nw",
    "southeast": "se",
    "southwest": "sw",
}
"""USPS Publication 28, appendix C1 and section 233: the usual suffixes and all directions."""


def _fold(text: str) -> str:
    words = re.sub(r"[.,]", " ", text.casefold()).split()
    return " ".join(_ABBREVIATED.get(word, word) for word in words)
