"""One seizure of a CAMA trunk as the tandem has it: wink, digits, ANI, ringing, answer, the end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from edge_agent.leg import Law
from edge_agent.media.mf_detector import MfDetector
from lab.phones.tones import SILENCE, decode, reorder, ringback
from lab.phones.voice import BLOCK_S, Voice
from lab.pstn.dialled import Dialled, TrunkGroup, groups_in, read

if TYPE_CHECKING:
    from lab.pstn.tandem import Tandem

NORMAL = 16


@dataclass(frozen=True, slots=True)
class Timing:
    """How this tandem is set, in seconds."""

    before_wink_s: float = 0.1
    wink_s: float = 0.2
    before_request_s: float = 0.1
    """From the called digits to the off-hook that asks for ANI."""
    first_digit_s: float = 5.0
    next_digit_s: float = 3.0
    flash_s: float = 0.5
    idle_s: float = 0.1
    """After so long without a block, silence came: a line is never without octets, a loop is. In
    the middle of a tone it is a sender that is late, and is given longer."""


class S(StrEnum):
    """States, by what the parties notice."""

    SEIZED = "seized"
    WINKING = "winking"
    LISTENING = "listening"
    REQUESTING = "requesting"
    OFFERED = "offered"
    RINGING = "ringing"
    UP = "up"
    FLASHING = "flashing"
    CLEARING = "clearing"
    OVER = "over"


LATE = 3
"""Times ``idle_s``, for a sender in the middle of a tone."""
TAIL, QUIET = 4, 500
"""Samples at the end of a block, and how small they are where no tone goes on."""
DIGITS = (S.LISTENING, S.REQUESTING)
CONNECTED = (S.UP, S.FLASHING)


class TrunkVoice(Voice):
    """Voice on a channel of a tandem's span."""

    def __init__(self, tandem: Tandem, channel: int) -> None:
        super().__init__(tandem.news)
        self._tandem, self._channel = tandem, channel

    def send_block(self, block: bytes) -> None:
        """One block on the channel."""
        self._tandem.send_block(self._channel, block)


