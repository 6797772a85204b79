"""The voice half of a DAHDI span: 20 ms in, 20 ms out, at the pace of the card.

It may run in another process, on copies of descriptors that the agent keeps: its end hangs up
nobody. Nothing here changes the voice: no gain, no linear samples, and no echo canceller unless one
is asked for, so that a TTY passes as it is.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import partial

from edge_agent.drivers.dahdi import LAW_A, LAW_MU, Event, Flush, Kernel, Ready, Request, Sig
from edge_agent.drivers.dahdi_channel import Channel, ChannelGone, EventWaits
from edge_agent.drivers.dahdi_spill import (
    GONE,
    PATIENCE,
    RETRY_S,
    VOICE_BUFFERS,
    Spill,
    for_voice,
)
from edge_agent.drivers.paced import REPLACED
from edge_agent.drivers.span import BLOCK, SILENCE, OnBlock, OnPlayed, OnSlip
from edge_agent.leg import Law

log = logging.getLogger(__name__)

AHEAD = 2
"""Blocks of silence before the first block of a talk, so that 40 ms of lateness cost nothing: a
page fault or an interrupt of the machine's own firmware holds up even a real-time process.
"""
PAUSE_S = 0.07
"""After so long without a block the channel has played out what it had."""
IN_SPEECH_S = 0.2
"""Two blocks nearer than this are of one talk, and the channel running dry between is a gap."""
CANCELLER_TAPS = 1024
"""128 ms, the longest tail that the driver takes."""

_LAWS = {Law.MU: LAW_MU, Law.A: LAW_A}


def open_voice(kernel: Kernel, number: int, law: Law, *, echo_cancel: bool) -> Channel:
    """A B channel made ready for voice as it is.

    A canceller is off unless asked for: a digital span has no hybrid to cancel, and one that adapts
    to TTY tones, or clips them, silences a deaf caller.

    Raises:
        OSError: as :meth:`Channel.open`.
        ChannelGone: the span went away meanwhile.
    """
    channel = Channel.open(kernel, number, None)
    try:
        if channel.params()["sigtype"] == Sig.CLEAR:
            channel.ask(Request.AUDIOMODE, 1)
        channel.ask(Request.SETLAW, _LAWS[law])
        for_voice(channel)
    except (OSError, ChannelGone):
        channel.close()
        raise
    try:
        channel.ask(Request.ECHOCANCEL, CANCELLER_TAPS if echo_cancel else 0)
    except OSError:
        # dahdi_cfg has attached none: voice goes without, which is what R1 asks for.
        log.warning("channel %d: the echo canceller cannot be set", number)
    return channel


@dataclass
class _Voice:
    """One channel at work."""

    channel: Channel
    number: int
    is_signalled: bool
    is_heard: bool = False
    is_playing: bool = False
    sent_at: float = float("-inf")
    waiting: deque[bytes] = field(default_factory=lambda: deque(maxlen=VOICE_BUFFERS))
    retry: asyncio.TimerHandle | None = None
    tries: int = 0
    spill: Spill | None = None
    on_played: OnPlayed | None = None


class DahdiBChannels:
    """Blocks on open channels, which it owns as copies and closes. Only those are read that
    somebody listens to: an idle card brings 50 blocks a second on every channel.

    The events of a clear channel are counted here. Those of a channel with hook signalling are the
    agent's: this half leaves them in the queue and tries again until the agent has taken them.
    """

    def __init__(
        self,
        kernel: Kernel,
        loop: asyncio.AbstractEventLoop,
        descriptors: Mapping[int, int],
        law: Law,
        on_block: OnBlock,
        on_slip: OnSlip,
    ) -> None:
        self._kernel = kernel
        self._loop = loop
        self._silence = SILENCE[law]
        self._on_block = on_block
        self._on_slip = on_slip
        self.counts: Counter[str] = Counter()
        """``underrun``, ``overrun``, ``late`` (blocks that found no room), ``gone`` (channels)."""
        self._poller = kernel.poller(self._ready)
        self._voices: dict[int, _Voice] = {}
        self._numbers: dict[int, int] = {}
        for number, descriptor in descriptors.items():
            self._adopt(number, descriptor)

    def send(self, channel: int, block: bytes) -> None:
        """Play one block; what finds no room is lost, and a sound leaves none."""
        voice = self._voices.get(channel)
        if voice is not None and voice.spill is None:
            voice.waiting.append(block)
            self._guarded(voice, self._play)

    def listen(self, channels: Collection[int]) -> None:
        """Hear these and no others. What came while nobody listened is dropped unheard."""
        for voice in list(self._voices.values()):
            wanted = voice.number in channels
            if wanted != voice.is_heard:
                voice.is_heard = wanted
                self._guarded(voice, self._begin_to_hear)

    def play(self, channel: int, sound: bytes, on_played: OnPlayed) -> None:
        """Queue a whole sound; until it is out the channel is neither heard nor spoken on."""
        voice = self._voices.get(channel)
        if voice is None:
            on_played(GONE)
            return
        self._end_spill(voice, REPLACED)
        self._forget_waiting(voice)
        voice.on_played = on_played
        over = partial(self._spill_over, voice)
        voice.spill = Spill(voice.channel, self._loop, sound, self._silence, over)
        self._watch(voice)
        voice.spill.begin()

    def hush(self, channel: int) -> None:
        """Drop the sound that ``channel`` has not played yet."""
        voice = self._voices.get(channel)
        if voice is not None and voice.spill is not None:
            voice.on_played = None
            self._spill_over(voice, "")

    def close(self) -> None:
        """Let go of our copies."""
        for voice in list(self._voices.values()):
            voice.on_played = None
            self._drop(voice)
        self._poller.close()

    def _adopt(self, number: int, descriptor: int) -> None:
        channel = Channel(self._kernel, descriptor, None)
        try:
            is_signalled = channel.params()["sigtype"] != Sig.CLEAR
            if not is_signalled:
                channel = Channel(self._kernel, descriptor, partial(self._hear_event, number))
            for_voice(channel)  # the media before us may have ended in the middle of a sound
            channel.ask(Request.FLUSH, Flush.READ if is_signalled else Flush.ALL)
            channel.ask(Request.BUFFER_EVENTS, not is_signalled)
        except (OSError, ChannelGone):
            channel.close()
            self.counts["gone"] += 1
            return
        self._voices[number] = _Voice(channel, number, is_signalled)
        self._numbers[descriptor] = number
        self._watch(self._voices[number])

    def _begin_to_hear(self, voice: _Voice) -> None:
        voice.channel.ask(Request.FLUSH, Flush.READ)
        self._watch(voice)

    def _watch(self, voice: _Voice) -> None:
        ready = Ready(0)
        if voice.is_heard and voice.spill is None:
            ready |= Ready.DATA
        if not voice.is_signalled:
            ready |= Ready.EVENT
        self._poller.watch(voice.channel.descriptor, ready)

    def _drop(self, voice: _Voice) -> None:
        del self._voices[voice.number]
        del self._numbers[voice.channel.descriptor]
        self._forget_waiting(voice)
        self._poller.forget(voice.channel.descriptor)
        voice.channel.close()
        self._end_spill(voice, GONE)

    def _forget_waiting(self, voice: _Voice) -> None:
        voice.waiting.clear()
        if voice.retry is not None:
            voice.retry.cancel()
            voice.retry = None

    def _end_spill(self, voice: _Voice, why: str) -> None:
        """Tell of a sound that has to make room."""
        spill, voice.spill = voice.spill, None
        told, voice.on_played = voice.on_played, None
        if spill is not None:
            spill.stop()
        if told is not None:
            told(why)

    def _spill_over(self, voice: _Voice, why: str) -> None:
        """Small buffers again, with nothing in them, so that what is heard next is fresh."""
        voice.is_playing, voice.sent_at = False, float("-inf")
        told, voice.on_played = voice.on_played, None
        self._end_spill(voice, "")
        self._forget_waiting(voice)
        self._guarded(voice, self._back_to_voice)
        if told is not None:
            told(why)

    def _back_to_voice(self, voice: _Voice) -> None:
        for_voice(voice.channel)
        self._watch(voice)

    def _ready(self, descriptor: int, ready: Ready) -> None:
        voice = self._voices.get(self._numbers.get(descriptor, 0))
        if voice is None:
            return
        if Ready.EVENT in ready:
            self._guarded(voice, lambda each: each.channel.drain())
        if Ready.DATA in ready or Ready.GONE in ready:
            self._guarded(voice, self._hear)

    def _guarded(self, voice: _Voice, do: Callable[[_Voice], None]) -> None:
        if voice.retry is not None or voice.number not in self._voices:
            return
        try:
            do(voice)
        except EventWaits:
            # Come back soon rather than spin: this process may run before the agent's.
            self._poller.forget(voice.channel.descriptor)
            voice.retry = self._loop.call_later(RETRY_S, self._try_again, voice)
        except (ChannelGone, OSError):
            self.counts["gone"] += 1
            self._drop(voice)

    def _try_again(self, voice: _Voice) -> None:
        voice.retry = None
        voice.tries += 1
        if voice.tries > PATIENCE:
            self._guarded(voice, lambda each: each.channel.drain())
        self._watch(voice)
        self._guarded(voice, self._play)

    def _hear(self, voice: _Voice) -> None:
        for _ in range(VOICE_BUFFERS):
            block = voice.channel.read(BLOCK)
            if block is None:
                return
            voice.tries = 0
            if len(block) == BLOCK:
                self._on_block(voice.number, block, self._loop.time())

    def _play(self, voice: _Voice) -> None:
        if not voice.waiting:
            return
        now = self._loop.time()
        if not voice.is_playing or now - voice.sent_at > PAUSE_S:
            self._begin(voice, now)
        voice.sent_at = now
        while voice.waiting and voice.channel.write(voice.waiting[0]):
            voice.waiting.popleft()
        if voice.waiting:
            self.counts["late"] += len(voice.waiting)
            voice.waiting.clear()

    def _begin(self, voice: _Voice, now: float) -> None:
        """Have something to play while the next block is on its way."""
        if not voice.is_signalled:
            voice.channel.drain()  # that it ran dry before is no news
        for _ in range(AHEAD):
            voice.channel.write(self._silence)
        voice.is_playing = True
        if now - voice.sent_at < IN_SPEECH_S:
            self.counts["underrun"] += 1
            self._on_slip(voice.number, 1)

    def _hear_event(self, number: int, event: int) -> None:
        voice = self._voices.get(number)
        if voice is None:
            return
        if event == Event.WRITE_UNDERRUN:
            voice.is_playing = False
        elif event == Event.READ_OVERRUN and voice.is_heard and voice.spill is None:
            # The driver keeps the old and drops the new: the old is 80 ms late by now.
            voice.channel.ask(Request.FLUSH, Flush.READ)
            self.counts["overrun"] += 1
            self._on_slip(number, VOICE_BUFFERS)
