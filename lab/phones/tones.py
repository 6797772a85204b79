"""A voice that can be recognised: a pure tone in G.711, and an ear that measures it by Goertzel.

Tones are multiples of 50 Hz, so that one block of 20 ms holds whole periods: a block that is lost
or late does not change what is heard.
"""

from __future__ import annotations

import math
from collections import deque
from functools import cache

RATE = 8000
BLOCK = 160
STEP_HZ = 50
SILENCE = b"\xff" * BLOCK
LOUD_ENOUGH = 500.0
"""Root mean square below which nothing is heard at all."""
PURE = 0.8
"""Share of the energy that a recognised tone has; noise and mixtures have less."""
_AMPLITUDE = 8000
_CADENCE_AMPLITUDE = 3000
_ROUND = 5
"""Blocks (100 ms) after which frequencies in steps of 10 Hz have made whole periods together."""
_BIAS, _CLIP = 0x84, 32635
_HEARD_BLOCKS = 10


@cache
def tone(hertz: int) -> bytes:
    """One block of a tone, in G.711 µ-law."""
    if hertz % STEP_HZ or not 0 < hertz < RATE // 2:
        raise ValueError(f"a tone must be a multiple of {STEP_HZ} Hz below {RATE // 2}")
    turn = 2 * math.pi * hertz / RATE
    return bytes(encode(round(_AMPLITUDE * math.sin(turn * n))) for n in range(BLOCK))


@cache
def cadence(hertz: tuple[int, ...], on: int, off: int) -> tuple[bytes, ...]:
    """Frequencies in steps of 10 Hz, heard for ``on`` blocks and not for ``off``: one round."""
    turns = [2 * math.pi * each / RATE for each in hertz]
    heard = [
        bytes(
            encode(round(_CADENCE_AMPLITUDE * sum(math.sin(turn * n) for turn in turns)))
            for n in range(block * BLOCK, (block + 1) * BLOCK)
        )
        for block in range(_ROUND)
    ]
    return tuple(heard[n % _ROUND] for n in range(on)) + (SILENCE,) * off


def ringback() -> tuple[bytes, ...]:
    """What a caller hears while it rings: 440 and 480 Hz, 2 s of 6."""
    return cadence((440, 480), 100, 200)


def reorder() -> tuple[bytes, ...]:
    """What a caller hears whose call leads nowhere: 480 and 620 Hz, twice a second."""
    return cadence((480, 620), 13, 12)


def encode(sample: int) -> int:
    """One linear sample in µ-law (G.711 table 2a)."""
    magnitude = min(abs(sample), _CLIP) + _BIAS
    exponent = magnitude.bit_length() - 8
    mantissa = magnitude >> (exponent + 3) & 0x0F
    return ~((0x80 if sample < 0 else 0) | exponent << 4 | mantissa) & 0xFF


def decode(octet: int) -> int:
    """One µ-law octet as a linear sample."""
    octet = ~octet & 0xFF
    magnitude = (((octet & 0x0F) << 3) + _BIAS << (octet >> 4 & 7)) - _BIAS
    return -magnitude if octet & 0x80 else magnitude


_LINEAR = tuple(decode(octet) for octet in range(256))


class Ear:
    """Listens to blocks of G.711 µ-law and knows the last 200 ms of them."""

    def __init__(self) -> None:
        self._blocks: deque[bytes] = deque(maxlen=_HEARD_BLOCKS)
        self.heard = 0
        """Blocks so far."""

    def listen(self, block: bytes) -> None:
        """Take one block."""
        self._blocks.append(block)
        self.heard += 1

    def forget(self) -> None:
        """Begin anew: what was heard before counts no more."""
        self._blocks.clear()

    def share(self, hertz: int) -> float:
        """How much of what is heard is this tone: 0 to 1; 0 while it is quiet or too short."""
        if len(self._blocks) < _HEARD_BLOCKS:
            return 0.0
        samples = [_LINEAR[octet] for block in self._blocks for octet in block]
        energy = sum(sample * sample for sample in samples)
        if energy < LOUD_ENOUGH**2 * len(samples):
            return 0.0
        return min(1.0, 2 * _goertzel(samples, hertz) / (len(samples) * energy))

    def hears(self, hertz: int) -> bool:
        """Whether this tone, and nothing else to speak of, is heard."""
        return self.share(hertz) >= PURE


def _goertzel(samples: list[int], hertz: int) -> float:
    """The power of one frequency."""
    factor = 2 * math.cos(2 * math.pi * hertz / RATE)
    last = before = 0.0
    for sample in samples:
        last, before = sample + factor * last - before, last
    return last * last + before * before - factor * last * before
