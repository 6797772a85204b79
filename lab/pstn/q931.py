"""Q.931 messages as a switch writes and reads them: what a call on a primary rate span needs."""

from __future__ import annotations

from dataclasses import dataclass, field

DISCRIMINATOR = 0x08
ALERTING, CALL_PROCEEDING, PROGRESS, SETUP = 0x01, 0x02, 0x03, 0x05
CONNECT, CONNECT_ACK = 0x07, 0x0F
DISCONNECT, RELEASE, RELEASE_COMPLETE = 0x45, 0x4D, 0x5A
RESTART, RESTART_ACK = 0x46, 0x4E
STATUS_ENQUIRY, STATUS = 0x75, 0x7D

BEARER, CAUSE, CALL_STATE, CHANNEL = 0x04, 0x08, 0x14, 0x18
PROGRESS_INDICATOR, DISPLAY, CALLING, CALLED = 0x1E, 0x28, 0x6C, 0x70
RESTART_INDICATOR = 0x79

SPEECH = b"\x80\x90\xa2"
"""Speech, circuit mode 64 kbit/s, G.711 µ-law (§4.5.5)."""
IN_BAND = b"\x82\x88"
"""Progress 8, found in the public network serving the local user (§4.5.23)."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message. ``to_originator`` is the flag of the call reference."""

    kind: int
    reference: int
    to_originator: bool
    elements: dict[int, bytes] = field(default_factory=dict)

    def cause(self) -> int:
        """The value of the Cause; 16 where there is none."""
        content = self.elements.get(CAUSE, b"")
        return content[-1] & 0x7F if len(content) == 2 else content[1] & 0x7F if content else 16

    def channel(self) -> int | None:
        """The B channel by number; ``None`` where any will do."""
        content = self.elements.get(CHANNEL, b"")
        return content[2] & 0x7F if len(content) >= 3 else None

    def is_exclusive(self) -> bool:
        """Whether no other channel will do."""
        return bool(self.elements.get(CHANNEL, b"\0")[0] & 0x08)

    def digits(self, element: int) -> str:
        """The digits of Calling or Called: octet 3, perhaps 3a, then IA5."""
        content = self.elements.get(element, b"")
        if element == CALLING and content and not content[0] & 0x80:
            content = content[1:]
        return content[1:].decode("ascii", "replace")


def encode(message: Message) -> bytes:
    """The octets, elements by ascending identifier (§4.5.1)."""
    reference = message.reference | (0x8000 if message.to_originator else 0)
    head = bytes((DISCRIMINATOR, 2, reference >> 8, reference & 0xFF, message.kind))
    parts = (
        bytes((ie, len(content))) + content for ie, content in sorted(message.elements.items())
    )
    return head + b"".join(parts)


def decode(octets: bytes) -> Message | None:
    """A message of a two-octet reference in codeset 0, or ``None``."""
    if len(octets) < 5 or octets[0] != DISCRIMINATOR or octets[1] != 2:
        return None
    reference = int.from_bytes(octets[2:4], "big")
    elements: dict[int, bytes] = {}
    at = 5
    while at < len(octets):
        ie = octets[at]
        if ie & 0x80:
            at += 1
            continue
        if at + 2 > len(octets):
            return None
        end = at + 2 + octets[at + 1]
        if end > len(octets):
            return None
        elements.setdefault(ie, octets[at + 2 : end])
        at = end
    return Message(octets[4], reference & 0x7FFF, bool(reference & 0x8000), elements)


def channel_id(channel: int, *, exclusive: bool = True) -> bytes:
    """Channel identification of a primary rate interface by number (§4.5.13)."""
    return bytes((0xA9 if exclusive else 0xA1, 0x83, 0x80 | channel))


def cause(value: int) -> bytes:
    """Cause, found in the public network serving the local user (§4.5.12)."""
    return bytes((0x82, 0x80 | value))


def calling(digits: str) -> bytes:
    """Calling party number: national or, for short ones, unknown; allowed, provided by network."""
    kind = 0x21 if len(digits) == 10 else 0x01
    return bytes((kind, 0x83)) + digits.encode("ascii")


def called(digits: str) -> bytes:
    """Called party number: national, E.164."""
    return b"\xa1" + digits.encode("ascii")
