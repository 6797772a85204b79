"""DAHDI's own words: requests, events and structures of ``<dahdi/user.h>``, and the kernel's door.

Every number here is compared with the packaged header by a C program in the tests. All access to
the kernel goes through :class:`Kernel`, so that a model of the driver can stand in its place.
"""

from __future__ import annotations

import errno
import struct
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from itertools import accumulate
from typing import Protocol

CONTROL = "/dev/dahdi/ctl"
CHANNEL = "/dev/dahdi/channel"
"""Opened and then given a number by SPECIFY: that also reaches channels above 249."""

ELAST = 500
"""What read() and write() fail with while an event waits (include/dahdi/user.h)."""

MOST_CHANNELS = 1024
MOST_EVENTS = 64


class Layout:
    """A structure of the header: its fields in order, an int unless a code of struct follows."""

    def __init__(self, fields: str) -> None:
        pairs = (field.partition(":") for field in fields.split())
        self.codes = {name: code or "i" for name, _, code in pairs}
        self._struct = struct.Struct("=" + "".join(self.codes.values()))
        self.size = self._struct.size

    def offsets(self) -> dict[str, int]:
        """Where each field begins."""
        sizes = [struct.calcsize("=" + code) for code in self.codes.values()]
        return dict(zip(self.codes, accumulate(sizes, initial=0), strict=False))

    def buffer(self, **values: int | bytes) -> bytearray:
        """The structure with these values; the rest is zero."""
        empty = {name: b"" if "s" in code else 0 for name, code in self.codes.items()}
        return bytearray(self._struct.pack(*(empty | values).values()))

    def numbers(self, data: bytes | bytearray) -> dict[str, int]:
        """The fields that are numbers."""
        pairs = zip(self.codes, self._struct.unpack(data), strict=True)
        return {name: value for name, value in pairs if isinstance(value, int)}

    def texts(self, data: bytes | bytearray) -> dict[str, str]:
        """The fields that are text, up to their first NUL."""
        pairs = zip(self.codes, self._struct.unpack(data), strict=True)
        return {
            name: value.split(b"\0")[0].decode("utf-8", "replace")
            for name, value in pairs
            if isinstance(value, bytes)
        }


INT = Layout("value")
PARAMS = Layout(
    "channo spanno chanpos sigtype sigcap rxisoffhook rxbits txbits txhooksig rxhooksig curlaw"
    " idlebits name:40s prewinktime preflashtime winktime flashtime starttime rxwinktime"
    " rxflashtime debouncetime pulsebreaktime pulsemaketime pulseaftertime chan_alarms:I"
)
SPAN_INFO = Layout(
    "spanno name:20s desc:40s alarms txlevel rxlevel bpvcount crc4count ebitcount fascount"
    " fecount:I cvcount:I becount:I prbs:I errsec:I irqmisses syncsrc numchans totalchans"
    " totalspans lbo lineconfig lboname:40s location:40s manufacturer:40s devicetype:40s irq"
    " linecompat spantype:6s"
)
BUFFER_INFO = Layout("txbufpolicy rxbufpolicy numbufs bufsize readbufs writebufs")
DIAL_PARAMS = Layout("mfv1_tonelen dtmf_tonelen mfr2_tonelen reserved:12s")
DIAL = Layout("op dialstr:256s")
DYNAMIC_SPAN = Layout("driver:20s addr:40s numchans timing spanno")
VERSION = Layout("version:80s echo_canceller:80s")


def _request(direction: int, number: int, size: int) -> int:
    """``_IOC`` of linux/ioctl.h as on x86 and ARM: direction, size, code 0xDA, number."""
    return direction << 30 | size << 16 | 0xDA << 8 | number


def _takes(number: int, layout: Layout = INT) -> int:
    return _request(1, number, layout.size)


def _gives(number: int, layout: Layout = INT) -> int:
    return _request(2, number, layout.size)


def _changes(number: int, layout: Layout = INT) -> int:
    return _request(3, number, layout.size)


class Request(IntEnum):
    """The ioctl numbers, named as in the header without ``DAHDI_``."""

    FLUSH = _takes(3)
    GET_PARAMS = _changes(5, PARAMS)
    SET_PARAMS = _takes(5, PARAMS)
    HOOK = _takes(7)
    GETEVENT = _gives(8)
    IOMUX = _changes(9)
    SPANSTAT = _changes(10, SPAN_INFO)
    GET_BUFINFO = _gives(27, BUFFER_INFO)
    SET_BUFINFO = _takes(27, BUFFER_INFO)
    GET_DIALPARAMS = _gives(29, DIAL_PARAMS)
    SET_DIALPARAMS = _takes(29, DIAL_PARAMS)
    DIAL = _takes(31, DIAL)
    AUDIOMODE = _takes(32)
    ECHOCANCEL = _takes(33)
    CHANNO = _gives(34)
    DIALING = _gives(35)
    HDLCRAWMODE = _takes(36)
    HDLCFCSMODE = _takes(37)
    SPECIFY = _takes(38)
    SETLAW = _takes(39)
    GETRXBITS = _gives(43)
    SETTXBITS = _takes(43)
    GETVERSION = _gives(57, VERSION)
    DYNAMIC_CREATE = _changes(80, DYNAMIC_SPAN)
    DYNAMIC_DESTROY = _takes(81, DYNAMIC_SPAN)
    BUFFER_EVENTS = _takes(105)


