"""Information elements of Q.931 as values: only those that carry a call, and none that could carry
a person.

Formats from Q.931 §4.5; what North American switches do differently is marked where it is read.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple


class Ie(IntEnum):
    """Identifiers of codeset 0."""

    SEGMENTED = 0x00
    BEARER = 0x04
    CAUSE = 0x08
    CALL_STATE = 0x14
    CHANNEL_ID = 0x18
    PROGRESS = 0x1E
    NETWORK_FACILITIES = 0x20
    DISPLAY = 0x28
    CALLING = 0x6C
    CALLED = 0x70
    RESTART_INDICATOR = 0x79
    SENDING_COMPLETE = 0xA1


class Element(NamedTuple):
    """One information element as on the wire; one with bit 8 of the id set has no content."""

    id: int
    content: bytes


class MalformedElement(Exception):
    """The content of an information element cannot be read (cause 100)."""

    def __init__(self, ie: Ie) -> None:
        super().__init__(ie.name)
        self.ie = ie


class Transfer(IntEnum):
    """Information transfer capability (octet 3 of Bearer capability)."""

    SPEECH = 0x00
    UNRESTRICTED = 0x08
    RESTRICTED = 0x09
    AUDIO_3K1 = 0x10


class Layer1(IntEnum):
    """User information layer 1 protocol (octet 5 of Bearer capability)."""

    MU_LAW = 0x02
    A_LAW = 0x03


class Ton(IntEnum):
    """Type of number."""

    UNKNOWN = 0
    INTERNATIONAL = 1
    NATIONAL = 2
    NETWORK = 3
    SUBSCRIBER = 4


class Npi(IntEnum):
    """Numbering plan."""

    UNKNOWN = 0
    E164 = 1
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


@dataclass(frozen=True, slots=True)
class ChannelId:
    """Which B channel; ``channel`` is ``None`` for any, or none."""

    channel: int | None
    exclusive: bool = False
    named: tuple[int, ...] = ()
    """Every channel named: RESTART may name many."""


@dataclass(frozen=True, slots=True)
class Number:
    """A calling or called number."""

    digits: str
    ton: int = Ton.UNKNOWN
    npi: int = Npi.E164
    presentation: int | None = None
    screening: int = Screening.USER_NOT_SCREENED


@dataclass(frozen=True, slots=True)
class Cause:
    """Why (Q.850), and where that was found."""

    value: int
    location: int = 0


IN_BAND = 8
"""Progress description: tones or speech are on the channel (Q.931 §4.5.23)."""

_ANY_CHANNEL = 3
_LOCAL_PRIVATE = 1


def bearer(transfer: Transfer, layer1: Layer1) -> Element:
    """Circuit mode, 64 kbit/s, G.711 (§4.5.5)."""
    return Element(Ie.BEARER, bytes((0x80 | transfer, 0x90, 0xA0 | layer1)))


def read_transfer(content: bytes) -> int:
    """Return the information transfer capability of a Bearer capability."""
    if len(content) < 2:
        raise MalformedElement(Ie.BEARER)
    return content[0] & 0x1F


def channel_id(channel: int | None, *, exclusive: bool) -> Element:
    """The B channel of a primary rate interface by its number (§4.5.13); ``None`` leaves the choice
    to the peer.
    """
    if channel is None:
        return Element(Ie.CHANNEL_ID, b"\xa3")
    kind = 0xA9 if exclusive else 0xA1
    return Element(Ie.CHANNEL_ID, bytes((kind, 0x83, 0x80 | channel)))


def read_channel_id(content: bytes) -> ChannelId:
    """Read a Channel identification by number, list or slot map."""
    if not content or not content[0] & 0x20:
        raise MalformedElement(Ie.CHANNEL_ID)
    exclusive, selection = bool(content[0] & 0x08), content[0] & 3
    rest = content[1:]
    if content[0] & 0x40:
        rest = _after_extended(rest)
    if selection != 1:
        return ChannelId(None, exclusive)
    if len(rest) < 2:
        raise MalformedElement(Ie.CHANNEL_ID)
    named = _from_map(rest[1:]) if rest[0] & 0x10 else tuple(octet & 0x7F for octet in rest[1:])
    if not named:
        raise MalformedElement(Ie.CHANNEL_ID)
    return ChannelId(named[0], exclusive, named)


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
    """Read a called or calling number.

    5ESS, 4ESS, DMS and NI switches set the extension bit of octet 3 though octet 3a follows: an
    octet with bit 8 set is never a digit, so it is taken for octet 3a.
    """
    if not content:
        raise MalformedElement(ie)
    start, presentation, screening = 1, None, 0
    if len(content) > 1 and content[1] & 0x80:
        start, presentation, screening = 2, content[1] >> 5 & 3, content[1] & 3
    digits = "".join(chr(octet) for octet in content[start:] if chr(octet) in "0123456789*#+")
    return Number(digits, content[0] >> 4 & 7, content[0] & 15, presentation, screening)


def cause(value: Cause) -> Element:
    """Cause (§4.5.12, Q.850), coding standard ITU-T."""
    return Element(Ie.CAUSE, bytes((0x80 | value.location, 0x80 | value.value)))


def read_cause(content: bytes) -> Cause:
    """Read a Cause; octet 3a and diagnostics are passed over."""
    rest = content[1:] if content and content[0] & 0x80 else content[2:]
    if not rest:
        raise MalformedElement(Ie.CAUSE)
    return Cause(rest[0] & 0x7F, content[0] & 15)


def progress_in_band() -> Element:
    """Progress indicator 8, found in the private network serving the local user (§4.5.23)."""
    return Element(Ie.PROGRESS, bytes((0x80 | _LOCAL_PRIVATE, 0x80 | IN_BAND)))


def read_progress(content: bytes) -> int:
    """Return the progress description."""
    if len(content) < 2:
        raise MalformedElement(Ie.PROGRESS)
    return content[1] & 0x7F


def call_state(state: int) -> Element:
    """Call state (§4.5.7), coding standard ITU-T."""
    return Element(Ie.CALL_STATE, bytes((state,)))


def read_call_state(content: bytes) -> int:
    """Return the state that the peer says the call is in."""
    if not content:
        raise MalformedElement(Ie.CALL_STATE)
    return content[0] & 0x3F


def _after_extended(octets: bytes) -> bytes:
    """Drop the interface identifier: octets up to and with the first whose extension bit is set."""
    for index, octet in enumerate(octets):
        if octet & 0x80:
            return octets[index + 1 :]
    raise MalformedElement(Ie.CHANNEL_ID)


def _from_map(octets: bytes) -> tuple[int, ...]:
    """Channels of a slot map: three octets for a T1 (bit 0 is channel 1), four for an E1 (bit n is
    slot n).
    """
    bits = int.from_bytes(octets, "big")
    first = 1 if len(octets) == 3 else 0
    return tuple(bit + first for bit in range(8 * len(octets)) if bits >> bit & 1)
