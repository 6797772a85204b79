"""Both ends of DAHDI spans as a conformance line: two agents' sides, and the voice of both.

Channel 3 of the line is E&M, channel 4 has bare bits; that is so in the fake of the tests and in
``tests/vm/system.conf``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from edge_agent.drivers.dahdi import Kernel, Sig
from edge_agent.drivers.dahdi_line import DahdiOrder, DahdiSpan
from edge_agent.drivers.dahdi_voice import DahdiBChannels
from edge_agent.drivers.span import OnPlayed, Signals, SpanAlarm, SpanStatus, Voice
from edge_agent.leg import Law
from edge_agent.line import BitsChanged, Transition
from tests.edge.drivers.span_conformance import Ear, Line

MIXED = (Sig.CLEAR, Sig.CLEAR, Sig.EM, Sig.CAS) + (Sig.CLEAR,) * 19 + (Sig.HDLCFCS,)
T1 = tuple(range(1, 24))

CopyDescriptor = Callable[[int], int]
"""What SCM_RIGHTS does to a descriptor."""


def t1_order(number: int, *, echo_cancel: bool = False) -> DahdiOrder:
    """A T1: 23 B channels and D at 24."""
    return DahdiOrder(f"t1-{number}", number, 24, T1, Law.MU, echo_cancel)


@dataclass
class End:
    """One end: the agent's half, and the voice half that media would have."""

    kernel: Kernel
    order: DahdiOrder
    copy: CopyDescriptor
    ear: Ear = field(default_factory=Ear)
    voice: DahdiBChannels | None = None
    lent: list[Voice] = field(default_factory=list)
    saying: dict[int, list[bytes]] = field(default_factory=dict)
    cause_alarm: Callable[[SpanAlarm], None] | None = None
    cause_transition: Callable[[Transition], None] | None = None

    def __post_init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        ear = self.ear
        self.span = DahdiSpan(
            self.kernel,
            self.loop,
            self.order,
            ear.on_frame,
            ear.on_alarm,
            self.borrow,
            ear.on_transition,
        )

    def borrow(self, lent: Voice) -> None:
        """What media does with the voice half."""
        self.lent.append(lent)
        if self.voice is not None:
            self.voice.close()
            self.voice = None
        if lent.channels:
            copies = dict(zip(lent.channels, map(self.copy, lent.descriptors), strict=True))
            law, slip = self.order.law, self.ear.on_slip
            self.voice = DahdiBChannels(self.kernel, self.loop, copies, law, self._hear, slip)
            self.voice.listen(set(copies))

    def say(self, channel: int, blocks: list[bytes]) -> None:
        """Speak at the pace of what is heard, as media does."""
        self.saying[channel] = list(reversed(blocks))

    def _hear(self, channel: int, block: bytes, at: float) -> None:
        self.ear.on_block(channel, block, at)
        if self.saying.get(channel) and self.voice is not None:
            self.voice.send(channel, self.saying[channel].pop())

    def status(self) -> SpanStatus:
        return self.span.status()

    def close(self) -> None:
        self.span.close()
        self.close_voice()

    def close_voice(self) -> None:
        if self.voice is not None:
            self.voice.close()
            self.voice = None


@dataclass
class DHalf:
    """The end as a D channel."""

    end: End

    def send(self, frame: bytes) -> None:
        self.end.span.send(frame)

    def raise_alarm(self, alarm: SpanAlarm) -> None:
        assert self.end.cause_alarm is not None
        self.end.cause_alarm(alarm)

    def close(self) -> None:
        self.end.close()


@dataclass
class SHalf:
    """The end as the signalling of its CAS channels."""

    end: End

    def hook(self, channel: int, *, off_hook: bool) -> None:
        signals: Signals = self.end.span
        signals.hook(channel, off_hook=off_hook)

    def signal(self, transition: Transition) -> None:
        if isinstance(transition, BitsChanged):
            self.end.span.bits(transition.channel, transition.bits)
        else:
            assert self.end.cause_transition is not None
            self.end.cause_transition(transition)

    def raise_alarm(self, alarm: SpanAlarm) -> None:
        assert self.end.cause_alarm is not None
        self.end.cause_alarm(alarm)

    def close(self) -> None:
        self.end.close()


@dataclass
class BHalf:
    """The end as B channels, once it has them."""

    end: End

    def send(self, channel: int, block: bytes) -> None:
        if self.end.voice is not None:
            self.end.voice.send(channel, block)

    def play(self, channel: int, sound: bytes, on_played: OnPlayed) -> None:
        assert self.end.voice is not None
        self.end.voice.play(channel, sound, on_played)

    def hush(self, channel: int) -> None:
        assert self.end.voice is not None
        self.end.voice.hush(channel)

    def close(self) -> None:
        self.end.close_voice()


def line_of(near: End, far: End, *, has_polarity: bool) -> Line:
    """Two ends as the conformance suite wants them."""
    ends = DHalf(near), SHalf(near), BHalf(near), DHalf(far), SHalf(far), BHalf(far)
    return Line(*ends, near.ear, far.ear, has_polarity)
