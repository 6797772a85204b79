"""Octets of a message cut into information elements, whatever codeset they belong to (Q.931 §4.5.2
to §4.5.4).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from edge_agent.isdn.ie import Element

_SHIFT, _SHIFT_MASK = 0x90, 0xF0
_NON_LOCKING = 0x08
_CODESET = 0x07
_SINGLE_OCTET = 0x80


class Shifted(NamedTuple):
    """An element of another codeset: 4 is ISO's (QSIG), 5 national, 6 the network's, 7 the
    user's.
    """

    codeset: int
    element: Element


@dataclass(frozen=True, slots=True)
class Cut:
    """What the octets were."""

    elements: tuple[Element, ...]
    """Codeset 0, in the order of arrival."""
    shifted: tuple[Shifted, ...] = ()
    truncated: int | None = None
    """The element of codeset 0 that says it is longer than the message."""


def cut(octets: bytes) -> Cut:
    """Take ``octets`` apart, shifts and all.

    The standard locks upwards only; a lock downwards is followed too, because what comes after it
    would be lost otherwise.
    """
    found: list[Shifted] = []
    locked = active = at = 0
    while at < len(octets):
        ie = octets[at]
        if ie & _SHIFT_MASK == _SHIFT:
            at += 1
            active = ie & _CODESET
            locked = locked if ie & _NON_LOCKING else active
            continue
        end = _end(octets, at)
        if end > len(octets):
            return _sorted(found, ie if active == 0 else None)
        found.append(Shifted(active, Element(ie, octets[at + 2 : end])))
        at, active = end, locked
    return _sorted(found)


def pasted(elements: Iterable[Element], shifted: Iterable[Shifted] = ()) -> bytes:
    """Return the octets of ``elements`` in the order given, and then each other codeset behind a
    locking shift.
    """
    octets = bytearray()
    for element in elements:
        _paste(octets, element)
    active = 0
    for codeset, element in sorted(shifted, key=lambda each: each.codeset):
        if codeset != active:
            octets.append(_SHIFT | codeset)
            active = codeset
        _paste(octets, element)
    return bytes(octets)


def _end(octets: bytes, at: int) -> int:
    """Where the element that begins ``at`` ends: beyond ``octets`` if it is cut off."""
    if octets[at] & _SINGLE_OCTET:
        return at + 1
    if at + 1 == len(octets):
        return at + 2
    return at + 2 + octets[at + 1]


def _paste(octets: bytearray, element: Element) -> None:
    ie, content = element
    octets.append(ie)
    if ie < _SINGLE_OCTET:
        octets.append(len(content))
        octets += content


def _sorted(found: list[Shifted], truncated: int | None = None) -> Cut:
    return Cut(
        tuple(each.element for each in found if each.codeset == 0),
        tuple(each for each in found if each.codeset != 0),
        truncated,
    )
