"""A selective router's end of the E&M line: hooks by a plan, spandsp as the MF receiver, and voice
at the card's pace.

Only channels with a call are heard, and spandsp is fed in chunks: a guest is a slow machine.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from edge_agent.drivers.dahdi_kernel import LinuxKernel
from edge_agent.drivers.dahdi_line import DahdiOrder, DahdiSpan
from edge_agent.drivers.dahdi_voice import DahdiBChannels
from edge_agent.drivers.span import BLOCK, SpanAlarm, Voice
from edge_agent.leg import Law
from edge_agent.line import HookChanged, Transition
from tests.vm.bell import Bell
from tests.vm.ground import copy
from tests.wires.agent.tandem import Plan
from tests.wires.spandsp.rig import RATE, Receiver, Spandsp

SPAN, CHANNELS = 4, tuple(range(1, 25))
"""The other end of span 3 in ``system.conf``."""
TICK_S = 0.004
"""A guest's kernel plays and hears a span so much at a time."""
CHUNK = 8 * BLOCK
"""Octets that spandsp hears in one go."""
FLASH_S = 0.5
LAST_S = 2 * BLOCK / RATE
"""So long after an on-hook everything that was said before it has been read."""
_ENDS = "#ABC"
QUIET = b"\x7f\xff"
"""What a line is made of where nobody speaks."""


@dataclass(eq=False)
class Seen:
    """One call on one channel; times are on the loop's clock."""

    channel: int
    off_at: float
    plan: Plan
    receiver: Receiver = field(repr=False)
    on_at: float | None = None
    is_over: bool = False
    """On hook, and everything is heard."""
    is_deaf: bool = False
    """It has its digits, and nobody wants to hear more."""
    wink_over_at: float = 0.0
    digits: str = ""
    heard: bytearray = field(default_factory=bytearray, repr=False)
    saying: list[bytes] = field(default_factory=list, repr=False)
    """Blocks yet to be said, the next one last."""
    _fed: int = 0
    _began: float = float("inf")

    @property
    def groups(self) -> int:
        """How many have ended: by ST, ST', ST'' or ST'''."""
        return sum(self.digits.count(end) for end in _ENDS)

    @property
    def has_digits(self) -> bool:
        """Whether everything that the plan waits for was heard."""
        return self.groups >= self.plan.groups

    def hear(self, block: bytes, at: float) -> bool:
        """Voice came; whether another group ended with it."""
        self.heard += block
        self._began = min(self._began, at - len(self.heard) / RATE)
        if self.has_digits or len(self.heard) < self._fed + CHUNK:
            return False
        groups, chunk = self.groups, bytes(self.heard[self._fed :])
        self._fed = len(self.heard)
        if not self.digits and not chunk.strip(QUIET):
            return False  # spandsp would keep the loop from what it has to do in time
        self.digits += "".join(each.digit for each in self.receiver.hear(chunk))
        return self.groups > groups

    def time_of(self, place: int) -> float:
        """When the octet at ``place`` of what was heard had come, or up to one tick sooner."""
        return self._began + (place + 1) / RATE

    def say(self, blocks: list[bytes]) -> None:
        """Say these, in order."""
        self.saying = list(reversed(blocks))