class Event(IntEnum):
    """What GETEVENT says, named as in the header without ``DAHDI_EVENT_``."""

    NONE = 0
    ONHOOK = 1
    RINGOFFHOOK = 2
    WINKFLASH = 3
    ALARM = 4
    NOALARM = 5
    ABORT = 6
    OVERRUN = 7
    BADFCS = 8
    DIALCOMPLETE = 9
    HOOKCOMPLETE = 12
    BITSCHANGED = 13
    POLARITY = 17
    REMOVED = 20
    READ_OVERRUN = 29
    WRITE_UNDERRUN = 30


class Sig(IntEnum):
    """Signalling of a channel as dahdi_cfg has set it, without ``DAHDI_SIG_``."""

    NONE = 0
    EM = 0x40
    FXOLS = 0x1008
    FXOGS = 0x1010
    FXOKS = 0x1020
    FXSLS = 0x2001
    FXSGS = 0x2002
    FXSKS = 0x2004
    CLEAR = 0x80
    HDLCRAW = 0x180
    HDLCFCS = 0x380
    CAS = 0x8000
    EM_E1 = 0x20000
    HARDHDLC = 0x80080


LOOP_START = frozenset({Sig.FXSLS, Sig.FXSGS, Sig.FXSKS})
"""Ports that close a loop whose battery the far end feeds: FXO hardware, which speaks as an FXS
would expect it to, hence the name."""


class Hook(IntEnum):
    """The argument of HOOK, without ``DAHDI_``."""

    ONHOOK = 0
    OFFHOOK = 1
    WINK = 2
    FLASH = 3
    START = 4


class Alarm(IntFlag):
    """Alarm bits of a span, without ``DAHDI_ALARM_``."""

    RECOVER = 1
    LOOPBACK = 2
    YELLOW = 4
    RED = 8
    BLUE = 16
    NOTOPEN = 32
    LOS = 256
    LFA = 512
    LMFA = 1024


class Flush(IntEnum):
    """The argument of FLUSH, without ``DAHDI_FLUSH_``."""

    READ = 1
    WRITE = 2
    EVENT = 4
    ALL = 7


IMMEDIATE, WHEN_FULL = 0, 1
"""``DAHDI_POLICY_IMMEDIATE``: play what is written at once; ``DAHDI_POLICY_WHEN_FULL``: begin when
every buffer is full."""
WRITE_EMPTY, NO_WAIT = 4, 0x100
"""For IOMUX, ``DAHDI_IOMUX_WRITEEMPTY`` and ``DAHDI_IOMUX_NOWAIT``."""
LAW_MU, LAW_A = 1, 2
"""``DAHDI_LAW_MULAW`` and ``DAHDI_LAW_ALAW``."""
REPLACE = 2
"""``DAHDI_DIAL_OP_REPLACE``."""


class Ready(IntFlag):
    """What :class:`Poller` tells of a descriptor."""

    DATA = 1
    """A whole block or frame can be read."""
    EVENT = 2
    """GETEVENT has something to say; until it has, read() and write() fail."""
    GONE = 4
    """The channel exists no more."""


OnReady = Callable[[int, Ready], None]


class Poller(Protocol):
    """Tells what descriptors are ready for, again and again while they are (level triggered)."""

    def watch(self, descriptor: int, ready: Ready) -> None:
        """Tell of ``ready`` (and always of GONE); replaces what was asked before."""

    def forget(self, descriptor: int) -> None:
        """Tell no more. Must come before the close: a copy elsewhere keeps the file open."""

    def close(self) -> None:
        """Tell nothing any more."""


class Kernel(Protocol):
    """The few system calls that reach the driver. Each may raise OSError."""

    def open(self, path: str) -> int: ...
    def ioctl(self, descriptor: int, request: Request, argument: bytearray) -> None: ...
    def read(self, descriptor: int, count: int) -> bytes: ...
    def write(self, descriptor: int, data: bytes) -> int: ...
    def close(self, descriptor: int) -> None: ...
    def poller(self, on_ready: OnReady) -> Poller: ...


@dataclass(frozen=True, slots=True)
class Place:
    """Where a channel number is: its span, its position there (from 1), its signalling."""

    channel: int
    span: int
    position: int
    signalling: int


def ask(kernel: Kernel, descriptor: int, request: Request, value: int = 0) -> int:
    """A request whose argument is one int: always a pointer to it, also where it only goes in."""
    argument = INT.buffer(value=value)
    kernel.ioctl(descriptor, request, argument)
    return INT.numbers(argument)["value"]


_REASONS = {
    ELAST: "ELAST: an event waits",
    errno.EBUSY: "EBUSY: somebody else has it open, or it is not in the state for that",
    errno.EINVAL: "EINVAL: there is no such channel or span, or it cannot do that",
    errno.ENODATA: "ENODATA: no tone zone is loaded",
    errno.ENODEV: "ENODEV: the span was taken away",
    errno.ENOENT: "ENOENT: the module dahdi is not loaded",
    errno.ENXIO: "ENXIO: the channel is not configured: has dahdi_cfg run?",
    errno.EACCES: "EACCES: the device belongs to another group",
}


def reason(error: OSError) -> str:
    """What the driver means by an errno, for an operator."""
    return _REASONS.get(error.errno or 0, error.strerror or f"errno {error.errno}")
