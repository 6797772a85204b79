"""A DAHDI driver inside the test: spans cross-connected as by dahdi_dynamic_loc, on moved time."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable
from dataclasses import dataclass, field

from edge_agent.drivers.dahdi import (
    CHANNEL,
    CONTROL,
    DIAL_PARAMS,
    DYNAMIC_SPAN,
    INT,
    PARAMS,
    SPAN_INFO,
    Alarm,
    Event,
    OnReady,
    Ready,
    Request,
    Sig,
)
from tests.fakes.dahdi_requests import of_channel, params_of
from tests.fakes.dahdi_wire import DEFAULT_TIMES, Wire, failure

ALARM_AFTER_MS = 1200
"""A span sees that the one at the other end is gone."""
REMOVED_FOR_MS = 1000
"""Between the event REMOVED and ENODEV: the driver gives a program time to close."""
CLEAR_AFTER_MS = 10
PRI = (Sig.CLEAR,) * 23 + (Sig.HDLCFCS,)
CAMA = (Sig.EM,) * 24


@dataclass(eq=False)
class Span:
    """One span: its channels by position."""

    number: int
    far: int
    signalling: tuple[Sig, ...]
    wires: list[Wire] = field(default_factory=list)
    alarms: int = 0
    is_assigned: bool = True
    counters: dict[str, int] = field(default_factory=dict)


@dataclass(eq=False)
class File:
    """What a descriptor and its copies stand for."""

    wire: Wire | None = None
    span: Span | None = None
    is_control: bool = False
    is_gone: bool = False
    copies: int = 1


class FakeKernel:
    """A ``Kernel`` with the spans of the virtual machine: 1 with 2 is PRI, 3 with 4 is E&M."""

    def __init__(self, *pairs: tuple[Sig, ...]) -> None:
        self.now = 1_000_000
        """Milliseconds."""
        self.spans: dict[int, Span] = {}
        self.requests: list[tuple[int, Request, int]] = []
        """Every request with one number: descriptor, request, number."""
        self.dial_samples = (544, 800, 800)
        self._files: dict[int, File] = {}
        self._last = 1000
        self._pollers: list[FakePoller] = []
        self._later: list[tuple[int, Callable[[], None]]] = []
        self.loop: asyncio.AbstractEventLoop | None = None
        for signalling in pairs or (PRI, CAMA):
            near = len(self.spans) + 1
            for number, far in ((near, near + 1), (near + 1, near)):
                self.spans[number] = Span(number, far, signalling)
                self._give_channels(self.spans[number], self._free_channel())
            self._join(self.spans[near], self.spans[near + 1])

    # ---- the kernel's door -----------------------------------------------------------------------

    def open(self, path: str) -> int:
        if path not in (CHANNEL, CONTROL):
            raise FileNotFoundError(errno.ENOENT, "no such device", path)
        return self._new(File(is_control=path == CONTROL))

    def ioctl(self, descriptor: int, request: Request, argument: bytearray) -> None:
        file = self._file(descriptor)
        if request not in (Request.GETEVENT, Request.GET_PARAMS) and len(argument) == INT.size:
            self.requests.append((descriptor, request, INT.numbers(argument)["value"]))
        if file.is_gone:
            if request == Request.GETEVENT:
                argument[:] = INT.buffer(value=Event.REMOVED)
            raise failure(errno.ENODEV)
        answer = self._of_anything(file, request, argument)
        if answer is None and file.wire is not None:
            answer = of_channel(file.wire, request, argument)
        if answer is None:
            raise failure(errno.EINVAL)
        argument[:] = answer

    def read(self, descriptor: int, count: int) -> bytes:
        return self._wire(descriptor).take(count)

    def write(self, descriptor: int, data: bytes) -> int:
        return self._wire(descriptor).put(data)

    def close(self, descriptor: int) -> None:
        file = self._file(descriptor)
        del self._files[descriptor]
        file.copies -= 1
        if not file.copies and file.wire is not None and not file.is_gone:
            file.wire.end()

    def poller(self, on_ready: OnReady) -> FakePoller:
        made = FakePoller(self, on_ready)
        self._pollers.append(made)
        return made

    # ---- what a test can make happen -------------------------------------------------------------

    def copy(self, descriptor: int) -> int:
        """As over SCM_RIGHTS: another descriptor of the same file."""
        file = self._file(descriptor)
        file.copies += 1
        return self._new(file)

    @property
    def open_descriptors(self) -> int:
        """How many there are."""
        return len(self._files)

    @property
    def seconds(self) -> float:
        """The card's clock."""
        return self.now / 1000

    def advance(self, seconds: float) -> None:
        """Let the card's time go on."""
        for _ in range(round(seconds * 1000)):
            self.now += 1
            for span in self.spans.values():
                for wire in span.wires:
                    if wire.file is not None or (wire.far is not None and wire.far.file):
                        wire.tick(self.now)
            due = [do for at, do in self._later if at <= self.now]
            self._later = [each for each in self._later if each[0] > self.now]
            for do in due:
                do()
        for poller in list(self._pollers):
            poller.look_soon()

    def set_alarms(self, span: int, alarms: int) -> None:
        """As the line does. Channels are told only of the first alarm and of the end of all."""
        it = self.spans[span]
        had, it.alarms = it.alarms, alarms
        if bool(had) != bool(alarms):
            for wire in it.wires:
                wire.tell(Event.ALARM if alarms else Event.NOALARM)

    def unassign(self, span: int) -> None:
        """The card is taken away: told as REMOVED, and a second later nothing answers."""
        it = self.spans[span]
        for wire in it.wires:
            wire.tell(Event.REMOVED)
        self.set_alarms(span, Alarm.NOTOPEN)
        in_use = any(wire.file is not None for wire in it.wires)
        self._at(REMOVED_FOR_MS if in_use else 0, lambda: self._remove(it))

    def assign(self, span: int, first_channel: int = 0) -> None:
        """The card comes back, with channel numbers of its own choice."""
        it = self.spans[span]
        it.is_assigned, it.alarms = True, 0
        self._give_channels(it, first_channel or self._free_channel())
        self._join(it, self.spans[it.far])
        if it.is_assigned and self.spans[it.far].is_assigned:
            self._at(CLEAR_AFTER_MS, lambda: self.set_alarms(it.far, 0))

    def destroy(self, span: int) -> None:
        """DYNAMIC_DESTROY."""
        it = self.spans[span]
        if any(wire.file is not None for wire in it.wires):
            raise failure(errno.EBUSY)
        self._remove(it)

    def wire(self, number: int) -> Wire:
        """The channel with this number."""
        for span in self.spans.values():
            for wire in span.wires:
                if wire.number == number and span.is_assigned:
                    return wire
        raise failure(errno.EINVAL)

    # ---- requests --------------------------------------------------------------------------------

    def _of_anything(self, file: File, request: Request, argument: bytearray) -> bytearray | None:
        """Requests that need no open channel."""
        match request:
            case Request.SPECIFY if file.wire is None:
                self._specify(file, INT.numbers(argument)["value"])
                return argument
            case Request.GET_PARAMS | Request.SET_PARAMS:
                numbers = PARAMS.numbers(argument)
                wire = file.wire or self.wire(numbers["channo"])
                if request == Request.SET_PARAMS:
                    wire.times = {name: numbers[name] for name in DEFAULT_TIMES}
                    return argument
                return params_of(wire)
            case Request.SPANSTAT:
                return self._span_info(SPAN_INFO.numbers(argument)["spanno"])
            case Request.GET_DIALPARAMS | Request.SET_DIALPARAMS if file.is_control:
                return self._dial_params(request, argument)
            case Request.DYNAMIC_DESTROY if file.is_control:
                self.destroy(_dynamic(argument))
                return argument
            case Request.DYNAMIC_CREATE if file.is_control:
                self.assign(_dynamic(argument))
                return argument
            case _:
                return None

    def _specify(self, file: File, number: int) -> None:
        wire = self.wire(number)
        if wire.file is not None:
            raise failure(errno.EBUSY)
        file.wire = wire
        wire.begin(file, self.now)

    def _span_info(self, number: int) -> bytearray | None:
        span = self.spans.get(number)
        if span is None or not span.is_assigned:
            return None
        return SPAN_INFO.buffer(
            spanno=number,
            name=f"DYN/loc/{number}".encode(),
            desc=f"Dynamic 'loc' span at '{number}'".encode(),
            alarms=span.alarms,
            numchans=sum(wire.signalling != Sig.NONE for wire in span.wires),
            totalchans=len(span.wires),
            totalspans=len(self.spans),
            spantype=b"T1",
            **span.counters,
        )

    def _dial_params(self, request: Request, argument: bytearray) -> bytearray:
        if request == Request.SET_DIALPARAMS:
            told = DIAL_PARAMS.numbers(argument)
            self.dial_samples = (
                told["mfv1_tonelen"] * 8,
                told["dtmf_tonelen"] * 8,
                told["mfr2_tonelen"] * 8,
            )
            return argument
        mf, dtmf, mfr2 = self.dial_samples
        return DIAL_PARAMS.buffer(mfv1_tonelen=mf, dtmf_tonelen=dtmf, mfr2_tonelen=mfr2)

    # ---- spans -----------------------------------------------------------------------------------

    def _free_channel(self) -> int:
        taken = [w.number for s in self.spans.values() if s.is_assigned for w in s.wires]
        return max(taken, default=0) + 1

    def _give_channels(self, span: Span, first: int) -> None:
        span.wires = [
            Wire(first + at, span.number, at + 1, signalling)
            for at, signalling in enumerate(span.signalling)
        ]
        for at, wire in enumerate(span.wires):
            if at % 4 < 3 and at + 1 < len(span.wires):
                wire.after = span.wires[at + 1]
                span.wires[at + 1].before = wire

    def _join(self, one: Span, other: Span) -> None:
        for near, far in zip(one.wires, other.wires, strict=False):
            near.far, far.far = far, near

    def _remove(self, span: Span) -> None:
        span.is_assigned = False
        for wire in span.wires:
            if isinstance(wire.file, File):
                wire.file.is_gone = True
            wire.file = None
            if wire.far is not None:
                wire.far.far = None
                wire.far = None
        self._at(ALARM_AFTER_MS, lambda: self._far_alarm(span))

    def _far_alarm(self, span: Span) -> None:
        if not span.is_assigned and self.spans[span.far].is_assigned:
            self.set_alarms(span.far, Alarm.RED)

    def _at(self, after_ms: int, do: Callable[[], None]) -> None:
        self._later.append((self.now + after_ms, do))

    # ---- descriptors -----------------------------------------------------------------------------

    def _new(self, file: File) -> int:
        self._last += 1
        self._files[self._last] = file
        return self._last

    def _file(self, descriptor: int) -> File:
        file = self._files.get(descriptor)
        if file is None:
            raise failure(errno.EBADF)
        return file

    def _wire(self, descriptor: int) -> Wire:
        file = self._file(descriptor)
        if file.is_gone:
            raise failure(errno.ENODEV)
        if file.wire is None:
            raise failure(errno.EINVAL)
        return file.wire

    def readiness(self, descriptor: int) -> Ready:
        """What poll() would say."""
        file = self._file(descriptor)
        if file.is_gone:
            return Ready.GONE | Ready.DATA
        ready = Ready(0)
        if file.wire is not None and file.wire.read:
            ready |= Ready.DATA
        if file.wire is not None and file.wire.events:
            ready |= Ready.EVENT
        return ready


