"""What user and network say to each other about TEIs: five octets in a UI frame (Q.921 §5.3.1)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from edge_agent.isdn.lapd_frame import MalformedFrame

_ENTITY = 0x0F
_LENGTH = 5
_FINAL = 0x01
MOST_REFERENCE = 0xFFFF


class Kind(IntEnum):
    """Message types (Q.921 Table 8)."""

    REQUEST = 1
    ASSIGNED = 2
    DENIED = 3
    CHECK_REQUEST = 4
    CHECK_RESPONSE = 5
    REMOVE = 6
    VERIFY = 7


@dataclass(frozen=True, slots=True)
class TeiMessage:
    """``reference`` (Ri, 0 to 65535) tells apart users that ask at the same time; ``tei`` (Ai) is
    127 for any or all.
    """

    kind: Kind
    reference: int
    tei: int


def encode(message: TeiMessage) -> bytes:
    """Return the information field of the UI frame."""
    reference = message.reference.to_bytes(2, "big")
    return bytes((_ENTITY, *reference, message.kind, message.tei << 1 | _FINAL))


def decode(info: bytes) -> TeiMessage:
    """Read the information field of a UI frame; a network names one TEI, or all of them as 127.

    Raises:
        MalformedFrame: too short, another management entity, an unknown type, a list of TEIs.
    """
    if len(info) < _LENGTH:
        raise MalformedFrame("tei-short")
    if info[0] != _ENTITY:
        raise MalformedFrame("tei-entity")
    if info[3] not in frozenset(Kind):
        raise MalformedFrame("tei-undefined")
    if not info[4] & _FINAL:
        raise MalformedFrame("tei-several")
    return TeiMessage(Kind(info[3]), int.from_bytes(info[1:3], "big"), info[4] >> 1)
