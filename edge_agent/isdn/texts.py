"""Words, keys and hours that travel with a call: read where they help to understand a call, never
written where they could name a person (R2).

Display and User-user have no writer. Keypad has one: what it carries is what was dialled.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from edge_agent.isdn.ie import Element, Ie, MalformedElement, digits_of, measured

_CENTURY = 2000
_DATE_OCTETS = 3


@dataclass(frozen=True, slots=True)
class UserUser:
    """User-user information: octets of one protocol (§4.5.30)."""

    protocol: int
    octets: bytes


def keypad(digits: str) -> Element:
    """Keypad facility (§4.5.18)."""
    return Element(Ie.KEYPAD, digits.encode("ascii"))


def read_keypad(content: bytes) -> str:
    """Return the keys pressed."""
    return digits_of(measured(Ie.KEYPAD, content))


def read_display(content: bytes) -> str:
    """Return the text to show (§4.5.16).

    Switches of North America put an octet with bit 8 set before it (``B1``, *read in source*); what
    cannot be printed becomes a question mark.
    """
    measured(Ie.DISPLAY, content)
    text = content[1:] if content[0] & 0x80 else content
    return "".join(chr(octet) if 0x20 <= octet < 0x7F else "?" for octet in text)


def read_user_user(content: bytes) -> UserUser:
    """Read a User-user."""
    measured(Ie.USER_USER, content)
    return UserUser(content[0], content[1:])


def date_time(local: datetime) -> Element:
    """Date/time (§4.5.15) to the minute."""
    year = local.year - _CENTURY
    return Element(Ie.DATE_TIME, bytes((year, local.month, local.day, local.hour, local.minute)))


def read_date_time(content: bytes) -> datetime:
    """Return what the switch's clock shows: without a zone, because none is said."""
    measured(Ie.DATE_TIME, content, _DATE_OCTETS)
    try:
        return datetime(_CENTURY + content[0], *content[1:])
    except ValueError:
        raise MalformedElement(Ie.DATE_TIME) from None
