"""RTP as far as voice needs it (RFC 3550 §5.1) and keyed digits inside it (RFC 4733 §2.3)."""

from __future__ import annotations

from struct import Struct
from typing import NamedTuple

from edge_agent.leg import Law
from edge_agent.media.tones import TELEPHONE_EVENTS

HEADER = Struct("!BBHII")
EVENT_SIZE = 4

PAYLOAD_TYPES = {Law.MU: 0, Law.A: 8}
"""Static payload types of RFC 3551 §6: PCMU and PCMA."""
LAWS = {0: Law.MU, 8: Law.A}


class Packet(NamedTuple):
    """A received packet; ``timestamp`` is in samples."""

    payload_type: int
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes


def read(data: bytes) -> Packet | None:
    """The packet, or ``None`` where ``data`` is no RTP (RTCP on the same port reads as none)."""
    if len(data) < 12:
        return None
    first, second, sequence, timestamp, ssrc = HEADER.unpack_from(data)
    if first & 0xC0 != 0x80 or 200 <= second <= 204:
        return None
    if first == 0x80:
        return Packet(second & 0x7F, sequence, timestamp, ssrc, data[12:])
    start, end = 12 + 4 * (first & 0x0F), len(data)
    if first & 0x10:
        if end < start + 4:
            return None
        start += 4 + 4 * int.from_bytes(data[start + 2 : start + 4], "big")
    if first & 0x20:
        end -= data[-1]
    if end < start:
        return None
    return Packet(second & 0x7F, sequence, timestamp, ssrc, data[start:end])


def render(
    payload_type: int, sequence: int, timestamp: int, ssrc: int, payload: bytes, *, marker: bool
) -> bytes:
    """A packet without extensions; ``marker`` begins a talkspurt (RFC 3551 §4.1)."""
    second = payload_type | 0x80 if marker else payload_type
    return HEADER.pack(0x80, second, sequence, timestamp, ssrc) + payload


def render_event(event: int, duration: int, *, ended: bool) -> bytes:
    """A telephone-event payload (§2.3); ``duration`` is in samples. A digit is of -10 dBm0; an
    event that is no tone has no level.
    """
    level = 10 if event < len(TELEPHONE_EVENTS) else 0
    return bytes((event, level | (0x80 if ended else 0))) + duration.to_bytes(2, "big")


def read_digit(payload: bytes) -> str | None:
    """The digit of a telephone-event payload; ``None`` where it is another event or none."""
    if len(payload) < EVENT_SIZE:
        return None
    event = payload[0]
    return TELEPHONE_EVENTS[event] if event < len(TELEPHONE_EVENTS) else None
