"""Which channel of the interface: by number, by list, by slot map, any, or none (Q.931 §4.5.13).

Channels are told to the rest by their time slot: T1 1 to 24, E1 1 to 31 without 16, basic rate 1
and 2. What a switch calls them instead is translated here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from edge_agent.isdn.ie import Element, Ie, MalformedElement, group

_INTERFACE_NAMED = 0x40
_PRIMARY = 0x20
_EXCLUSIVE = 0x08
_D_CHANNEL = 0x04
_SELECTION = 0x03
_NONE, _AS_FOLLOWS, _RESERVED, _ANY = 0, 1, 2, 3
_MAP = 0x10
_B_CHANNELS = 0x83
"""Octet 3.2: coding ITU-T, numbers follow, they number B channels."""
_E1_SIGNALLING_SLOT = 16
_T1_MAP_OCTETS, _E1_MAP_OCTETS = 3, 4


@dataclass(frozen=True, slots=True)
class Access:
    """How the interface of a trunk names its channels."""

    basic: bool = False
    """Basic rate: B1 and B2, in octet 3 itself."""
    logical: bool = False
    """E1 whose switch numbers channels 1 to 30, not slots: above 15 the slot is one more."""
    interface: int | None = None
    """DS1 identifier, where several share one D channel; it is said, and not compared."""


PRIMARY = Access()
BASIC = Access(basic=True)


@dataclass(frozen=True, slots=True)
class ChannelId:
    """Which B channel; ``channel`` is ``None`` for any, or none."""

    channel: int | None
    exclusive: bool = False
    named: tuple[int, ...] = ()
    """Every channel named: RESTART may name many."""
    interface: int | None = None
    d_channel: bool = False
    """The D channel itself is meant."""
    none: bool = False
    """No channel at all: a call waits, or needs none."""


def channel_id(channel: int | None, *, exclusive: bool, access: Access = PRIMARY) -> Element:
    """One B channel (§4.5.13); ``None`` leaves the choice to the peer."""
    if channel is None:
        return Element(Ie.CHANNEL_ID, _octet3(_ANY, access))
    if access.basic:
        return Element(Ie.CHANNEL_ID, _octet3(channel, access, _flag(exclusive)))
    return channel_list((channel,), exclusive=exclusive, access=access)


def channel_list(channels: Iterable[int], *, exclusive: bool, access: Access = PRIMARY) -> Element:
    """B channels of a primary rate interface, each by its number."""
    numbers = [_number_of(slot, access) for slot in channels]
    listed = bytes((*numbers[:-1], 0x80 | numbers[-1]))
    octet3 = _octet3(_AS_FOLLOWS, access, _flag(exclusive))
    return Element(Ie.CHANNEL_ID, octet3 + bytes((_B_CHANNELS,)) + listed)


def channel_map(
    channels: Iterable[int], *, slots: int, exclusive: bool, access: Access = PRIMARY
) -> Element:
    """The same as a slot map of a T1 (24 ``slots``) or an E1 (32)."""
    octets, first = (_T1_MAP_OCTETS, 1) if slots == 24 else (_E1_MAP_OCTETS, 0)
    bits = sum(1 << slot - first for slot in set(channels))
    octet3 = _octet3(_AS_FOLLOWS, access, _flag(exclusive))
    content = octet3 + bytes((_B_CHANNELS | _MAP,)) + bits.to_bytes(octets, "big")
    return Element(Ie.CHANNEL_ID, content)


def no_channel_id(*, access: Access = PRIMARY) -> Element:
    """No B channel."""
    return Element(Ie.CHANNEL_ID, _octet3(_NONE, access))


def d_channel_id(*, access: Access = PRIMARY) -> Element:
    """The D channel, and no other (``AC``, ``8C``): for signalling that has no call."""
    return Element(Ie.CHANNEL_ID, _octet3(_NONE, access, _EXCLUSIVE | _D_CHANNEL))


def read_channel_id(content: bytes, access: Access = PRIMARY) -> ChannelId:
    """Read a Channel identification by number, list or slot map; it must be of the trunk's kind of
    interface.
    """
    if not content or bool(content[0] & _PRIMARY) is access.basic:
        raise MalformedElement(Ie.CHANNEL_ID)
    interface, rest = None, content[1:]
    if content[0] & _INTERFACE_NAMED:
        octets, rest = group(Ie.CHANNEL_ID, rest)
        interface = octets[0] & 0x7F
    named = _named(content[0] & _SELECTION, rest, access)
    return ChannelId(
        named[0] if named else None,
        bool(content[0] & _EXCLUSIVE),
        named,
        interface,
        d_channel=bool(content[0] & _D_CHANNEL),
        none=content[0] & _SELECTION == _NONE,
    )


def _octet3(selection: int, access: Access, flags: int = 0) -> bytes:
    """Octet 3, and octet 3.1 where the interface has an identifier."""
    if access.basic:
        return bytes((0x80 | flags | selection,))
    if access.interface is None:
        return bytes((0x80 | _PRIMARY | flags | selection,))
    named = 0x80 | _INTERFACE_NAMED | _PRIMARY | flags | selection
    return bytes((named, 0x80 | access.interface))


def _flag(exclusive: bool) -> int:
    return _EXCLUSIVE if exclusive else 0


def _named(selection: int, rest: bytes, access: Access) -> tuple[int, ...]:
    """Return the channels that octet 3, or what follows it, names."""
    if selection in (_NONE, _ANY):
        return ()
    if access.basic:
        return (selection,)
    if selection == _RESERVED or len(rest) < 2 or rest[0] & 0x0F != _B_CHANNELS & 0x0F:
        raise MalformedElement(Ie.CHANNEL_ID)
    if rest[0] & _MAP:
        named = _from_map(rest[1:])
    else:
        named = tuple(_slot_of(octet & 0x7F, access) for octet in rest[1:])
    if not named or 0 in named:
        raise MalformedElement(Ie.CHANNEL_ID)
    return named


def _from_map(octets: bytes) -> tuple[int, ...]:
    """Channels of a slot map: three octets for a T1 (bit 0 is channel 1), four for an E1 (bit n is
    slot n).
    """
    if len(octets) not in (_T1_MAP_OCTETS, _E1_MAP_OCTETS):
        raise MalformedElement(Ie.CHANNEL_ID)
    bits = int.from_bytes(octets, "big")
    first = 1 if len(octets) == _T1_MAP_OCTETS else 0
    return tuple(bit + first for bit in range(8 * len(octets)) if bits >> bit & 1)


def _number_of(slot: int, access: Access) -> int:
    """What the switch calls a time slot."""
    return slot - 1 if access.logical and slot > _E1_SIGNALLING_SLOT else slot


def _slot_of(number: int, access: Access) -> int:
    """The time slot of what the switch calls a channel."""
    return number + 1 if access.logical and number >= _E1_SIGNALLING_SLOT else number
