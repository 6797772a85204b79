"""Q.931 messages between octets and values: header, type and elements (§4.2 to §4.5.4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from edge_agent.isdn.codesets import Shifted, cut, pasted
from edge_agent.isdn.ie import MOST_TIMES, VALUE_IN_IDENTIFIER, Element, Ie, Ie6

CALL_CONTROL = 0x08
"""Protocol discriminator of Q.931 messages."""
GLOBAL_REFERENCE = 0
MOST_REFERENCE = 0x7FFF
MOST_BASIC_REFERENCE = 0x7F
PRIMARY_REFERENCE = 2
"""Octets of a call reference on a primary rate interface."""
BASIC_REFERENCE = 1
"""The same on a basic rate interface."""

_CODESET_6 = 6


class M(IntEnum):
    """Message types (§4.4; those of held calls: Q.932)."""

    ALERTING = 0x01
    CALL_PROCEEDING = 0x02
    PROGRESS = 0x03
    SETUP = 0x05
    CONNECT = 0x07
    SETUP_ACK = 0x0D
    CONNECT_ACK = 0x0F
    USER_INFORMATION = 0x20
    SUSPEND_REJECT = 0x21
    RESUME_REJECT = 0x22
    HOLD = 0x24
    SUSPEND = 0x25
    RESUME = 0x26
    HOLD_ACK = 0x28
    SUSPEND_ACK = 0x2D
    RESUME_ACK = 0x2E
    HOLD_REJECT = 0x30
    RETRIEVE = 0x31
    RETRIEVE_ACK = 0x33
    RETRIEVE_REJECT = 0x37
    DISCONNECT = 0x45
    RESTART = 0x46
    RELEASE = 0x4D
    RESTART_ACK = 0x4E
    RELEASE_COMPLETE = 0x5A
    SEGMENT = 0x60
    FACILITY = 0x62
    REGISTER = 0x64
    NOTIFY = 0x6E
    STATUS_ENQUIRY = 0x75
    CONGESTION_CONTROL = 0x79
    INFORMATION = 0x7B
    STATUS = 0x7D


class MalformedMessage(Exception):
    """Octets that are no Q.931 message for us (§5.8.1 to §5.8.3.1): ``reason`` is counted."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Message:
    """One message. ``kind`` stays a number, so that an unknown type can be answered (cause 97)."""

    reference: int
    to_originator: bool
    """The call reference flag: set in what is sent to the side that chose the reference (§4.3)."""
    kind: int
    elements: tuple[Element, ...] = ()
    """Codeset 0, as they came: those out of sequence are acted on too (§5.8.5.1)."""
    truncated: int | None = None
    """The element that says it is longer than the message."""
    reference_octets: int = PRIMARY_REFERENCE
    """Octets of the call reference; none is the dummy reference (§4.3), and then the others say
    nothing.
    """
    shifted: tuple[Shifted, ...] = ()
    """Elements of other codesets."""

    @property
    def dummy(self) -> bool:
        """Whether it is about no call at all: supplementary services of a basic rate line."""
        return self.reference_octets == 0

    def find(self, ie: Ie) -> bytes | None:
        """Return the content of the first ``ie``; of a value in an identifier, the value."""
        return next(iter(self.find_all(ie)), None)

    def find_all(self, ie: Ie) -> tuple[bytes, ...]:
        """Return the content of every ``ie``, as many as a message may have: those beyond count no
        further (§5.8.5.2).
        """
        if ie in VALUE_IN_IDENTIFIER:
            ids = [element.id for element in self.elements if element.id & 0xF0 == ie]
            found = [bytes((each & 0x0F,)) for each in ids]
        else:
            found = [element.content for element in self.elements if element.id == ie]
        return tuple(found[: MOST_TIMES.get(ie, 1)])

    def find_6(self, ie: Ie6) -> bytes | None:
        """Return the content of the first ``ie`` of codeset 6."""
        for codeset, element in self.shifted:
            if codeset == _CODESET_6 and element.id == ie:
                return element.content
        return None

    def answer(self, kind: M, *elements: Element) -> Message:
        """Return a message back to whoever sent this, in the form of reference that they use."""
        return Message(
            self.reference,
            not self.to_originator,
            kind,
            elements,
            reference_octets=self.reference_octets,
        )


def encode(message: Message, reference_octets: int | None = None) -> bytes:
    """Return the octets of ``message``; elements stand in the order given.

    Raises:
        ValueError: the reference needs more than ``reference_octets``, which are the message's own
            unless given.
    """
    octets = message.reference_octets if reference_octets is None else reference_octets
    header = bytes((CALL_CONTROL, octets)) + _reference(message, octets)
    return header + bytes((message.kind,)) + pasted(message.elements, message.shifted)


def decode(octets: bytes) -> Message:
    """Read a message.

    Raises:
        MalformedMessage: another protocol (§5.8.1), too short (§5.8.2), or a call reference of more
            than two octets (§5.8.3.1).
    """
    if not octets or octets[0] != CALL_CONTROL:
        raise MalformedMessage("message-discriminator")
    if len(octets) < 2 or octets[1] > PRIMARY_REFERENCE:
        raise MalformedMessage("message-reference")
    header = 2 + octets[1]
    if len(octets) <= header:
        raise MalformedMessage("message-short")
    number = int.from_bytes(octets[2:header], "big")
    flag = _flag(octets[1])
    parts = cut(octets[header + 1 :])
    return Message(
        number & ~flag,
        bool(number & flag),
        octets[header],
        parts.elements,
        parts.truncated,
        octets[1],
        parts.shifted,
    )


def in_order(elements: Iterable[Element]) -> tuple[Element, ...]:
    """Single-octet elements first, the others by ascending identifier (§4.5.1)."""
    return tuple(sorted(elements, key=lambda element: (element.id < 0x80, element.id)))


def _reference(message: Message, octets: int) -> bytes:
    flag = _flag(octets)
    if octets and not 0 <= message.reference < flag:
        raise ValueError(f"call reference {message.reference} does not fit {octets} octets")
    number = message.reference | flag if message.to_originator else message.reference
    return number.to_bytes(octets, "big") if octets else b""


def _flag(octets: int) -> int:
    """The highest bit of a reference of so many octets."""
    return 0x80 << 8 * (octets - 1) if octets else 0