class Tandem:
    """Span 4 of the guest; calls are in ``seen``, those of a channel oldest first."""

    def __init__(self, bell: Bell, plans: Mapping[int, Plan], *, listens_on: bool = False) -> None:
        """``plans`` by channel; ``listens_on`` is for who wants to hear more than digits."""
        self._bell = bell
        self._plans = plans
        self._listens_on = listens_on
        self._loop = asyncio.get_running_loop()
        self._kernel = LinuxKernel(self._loop)
        self._spandsp = Spandsp()
        self._spandsp.decoded(b"", "mu")  # its process has begun before anybody is in a hurry
        self._open: dict[int, Seen] = {}
        self._voice: DahdiBChannels | None = None
        self.seen: list[Seen] = []
        self.slips = 0
        order = DahdiOrder("tandem", SPAN, 0, CHANNELS)
        self._span = DahdiSpan(
            self._kernel, self._loop, order, _no_frame, _no_alarm, self._borrow, self._saw
        )

    def call(self, channel: int) -> Seen:
        """The last call on a channel."""
        return next(call for call in reversed(self.seen) if call.channel == channel)

    def hook(self, channel: int, *, off_hook: bool) -> None:
        """Our end of a channel goes off or on hook."""
        self._span.hook(channel, off_hook=off_hook)

    def close(self) -> None:
        """Let go of everything."""
        self._span.close()
        if self._voice is not None:
            self._voice.close()
        self._spandsp.__exit__(None, None, None)

    def _borrow(self, lent: Voice) -> None:
        if self._voice is not None:
            self._voice.close()
            self._voice = None
        if lent.channels:
            copies = dict(zip(lent.channels, map(copy, lent.descriptors), strict=True))
            self._voice = DahdiBChannels(
                self._kernel, self._loop, copies, Law.MU, self._heard, self._slipped
            )

    def _saw(self, transition: Transition) -> None:
        assert isinstance(transition, HookChanged), transition
        (self._seized if transition.off_hook else self._released)(transition)
        self._bell.ring()

    def _seized(self, off: HookChanged) -> None:
        plan = self._plans[off.channel]
        call = Seen(off.channel, off.at, plan, self._spandsp.receiver("mu"))
        self._open[off.channel] = call
        self.seen.append(call)
        self._listen()
        if plan.wink_after is not None:
            self._later(call, plan.wink_after, off_hook=True)
            self._loop.call_later(plan.wink_after + plan.wink, self._end_wink, call)

    def _end_wink(self, call: Seen) -> None:
        self.hook(call.channel, off_hook=False)
        call.wink_over_at = self._loop.time()

    def _released(self, on: HookChanged) -> None:
        call = self._open.get(on.channel)
        if call is not None:
            call.on_at = on.at
            self._loop.call_later(LAST_S, self._end, call)

    def _end(self, call: Seen) -> None:
        """We hang up as well, which throws away what is not read yet."""
        call.is_over = True
        self.hook(call.channel, off_hook=False)
        if self._open.get(call.channel) is call:
            del self._open[call.channel]
            self._listen()
        self._bell.ring()

    def _listen(self) -> None:
        assert self._voice is not None
        self._voice.listen({call.channel for call in self._open.values() if not call.is_deaf})

    def _grow_deaf(self, call: Seen) -> None:
        call.is_deaf = True
        self._listen()

    def _heard(self, channel: int, block: bytes, at: float) -> None:
        call = self._open.get(channel)
        if call is None:
            return
        if call.hear(block, at):
            self._group_is_over(call)
        if call.saying and self._voice is not None:
            self._voice.send(channel, call.saying.pop())
        self._bell.ring()

    def _slipped(self, channel: int, blocks: int) -> None:
        self.slips += blocks

    def _group_is_over(self, call: Seen) -> None:
        plan = call.plan
        if not call.has_digits:
            self._later(call, plan.asks_after, off_hook=True)
            return
        if not self._listens_on:  # the last signal is known before it is over
            self._loop.call_later(CHUNK / RATE, self._grow_deaf, call)
        if plan.answers_after is None:
            return
        self._later(call, plan.answers_after, off_hook=True)
        if plan.flashes_after is not None:
            self._later(call, plan.answers_after + plan.flashes_after, off_hook=False)
            self._later(call, plan.answers_after + plan.flashes_after + FLASH_S, off_hook=True)
        if plan.hangs_up_after is not None:
            self._later(call, plan.answers_after + plan.hangs_up_after, off_hook=False)

    def _later(self, call: Seen, seconds: float | None, *, off_hook: bool) -> None:
        if seconds is not None:
            self._loop.call_later(seconds, self._still, call, off_hook)

    def _still(self, call: Seen, off_hook: bool) -> None:
        """A call that is over has no plan any more."""
        if call.on_at is None:
            self.hook(call.channel, off_hook=off_hook)


def _no_frame(frame: bytes, at: float) -> None:
    raise AssertionError("a span of E&M channels has no D channel")


def _no_alarm(alarm: SpanAlarm, at: float) -> None:
    """A line in the kernel has none that is not its end's."""
