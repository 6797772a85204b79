"""Numbers and subaddresses of the parties: called and calling are written, all others are only
read (R2).

What could carry a person, that is connected and redirecting number and every subaddress, has no
writer here, so that nothing can send one by mistake.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from edge_agent.isdn.ie import Element, Ie, digits_of, measured


class Ton(IntEnum):
    """Type of number."""

    UNKNOWN = 0
    INTERNATIONAL = 1
    NATIONAL = 2
    NETWORK = 3
    SUBSCRIBER = 4
    ABBREVIATED = 6


class Npi(IntEnum):
    """Numbering plan."""

    UNKNOWN = 0
    E164 = 1
    X121 = 3
    NATIONAL = 8
    PRIVATE = 9


class Presentation(IntEnum):
    """Whether a calling number may be shown."""

    ALLOWED = 0
    RESTRICTED = 1
    NOT_AVAILABLE = 2


class Screening(IntEnum):
    """Who vouches for a calling number."""

    USER_NOT_SCREENED = 0
    USER_PASSED = 1
    USER_FAILED = 2
    NETWORK = 3


class Number(NamedTuple):
    """A calling or called number."""

    digits: str
    ton: int = Ton.UNKNOWN
    npi: int = Npi.E164
    presentation: int | None = None
    screening: int = Screening.USER_NOT_SCREENED


@dataclass(frozen=True, slots=True)
class Redirecting:
    """Who sent the call on, and why."""

    number: Number
    reason: int | None = None
    """Octet 3b: 1 busy, 2 no reply, 9 out of order, 10 by the called terminal, 15 always."""


@dataclass(frozen=True, slots=True)
class Subaddress:
    """A subaddress (§4.5.9): ``kind`` 0 is NSAP, 2 is the user's own."""

    kind: int
    octets: bytes
    odd: bool = False


_DIGIT_0, _DIGIT_9 = 0x30, 0x39


def calling(number: Number) -> Element:
    """Calling party number with octet 3a (§4.5.10)."""
    presentation = number.presentation or Presentation.ALLOWED
    octets = bytes((number.ton << 4 | number.npi, 0x80 | presentation << 5 | number.screening))
    return Element(Ie.CALLING, octets + number.digits.encode("ascii"))


def called(number: Number) -> Element:
    """Called party number (§4.5.8)."""
    plan = bytes((0x80 | number.ton << 4 | number.npi,))
    return Element(Ie.CALLED, plan + number.digits.encode("ascii"))


def read_number(content: bytes, ie: Ie) -> Number:
    """Read a called, calling, connected or redirecting number.

    5ESS, 4ESS, DMS and NI switches set the extension bit of octet 3 though octet 3a follows: an
    octet with bit 8 set is never a digit, so it is taken for octet 3a (*read in source*).
    """
    octet3, digits = _parted(ie, content)
    presentation, screening = None, 0
    if len(octet3) > 1:
        presentation, screening = octet3[1] >> 5 & 3, octet3[1] & 3
    return Number(digits_of(digits), octet3[0] >> 4 & 7, octet3[0] & 15, presentation, screening)


def read_redirecting(content: bytes) -> Redirecting:
    """Read a Redirecting number (§4.6.7)."""
    octet3, _ = _parted(Ie.REDIRECTING, content)
    reason = octet3[2] & 0x0F if len(octet3) > 2 else None
    return Redirecting(read_number(content, Ie.REDIRECTING), reason)


def read_subaddress(content: bytes, ie: Ie) -> Subaddress:
    """Read the subaddress of any party (§4.5.9, §4.5.11)."""
    octet3 = measured(ie, content)[0]
    return Subaddress(octet3 >> 4 & 7, content[1:], bool(octet3 & 0x08))


def _parted(ie: Ie, content: bytes) -> tuple[bytes, bytes]:
    """Split the octets 3, 3a and, in a Redirecting number, 3b from the digits."""
    most = min(len(measured(ie, content)), 3 if ie is Ie.REDIRECTING else 2)
    end = 1
    while end < most and not content[end - 1] & 0x80 and not _is_digit(content[end]):
        end += 1
    while end < most and content[end] & 0x80:
        end += 1
    return content[:end], content[end:]


def _is_digit(octet: int) -> bool:
    return _DIGIT_0 <= octet <= _DIGIT_9
