"""What the DAHDI driver does with a channel, millisecond by millisecond: a model, not a copy.

Each rule here was seen in the real driver and is played against both in ``dahdi_traps.py``.
"""

from __future__ import annotations

import errno
from collections import deque
from dataclasses import dataclass, field

from edge_agent.drivers.dahdi import ELAST, IMMEDIATE, LAW_MU, Event, Hook, Sig

CHUNK = 8
"""Octets per millisecond and channel."""
FLAG = 0x7E
IDLE = 0x7F
"""Silence of the driver in mu-law."""
MOST_EVENTS = 63
"""A ring of 64 that is never quite full."""
FIRST_FLAG_MS = 100
"""A frame begun sooner after either end was opened is lost."""
DEFAULT_TIMES = {
    "prewinktime": 50,
    "preflashtime": 50,
    "winktime": 150,
    "flashtime": 750,
    "starttime": 1500,
    "rxwinktime": 300,
    "rxflashtime": 1250,
    "debouncetime": 600,
}
AFTER_START_MS = 500
HOOKED = (Sig.EM, Sig.EM_E1, Sig.FXSLS, Sig.FXSKS)
"""Signallings that HOOK moves something on; the battery of a loop is a test's to turn."""


def failure(number: int) -> OSError:
    """What a system call raises."""
    return OSError(number, f"errno {number}")


def fcs(data: bytes) -> bytes:
    """The check sequence of X.25 and Q.921, least significant octet first."""
    rest = 0xFFFF
    for octet in data:
        rest ^= octet
        for _ in range(8):
            rest = rest >> 1 ^ 0x8408 if rest & 1 else rest >> 1
    return (rest ^ 0xFFFF).to_bytes(2, "little")


