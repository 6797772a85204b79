"""The agent's end of the E&M line without its processes: the cores of CAMA trunks, the driver, and
the spills between them, on one loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from e911.numbers import Elin
from edge_agent.cama.config import CamaSpan, CamaTrunkConfig
from edge_agent.cama.outputs import CamaOutput, Hook, Hush, Pulse
from edge_agent.cama.trunk import CamaTrunk
from edge_agent.drivers.dahdi_kernel import LinuxKernel
from edge_agent.drivers.dahdi_line import DahdiOrder, DahdiSpan
from edge_agent.drivers.dahdi_voice import DahdiBChannels
from edge_agent.drivers.driver import OneTimer, earliest
from edge_agent.drivers.span import SpanAlarm, Voice
from edge_agent.leg import Answered, Clear, Cleared, Flash, Law, LegId, SeizeTrunk
from edge_agent.line import Transition
from edge_agent.messages import Message, PlaySpill, SpillPlayed, StopSpill
from edge_agent.spill_player import SpillPlayer
from edge_agent.spills import Spills
from tests.vm.bell import Bell
from tests.vm.ground import copy

SPAN, NAME = 3, "em-1"
ELIN = Elin("4256789301")
"""Has every digit."""

Said = Answered | Cleared | Flash


def trunk(*channels: int, **sheet: Any) -> CamaTrunk:
    """A trunk on these channels, as its carrier's interface sheet has it."""
    name, spans = f"cama-{channels[0]}", (CamaSpan(NAME, channels),)
    return CamaTrunk(CamaTrunkConfig(trunk=name, spans=spans, **sheet))


@dataclass(eq=False)
class Placed:
    """One call and what became of it; times are on the loop's clock."""

    at: float
    said: dict[type[Said], float] = field(default_factory=dict)
    """When it was said first."""
    cause: int = 0
    why: str = ""
    """Of its end, when it has one."""
    seen: list[Transition] = field(default_factory=list)
    """What the far end has shown."""
    pulsed: list[Pulse] = field(default_factory=list)
    played: list[tuple[str, float]] = field(default_factory=list)
    """Why each spill did not go out (or nothing), and when that was told."""


class CallingEnd:
    """Trunks on channels of span 3, each channel one's only."""

    def __init__(self, bell: Bell, trunks: Iterable[CamaTrunk]) -> None:
        self._bell = bell
        self._trunks = list(trunks)
        self._of = {n: each for each in self._trunks for n in each.circuits(NAME)}
        self._loop = asyncio.get_running_loop()
        self._kernel = LinuxKernel(self._loop)
        self._player = SpillPlayer(self._tell_agent)
        self._spills = Spills(self._tell_media, self._loop.call_soon, self._played)
        self._timer = OneTimer(self._loop, lambda: earliest(self._trunks), self._fire)
        self._voice: DahdiBChannels | None = None
        self.calls: dict[int, Placed] = {}
        """By channel."""
        order = DahdiOrder(NAME, SPAN, 0, tuple(sorted(self._of)))
        self._span = DahdiSpan(
            self._kernel, self._loop, order, _no_frame, _no_alarm, self._borrow, self._saw
        )

    def dial(self, channel: int) -> Placed:
        """A 911 call on a channel."""
        call = self.calls[channel] = Placed(self._loop.time())
        of = self._of[channel]
        request = SeizeTrunk(_leg(channel), of.config.trunk, channel, ELIN, "911")
        self._do(of.handle(request, call.at))
        return call

    def clear(self, channel: int, cause: int = 16) -> None:
        """The gateway ends the call."""
        self._do(self._of[channel].handle(Clear(_leg(channel), cause), self._loop.time()))

    def close(self) -> None:
        """Let go of everything."""
        self._timer.cancel()
        self._span.close()
        if self._voice is not None:
            self._voice.close()

    def _do(self, outputs: list[CamaOutput]) -> None:
        for output in outputs:
            match output:
                case Hook(channel=channel, off_hook=off_hook):
                    self._span.hook(channel, off_hook=off_hook)
                case Pulse():
                    self.calls[output.channel].pulsed.append(output)
                    self._spills.pulse(output)
                case Hush():
                    self._spills.hush(output.span, output.channel)
                case Answered() | Cleared() | Flash():
                    self._note(output)
                case _:
                    pass
        self._timer.rearm()
        self._bell.ring()

    def _note(self, event: Said) -> None:
        call = self.calls[int(event.leg)]
        call.said.setdefault(type(event), self._loop.time())
        if isinstance(event, Cleared):
            call.cause, call.why = event.cause, event.text

    def _saw(self, transition: Transition) -> None:
        self.calls[transition.channel].seen.append(transition)
        self._do(self._of[transition.channel].hear(NAME, transition, self._loop.time()))

    def _fire(self, now: float) -> None:
        for each in self._trunks:
            self._do(each.handle_timeout(now))

    def _tell_media(self, message: Message) -> None:
        if isinstance(message, PlaySpill):
            self._player.play(message)
        elif isinstance(message, StopSpill):
            self._player.stop(message)

    def _tell_agent(self, told: SpillPlayed) -> None:
        self._loop.call_soon(self._spills.hear, told)

    def _played(self, span: str, channel: int, spill: int, why: str) -> None:
        now = self._loop.time()
        self.calls[channel].played.append((why, now))
        self._do(self._of[channel].spill_played(span, channel, spill, why, now))

    def _borrow(self, lent: Voice) -> None:
        if self._voice is not None:
            self._voice.close()
            self._voice = None
        self._spills.media_changed(bool(lent.channels))
        if lent.channels:
            copies = dict(zip(lent.channels, map(copy, lent.descriptors), strict=True))
            self._voice = DahdiBChannels(
                self._kernel, self._loop, copies, Law.MU, _no_block, _no_slip
            )
            self._player.opened(NAME, self._voice, lent.channels, Law.MU)


def _leg(channel: int) -> LegId:
    return LegId(str(channel))


def _no_frame(frame: bytes, at: float) -> None:
    raise AssertionError("a span of E&M channels has no D channel")


def _no_alarm(alarm: SpanAlarm, at: float) -> None:
    """A line in the kernel has none that is not its end's."""


def _no_block(channel: int, block: bytes, at: float) -> None:
    """Nobody listens to the caller here."""


def _no_slip(channel: int, blocks: int) -> None:
    """As little."""
