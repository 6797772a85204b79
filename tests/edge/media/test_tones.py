"""Tones are found where they are, and not where they are not."""

from __future__ import annotations

import numpy as np
import pytest

from edge_agent.leg import Law
from edge_agent.media.g711 import from_linear, to_linear
from edge_agent.media.tones import DTMF, hears, level_of, tone


@pytest.mark.parametrize("dbm0", [-40.0, -25.0, -13.0, -3.0])
@pytest.mark.parametrize("law", list(Law))
def test_a_level_survives_g711(dbm0: float, law: Law) -> None:
    line = to_linear(from_linear(tone([1004.0], 0.5, dbm0), law), law)
    assert level_of(line, 1004.0) == pytest.approx(dbm0, abs=0.5)


def test_full_scale_is_3_17_dbm0() -> None:
    assert int(np.abs(tone([1000.0], 0.1, 3.17)).max()) == pytest.approx(32767, abs=2)


@pytest.mark.parametrize("digit", sorted(DTMF))
def test_a_digit_has_its_two_frequencies_and_no_other(digit: str) -> None:
    heard = tone(DTMF[digit], 0.1, -7.0)
    others = {f for pair in DTMF.values() for f in pair} - set(DTMF[digit])
    assert all(level_of(heard, f) > -8 for f in DTMF[digit])
    assert all(level_of(heard, f) < -20 for f in others)


def test_silence_and_noise_are_no_tone() -> None:
    noise = np.random.default_rng(7).integers(-3000, 3000, 4000).astype(np.int16)
    assert not hears(noise, 620.0)
    assert not hears(np.zeros(4000, np.int16), 620.0)
    assert not hears(np.zeros(0, np.int16), 620.0)
    assert hears(tone([620.0], 0.5), 620.0)
