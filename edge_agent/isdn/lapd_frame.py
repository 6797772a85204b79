"""Q.921 frames as values: what is on the D channel between the flags, without the FCS.

Layouts from Q.921 §3. The address is read first and by itself: a frame for somebody else is none of
ours to judge, and one with an undefined control field never becomes a value.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

N201 = 260
"""Most octets in an information field (Q.921 §5.9.3)."""
MODULUS = 128

CALL_CONTROL = 0
"""SAPI of Q.931 (Q.921 Table 2)."""
MANAGEMENT = 63
"""SAPI of TEI management."""
BROADCAST = 127
"""The TEI that every user listens to (Q.921 §3.3.4.1)."""

_COMMAND_RESPONSE = 0x02
_POLL_FINAL = 0x10
_EXTENDED = 0x01


class Side(IntEnum):
    """Who sent a frame; the value is the C/R bit of its commands (Q.921 §3.3.2)."""

    USER = 0
    NETWORK = 1


class S(IntEnum):
    """Supervisory frames, by their first control octet."""

    RR = 0x01
    RNR = 0x05
    REJ = 0x09


class U(IntEnum):
    """Unnumbered frames, by their control octet without P/F."""

    SABME = 0x6F
    DM = 0x0F
    UI = 0x03
    DISC = 0x43
    UA = 0x63
    FRMR = 0x87
    XID = 0xAF


_COMMANDS = frozenset({U.SABME, U.DISC, U.UI})
_RESPONSES = frozenset({U.DM, U.UA, U.FRMR})
_WITHOUT_INFORMATION = frozenset({U.SABME, U.DM, U.DISC, U.UA})


@dataclass(frozen=True, slots=True)
class Address:
    """Whom a frame is for, or from: SAPI 0 to 63 and TEI 0 to 127 (Q.921 §3.3)."""

    sapi: int
    tei: int


POINT_TO_POINT = Address(CALL_CONTROL, 0)
"""Call control of a line with one user on it (primary rate, or basic rate point-to-point)."""


@dataclass(frozen=True, slots=True)
class Information:
    """I: a numbered command that carries a layer 3 message."""

    ns: int
    nr: int
    info: bytes
    poll: bool = False


@dataclass(frozen=True, slots=True)
class Supervisory:
    """RR, RNR or REJ; ``final`` is the P bit of a command, the F bit of a response."""

    kind: S
    nr: int
    command: bool
    final: bool = False


@dataclass(frozen=True, slots=True)
class Unnumbered:
    """Link control: SABME, UA, DM, DISC, FRMR; UI carries messages to all, XID nothing that we
    use.
    """

    kind: U
    final: bool = False
    info: bytes = b""


Frame = Information | Supervisory | Unnumbered


class MalformedFrame(Exception):
    """A frame that is none of ours to read.

    ``rejectable`` marks the conditions of Q.921 §5.8.5, after which an established link is
    established anew; all others are invalid frames of §2.9, dropped without any action.
    """

    def __init__(self, reason: str, *, rejectable: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.rejectable = rejectable


def encode(frame: Frame, sender: Side, address: Address = POINT_TO_POINT) -> bytes:
    """Return the octets of ``frame`` as ``sender`` writes them, without flags and FCS."""
    match frame:
        case Information(ns, nr, info, poll):
            return _head(address, sender, command=True) + bytes((ns << 1, nr << 1 | poll)) + info
        case Supervisory(kind, nr, command, final):
            return _head(address, sender, command=command) + bytes((kind, nr << 1 | final))
        case Unnumbered(kind, final, info):
            control = kind | (_POLL_FINAL if final else 0)
            head = _head(address, sender, command=kind not in _RESPONSES)
            return head + bytes((control,)) + info


def read_address(data: bytes) -> Address:
    """Return whom the octets are for.

    Raises:
        MalformedFrame: too short to be a frame, or not an address of two octets (§2.9).
    """
    if len(data) < 3:
        raise MalformedFrame("frame-short")
    if data[0] & _EXTENDED or not data[1] & _EXTENDED:
        raise MalformedFrame("frame-address")
    return Address(data[0] >> 2, data[1] >> 1)


def decode(data: bytes, sender: Side) -> Frame:
    """Read the octets that ``sender`` wrote, whoever they are for.

    Raises:
        MalformedFrame: too short, no address, an undefined control field, a wrong length.
    """
    read_address(data)
    command = data[0] >> 1 & 1 == sender
    control = data[2]
    if control & 3 == 3:
        return _unnumbered(data, command=command)
    if len(data) < 4:
        raise MalformedFrame("frame-short")
    if control & 1:
        return _supervisory(data, command=command)
    if not command:
        raise MalformedFrame("frame-direction")
    if len(data) - 4 > N201:
        raise MalformedFrame("frame-long", rejectable=True)
    return Information(control >> 1, data[3] >> 1, data[4:], bool(data[3] & 1))


def _head(address: Address, sender: Side, *, command: bool) -> bytes:
    bit = _COMMAND_RESPONSE if command == (sender is Side.NETWORK) else 0
    return bytes((address.sapi << 2 | bit, address.tei << 1 | _EXTENDED))


def _supervisory(data: bytes, *, command: bool) -> Supervisory:
    if data[2] not in (S.RR, S.RNR, S.REJ):
        raise MalformedFrame("frame-undefined", rejectable=True)
    if len(data) != 4:
        raise MalformedFrame("frame-length", rejectable=True)
    return Supervisory(S(data[2]), data[3] >> 1, command, bool(data[3] & 1))


def _unnumbered(data: bytes, *, command: bool) -> Unnumbered:
    try:
        kind = U(data[2] & ~_POLL_FINAL)
    except ValueError:
        raise MalformedFrame("frame-undefined", rejectable=True) from None
    if (kind in _COMMANDS and not command) or (kind in _RESPONSES and command):
        raise MalformedFrame("frame-direction")
    if kind in _WITHOUT_INFORMATION and len(data) != 3:
        raise MalformedFrame("frame-length", rejectable=True)
    if kind is U.UI and len(data) - 3 > N201:
        raise MalformedFrame("frame-long", rejectable=True)
    return Unnumbered(kind, bool(data[2] & _POLL_FINAL), data[3:])
