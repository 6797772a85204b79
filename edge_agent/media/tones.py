"""Tones are made by adding sines and found by Goertzel's filter: one file for both, so they agree.

Levels are in dBm0: a full-scale sine of G.711 mu-law is +3.17 dBm0 (ITU-T G.711 table 2).
"""

from __future__ import annotations

from collections.abc import Iterable
from math import cos, log10, pi, sin, sqrt

import numpy as np

from edge_agent.media.g711 import Samples

RATE = 8000
FULL_SCALE_DBM0 = 3.17

_LOW = (697, 770, 852, 941)
_HIGH = (1209, 1336, 1477, 1633)
DTMF: dict[str, tuple[int, int]] = {
    digit: (_LOW[row], _HIGH[column])
    for row, digits in enumerate(("123A", "456B", "789C", "*0#D"))
    for column, digit in enumerate(digits)
}
"""ITU-T Q.23: a digit is one frequency of the low group and one of the high group."""

TELEPHONE_EVENTS = "0123456789*#ABCD"
"""RFC 4733 §3.2: the digit of each event code."""


def tone(frequencies: Iterable[float], seconds: float, dbm0: float = -13.0) -> Samples:
    """A sum of sines, each at ``dbm0``."""
    at = np.arange(round(seconds * RATE)) * (2 * pi / RATE)
    peak = 32767 * 10 ** ((dbm0 - FULL_SCALE_DBM0) / 20)
    total = sum((np.sin(at * frequency) for frequency in frequencies), np.zeros(len(at)))
    return np.clip(total * peak, -32768, 32767).astype(np.int16)


def level_of(samples: Samples, frequency: float) -> float:
    """How strong ``frequency`` is in ``samples``, in dBm0; -90 where it is not there at all."""
    if len(samples) == 0:
        return -90.0
    turn = 2 * pi * frequency / RATE
    twice = 2 * cos(turn)
    before = last = 0.0
    for sample in samples.tolist():
        before, last = last, sample + twice * last - before
    real, imaginary = last - before * cos(turn), before * sin(turn)
    amplitude = 2 * sqrt(real * real + imaginary * imaginary) / len(samples)
    return max(-90.0, 20 * log10(max(amplitude, 1e-9) / 32767) + FULL_SCALE_DBM0)


def hears(samples: Samples, frequency: float, *, least_dbm0: float = -25.0) -> bool:
    """Whether ``frequency`` is in ``samples``, and half of it and one and a half of it are not."""
    there = level_of(samples, frequency)
    beside = max(level_of(samples, frequency / 2), level_of(samples, frequency * 1.5))
    return there > least_dbm0 and there > beside + 10
