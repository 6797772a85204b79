"""MF signals (R1, ITU-T Q.320 to Q.323) as G.711: each is two of six frequencies, made once and
kept.

A spill is written as Asterisk and DAHDI write it: digits, ``*`` KP, ``#`` ST, ``A`` ST',
``B`` ST'', ``C`` ST'''. Both frequencies of a signal begin with the same sample, so there is no
skew between them, and they rise and fall along a cosine, so that no click is heard at the other
four.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from edge_agent.leg import Law
from edge_agent.media.g711 import from_linear
from edge_agent.media.tones import RATE, tone

FREQUENCIES = (700, 900, 1100, 1300, 1500, 1700)
"""Hz."""

PAIRS: dict[str, tuple[int, int]] = {
    "1": (700, 900),
    "2": (700, 1100),
    "3": (900, 1100),
    "4": (700, 1300),
    "5": (900, 1300),
    "6": (1100, 1300),
    "7": (700, 1500),
    "8": (900, 1500),
    "9": (1100, 1500),
    "0": (1300, 1500),
    "*": (1100, 1700),
    "#": (1500, 1700),
    "A": (900, 1700),
    "B": (1300, 1700),
    "C": (700, 1700),
}
"""The two frequencies of each signal: the digits, KP, ST, ST', ST'' and ST'''."""

KP, STS = "*", "#ABC"
"""What begins a group of a spill, and what may end one."""

EDGE_MS = 1.0
"""How long a signal rises and how long it falls, inside its length: at half its height it measures
1 ms less and a gap 1 ms more, of the 7 ms that are allowed."""

LOUDEST_DBM0 = -3.0
"""Each of two frequencies; their peaks meet at full scale."""


def spill(
    signals: str,
    *,
    kp_ms: int = 100,
    digit_ms: int = 68,
    st_ms: int = 68,
    gap_ms: int = 68,
    level_dbm0: float = -7.0,
    law: Law = Law.MU,
) -> bytes:
    """All ``signals`` with silence between them and none after the last; the level is of each
    frequency.

    Raises:
        ValueError: there is no such signal, none at all, or the level does not fit G.711.
    """
    if level_dbm0 > LOUDEST_DBM0:
        raise ValueError(f"two frequencies of {level_dbm0} dBm0 each are more than G.711 holds")
    lengths = _lengths(signals, kp_ms, digit_ms, st_ms)
    return _silence(gap_ms, law).join(
        _sounded(signal, ms, level_dbm0, law) for signal, ms in lengths
    )


def _lengths(signals: str, kp_ms: int, digit_ms: int, st_ms: int) -> list[tuple[str, int]]:
    strange = set(signals) - PAIRS.keys()
    if strange or not signals:
        # Never the whole of it: it holds a number, and this goes into a log.
        raise ValueError(f"{''.join(sorted(strange))!r} is not written in MF signals")
    of_its_own = {KP: kp_ms, **dict.fromkeys(STS, st_ms)}
    return [(signal, of_its_own.get(signal, digit_ms)) for signal in signals]


@lru_cache(maxsize=256)
def _sounded(signal: str, ms: int, level_dbm0: float, law: Law) -> bytes:
    steady = tone(PAIRS[signal], ms / 1000, level_dbm0)
    return from_linear(np.rint(steady * _envelope(len(steady))).astype(np.int16), law)


def _envelope(length: int) -> npt.NDArray[np.float64]:
    edge = min(round(EDGE_MS * RATE / 1000), length // 2)
    rise = (1 - np.cos(np.pi * (np.arange(edge) + 0.5) / max(edge, 1))) / 2
    return np.concatenate((rise, np.ones(length - 2 * edge), rise[::-1]))


@lru_cache(maxsize=16)
def _silence(ms: int, law: Law) -> bytes:
    return from_linear(np.zeros(ms * RATE // 1000, np.int16), law)
