"""Where wall time enters the edge: UTC, and whether the kernel calls it synchronised."""

from __future__ import annotations

import ctypes
from datetime import UTC, datetime

STA_UNSYNC = 0x0040
TIME_ERROR = 5
_TIMEX_BYTES = 256
"""More than any ``struct timex``; ``status`` follows ``modes`` and four longs (Linux, 64 bit)."""
_STATUS_AT = 40


def utc_now() -> datetime:
    """The wall clock; windows and records are counted in it, timers never."""
    return datetime.now(UTC)


def is_synchronised() -> bool:
    """Whether NTP disciplines the clock (adjtimex(2)); where the kernel cannot say, it does not."""
    libc = ctypes.CDLL(None, use_errno=True)
    timex = ctypes.create_string_buffer(_TIMEX_BYTES)
    state = libc.adjtimex(timex)
    status = int.from_bytes(timex.raw[_STATUS_AT : _STATUS_AT + 4], "little")
    return 0 <= state < TIME_ERROR and not status & STA_UNSYNC
