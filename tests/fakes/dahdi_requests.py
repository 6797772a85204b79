"""What an open channel of the fake driver answers to each request."""

from __future__ import annotations

import errno

from edge_agent.drivers.dahdi import (
    BUFFER_INFO,
    DIAL,
    INT,
    NO_WAIT,
    PARAMS,
    WRITE_EMPTY,
    Flush,
    Request,
    Sig,
)
from tests.fakes.dahdi_wire import HOOKED, Wire, failure

MOST_BUFFER = 8192
MOST_SPACE = 32768


def of_channel(wire: Wire, request: Request, argument: bytearray) -> bytearray | None:
    """What an open channel answers to ``request``; ``None`` is EINVAL."""
    value = INT.numbers(argument)["value"] if len(argument) == INT.size else 0
    match request:
        case Request.GETEVENT:
            return INT.buffer(value=wire.next_event())
        case Request.FLUSH:
            wire.flush(
                read=bool(value & Flush.READ),
                write=bool(value & Flush.WRITE),
                events=bool(value & Flush.EVENT),
            )
        case Request.SET_BUFINFO:
            told = BUFFER_INFO.numbers(argument)
            if not 16 <= told["bufsize"] <= MOST_BUFFER:
                return None
            if told["bufsize"] * told["numbufs"] > MOST_SPACE:
                return None
            wire.buffers(told["numbufs"], told["bufsize"], told["txbufpolicy"] & 3)
        case Request.GET_BUFINFO:
            return BUFFER_INFO.buffer(
                numbufs=wire.count, bufsize=wire.size, readbufs=-1, writebufs=-1
            )
        case Request.IOMUX:
            if value & ~(WRITE_EMPTY | NO_WAIT):
                return None  # what else it can wait for is not modelled
            wire.is_held = False
            return INT.buffer(value=0 if wire.written else WRITE_EMPTY)
        case Request.BUFFER_EVENTS:
            wire.tells_buffers = bool(value)
        case Request.AUDIOMODE | Request.HDLCRAWMODE | Request.HDLCFCSMODE:
            return argument if _set_mode(wire, request, value) else None
        case Request.SETLAW:
            wire.law = value
        case Request.ECHOCANCEL:
            if wire.mode != "audio":
                return None
            wire.canceller = value
        case Request.CHANNO:
            return INT.buffer(value=wire.number)
        case _:
            return _of_signalling(wire, request, argument, value)
    return argument


def _set_mode(wire: Wire, request: Request, value: int) -> bool:
    """Only a clear channel can be switched."""
    if wire.signalling != Sig.CLEAR:
        return False
    modes = {Request.AUDIOMODE: "audio", Request.HDLCRAWMODE: "raw", Request.HDLCFCSMODE: "hdlc"}
    wire.mode = modes[request] if value else "clear"
    return True


def _of_signalling(
    wire: Wire, request: Request, argument: bytearray, value: int
) -> bytearray | None:
    match request:
        case Request.HOOK if wire.signalling in HOOKED:
            wire.set_hook(value)
        case Request.SETTXBITS if wire.signalling == Sig.CAS:
            wire.send_bits(value)
        case Request.GETRXBITS:
            return INT.buffer(value=wire.rx_bits)
        case Request.DIAL:
            if not wire.zone_loaded:
                raise failure(errno.ENODATA)
            wire.dialling = DIAL.texts(argument)["dialstr"]
        case Request.DIALING:
            return INT.buffer(value=bool(wire.dialling))
        case _:
            return None
    return argument


def params_of(wire: Wire) -> bytearray:
    """``struct dahdi_params``."""
    has_bits = not wire.signalling & Sig.CLEAR
    return PARAMS.buffer(
        channo=wire.number,
        spanno=wire.span,
        chanpos=wire.position,
        sigtype=wire.signalling,
        rxisoffhook=bool(wire.rx_off_hook),
        rxbits=wire.rx_bits if has_bits else -1,
        txbits=wire.tx_bits if has_bits else -1,
        curlaw=wire.law,
        name=f"DYN/loc/{wire.span}/{wire.position}".encode(),
        **wire.times,
    )
