"""The signalling half of a loop span of CAS channels: what a card would tell of hooks, bits and
battery, as datagrams on the socket that would else be the D channel's.

Each datagram says one thing; there is no answer and no repetition, as on a wire:

- ``S``, channel, kind, value: four octets. The first is 0x53 and the others are a channel from 1 to
  255, one letter and a number. It says what the end that sends it shows from now on:

  ====  ==========================  =========================================
  kind  what it is                  value
  ====  ==========================  =========================================
  h     hook (loop)                 1 off hook (loop closed), 0 on hook (open)
  b     signalling bits ABCD        0 to 15, A the highest of four
  p     polarity of the battery     1 reversed, 0 normal
  w     a wink, its length unknown  0
  l     the hearer's port is lost   0
  ====  ==========================  =========================================

- ``A``, alarms: two octets, the second being the sum of 1 red, 2 yellow and 4 blue.

Before anything is said a channel is on hook, its bits are 0 and its battery is normal. An end that
lets go hangs up first, as a card does when it is closed. Voice goes over the B half as on any other
loop span (``loop_span``).
"""

from __future__ import annotations

import asyncio
import socket
from struct import Struct

from edge_agent.drivers.loop_span import alarm_in, datagrams, let_go, send_alarm, send_datagram
from edge_agent.drivers.span import OnAlarm, OnTransition, SpanAlarm
from edge_agent.line import BitsChanged, HookChanged, PolarityChanged, PortLost, Transition, Winked

_SIGNAL = Struct("!cBcB")


class LoopSignals:
    """The signalling half. It owns ``sock`` and closes it."""

    def __init__(
        self,
        sock: socket.socket,
        loop: asyncio.AbstractEventLoop,
        on_transition: OnTransition,
        on_alarm: OnAlarm,
    ) -> None:
        self._sock = sock
        self._loop = loop
        self._on_transition = on_transition
        self._on_alarm = on_alarm
        self._off_hook: set[int] = set()
        self.unread = 0
        """Datagrams that are none of ours."""
        loop.add_reader(sock, self._readable)

    def hook(self, channel: int, *, off_hook: bool) -> None:
        """Take ``channel`` off hook (close its loop), or hang up."""
        self.signal(HookChanged(channel, off_hook, 0.0))

    def signal(self, transition: Transition) -> None:
        """Make the far end see a transition; its time is when it gets there."""
        if isinstance(transition, HookChanged) and transition.off_hook:
            self._off_hook.add(transition.channel)
        elif isinstance(transition, HookChanged):
            self._off_hook.discard(transition.channel)
        kind, value = _coded(transition)
        send_datagram(self._sock, _SIGNAL.pack(b"S", transition.channel, kind, value))

    def raise_alarm(self, alarm: SpanAlarm) -> None:
        """Make the far end see these alarms, as a broken line would."""
        send_alarm(self._sock, alarm)

    def close(self) -> None:
        """Hang up everything and let go of the socket."""
        for channel in sorted(self._off_hook):
            self.hook(channel, off_hook=False)
        let_go(self._loop, self._sock)

    def _readable(self) -> None:
        for data in datagrams(self._sock):
            transition = _read(data, self._loop.time())
            if transition is not None:
                self._on_transition(transition)
            elif (alarm := alarm_in(data)) is not None:
                self._on_alarm(alarm, self._loop.time())
            else:
                self.unread += 1


def _coded(transition: Transition) -> tuple[bytes, int]:
    match transition:
        case HookChanged():
            return b"h", transition.off_hook
        case BitsChanged():
            return b"b", transition.bits
        case PolarityChanged():
            return b"p", transition.is_reversed
        case Winked():
            return b"w", 0
        case PortLost():
            return b"l", 0


def _read(data: bytes, now: float) -> Transition | None:
    """``None``: it is no transition."""
    if len(data) != _SIGNAL.size or data[0] != 0x53:
        return None
    _, channel, kind, value = _SIGNAL.unpack(data)
    match kind:
        case b"h":
            return HookChanged(channel, bool(value), now)
        case b"b":
            return BitsChanged(channel, value & 0xF, now)
        case b"p":
            return PolarityChanged(channel, bool(value), now)
        case b"w":
            return Winked(channel, now)
        case b"l":
            return PortLost(channel, now)
        case _:
            return None
