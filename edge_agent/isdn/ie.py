"""An information element on the wire: which one it is, how long it may be, how its octets are
grouped.

Identifiers and lengths from Q.931 §4.5.1 (table 4-3) and clause 3; where an element is longer than
its table allows, its content counts as invalid (§5.8.6.2, §5.8.7.2).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import NamedTuple


class Ie(IntEnum):
    """Identifiers of codeset 0; with bit 8 set, the element is a single octet."""

    SEGMENTED = 0x00
    CHANGE_STATUS = 0x01
    """In maintenance messages only."""
    BEARER = 0x04
    CAUSE = 0x08
    CALL_IDENTITY = 0x10
    CALL_STATE = 0x14
    CHANNEL_ID = 0x18
    FACILITY = 0x1C
    PROGRESS = 0x1E
    NETWORK_FACILITIES = 0x20
    NOTIFICATION = 0x27
    DISPLAY = 0x28
    DATE_TIME = 0x29
    KEYPAD = 0x2C
    SIGNAL = 0x34
    CONNECTED = 0x4C
    CONNECTED_SUBADDRESS = 0x4D
    CALLING = 0x6C
    CALLING_SUBADDRESS = 0x6D
    CALLED = 0x70
    CALLED_SUBADDRESS = 0x71
    REDIRECTING = 0x74
    TRANSIT_NETWORK = 0x78
    RESTART_INDICATOR = 0x79
    LOW_LAYER = 0x7C
    HIGH_LAYER = 0x7D
    USER_USER = 0x7E
    MORE_DATA = 0xA0
    SENDING_COMPLETE = 0xA1
    CONGESTION_LEVEL = 0xB0
    """The lower four bits are the level."""
    REPEAT_INDICATOR = 0xD0
    """The lower four bits say what the repetition of the next element means."""


class Ie6(IntEnum):
    """Identifiers of codeset 6 as networks of North America use it."""

    ORIGINATING_LINE = 0x01
    GENERIC_DIGITS = 0x37


class Element(NamedTuple):
    """One information element as on the wire; one with bit 8 of the id set has no content."""

    id: int
    content: bytes


class MalformedElement(Exception):
    """The content of an information element cannot be read (cause 100)."""

    def __init__(self, ie: Ie | Ie6) -> None:
        super().__init__(ie.name)
        self.ie = ie


VALUE_IN_IDENTIFIER = frozenset({Ie.CONGESTION_LEVEL, Ie.REPEAT_INDICATOR})
"""Single octets whose lower half is a value (type 1 of §4.5.1)."""

LONGEST: Mapping[Ie, int] = {
    Ie.BEARER: 10,
    Ie.CAUSE: 30,
    Ie.CALL_IDENTITY: 8,
    Ie.CALL_STATE: 1,
    Ie.PROGRESS: 2,
    Ie.DISPLAY: 80,
    Ie.DATE_TIME: 6,
    Ie.KEYPAD: 32,
    Ie.SIGNAL: 1,
    Ie.CONNECTED_SUBADDRESS: 21,
    Ie.CALLING_SUBADDRESS: 21,
    Ie.CALLED_SUBADDRESS: 21,
    Ie.RESTART_INDICATOR: 1,
    Ie.LOW_LAYER: 16,
    Ie.HIGH_LAYER: 3,
    Ie.USER_USER: 129,
}
"""Octets of content at most; the others may be as long as the network likes."""

MOST_TIMES: Mapping[Ie, int] = {
    Ie.BEARER: 2,
    Ie.PROGRESS: 3,
    Ie.NETWORK_FACILITIES: 4,
    Ie.NOTIFICATION: 3,
    Ie.FACILITY: 255,
    Ie.DISPLAY: 255,
    Ie.LOW_LAYER: 3,
    Ie.HIGH_LAYER: 2,
    Ie.REDIRECTING: 2,
    Ie.TRANSIT_NETWORK: 4,
    Ie.CAUSE: 2,
}
"""How often an element may stand in one message: once where it is not here; further ones are
ignored (§5.8.5.2).
"""


def measured(ie: Ie, content: bytes, least: int = 1) -> bytes:
    """Return ``content`` where its length is within what the element may have."""
    if not least <= len(content) <= LONGEST.get(ie, 255):
        raise MalformedElement(ie)
    return content


def group(ie: Ie, octets: bytes) -> tuple[bytes, bytes]:
    """Split off one octet group, 3, 3a, 3b and so on: it ends with the first octet that has its
    extension bit set (§4.5.1).
    """
    for index, octet in enumerate(octets):
        if octet & 0x80:
            return octets[: index + 1], octets[index + 1 :]
    raise MalformedElement(ie)


def digits_of(octets: bytes) -> str:
    """Return the IA5 digits among ``octets``; whatever else a network puts between them is passed
    over.
    """
    return "".join(chr(octet) for octet in octets if chr(octet) in "0123456789*#+")
