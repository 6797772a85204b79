"""A fixed 40 ms of patience between a network and a line: order is restored, gaps are filled.

Packets lie in a ring by their timestamp, so any packet length, order and repetition will do;
blocks leave at the pace of whoever takes them. A packet that comes after its block has left is
dropped. Two clocks never agree: where packets wait too long or too short a time in the mean of a
second, one block is left out or repeated, in a quiet moment if one comes. Nothing else is ever done
to a voice, so that TTY passes.
"""

from __future__ import annotations

from edge_agent.leg import Law
from edge_agent.media.g711 import BLOCK, SILENT_BLOCK, is_quiet
from edge_agent.media.tones import RATE

DELAY_S = 0.040
"""From the arrival of the first packet to the moment its block leaves, give or take half a
block.
"""
SLOTS = 64
RING = SLOTS * BLOCK
LATE_IN_A_ROW = 5
"""So many late packets mean that the stream itself has moved: begin anew with the latest."""
IDLE_AFTER = 10
"""So many missing blocks (200 ms) mean that the stream has stopped."""
WINDOW = 50
"""Packets over which the wait is averaged: one second of the usual ones."""
SHORTEST_S, LONGEST_S = 0.018, 0.052
"""A mean wait outside of this calls for a slip. It is much wider than a block, so that jitter does
not call for slips to and fro, and the shortest still outlives 25 ms of jitter.
"""
GRACE_S = 0.004
"""How much further out the wait may go until a quiet block comes: 40 s of two clocks that are
100 ppm apart.
"""

_MASK = 0xFFFFFFFF
_HALF = 0x80000000


class JitterBuffer:
    """One incoming stream. The counters only grow; they are for the operator."""

    def __init__(self, law: Law) -> None:
        self._law = law
        self._silent = SILENT_BLOCK[law]
        self._ring = bytearray(self._silent * SLOTS)
        self._filled = [0] * SLOTS
        self._is_idle = True
        self._ssrc = 0
        self._next = 0  # timestamp of the block that leaves next
        self._slot = 0
        self._due = 0.0
        self._late_run = 0
        self._missed_run = 0
        self._last = self._silent
        self._leaves = 0.0  # when the block at _next leaves
        self._waits = 0.0  # sum over the packets of this window
        self._watched = 0
        self._wait = DELAY_S  # mean of the last window
        self.late = 0
        """Packets that came after their time."""
        self.concealed = 0
        """Blocks made up for packets that never came."""
        self.slips = 0
        """Blocks left out or repeated because the clocks differ."""
        self.anchored = 0
        """How often a stream began, or moved."""

    def push(self, timestamp: int, ssrc: int, payload: bytes, now: float) -> None:
        """Put a packet's voice in its place; ``now`` is its arrival."""
        length = len(payload)
        if self._is_idle or ssrc != self._ssrc:
            self._anchor(timestamp, ssrc, now)
        ahead = ((timestamp - self._next + _HALF) & _MASK) - _HALF
        if ahead + length <= 0:
            self.late += 1
            self._late_run += 1
            if self._late_run < LATE_IN_A_ROW and ahead > -RING:
                return
            self._anchor(timestamp, ssrc, now)
            ahead = 0
        elif ahead + length > RING:
            self._anchor(timestamp, ssrc, now)
            ahead = 0
        self._late_run = 0
        self._watch(self._leaves + ahead / RATE - now)
        if ahead < 0:
            payload, ahead = payload[-ahead:], 0
        self._write(ahead, payload[:RING])

    def take(self, now: float) -> bytes | None:
        """The next 20 ms, or ``None`` while there is no stream or its first block is not due."""
        if self._is_idle or now < self._due:
            return None
        self._leaves = now + BLOCK / RATE
        if self._wait < SHORTEST_S and self._slips(SHORTEST_S - self._wait, self._last):
            return self._last
        if self._wait > LONGEST_S and self._slips(self._wait - LONGEST_S, self._upcoming()):
            self._leave()
        return self._leave()

    def _slips(self, beyond_s: float, block: bytes) -> bool:
        """Whether now is the time to leave ``block`` out, or to say it again."""
        if beyond_s <= GRACE_S and not is_quiet(block, self._law):
            return False
        self.slips += 1
        self._begin_window()
        return True

    def _upcoming(self) -> bytes:
        start = self._slot * BLOCK
        return bytes(self._ring[start : start + BLOCK])

    def _leave(self) -> bytes:
        slot = self._slot
        start = slot * BLOCK
        if self._filled[slot]:
            block = self._upcoming()
            self._ring[start : start + BLOCK] = self._silent
            self._filled[slot] = 0
            self._missed_run = 0
            self._last = block
        else:
            block = self._conceal()
        self._slot = (slot + 1) % SLOTS
        self._next = (self._next + BLOCK) & _MASK
        return block

    def _conceal(self) -> bytes:
        """The last block once more, then silence: a longer guess would be a word never said."""
        self.concealed += 1
        self._missed_run += 1
        if self._missed_run >= IDLE_AFTER:
            self._is_idle = True
            self.concealed -= IDLE_AFTER
        return self._last if self._missed_run == 1 else self._silent

    def _anchor(self, timestamp: int, ssrc: int, now: float) -> None:
        self._is_idle = False
        self._ssrc = ssrc
        self._ring[:] = self._silent * SLOTS
        self._filled = [0] * SLOTS
        self._slot = self._late_run = self._missed_run = 0
        self._next = timestamp
        self._due = now + DELAY_S - 0.010
        self._leaves = now + DELAY_S
        self._begin_window()
        self._last = self._silent
        self.anchored += 1

    def _write(self, ahead: int, payload: bytes) -> None:
        at = (self._slot * BLOCK + ahead) % RING
        end = at + len(payload)
        if end <= RING:
            self._ring[at:end] = payload
        else:
            split = RING - at
            self._ring[at:] = payload[:split]
            self._ring[: end - RING] = payload[split:]
        for slot in range(at // BLOCK, (end - 1) // BLOCK + 1):
            self._filled[slot % SLOTS] = 1

    def _watch(self, wait_s: float) -> None:
        """A packet came ``wait_s`` before it leaves."""
        self._waits += wait_s
        self._watched += 1
        if self._watched == WINDOW:
            mean = self._waits / WINDOW
            self._begin_window()
            self._wait = mean

    def _begin_window(self) -> None:
        self._waits, self._watched, self._wait = 0.0, 0, DELAY_S
