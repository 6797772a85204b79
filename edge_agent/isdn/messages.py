"""Q.931 messages between octets and values: header, type and elements (§4.2 to §4.5.4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from edge_agent.isdn.elements import Element, Ie

CALL_CONTROL = 0x08
"""Protocol discriminator of Q.931 messages."""
GLOBAL_REFERENCE = 0
MOST_REFERENCE = 0x7FFF

_TO_ORIGINATOR = 0x8000


class M(IntEnum):
    """Message types (§4.4) that this side reads or writes."""

    ALERTING = 0x01
    CALL_PROCEEDING = 0x02
    PROGRESS = 0x03
    SETUP = 0x05
    CONNECT = 0x07
    SETUP_ACK = 0x0D
    CONNECT_ACK = 0x0F
    USER_INFORMATION = 0x20
    DISCONNECT = 0x45
    RESTART = 0x46
    RELEASE = 0x4D
    RESTART_ACK = 0x4E
    RELEASE_COMPLETE = 0x5A
    SEGMENT = 0x60
    FACILITY = 0x62
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
    truncated: int | None = None
    """The element that says it is longer than the message."""

    def find(self, ie: Ie) -> bytes | None:
        """Return the content of the first ``ie``; a repeated one counts no further (§5.8.5.2)."""
        for element in self.elements:
            if element.id == ie:
                return element.content
        return None


def encode(message: Message) -> bytes:
    """Return the octets of ``message``; elements stand in the order given."""
    reference = message.reference | (_TO_ORIGINATOR if message.to_originator else 0)
    octets = bytearray((CALL_CONTROL, 2, reference >> 8, reference & 0xFF, message.kind))
    for element in message.elements:
        octets.append(element.id)
        if not element.id & 0x80:
            octets.append(len(element.content))
            octets += element.content
    return bytes(octets)


def decode(octets: bytes) -> Message:
    """Read a message.

    Raises:
        MalformedMessage: another protocol, too short, or a call reference that is not of two
            octets.
    """
    if not octets or octets[0] != CALL_CONTROL:
        raise MalformedMessage("message-discriminator")
    if len(octets) < 2 or octets[1] != 2:
        raise MalformedMessage("message-reference")
    if len(octets) < 5:
        raise MalformedMessage("message-short")
    reference = octets[2] << 8 | octets[3]
    elements, truncated = _elements(octets[5:])
    return Message(
        reference & MOST_REFERENCE,
        bool(reference & _TO_ORIGINATOR),
        octets[4],
        tuple(elements),
        truncated,
    )


def in_order(elements: Iterable[Element]) -> tuple[Element, ...]:
    """Single-octet elements first, the others by ascending identifier (§4.5.1)."""
    return tuple(sorted(elements, key=lambda element: (element.id < 0x80, element.id)))


def _elements(octets: bytes) -> tuple[list[Element], int | None]:
    """Elements of codeset 0; those of other codesets are passed over (§4.5.2 to §4.5.4)."""
    found: list[Element] = []
    locked = active = 0
    at = 0
    while at < len(octets):
        ie = octets[at]
        if ie & 0x80:
            at += 1
            if ie & 0xF0 == 0x90:
                active = ie & 7
                locked = locked if ie & 8 else active
                continue
            content = b""
        else:
            if at + 2 > len(octets) or at + 2 + octets[at + 1] > len(octets):
                return found, ie if active == 0 else None
            content = octets[at + 2 : at + 2 + octets[at + 1]]
            at += 2 + len(content)
        if active == 0:
            found.append(Element(ie, content))
        active = locked
    return found, None