class CamaCircuit:
    """A call from the enterprise; ``times`` holds when each state first came, by the lab's clock.

    ``offered`` is told when the digits are whole, or when no more will come.
    """

    def __init__(
        self,
        tandem: Tandem,
        channel: int,
        group: TrunkGroup,
        timing: Timing,
        offered: Callable[[CamaCircuit], None],
    ) -> None:
        self._tandem, self.channel, self.trunk = tandem, channel, tandem.trunk
        self._group, self._timing, self._offered = group, timing, offered
        self.began = tandem.news.now
        self.state = S.SEIZED
        self.times: dict[S, float] = {S.SEIZED: self.began}
        self.signals = ""
        """Every MF signal that was heard, as it is written."""
        self.dialled = Dialled()
        self.calling, self.called = self.dialled.ani, self.dialled.called
        """Who calls (empty where ANI failed), and whom."""
        self.cause = 0
        self.voice: Voice = TrunkVoice(tandem, channel)
        self._receiver = MfDetector(Law.MU)
        self._timer: asyncio.TimerHandle | None = None
        self._idle: asyncio.TimerHandle | None = None
        if not tandem.is_silent:
            self._after(timing.before_wink_s, self._wink)

    # ---- what a router and a PSAP see ------------------------------------------------------------

    @property
    def is_ringing(self) -> bool:
        """Whether the far end rings; none of these calls goes out."""
        return False

    @property
    def is_up(self) -> bool:
        """Whether both ends are connected."""
        return self.state in CONNECTED

    @property
    def is_over(self) -> bool:
        """Whether both ends are on hook again."""
        return self.state is S.OVER

    def ring(self) -> None:
        """Ringback in band: a CAMA trunk has no other way to say it."""
        if self.state is S.OFFERED:
            self.voice.play(ringback())
            self._become(S.RINGING)

    def answer(self) -> None:
        """Off hook and steady; where ANI was asked for, it is so already and nothing is to see."""
        if self.state in (S.OFFERED, S.RINGING):
            self.voice.hush()
            self._hook(off=True)
            self._become(S.UP)

    def flash(self) -> None:
        """On hook for a moment: the call-taker asks for a transfer."""
        if self.state is S.UP:
            self._hook(off=False)
            self._become(S.FLASHING)
            self._after(self._timing.flash_s, self._flashed)

    def hang_up(self, cause: int = NORMAL) -> None:
        """On hook. Before an answer there is nothing to hang up: reorder tone says it instead."""
        if self.state in (S.CLEARING, S.OVER):
            return
        self.cause = cause
        self._quiet()
        if self._tandem.is_off_hook(self.channel):
            self.voice.hush()
            self._hook(off=False)
        else:
            self.voice.play(reorder())
        self._become(S.CLEARING)

    # ---- what the wire does ----------------------------------------------------------------------

    def let_go(self) -> None:
        """The enterprise is on hook: whatever there was, is over."""
        self.voice.hush()
        self._quiet()
        self._hook(off=False)
        self._become(S.OVER)

    def hear(self, block: bytes) -> None:
        """20 ms from the enterprise: digits first, voice when the digits are whole."""
        if self.state not in DIGITS:
            self.voice.hear(block)
            return
        self._listen(block)
        if self.state in DIGITS:
            self._await_silence(block)

    def _wink(self) -> None:
        self._hook(off=True)
        self._become(S.WINKING)
        self._after(self._timing.wink_s, self._winked)

    def _winked(self) -> None:
        self._hook(off=False)
        self._become(S.LISTENING)
        self._after(self._timing.first_digit_s, self._no_more)

    def _listen(self, block: bytes) -> None:
        for heard in self._receiver.hear(block):
            if self.state in DIGITS:
                self.signals += heard.signal
                self._tandem.news.post()
                self._after(self._timing.next_digit_s, self._no_more)
                self._read()

    def _read(self) -> None:
        dialled = read(self.signals, self._group)
        if dialled is not None:
            self._offer(dialled)
        elif self._asks_now:
            self._become(S.REQUESTING)
            self._after(self._timing.before_request_s, self._request)

    @property
    def _asks_now(self) -> bool:
        called = groups_in(self.signals) == 1
        return self._group.asks_for_ani and called and self.state is S.LISTENING

    def _request(self) -> None:
        self._hook(off=True)
        self._after(self._timing.first_digit_s, self._no_more)

    def _no_more(self) -> None:
        """A selective router does not let a caller down who sent too few digits."""
        self._offer(Dialled())

    def _offer(self, dialled: Dialled) -> None:
        self._quiet()
        self.dialled = dialled
        self.calling, self.called = dialled.ani, dialled.called
        self._become(S.OFFERED)
        self._offered(self)

    def _flashed(self) -> None:
        self._hook(off=True)
        self._become(S.UP)

    def _hook(self, *, off: bool) -> None:
        self._tandem.hook(self.channel, off_hook=off)

    def _become(self, state: S) -> None:
        self.state = state
        self.times.setdefault(state, self._tandem.news.now)
        self._tandem.news.post()

    def _await_silence(self, last: bytes) -> None:
        if self._idle is not None:
            self._idle.cancel()
        blocks = round(self._timing.idle_s / BLOCK_S)
        ends = all(abs(decode(octet)) < QUIET for octet in last[-TAIL:])
        wait = self._timing.idle_s * (1 if ends else LATE)
        loop = asyncio.get_running_loop()
        self._idle = loop.call_later(wait, self._listen, SILENCE * blocks)

    def _after(self, seconds: float, then: Callable[[], None]) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds, then)

    def _quiet(self) -> None:
        for timer in (self._timer, self._idle):
            if timer is not None:
                timer.cancel()
        self._timer = self._idle = None
