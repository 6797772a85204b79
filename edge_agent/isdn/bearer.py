"""What a call asks of its channel and of the far terminal: Bearer capability, Low layer and High
layer compatibility.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from edge_agent.isdn.ie import Element, Ie, group, measured


class Transfer(IntEnum):
    """Information transfer capability (octet 3 of Bearer capability)."""

    SPEECH = 0x00
    UNRESTRICTED = 0x08
    RESTRICTED = 0x09
    AUDIO_3K1 = 0x10
    UNRESTRICTED_TONES = 0x11
    VIDEO = 0x18


class Mode(IntEnum):
    """Transfer mode (octet 4)."""

    CIRCUIT = 0
    PACKET = 2


class Layer1(IntEnum):
    """User information layer 1 protocol (octet 5 of Bearer capability)."""

    MU_LAW = 0x02
    A_LAW = 0x03


RATE_64K = 0x10
"""Information transfer rate: one B channel."""
TELEPHONY = 0x01
"""High layer characteristics: a telephone (§4.5.17)."""

_MULTIRATE = 0x18
_LAYER_1 = 0x20
_LAYER = 0x60


@dataclass(frozen=True, slots=True)
class Bearer:
    """A Bearer capability or a Low layer compatibility; layers 2 and 3 are not read."""

    transfer: int
    layer1: int | None = None
    mode: int = Mode.CIRCUIT
    rate: int = RATE_64K
    coding: int = 0
    """Coding standard: 0 is ITU-T; in any other the numbers mean what that standard says."""


@dataclass(frozen=True, slots=True)
class HighLayer:
    """A High layer compatibility (§4.5.17)."""

    characteristics: int = TELEPHONY
    coding: int = 0


def bearer(transfer: Transfer, layer1: Layer1 | None = None) -> Element:
    """Circuit mode, 64 kbit/s (§4.5.5); without ``layer1`` there is no octet 5, as for data."""
    return Element(Ie.BEARER, _written(transfer, layer1))


def low_layer(transfer: Transfer, layer1: Layer1 | None = None) -> Element:
    """The same for the far terminal (§4.5.19)."""
    return Element(Ie.LOW_LAYER, _written(transfer, layer1))


def high_layer(value: HighLayer) -> Element:
    """The first, and only, characteristics are to be used (§4.5.17)."""
    return Element(Ie.HIGH_LAYER, bytes((0x91 | value.coding << 5, 0x80 | value.characteristics)))


def read_transfer(content: bytes) -> int:
    """Return the information transfer capability of a Bearer capability: all that a voice call
    needs to know of it.
    """
    return measured(Ie.BEARER, content, 2)[0] & 0x1F


def read_bearer(content: bytes) -> Bearer:
    """Read a Bearer capability."""
    return _read(Ie.BEARER, content)


def read_low_layer(content: bytes) -> Bearer:
    """Read a Low layer compatibility; octet 3a, out-band negotiation, is passed over."""
    return _read(Ie.LOW_LAYER, content)


def read_high_layer(content: bytes) -> HighLayer:
    """Read a High layer compatibility; extended characteristics are passed over."""
    measured(Ie.HIGH_LAYER, content, 2)
    return HighLayer(content[1] & 0x7F, content[0] >> 5 & 3)


def _written(transfer: Transfer, layer1: Layer1 | None) -> bytes:
    always = bytes((0x80 | transfer, 0x80 | Mode.CIRCUIT << 5 | RATE_64K))
    return always if layer1 is None else always + bytes((0x80 | _LAYER_1 | layer1,))


def _read(ie: Ie, content: bytes) -> Bearer:
    octet3, rest = group(ie, measured(ie, content, 2))
    octet4, rest = group(ie, rest)
    if octet4[0] & 0x1F == _MULTIRATE:
        rest = group(ie, rest)[1]
    layer1 = None
    if rest and rest[0] & _LAYER == _LAYER_1:
        layer1 = group(ie, rest)[0][0] & 0x1F
    coding, mode = octet3[0] >> 5 & 3, octet4[0] >> 5 & 3
    return Bearer(octet3[0] & 0x1F, layer1, mode, octet4[0] & 0x1F, coding)
