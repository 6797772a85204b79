"""MF signals (R1) are heard by two of six frequencies that stand out for long enough, after a KP.

Every 5 ms a window of 15 ms is weighed (Hann, so that of two frequencies 200 Hz apart each reads as
not there where the other is). What a window shows is a guess; a signal is a run of guesses that
agree, as long as a signal must be, on frequencies as exact as a signal's are. A voice can hold two
harmonics as steadily as that, so a register is locked until it hears KP, which no voice does, and
again after ST.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from edge_agent.leg import Law
from edge_agent.media.g711 import Samples, to_linear
from edge_agent.media.mf import FREQUENCIES, KP, PAIRS, STS
from edge_agent.media.tones import DTMF, FULL_SCALE_DBM0, RATE

WINDOW, STEP = 120, 40
"""Samples: 15 ms, in which 200 Hz are three whole turns, every 5 ms."""
STEP_S = STEP / RATE

TWIST_DB, THIRD_DB = 7.5, 8.0
"""How far apart the two may be, of which 6 dB must be taken, and how far below both the strongest
of the other four must be: in a window, and over the whole of a signal."""
SHARE = 0.5
"""Of all the power in a window the two must have so much: 0.76 at 5 dB above Gaussian noise."""
LEVEL_MARGIN_DB = 2.5
"""A level of just what must be heard may read so much lower: 1.5 % off, and in noise."""
OFF_SHARE, OFF_HZ = 0.015, 10.0
"""1.5 % off must be taken, and measured in noise a frequency may seem to be 10 Hz further."""
DTMF_HZ = 4.0
"""697 and 1477 Hz are the digit 3 of a keypad; a signal 7 that is 1.5 % flat has 689 and 1477."""
LEAST_S, LEAST_KP_S = 0.026, 0.051
"""30 ms and 55 ms must be taken; edges and noise may cost 4 ms of what is measured."""
BREAK = 5
"""Windows without a signal that end it: a gap of 25 ms parts two signals, one of 10 ms does not."""
UNLOCKED_S = 5.0
"""After so long without a signal a register is locked again."""

_HANN = np.hanning(WINDOW + 1)[:WINDOW]
_WITHIN = np.arange(WINDOW)
_TURN = 2 * np.pi / RATE * _WITHIN[:, None] * np.array(FREQUENCIES)
_KERNEL = np.hstack((np.cos(_TURN), -np.sin(_TURN)))
_PEAK = 2 / _HANN.sum()
_POWER_SHARE = 2 * float((_HANN**2).sum()) / float(_HANN.sum()) ** 2
_MOST_TWIST = 10 ** (TWIST_DB / 20)
_MOST_THIRD = 10 ** (-THIRD_DB / 20)
_PLACE = {frequency: place for place, frequency in enumerate(FREQUENCIES)}
_BY_PLACES = {frozenset((_PLACE[a], _PLACE[b])): signal for signal, (a, b) in PAIRS.items()}

Spectrum = npt.NDArray[np.complex128]


class Heard(NamedTuple):
    """One signal, and where its first sample was since the detector began."""

    signal: str
    at_s: float
    seconds: float


class _Run:
    """Windows that agree on a signal."""

    def __init__(self, signal: str, window: int) -> None:
        self.signal = signal
        self.first = self.last = window
        self.agreeing = 0
        self.places = [_PLACE[frequency] for frequency in PAIRS[signal]]

        self._strength = np.zeros(2)

    def hears(self, window: int, spectrum: Spectrum, *, agrees: bool) -> None:
        """One window more; where noise hides it, the signal goes on while it is half as strong."""
        strength = np.abs(spectrum[self.places])
        if agrees:
            self.agreeing += 1
            self._strength += strength
        if agrees or (strength * self.agreeing >= self._strength / 2).all():
            self.last = window


class MfDetector:
    """Listens to one direction of one channel; give it all that is heard there, in order."""

    def __init__(
        self, law: Law = Law.MU, *, least_dbm0: float = -25.0, locked: bool = True
    ) -> None:
        """Where not ``locked``, signals are told of without a KP before them."""
        self._law = law
        self._locks = locked
        self._unlocked_at: float | None = None
        weakest = 10 ** ((least_dbm0 - LEVEL_MARGIN_DB - FULL_SCALE_DBM0) / 20)
        self._weakest = weakest * 32767 / _PEAK
        self._rest = np.zeros(WINDOW - STEP, np.int16)
        self._window = 0
        """The number of the next window; its last sample is ``STEP`` times one more than that."""
        self._seen: deque[Spectrum] = deque(maxlen=RATE // STEP)
        """The six frequencies of the windows so far: a second of them is more than any signal."""
        self._run: _Run | None = None

    def hear(self, block: bytes) -> list[Heard]:
        """The signals that have ended in the course of ``block``, or at most 40 ms before it."""
        return self.hear_linear(to_linear(block, self._law))

    def hear_linear(self, samples: Samples) -> list[Heard]:
        """The same for samples that are coded no more."""
        samples = np.concatenate((self._rest, samples))
        count = max(0, (len(samples) - WINDOW) // STEP + 1)
        self._rest = samples[count * STEP :]
        if count == 0:
            return []
        windows = samples[np.arange(count)[:, None] * STEP + _WITHIN] * _HANN
        parts = windows @ _KERNEL
        spectra = parts[:, :6] + 1j * parts[:, 6:]
        heard: list[Heard] = []
        for spectrum, guess in zip(spectra, self._guesses(windows, spectra), strict=True):
            self._seen.append(spectrum)
            ended = self._weigh(guess, spectrum)
            if ended is not None and self._admits(ended):
                heard.append(ended)
            self._window += 1
        return heard

    def _guesses(self, windows: npt.NDArray[np.float64], spectra: Spectrum) -> list[str | None]:
        """What each window by itself looks like."""
        strength = np.abs(spectra)
        if strength.max() < self._weakest:
            return [None] * len(windows)
        order = np.argsort(strength, axis=1)
        third, weaker, stronger = np.take_along_axis(strength, order[:, 3:], axis=1).T
        power = np.square(windows).sum(axis=1)
        is_signal = (
            (weaker >= self._weakest)
            & (stronger <= weaker * _MOST_TWIST)
            & (third <= weaker * _MOST_THIRD)
            & ((weaker**2 + stronger**2) * _POWER_SHARE >= SHARE * power)
        )
        return [
            _BY_PLACES[frozenset(places)] if good else None
            for places, good in zip(order[:, 4:].tolist(), is_signal.tolist(), strict=True)
        ]

    def _weigh(self, guess: str | None, spectrum: Spectrum) -> Heard | None:
        """One window more; a signal, where it shows that one has ended."""
        run, ended = self._run, None
        if run is not None and self._window - run.last >= BREAK:
            ended = self._judged(run)
            run = None
        if run is None and guess is not None:
            run = _Run(guess, self._window)
        if run is not None:
            run.hears(self._window, spectrum, agrees=guess == run.signal)
        self._run = run
        return ended

    def _judged(self, run: _Run) -> Heard | None:
        """The signal that a run was, or ``None``: too short, too unsteady, or off its
        frequencies."""
        known = list(self._seen)[run.first - BREAK - self._window - 1 :]
        oldest = self._window + 1 - len(known)
        first, last = max(run.first - oldest, 0), run.last - oldest
        every = np.array(known)
        seen = every[:, run.places]
        steady = seen[first : last + 1]
        if len(steady) < 3 or not (
            _stands_out(every[first + 1 : last], run.places) and _is_exact(run.signal, steady)
        ):
            return None
        height = (np.abs(seen) / np.median(np.abs(steady), axis=0)).min(axis=1)
        begin = run.first - _reach(height[: first + 1][::-1])
        end = run.last + _reach(height[last:])
        seconds = (end - begin) * STEP_S
        if seconds < (LEAST_KP_S if run.signal == KP else LEAST_S):
            return None
        # A window shows half a signal's height where its middle is at the signal's edge.
        at_s = (begin + 1) * STEP_S - WINDOW / 2 / RATE
        return Heard(run.signal, at_s, seconds)

    def _admits(self, heard: Heard) -> bool:
        """Whether a register that hears this is unlocked."""
        if heard.signal == KP:
            self._unlocked_at = heard.at_s
        elif self._unlocked_at is not None and heard.at_s - self._unlocked_at > UNLOCKED_S:
            self._unlocked_at = None
        is_unlocked = self._unlocked_at is not None
        if is_unlocked:
            self._unlocked_at = None if heard.signal in STS else heard.at_s
        return is_unlocked or not self._locks


def _stands_out(spectra: Spectrum, places: list[int]) -> bool:
    """Whether both frequencies are about as strong as each other, and the other four far weaker."""
    level = 10 * np.log10((np.abs(spectra) ** 2).mean(axis=0) + 1e-9)
    pair, others = level[places], np.delete(level, places)
    return bool(np.ptp(pair) <= TWIST_DB and others.max() <= pair.min() - THIRD_DB)


def _is_exact(signal: str, spectra: Spectrum) -> bool:
    """Whether the phases of both frequencies turn as they should, and not as those of a keypad."""
    # From window to window each of the six makes some whole turns and a half one.
    turned = -(spectra[1:] * spectra[:-1].conj()).sum(axis=0)
    off = np.angle(turned) / (2 * np.pi * STEP_S)
    pair = np.array(PAIRS[signal])
    keyed = np.abs(pair + off - _KEYPAD).max(axis=1).min()
    return bool((np.abs(off) <= OFF_SHARE * pair + OFF_HZ).all() and keyed > DTMF_HZ)


_KEYPAD = np.array(list(DTMF.values()))


def _reach(heights: npt.NDArray[np.float64]) -> float:
    """How many windows on from the first the height falls through a half."""
    below = np.flatnonzero(heights < 0.5)
    if len(below) == 0:
        return float(len(heights) - 1)
    n = int(below[0])
    return 0.0 if n == 0 else n - float((0.5 - heights[n]) / (heights[n - 1] - heights[n]))