class FakePoller:
    """Tells once per millisecond while something is ready."""

    def __init__(self, kernel: FakeKernel, on_ready: OnReady) -> None:
        self._kernel = kernel
        self._on_ready = on_ready
        self._watched: dict[int, Ready] = {}
        self._is_open = True

    def watch(self, descriptor: int, ready: Ready) -> None:
        self._watched[descriptor] = ready | Ready.GONE

    def forget(self, descriptor: int) -> None:
        self._watched.pop(descriptor, None)

    def close(self) -> None:
        self._is_open = False
        self._watched.clear()
        if self in self._kernel._pollers:
            self._kernel._pollers.remove(self)

    def look_soon(self) -> None:
        """Have the loop call :meth:`look` in its next turn."""
        if self._kernel.loop is not None and any(self._found(each) for each in self._watched):
            self._kernel.loop.call_soon(self.look)

    def look(self) -> None:
        """Tell of everything that is ready now."""
        for descriptor in list(self._watched):
            found = self._found(descriptor)
            if self._is_open and found:
                self._on_ready(descriptor, found)

    def _found(self, descriptor: int) -> Ready:
        wanted = self._watched.get(descriptor, Ready(0))
        return wanted & self._kernel.readiness(descriptor) if wanted else Ready(0)


def _dynamic(argument: bytearray) -> int:
    """The span of an address ``key:id``: keys from 1, two spans each."""
    key, _, end = DYNAMIC_SPAN.texts(argument)["addr"].partition(":")
    return 2 * int(key) - 1 + int(end)
