"""Hook and bits of DAHDI's CAS channels: what the driver says happened, and nothing it made up.

The driver would rather tell winks than facts. Asked for the shortest times, it tells each off-hook
and each on-hook when they happen, and the core decides what was a wink. Asked for the default ones
it keeps an off-hook back for 300 ms, and 1.85 s after our own seizure it says that the far end went
off hook though it did not (dahdi-base.c, ``__rbs_otimer_expire``); so each off-hook is confirmed.

A port that closes a loop hears of its far end's battery: which way round it is, and that it is
gone. That it is there is no off-hook, and neither is ringing: nobody calls a 9-1-1 trunk.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial

from edge_agent.drivers.dahdi import LOOP_START, Event, Hook, Kernel, Ready, Request, Sig
from edge_agent.drivers.dahdi_channel import Channel, ChannelGone
from edge_agent.drivers.span import OnTransition
from edge_agent.line import BitsChanged, HookChanged, PolarityChanged, Winked

SHORTEST_MS = 1
"""0 would mean never for an off-hook; above 2 the driver makes up an off-hook of its own."""
ABCD = 0xF
"""Own bits; a dynamic span puts those of the neighbouring channels above them."""
BITS_OFF_HOOK, BITS_ON_HOOK = 0b1111, 0b0000
"""E&M on a channel of bare bits: A (and with it B, C, D) is 1 off hook (ANSI T1.403.02)."""


def set_hook(channel: Channel, *, off_hook: bool) -> bool:
    """Go off or on hook; ``False``: the channel has no hook, or is gone."""
    try:
        channel.hook(Hook.OFFHOOK if off_hook else Hook.ONHOOK)
    except (ChannelGone, OSError):
        return False
    return True


class DahdiSignals:
    """The signalling half of CAS channels: the agent's, so that media's end hangs up nobody.

    It reads events only. Voice on the same channels is another's, who must leave the events alone.
    """

    def __init__(
        self,
        kernel: Kernel,
        loop: asyncio.AbstractEventLoop,
        descriptors: Mapping[int, int],
        on_transition: OnTransition,
        on_gone: Callable[[], None],
    ) -> None:
        self._loop = loop
        self._on_transition = on_transition
        self._on_gone = on_gone
        self.counts: Counter[str] = Counter()
        """``false-off-hook``, ``refused``, ``ringing``."""
        self._channels: dict[int, Channel] = {}
        self._numbers = {descriptor: number for number, descriptor in descriptors.items()}
        self._signalling: dict[int, int] = {}
        self._off_hook: dict[int, bool] = {}
        self._bits: dict[int, int] = {}
        self._reversed: dict[int, bool] = {}
        self._doubted: set[int] = set()
        """Channels with an off-hook that was over, or never was, when it was heard of."""
        self._poller = kernel.poller(self._ready)
        try:
            for number, descriptor in descriptors.items():
                self._channels[number] = Channel(kernel, descriptor, partial(self._hear, number))
                self._begin(number, self._channels[number])
                self._poller.watch(descriptor, Ready.EVENT)
        except (OSError, ChannelGone):
            self.close()
            raise

    def hook(self, channel: int, *, off_hook: bool) -> None:
        """Take ``channel`` off hook (close its loop), or hang up: this also empties its buffers, of
        a sound too."""
        line = self._channels.get(channel)
        if line is None:
            return
        if self._signalling[channel] == Sig.CAS:
            self.bits(channel, BITS_OFF_HOOK if off_hook else BITS_ON_HOOK)
        elif not set_hook(line, off_hook=off_hook):
            self.counts["refused"] += 1

    def bits(self, channel: int, bits: int) -> None:
        """Send ABCD, A the highest, on a channel that dahdi_cfg has set to ``cas``."""
        try:
            self._channels[channel].ask(Request.SETTXBITS, bits & ABCD)
        except (KeyError, ChannelGone, OSError):
            self.counts["refused"] += 1

    def forget(self) -> None:
        """The card was taken away: what its channels showed they show no more. One that comes back
        tells what it shows then."""
        for number in self._off_hook:
            self._went(number, off_hook=False)
            self._turned(number, is_reversed=False)
            self._changed(number, BITS_ON_HOOK)

    def close(self) -> None:
        """Hear nothing more. The descriptors are their owner's to close."""
        self._poller.close()
        self._channels.clear()

    def _begin(self, number: int, line: Channel) -> None:
        told = line.params()
        self._signalling[number] = told["sigtype"]
        self._bits[number] = BITS_ON_HOOK
        self._off_hook[number] = self._reversed[number] = False
        if told["sigtype"] == Sig.CAS:
            self._changed(number, told["rxbits"] & ABCD)
            return
        line.set_params(rxwinktime=SHORTEST_MS, rxflashtime=SHORTEST_MS)
        if told["rxisoffhook"] and told["sigtype"] not in LOOP_START:
            self._went(number, off_hook=True)

    def _ready(self, descriptor: int, ready: Ready) -> None:
        line = self._channels.get(self._numbers[descriptor])
        if line is None:
            return
        try:
            line.drain()
        except (ChannelGone, OSError):
            self._poller.forget(descriptor)
            self._on_gone()

    def _hear(self, number: int, event: int) -> None:
        is_loop = self._signalling[number] in LOOP_START
        match event:
            case Event.RINGOFFHOOK if is_loop:
                self.counts["ringing"] += 1
            case Event.RINGOFFHOOK if not self._is_off_hook(number):
                self.counts["false-off-hook"] += 1
                self._doubted.add(number)
            case Event.RINGOFFHOOK:
                self._went(number, off_hook=True)
            case Event.ONHOOK if is_loop:  # the battery is gone: the far end has let go of the line
                self._reversed[number] = False
                self._on_transition(HookChanged(number, False, self._loop.time()))
            case Event.ONHOOK if number in self._doubted:  # so it was: we hear late of both
                self._doubted.discard(number)
                self._on_transition(Winked(number, self._loop.time()))
            case Event.ONHOOK:
                self._went(number, off_hook=False)
            case Event.WINKFLASH if not self._off_hook[number]:
                self._on_transition(Winked(number, self._loop.time()))
            case Event.WINKFLASH:
                self._went(number, off_hook=self._is_off_hook(number))
            case Event.BITSCHANGED:
                self._changed(number, self._channels[number].ask(Request.GETRXBITS) & ABCD)
            case Event.POLARITY:
                self._turned(number, is_reversed=not self._reversed[number])
            case _:
                pass

    def _is_off_hook(self, number: int) -> bool:
        return bool(self._channels[number].params()["rxisoffhook"])

    def _went(self, number: int, *, off_hook: bool) -> None:
        self._doubted.discard(number)
        if self._off_hook[number] != off_hook:
            self._off_hook[number] = off_hook
            self._on_transition(HookChanged(number, off_hook, self._loop.time()))

    def _turned(self, number: int, *, is_reversed: bool) -> None:
        if self._reversed[number] != is_reversed:
            self._reversed[number] = is_reversed
            self._on_transition(PolarityChanged(number, is_reversed, self._loop.time()))

    def _changed(self, number: int, bits: int) -> None:
        """A neighbour's change is told here too: only ours counts."""
        if self._bits[number] != bits:
            self._bits[number] = bits
            self._on_transition(BitsChanged(number, bits, self._loop.time()))
