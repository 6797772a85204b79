"""What happens on the way of a call that is not yet answered, or no longer: the Progress indicator
of Q.931 §4.5.23.

A message may carry several. Tones to be heard and a far end without ISDN are two of them, so
whoever waits for one looks at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from edge_agent.isdn.cause import Location
from edge_agent.isdn.ie import Element, Ie, measured


class Described(IntEnum):
    """Progress descriptions."""

    NOT_END_TO_END = 1
    DESTINATION_NOT_ISDN = 2
    ORIGINATION_NOT_ISDN = 3
    RETURNED_TO_ISDN = 4
    INTERWORKING = 5
    IN_BAND = 8
    DELAY = 10


IN_BAND = Described.IN_BAND
"""Progress description: tones or speech are on the channel (§4.5.23)."""


@dataclass(frozen=True, slots=True)
class Progress:
    """One Progress indicator."""

    description: int
    location: int = Location.USER
    coding: int = 0
    """Coding standard: 0 is ITU-T."""


def progress(value: Progress) -> Element:
    """Progress indicator (§4.5.23)."""
    octet3 = 0x80 | value.coding << 5 | value.location
    return Element(Ie.PROGRESS, bytes((octet3, 0x80 | value.description)))


def progress_in_band() -> Element:
    """Progress indicator 8, found in the private network serving the local user."""
    return progress(Progress(IN_BAND, Location.LOCAL_PRIVATE))


def read_progress(content: bytes) -> int:
    """Return the progress description."""
    return read_progress_indicator(content).description


def read_progress_indicator(content: bytes) -> Progress:
    """Read a Progress indicator whole."""
    measured(Ie.PROGRESS, content, 2)
    return Progress(content[1] & 0x7F, content[0] & 0x0F, content[0] >> 5 & 3)
