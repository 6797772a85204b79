"""Bare system calls on DAHDI channels, for stories that run on the fake kernel and on the real one.

They need the spans of ``tests/vm/system.conf``: 1 with 2 is a PRI (channels 1 to 24 with 25 to 48),
3 with 4 is E&M (49 to 72 with 73 to 96).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from edge_agent.drivers.dahdi import (
    BUFFER_INFO,
    CHANNEL,
    DIAL,
    DYNAMIC_SPAN,
    NO_WAIT,
    PARAMS,
    REPLACE,
    SPAN_INFO,
    WRITE_EMPTY,
    Flush,
    Hook,
    Kernel,
    Request,
    ask,
)

B_NEAR, B_FAR = 1, 25
SPARE_NEAR, SPARE_FAR = 2, 26
D_NEAR, D_FAR = 24, 48
EM_NEAR, EM_FAR = 49, 73
EM_NEXT_NEAR = 50
UNKNOWN_CHANNEL = 777
RECORD = b"\x01\x02\x03\x04\x05\x06\x07\x08"


class Ground(Protocol):
    """A kernel, and the passing of its time."""

    @property
    def kernel(self) -> Kernel: ...

    def let_pass(self, seconds: float) -> None:
        """Wait on the kernel's clock."""


@contextmanager
def opened(ground: Ground, *numbers: int) -> Iterator[list[int]]:
    """Channels by number; all are closed again, and the line is given time to come to rest."""
    descriptors: list[int] = []
    try:
        for number in numbers:
            descriptors.append(ground.kernel.open(CHANNEL))
            ask(ground.kernel, descriptors[-1], Request.SPECIFY, number)
        yield descriptors
    finally:
        for descriptor in descriptors:
            ground.kernel.close(descriptor)
        ground.let_pass(0.4)


def events(ground: Ground, descriptor: int, within_s: float = 0.0) -> list[int]:
    """Every event that waits, or comes in time."""
    found: list[int] = []
    for _ in range(1 + round(within_s / 0.05)):
        while event := ask(ground.kernel, descriptor, Request.GETEVENT):
            found.append(event)
        if found or not within_s:
            break
        ground.let_pass(0.05)
    return found


def refused(do: Callable[[], object]) -> int:
    """The errno that a call fails with; 0: it did not."""
    try:
        do()
    except OSError as error:
        return error.errno or -1
    return 0


def heard(ground: Ground, descriptor: int, within_s: float = 1.0, count: int = 2048) -> bytes:
    """The next block or frame; nothing if none comes in time."""
    for _ in range(round(within_s / 0.02)):
        try:
            return ground.kernel.read(descriptor, count)
        except BlockingIOError:
            ground.let_pass(0.02)
    return b""


def buffers(ground: Ground, descriptor: int, count: int, size: int, policy: int = 0) -> None:
    argument = BUFFER_INFO.buffer(txbufpolicy=policy, numbufs=count, bufsize=size)
    ground.kernel.ioctl(descriptor, Request.SET_BUFINFO, argument)


def is_empty(ground: Ground, descriptor: int) -> bool:
    """Whether nothing is left to play."""
    asked = ask(ground.kernel, descriptor, Request.IOMUX, WRITE_EMPTY | NO_WAIT)
    return asked == WRITE_EMPTY


def stream(ground: Ground, descriptor: int, blocks: int) -> bytes:
    """So many blocks, as they come."""
    return b"".join(heard(ground, descriptor, count=160) for _ in range(blocks))


def params(ground: Ground, descriptor: int) -> dict[str, int]:
    argument = PARAMS.buffer()
    ground.kernel.ioctl(descriptor, Request.GET_PARAMS, argument)
    return PARAMS.numbers(argument)


def set_params(ground: Ground, descriptor: int, **changed: int) -> None:
    argument = PARAMS.buffer(**(params(ground, descriptor) | changed))
    ground.kernel.ioctl(descriptor, Request.SET_PARAMS, argument)


def hook(ground: Ground, descriptor: int, what: Hook) -> int:
    """The errno of a HOOK."""
    return refused(lambda: ask(ground.kernel, descriptor, Request.HOOK, what))


def dial(ground: Ground, descriptor: int, digits: str) -> None:
    ground.kernel.ioctl(descriptor, Request.DIAL, DIAL.buffer(op=REPLACE, dialstr=digits.encode()))


def span_alarms(ground: Ground, control: int, span: int) -> int:
    argument = SPAN_INFO.buffer(spanno=span)
    ground.kernel.ioctl(control, Request.SPANSTAT, argument)
    return SPAN_INFO.numbers(argument)["alarms"]


def dynamic(ground: Ground, control: int, request: Request, address: str) -> None:
    argument = DYNAMIC_SPAN.buffer(driver=b"loc", addr=address.encode(), numchans=24)
    ground.kernel.ioctl(control, request, argument)


def voice(ground: Ground, *descriptors: int) -> None:
    """Make clear channels voice channels of four blocks, with nothing in them."""
    for descriptor in descriptors:
        ask(ground.kernel, descriptor, Request.AUDIOMODE, 1)
        buffers(ground, descriptor, 4, 160)
        ask(ground.kernel, descriptor, Request.FLUSH, Flush.ALL)
