"""A DAHDI span for as long as the agent runs: found, opened, watched, and opened again when it
comes back.

The agent opens every channel here and keeps it; media works on copies of the voice descriptors. A
span that is not there is a red alarm and not an error: it is looked for until it comes (R1). Its
channels are found by position, since their numbers may be others each time. While the last run's
media still holds a voice channel the others are lent already, and signalling never waits for any.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from edge_agent.drivers.dahdi import Alarm, Kernel, Place, Sig, reason
from edge_agent.drivers.dahdi_channel import (
    Channel,
    ChannelGone,
    open_control,
    places,
    span_info,
)
from edge_agent.drivers.dahdi_signals import DahdiSignals
from edge_agent.drivers.dahdi_span import DahdiDChannel
from edge_agent.drivers.dahdi_status import alarm_bits, alarm_of, read_status
from edge_agent.drivers.dahdi_voice import open_voice
from edge_agent.drivers.span import OnAlarm, OnFrame, OnTransition, SpanAlarm, SpanStatus, Voice
from edge_agent.leg import Law
from edge_agent.line import PortLost, Transition

log = logging.getLogger(__name__)

LOOK_S = 1.0
"""How often the alarms are read: the driver tells only when there are any, and when none."""
RETRY_S = 0.1
"""How often a voice channel is tried again that somebody still holds."""
GATHER_S = 3.0
"""After so long what is open is lent without the rest: media of a crashed agent ends in 2 s."""


@dataclass(frozen=True, slots=True)
class DahdiOrder:
    """One span of the ``dahdi`` driver: which, and what is where on it.

    Positions count from 1 as timeslots do, so a B channel's position is its Q.931 number: T1 has
    B 1 to 23 and D 24, E1 has D 16, BRI has D 3. ``d_channel`` 0 is a span without one (CAS).
    """

    span: str
    number: int
    d_channel: int
    b_channels: tuple[int, ...]
    law: Law = Law.MU
    echo_cancel: bool = False


def _unheard(transition: Transition) -> None:
    """A span with a D channel has no transitions."""


class DahdiSpan:
    """The agent's side of one span: a :class:`DChannel`, or the :class:`Signals` of one that has
    none, with a status.

    ``on_voice`` is told of the voice half whenever it changes: without channels it is gone, and
    whoever has copies closes them.
    """

    def __init__(
        self,
        kernel: Kernel,
        loop: asyncio.AbstractEventLoop,
        order: DahdiOrder,
        on_frame: OnFrame,
        on_alarm: OnAlarm,
        on_voice: Callable[[Voice], None],
        on_transition: OnTransition = _unheard,
    ) -> None:
        self._kernel = kernel
        self._loop = loop
        self._order = order
        self._on_frame = on_frame
        self._on_alarm = on_alarm
        self._on_voice = on_voice
        self._on_transition = on_transition
        self._control: int | None = None
        self._d_channel: DahdiDChannel | None = None
        self._signals: DahdiSignals | None = None
        self._voice: dict[int, Channel] = {}
        self._lent: tuple[int, ...] = ()
        self._off_hook: set[int] = set()
        """Channels that we have off hook: they are on hook once the card has been away."""
        self._alarms = SpanAlarm(0)
        self._said = ""
        self._openings = 0
        self._is_open = False
        self._gather_until = 0.0
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._look()

    def send(self, frame: bytes) -> None:
        """Put a frame on the wire; without a span it is lost, and Q.921 repeats it."""
        if self._d_channel is not None:
            self._d_channel.send(frame)

    def hook(self, channel: int, *, off_hook: bool) -> None:
        """Take a CAS channel off hook, or hang up; while the card is away nothing happens: it comes
        back on hook."""
        if self._signals is not None:
            self._signals.hook(channel, off_hook=off_hook)
            (self._off_hook.add if off_hook else self._off_hook.discard)(channel)

    def bits(self, channel: int, bits: int) -> None:
        """Send ABCD on a CAS channel of bare bits."""
        if self._signals is not None:
            self._signals.bits(channel, bits)

    def status(self) -> SpanStatus:
        """What the card and our own counters say now."""
        told = self._told()
        if told is None:
            return SpanStatus(alarms=SpanAlarm.RED, openings=self._openings)
        counts = self._d_channel.counts if self._d_channel is not None else Counter[str]()
        return read_status(told, counts, self._openings)

    def close(self) -> None:
        """Let go of everything."""
        self._let_go()
        for timer in self._timers.values():
            timer.cancel()
        if self._control is not None:
            self._kernel.close(self._control)
            self._control = None

    # ---- finding, opening, losing --------------------------------------------------------------

    def _look(self) -> None:
        """Once a second: open what is there, lose what is not, tell of the alarms."""
        told = self._told()
        is_there = told is not None and not alarm_bits(told) & Alarm.NOTOPEN
        if self._is_open and not is_there:
            self._lose(told)
        if is_there and not self._is_open:
            self._open()
        self._tell(told)
        self._again("look", LOOK_S, self._look)

    def _told(self) -> bytearray | None:
        if self._control is None:
            try:
                self._control = open_control(self._kernel)
            except OSError as error:
                self._say(reason(error))
                return None
        told = span_info(self._kernel, self._control, self._order.number)
        if told is None:
            self._say("there is no such span")
        return told

    def _open(self) -> None:
        if self._order.d_channel:
            self._d_channel = self._open_d_channel()
            if self._d_channel is None:
                return
        self._is_open = True
        self._openings += 1
        self._said = ""
        self._gather_until = self._loop.time() + GATHER_S
        self._gather()

    def _open_d_channel(self) -> DahdiDChannel | None:
        place = self._places().get(self._order.d_channel)
        if place is None or place.signalling not in (Sig.HDLCFCS, Sig.HARDHDLC):
            self._say(f"position {self._order.d_channel} is no dchan or hardhdlc")
            return None
        hear, told, gone = self._on_frame, self._alarms_moved, self._lose
        try:
            return DahdiDChannel(self._kernel, self._loop, place.channel, hear, told, gone)
        except (OSError, ChannelGone) as error:
            self._say(f"D channel {place.channel}: {_why(error)}")
            return None

    def _gather(self) -> None:
        """Open the voice channels that are not open yet, and lend what can be lent."""
        found = self._places()
        for position in self._order.b_channels:
            if position in self._voice or position not in found:
                continue
            number = found[position].channel
            law, cancel = self._order.law, self._order.echo_cancel
            try:
                self._voice[position] = open_voice(self._kernel, number, law, echo_cancel=cancel)
            except (OSError, ChannelGone) as error:
                self._say(f"B channel {number}: {_why(error)}")
        is_whole = len(self._voice) == len(self._order.b_channels)
        if is_whole or self._loop.time() >= self._gather_until:
            self._lend(found)
        if self._is_open and not is_whole:
            is_early = self._loop.time() < self._gather_until
            self._again("gather", RETRY_S if is_early else LOOK_S, self._gather)

    def _lend(self, found: dict[int, Place]) -> None:
        channels = tuple(sorted(self._voice))
        if channels == self._lent:
            return
        self._lent = channels
        if self._signals is not None:
            self._signals.close()
        signalled = {
            position: self._voice[position].descriptor
            for position in channels
            if position in found and found[position].signalling != Sig.CLEAR
        }
        hear, gone = self._on_transition, self._lose
        try:
            self._signals = DahdiSignals(self._kernel, self._loop, signalled, hear, gone)
        except (OSError, ChannelGone) as error:
            self._signals = None
            self._say(f"signalling: {_why(error)}")
            self._lose()  # it is looked for again
            return
        descriptors = tuple(self._voice[position].descriptor for position in channels)
        self._on_voice(Voice(descriptors, channels))

    def _lose(self, told: bytearray | None = None) -> None:
        """The span was taken away: the driver frees its channels within the second."""
        signals = self._signals
        self._let_go()
        self._tell(told)
        for channel in sorted(self._off_hook):  # after the alarm: no call moves to this span first
            self._loop.call_soon(self._tell_port_lost, channel)
        self._off_hook.clear()
        if signals is not None:
            self._loop.call_soon(signals.forget)  # after that: nobody has hung up

    def _let_go(self) -> None:
        self._is_open = False
        if "gather" in self._timers:
            self._timers.pop("gather").cancel()
        if self._d_channel is not None:
            self._d_channel.close()
            self._d_channel = None
        if self._signals is not None:
            self._signals.close()
            self._signals = None
        if self._lent:
            self._lent = ()
            self._on_voice(Voice(()))
        for channel in self._voice.values():
            channel.close()
        self._voice.clear()

    def _places(self) -> dict[int, Place]:
        if self._control is None:
            return {}
        return places(self._kernel, self._control, self._order.number)

    # ---- telling -------------------------------------------------------------------------------

    def _alarms_moved(self) -> None:
        self._tell(self._told())

    def _tell_port_lost(self, channel: int) -> None:
        self._on_transition(PortLost(channel, self._loop.time()))

    def _tell(self, told: bytearray | None) -> None:
        alarms = alarm_of(alarm_bits(told)) if told and self._is_open else SpanAlarm.RED
        if alarms != self._alarms:
            self._alarms = alarms
            # In the next turn: whoever asked for the span is not called back while it asks.
            self._loop.call_soon(lambda: self._on_alarm(alarms, self._loop.time()))

    def _say(self, what: str) -> None:
        if what != self._said:
            self._said = what
            log.warning("span %s (DAHDI span %d): %s", self._order.span, self._order.number, what)

    def _again(self, name: str, after_s: float, do: Callable[[], None]) -> None:
        self._timers[name] = self._loop.call_later(after_s, do)


def _why(error: OSError | ChannelGone) -> str:
    return reason(error) if isinstance(error, OSError) else "the span went away"
