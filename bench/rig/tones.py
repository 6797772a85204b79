"""Every tone of a spill by its samples: how long, how long after the one before, how strong and how
true, as R1 of ITU-T (Q.320 to Q.323) wants it.

Nothing is shared with what makes the tones, or with what the product hears them by: a tone lasts
from its first loud sample to its last, and is made of what six sines, fitted at once, have.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import log10, pi

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float64]

RATE = 8000
SIX = (700, 900, 1100, 1300, 1500, 1700)
BY_PAIR = {
    (700, 900): "1",
    (700, 1100): "2",
    (700, 1300): "4",
    (700, 1500): "7",
    (700, 1700): "C",
    (900, 1100): "3",
    (900, 1300): "5",
    (900, 1500): "8",
    (900, 1700): "A",
    (1100, 1300): "6",
    (1100, 1500): "9",
    (1100, 1700): "*",
    (1300, 1500): "0",
    (1300, 1700): "B",
    (1500, 1700): "#",
}
"""The signal of each two of six frequencies, digits, ``*`` KP, ``#`` ST and ``ABC`` the other
three."""

KP_MS, SIGNAL_MS, GAP_MS, OFF_MS = 100.0, 68.0, 68.0, 7.0
LEVEL_DBM0, OFF_DB = -7.0, 1.0
OFF_SHARE = 0.015
"""Of a frequency."""

_PART = RATE // 100
"""Samples of silence that part two tones: 10 ms."""
_EDGE = RATE // 400
"""2.5 ms at each end of a tone in which it may rise and fall."""


def decoded(coded: bytes) -> Samples:
    """The samples of mu-law (G.711 §3.2)."""
    codes = ~np.frombuffer(coded, np.uint8).astype(np.int32) & 0xFF
    values = (((codes & 0x0F) << 3) + 0x84 << (codes >> 4 & 7)) - 0x84
    return np.where(codes & 0x80, -values, values).astype(np.float64)


_MILLIWATT = decoded(bytes.fromhex("1e0b0b1e9e8b8b9e"))
_ONE = float(np.sqrt(2 * np.mean(_MILLIWATT**2)))
"""The peak of a sine of 0 dBm0: that of the digital milliwatt (G.711 table 6)."""
_SILENT = _ONE * 10 ** (-40 / 20)


@dataclass(frozen=True, slots=True)
class Tone:
    """One tone; times in milliseconds from the first sample of all."""

    signal: str
    """``?``: no two frequencies stand out."""
    begin: float
    end: float
    levels: tuple[float, float]
    """Of both frequencies, in dBm0."""
    off: float
    """How far the worse of both is off, as a share of it."""

    @property
    def ms(self) -> float:
        """How long."""
        return self.end - self.begin


def tones(samples: Samples) -> list[Tone]:
    """All that is heard."""
    loud = np.flatnonzero(np.abs(samples) > _SILENT)
    if len(loud) == 0:
        return []
    parts = np.split(loud, np.flatnonzero(np.diff(loud) > _PART) + 1)
    return [_tone(samples, int(part[0]), int(part[-1]) + 1) for part in parts]


def worst(found: list[Tone]) -> dict[str, float]:
    """How far the worst of them is from what it should be: milliseconds, and dB."""
    gaps = [after.begin - before.end for before, after in pairwise(found)]
    return {
        "length off": max((abs(tone.ms - _wanted_ms(tone)) for tone in found), default=0.0),
        "gap off": max((abs(gap - GAP_MS) for gap in gaps), default=0.0),
        "level off": max(
            (abs(level - LEVEL_DBM0) for tone in found for level in tone.levels), default=0.0
        ),
    }


def faults(found: list[Tone], wanted: str) -> list[str]:
    """What is not as the spill of ``wanted`` should be; a spill that is another is one fault."""
    said = "".join(tone.signal for tone in found)
    if said != wanted:
        return [f"{said} is heard for {wanted}"]
    named = [fault for tone in found for fault in _faults(tone)]
    for before, after in pairwise(found):
        gap = after.begin - before.end
        if abs(gap - GAP_MS) > OFF_MS:
            named.append(f"{gap:.1f} ms between {before.signal} and {after.signal}")
    return named


def _faults(tone: Tone) -> list[str]:
    named = []
    if abs(tone.ms - _wanted_ms(tone)) > OFF_MS:
        named.append(f"{tone.signal} lasts {tone.ms:.1f} ms")
    if any(abs(level - LEVEL_DBM0) > OFF_DB for level in tone.levels):
        named.append(f"{tone.signal} has {tone.levels[0]:.1f} and {tone.levels[1]:.1f} dBm0")
    if tone.off > OFF_SHARE:
        named.append(f"{tone.signal} is {tone.off:.1%} off its frequencies")
    return named


def _wanted_ms(tone: Tone) -> float:
    return KP_MS if tone.signal == "*" else SIGNAL_MS


def _tone(samples: Samples, first: int, end: int) -> Tone:
    steady = samples[first + _EDGE : end - _EDGE]
    # In quarters: what is a little off its frequency turns too far from end to end to be weighed.
    strengths = np.mean([np.abs(_parts(each)) for each in np.array_split(steady, 4)], axis=0)
    order = np.argsort(strengths)[::-1]
    pair = sorted(order[:2].tolist())
    levels = [20 * log10(max(strength, 1e-9) / _ONE) for strength in strengths]
    stands_out = strengths[order[2]] < strengths[order[1]] / 4  # -12 dB
    return Tone(
        BY_PAIR[SIX[pair[0]], SIX[pair[1]]] if stands_out else "?",
        first * 1000 / RATE,
        end * 1000 / RATE,
        (levels[pair[0]], levels[pair[1]]),
        _off(steady, pair),
    )


def _off(steady: Samples, pair: list[int]) -> float:
    """By how much the phases turn between both halves."""
    half = len(steady) // 2
    early, late = _parts(steady[:half]), _parts(steady[half : 2 * half])
    six = np.array(SIX)
    turned = np.angle(late * early.conj() * np.exp(-2j * pi * six * half / RATE))
    hertz = turned / (2 * pi * half / RATE)
    return float(np.max(np.abs(hertz[pair]) / six[pair]))


def _parts(samples: Samples) -> npt.NDArray[np.complex128]:
    """Amplitude and phase, at the first sample, of each of six sines that are these samples."""
    if len(samples) < 2 * len(SIX):
        return np.zeros(len(SIX), np.complex128)
    turn = 2 * pi / RATE * np.arange(len(samples))[:, None] * np.array(SIX)
    fitted, *_ = np.linalg.lstsq(np.hstack((np.cos(turn), -np.sin(turn))), samples, rcond=None)
    return np.asarray(fitted[: len(SIX)] + 1j * fitted[len(SIX) :])
