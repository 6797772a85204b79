"""A spill is measured tone by tone: what is wrong with one of them is seen."""

from __future__ import annotations

import numpy as np
import pytest

from bench.rig.tones import Samples, decoded, faults, tones, worst
from edge_agent.leg import Law
from edge_agent.media.g711 import from_linear
from edge_agent.media.mf import spill

ELIN = "*04255550142#"
GAP = np.zeros(68 * 8)


def sounded(*hertz: float, ms: float = 68.0, dbm0: float = -7.0) -> Samples:
    at = np.arange(round(ms * 8)) / 8000
    total = sum((np.sin(2 * np.pi * at * each) for each in hertz), np.zeros(len(at)))
    return np.asarray(total * 32767 * 10 ** ((dbm0 - 3.17) / 20))


def line(*pieces: Samples) -> Samples:
    """Pieces with 20 ms of nothing before and after them, as G.711 has them."""
    nothing = np.zeros(160)
    whole = np.concatenate((nothing, *pieces, nothing)).astype(np.int16)
    return decoded(from_linear(whole, Law.MU))


KP, TWO, ST = sounded(1100, 1700, ms=100), sounded(700, 1100), sounded(1500, 1700)


def test_a_spill_of_media_is_as_it_should_be() -> None:
    found = tones(decoded(spill(ELIN)))
    assert faults(found, ELIN) == []
    assert "".join(tone.signal for tone in found) == ELIN
    assert all(off < 1.5 for off in worst(found).values())


def test_all_fifteen_signals_are_told_apart() -> None:
    every = "*1234567890#ABC"
    assert [tone.signal for tone in tones(decoded(spill(every)))] == list(every)


@pytest.mark.parametrize(
    ("pieces", "fault"),
    [
        ((KP, GAP, sounded(700, 1100, ms=58), GAP, ST), "2 lasts"),
        ((sounded(1100, 1700, ms=68), GAP, TWO, GAP, ST), "* lasts"),
        ((KP, GAP[:-80], TWO, GAP, ST), "ms between * and 2"),
        ((KP, GAP, sounded(700, 1100, dbm0=-8.5), GAP, ST), "2 has -8.5 and -8.5 dBm0"),
        ((KP, GAP, sounded(700 * 1.02, 1100), GAP, ST), "2 is 2.0% off"),
        ((KP, GAP, sounded(700, 1300), GAP, ST), "*4# is heard for *2#"),
        ((KP, GAP, sounded(700), GAP, ST), "*?# is heard for *2#"),
        ((KP, GAP, ST), "*# is heard for *2#"),
    ],
)
def test_what_is_wrong_with_one_tone_is_seen(pieces: tuple[Samples, ...], fault: str) -> None:
    named = faults(tones(line(*pieces)), "*2#")
    assert len(named) == 1
    assert fault in named[0]


def test_the_worst_of_all_is_told_in_numbers() -> None:
    found = worst(tones(line(KP, GAP, sounded(700, 1100, ms=60, dbm0=-7.5), GAP[:-24], ST)))
    assert found["length off"] == pytest.approx(8.0, abs=0.4)
    assert found["gap off"] == pytest.approx(3.0, abs=0.4)
    assert found["level off"] == pytest.approx(0.5, abs=0.1)


def test_nothing_on_a_line_is_no_tone() -> None:
    assert tones(np.zeros(800)) == []
    assert faults([], "*2#") == [" is heard for *2#"]
