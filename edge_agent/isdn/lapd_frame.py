"""Q.921 frames as values: what is on the D channel between the flags, without the FCS.

Layouts from Q.921 §3; a frame for another address or with an undefined control field never becomes
a value.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

N201 = 260
"""Most octets in an information field (Q.921 §5.9.3)."""
MODULUS = 128

_SAPI_CALL_CONTROL = 0x00
_TEI_POINT_TO_POINT = 0x01
_COMMAND_RESPONSE = 0x02
_POLL_FINAL = 0x10


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
    """Link control: SABME, UA, DM, DISC, FRMR; UI and XID carry information that we do not use."""

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


def encode(frame: Frame, sender: Side) -> bytes:
    """Return the octets of ``frame`` as ``sender`` writes them, without flags and FCS."""
    match frame:
        case Information(ns, nr, info, poll):
            return bytes((_first(sender, command=True), 1, ns << 1, nr << 1 | poll)) + info
        case Supervisory(kind, nr, command, final):
            return bytes((_first(sender, command=command), 1, kind, nr << 1 | final))
        case Unnumbered(kind, final, info):
            command = kind not in _RESPONSES
            control = kind | (_POLL_FINAL if final else 0)
            return bytes((_first(sender, command=command), 1, control)) + info


def decode(data: bytes, sender: Side) -> Frame:
    """Read the octets that ``sender`` wrote.

    Raises:
        MalformedFrame: too short, another address, an undefined control field, a wrong length.
    """
    if len(data) < 3:
        raise MalformedFrame("frame-short")
    if data[0] & ~_COMMAND_RESPONSE != _SAPI_CALL_CONTROL or data[1] != _TEI_POINT_TO_POINT:
        raise MalformedFrame("frame-address")
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


def _first(sender: Side, *, command: bool) -> int:
    bit = sender if command else 1 - sender
    return _SAPI_CALL_CONTROL | bit << 1


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
    return Unnumbered(kind, bool(data[2] & _POLL_FINAL), data[3:])