@dataclass(eq=False)
class Wire:
    """One channel of the driver, joined to ``far``."""

    number: int
    span: int
    position: int
    signalling: int
    far: Wire | None = None
    before: Wire | None = None
    after: Wire | None = None
    """Neighbours in the group of four whose bits travel together."""
    file: object | None = None
    opened_at: int = 0
    mode: str = ""
    """``hdlc`` (checked), ``raw`` (unchecked), ``audio``, or ``clear`` (nobody set it)."""
    law: int = LAW_MU
    canceller: int = 0
    size: int = 1024
    count: int = 2
    policy: int = IMMEDIATE
    is_held: bool = False
    """What is written waits until every buffer is full."""
    takes_at_most: int = 1 << 16
    """A test's own: a driver that takes less than it is given."""
    read: deque[bytes] = field(default_factory=deque)
    written: deque[bytes] = field(default_factory=deque)
    partly: bytearray = field(default_factory=bytearray)
    leaving: tuple[bytes, int, int] | None = None
    """A frame on its way out: its octets, when it began, when it will be through."""
    events: deque[int] = field(default_factory=deque)
    tells_buffers: bool = False
    is_dry: bool = False
    is_full: bool = False
    times: dict[str, int] = field(default_factory=lambda: dict(DEFAULT_TIMES))
    state: str = "onhook"
    otimer: int = 0
    itimer: int = 0
    tx_bits: int = 0
    rx_bits: int = 0
    rx_off_hook: bool | None = None
    """``None`` until the far end has moved its hook for the first time."""
    dialling: str = ""
    zone_loaded: bool = True

    # ---- what a descriptor can ask ---------------------------------------------------------------

    def begin(self, file: object, now: int) -> None:
        """It is opened: on hook, default times, empty buffers, no events."""
        self.file, self.opened_at = file, now
        base = {Sig.HDLCFCS: "hdlc", Sig.HARDHDLC: "hdlc", Sig.CLEAR: "clear"}
        self.mode = base.get(Sig(self.signalling), "audio")
        self.law, self.canceller = LAW_MU, 0
        self.tells_buffers = self.is_dry = self.is_full = False
        self.times = dict(DEFAULT_TIMES)
        self.events.clear()
        self.buffers(2, 1024)
        self.set_hook(Hook.ONHOOK)

    def end(self) -> None:
        """The last copy of the descriptor is closed: hung up, and a frame is cut off."""
        if self.leaving is not None and self.far is not None and self.far.mode == "hdlc":
            self.far.tell(Event.BADFCS)
        self.file = None
        self.buffers(2, 1024)
        self.set_hook(Hook.ONHOOK)

    def buffers(self, count: int, size: int, policy: int = IMMEDIATE) -> None:
        """New buffers, and what was in the old ones is gone."""
        self.count, self.size, self.policy = max(2, count), size, policy
        self.is_held = policy != IMMEDIATE
        self.flush(read=True, write=True)

    def flush(self, *, read: bool = False, write: bool = False, events: bool = False) -> None:
        """Forget what waits."""
        if read:
            self.read.clear()
            self.partly.clear()
        if write:
            self.written.clear()
            self.leaving = None
        if events:
            self.events.clear()

    def take(self, count: int) -> bytes:
        """read()."""
        if self.events:
            raise failure(ELAST)
        if not self.read:
            raise BlockingIOError(errno.EAGAIN, "nothing yet")
        return self.read.popleft()[:count]

    def put(self, data: bytes) -> int:
        """write(): also ends a tone, even if it fails then."""
        self.dialling = ""
        if self.events:
            raise failure(ELAST)
        if len(self.written) >= self.count:
            raise BlockingIOError(errno.EAGAIN, "no room")
        data = data[: min(self.size, self.takes_at_most)]
        if self.mode == "hdlc":
            # The sequence takes the place of the last two octets, whatever they are.
            data = data[:-2] + fcs(data[:-2])
        self.written.append(data)
        self.is_held = self.is_held and len(self.written) < self.count
        return len(data)

    def tell(self, event: int) -> None:
        """Queue an event; one too many is lost."""
        if self.file is not None and len(self.events) < MOST_EVENTS:
            self.events.append(event)

    def next_event(self) -> int:
        """GETEVENT."""
        return self.events.popleft() if self.events else Event.NONE

    # ---- time ------------------------------------------------------------------------------------

    def tick(self, now: int) -> None:
        """One millisecond of this end: what it sends, and its timers."""
        if self.mode in ("hdlc", "raw"):
            self._send_frames(now)
        else:
            octets = self._next_octets()
            if self.far is not None and self.far.mode in ("audio", "clear"):
                self.far.hear_octets(octets)
        if self.otimer:
            self.otimer -= 1
            if not self.otimer:
                self._otimer_over()
        if self.itimer:
            self.itimer -= 1
            if not self.itimer:
                self.tell(Event.RINGOFFHOOK)

    def _send_frames(self, now: int) -> None:
        if self.leaving is None and self.written:
            frame = self.written.popleft()
            self.leaving = frame, now, now + 1 + len(frame) // CHUNK
        if self.leaving is not None and now >= self.leaving[2]:
            frame, began, _ = self.leaving
            self.leaving = None
            if self.far is not None and self.file is not None:
                self.far.hear_frame(frame, began, self.opened_at)

    def _next_octets(self) -> bytes:
        octets = bytearray()
        while self.written and len(octets) < CHUNK and not self.is_held:
            block = self.written[0]
            missing = CHUNK - len(octets)
            octets += block[:missing]
            if len(block) > missing:
                self.written[0] = block[missing:]
            else:
                self.written.popleft()
                self.is_held = not self.written and self.policy != IMMEDIATE
        is_dry = len(octets) < CHUNK
        if is_dry and not self.is_dry and self.tells_buffers:
            self.tell(Event.WRITE_UNDERRUN)
        self.is_dry = is_dry
        silence = IDLE if self.mode == "audio" else 0xFF
        return bytes(octets) + bytes([silence]) * (CHUNK - len(octets))

    def hear_frame(self, frame: bytes, began: int, sender_opened_at: int) -> None:
        """A frame is through: kept, or told as broken, or lost."""
        ready_at = max(self.opened_at, sender_opened_at) + FIRST_FLAG_MS
        if self.file is None or self.mode != "hdlc" or began < ready_at:
            return
        if fcs(frame[:-2]) != frame[-2:]:
            self.tell(Event.BADFCS)
        elif len(self.read) < self.count:
            self.read.append(frame)

    def hear_octets(self, octets: bytes) -> None:
        """A millisecond of voice: kept while there is room; with none, the new is dropped."""
        if self.file is None:
            return
        if len(self.read) >= self.count:
            if not self.is_full and self.tells_buffers:
                self.tell(Event.READ_OVERRUN)
            self.is_full = True
            return
        self.is_full = False
        self.partly += octets
        if len(self.partly) >= self.size:
            self.read.append(bytes(self.partly[: self.size]))
            del self.partly[: self.size]

    # ---- hook signalling -------------------------------------------------------------------------

    def set_hook(self, what: int) -> None:
        """HOOK: the times are those of the driver."""
        self.dialling = ""
        match what:
            case Hook.ONHOOK:
                self.flush(read=True, write=True)
                self._go("onhook", off_hook=False, after_ms=0)
            case Hook.OFFHOOK:
                self._go("debounce", off_hook=True, after_ms=self.times["debouncetime"])
            case Hook.START:
                if not self.zone_loaded:
                    raise failure(errno.ENODATA)
                self._only_in("onhook")
                self._go("start", off_hook=True, after_ms=self.times["starttime"])
                raise failure(errno.EINPROGRESS)
            case Hook.WINK:
                self._only_in("onhook")
                self._go("prewink", off_hook=False, after_ms=self.times["prewinktime"])
                raise failure(errno.EINPROGRESS)
            case Hook.FLASH:
                self._only_in("offhook")
                self._go("preflash", off_hook=True, after_ms=self.times["preflashtime"])
                raise failure(errno.EINPROGRESS)
            case _:
                raise failure(errno.EINVAL)

    def _only_in(self, state: str) -> None:
        if self.state != state:
            raise failure(errno.EBUSY)

    def _go(self, state: str, *, off_hook: bool, after_ms: int) -> None:
        self.state, self.otimer = state, after_ms
        if self.signalling in HOOKED:
            self.send_bits(0xF if off_hook else 0)

    def _otimer_over(self) -> None:
        match self.state:
            case "debounce":
                self._go("offhook", off_hook=True, after_ms=0)
                if self.rx_off_hook is False and self.times["rxflashtime"] > 2:
                    self.itimer = self.times["rxflashtime"]  # ends as an off-hook that never was
            case "start":
                self._go("afterstart", off_hook=True, after_ms=AFTER_START_MS)
            case "prewink":
                self._go("wink", off_hook=True, after_ms=self.times["winktime"])
            case "preflash":
                self._go("flash", off_hook=False, after_ms=self.times["flashtime"])
            case "afterstart" | "flash":
                self._go("offhook", off_hook=True, after_ms=0)
                self.tell(Event.HOOKCOMPLETE)
            case "wink":
                self._go("onhook", off_hook=False, after_ms=0)
                self.tell(Event.HOOKCOMPLETE)
            case _:
                pass

    def send_bits(self, bits: int) -> None:
        """ABCD go out; what the far end makes of them is its own affair."""
        self.tx_bits = bits & 0xF
        for each in (self.far, self.far.before if self.far is not None else None):
            if each is not None:
                each.hear_bits()

    def hear_bits(self) -> None:
        """The bits of the line have changed, or those that a dynamic span mixes into them."""
        before, self.rx_bits = self.rx_bits, self._mixed_bits()
        if self.rx_bits == before:
            return
        if self.signalling == Sig.CAS:
            self.tell(Event.BITSCHANGED)
        elif self.signalling in (Sig.EM, Sig.EM_E1) and (self.rx_bits ^ before) & 8:
            self._hear_hook(off_hook=bool(self.rx_bits & 8))

    def _mixed_bits(self) -> int:
        own, after = (
            wire.far.tx_bits if wire is not None and wire.far is not None else 0
            for wire in (self, self.after)
        )
        return own | after << 4

    def _hear_hook(self, *, off_hook: bool) -> None:
        self.rx_off_hook = off_hook
        if off_hook:
            self.itimer = self.times["rxwinktime"]  # 0 would never end
        else:
            self.tell(Event.WINKFLASH if self.itimer else Event.ONHOOK)
            self.itimer = 0
