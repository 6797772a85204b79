"""One open DAHDI channel: reads and writes that an event never turns into a failed call.

While an event waits, read() and write() fail with ELAST. Whoever meets that takes the events first
and tries again, so no event is lost and none blocks what is behind it. A channel whose span was
taken away answers :class:`ChannelGone` from then on, and should be closed within the second that
the driver waits before it frees the channel.
"""

from __future__ import annotations

import errno
from collections.abc import Callable
from contextlib import suppress

from edge_agent.drivers.dahdi import (
    BUFFER_INFO,
    CHANNEL,
    CONTROL,
    ELAST,
    IMMEDIATE,
    MOST_CHANNELS,
    MOST_EVENTS,
    NO_WAIT,
    PARAMS,
    SPAN_INFO,
    WHEN_FULL,
    WRITE_EMPTY,
    Event,
    Hook,
    Kernel,
    Place,
    Request,
    ask,
)

OnEvent = Callable[[int], None]


class ChannelGone(Exception):
    """The span of the channel was taken away (ENODEV, or the event REMOVED)."""


class EventWaits(Exception):
    """An event waits that is another process's to take; until it has, nothing can be done."""


class Channel:
    """A descriptor that is a channel, and what the driver says of it.

    ``on_event`` hears every event in order, also from within :meth:`read` and :meth:`write`;
    ``None`` leaves the events to whoever shares the channel, and :class:`EventWaits` tells of them.
    """

    def __init__(self, kernel: Kernel, descriptor: int, on_event: OnEvent | None) -> None:
        self._kernel = kernel
        self.descriptor = descriptor
        self._on_event = on_event

    @classmethod
    def open(cls, kernel: Kernel, number: int, on_event: OnEvent | None) -> Channel:
        """The channel with this number, on hook and with empty buffers.

        Raises:
            OSError: EBUSY, somebody has it open; EINVAL, there is none; ENXIO, not configured.
        """
        descriptor = kernel.open(CHANNEL)
        try:
            ask(kernel, descriptor, Request.SPECIFY, number)
        except OSError:
            kernel.close(descriptor)
            raise
        return cls(kernel, descriptor, on_event)

    def ask(self, request: Request, value: int = 0) -> int:
        """A request with one number."""
        try:
            return ask(self._kernel, self.descriptor, request, value)
        except OSError as error:
            raise self._told(error) from error

    def buffers(self, count: int, size: int, *, when_full: bool = False) -> None:
        """So many new buffers of so many bytes, empty; played as soon as something is in them, or
        ``when_full`` only once something is in all of them."""
        policy = WHEN_FULL if when_full else IMMEDIATE
        argument = BUFFER_INFO.buffer(txbufpolicy=policy, numbufs=count, bufsize=size)
        try:
            self._kernel.ioctl(self.descriptor, Request.SET_BUFINFO, argument)
        except OSError as error:
            raise self._told(error) from error

    def is_empty(self) -> bool:
        """Whether the driver has nothing left to play."""
        return bool(self.ask(Request.IOMUX, WRITE_EMPTY | NO_WAIT) & WRITE_EMPTY)

    def params(self) -> dict[str, int]:
        """The numbers of ``struct dahdi_params``."""
        argument = PARAMS.buffer()
        try:
            self._kernel.ioctl(self.descriptor, Request.GET_PARAMS, argument)
        except OSError as error:
            raise self._told(error) from error
        return PARAMS.numbers(argument)

    def set_params(self, **changed: int) -> None:
        """Change times (in ms) of ``struct dahdi_params``; they hold until the close."""
        self._kernel.ioctl(
            self.descriptor, Request.SET_PARAMS, PARAMS.buffer(**(self.params() | changed))
        )

    def hook(self, what: Hook) -> None:
        """Go on or off hook, wink, flash or start; what takes time ends with HOOKCOMPLETE."""
        try:
            self.ask(Request.HOOK, what)
        except OSError as error:
            # On a descriptor that does not block, this is how the driver says that it has begun.
            if error.errno != errno.EINPROGRESS:
                raise

    def read(self, count: int) -> bytes | None:
        """A block or frame; ``None``: none is there yet."""
        for _ in range(MOST_EVENTS):
            try:
                return self._kernel.read(self.descriptor, count)
            except BlockingIOError:
                return None
            except OSError as error:
                self._yield_to_event(error)
        return None

    def write(self, data: bytes) -> bool:
        """Play a block or send a frame; ``False``: all buffers are full."""
        return self.put(data) == len(data)

    def put(self, data: bytes) -> int:
        """Fill the next buffer; how many bytes went into it, 0 if all buffers are full."""
        for _ in range(MOST_EVENTS):
            try:
                return self._kernel.write(self.descriptor, data)
            except BlockingIOError:
                return 0
            except OSError as error:
                self._yield_to_event(error)
        return 0

    def drain(self) -> None:
        """Take every event that waits, and tell of it.

        Raises:
            ChannelGone: one of them was REMOVED.
        """
        for _ in range(MOST_EVENTS):
            event = self.ask(Request.GETEVENT)
            if event == Event.NONE:
                return
            if event == Event.REMOVED:
                raise ChannelGone
            if self._on_event is not None:
                self._on_event(event)

    def close(self) -> None:
        """Hang up and let go; copies of the descriptor elsewhere keep the channel open."""
        with suppress(OSError):
            self._kernel.close(self.descriptor)

    def _yield_to_event(self, error: OSError) -> None:
        if error.errno != ELAST:
            raise self._told(error) from error
        if self._on_event is None:
            raise EventWaits from error
        self.drain()

    def _told(self, error: OSError) -> OSError | ChannelGone:
        return ChannelGone() if error.errno == errno.ENODEV else error


def places(kernel: Kernel, control: int, span: int) -> dict[int, Place]:
    """The channels of a span by position, found by asking every channel number where it is.

    Numbers are given when a span is assigned and may be others when it comes back, so they are
    never remembered.
    """
    found: dict[int, Place] = {}
    for number in range(1, MOST_CHANNELS + 1):
        argument = PARAMS.buffer(channo=number)
        with suppress(OSError):  # EINVAL: no channel has this number
            kernel.ioctl(control, Request.GET_PARAMS, argument)
            told = PARAMS.numbers(argument)
            if told["spanno"] == span:
                place = Place(number, span, told["chanpos"], told["sigtype"])
                found[place.position] = place
    return found


def span_info(kernel: Kernel, control: int, span: int) -> bytearray | None:
    """``struct dahdi_spaninfo`` of a span; ``None``: there is no such span."""
    argument = SPAN_INFO.buffer(spanno=span)
    try:
        kernel.ioctl(control, Request.SPANSTAT, argument)
    except OSError:
        return None
    return argument


def open_control(kernel: Kernel) -> int:
    """The descriptor for requests that are about no open channel. Raises OSError."""
    return kernel.open(CONTROL)
