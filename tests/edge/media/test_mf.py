"""What goes out is measured on its own samples: lengths, gaps, levels, skew, frequencies, edges."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest

from edge_agent.leg import Law
from edge_agent.media.g711 import from_linear, to_linear
from edge_agent.media.mf import FREQUENCIES, LOUDEST_DBM0, PAIRS, spill
from edge_agent.media.tones import FULL_SCALE_DBM0, RATE, tone

Wave = npt.NDArray[np.float64]

WITHIN_MS = 1.0
FORMATS = (
    "*05550142#",
    "*2#",
    "*1#",
    "*04255550142#",
    "*04255550142#*4255550199#",
    "*911#",
    "*404255550142A",
)


def line(signals: str, law: Law = Law.MU, **timing: int) -> Wave:
    """A spill as a line carries it, with silence around it."""
    silent = np.zeros(RATE // 10)
    heard = to_linear(spill(signals, law=law, **timing), law).astype(np.float64)
    return np.concatenate((silent, heard, silent))


def envelope(wave: Wave, hertz: float, window_ms: float) -> Wave:
    """The peak of one frequency at each sample, seen through a sliding window centred there."""
    turned = wave * np.exp(-2j * np.pi * hertz / RATE * np.arange(len(wave)))
    width = round(window_ms * RATE / 1000)
    return np.abs(np.convolve(turned, np.ones(width) / width, "same")) * 2


def stretches(loud: npt.NDArray[np.bool_], least_ms: float = 3.0) -> list[tuple[int, int]]:
    """Where ``loud`` is true, breaks of a few ms (two frequencies beat) passed over."""
    at = np.flatnonzero(loud)
    breaks = np.flatnonzero(np.diff(at) > least_ms * RATE / 1000)
    first = np.concatenate((at[:1], at[breaks + 1]))
    last = np.concatenate((at[breaks], at[-1:]))
    return [(int(a), int(b) + 1) for a, b in zip(first, last, strict=True)]


def sounding(wave: Wave) -> list[tuple[int, int]]:
    """Where a signal is: from its first sample above a hundredth of the loudest to its last."""
    return stretches(np.abs(wave) > np.abs(wave).max() / 100)


def dbm0(peak: float) -> float:
    return float(20 * np.log10(peak / 32767) + FULL_SCALE_DBM0)


def hertz_near(wave: Wave, hertz: float) -> float:
    """The frequency near ``hertz``, by how its phase turns over 30 ms."""
    width, apart = RATE // 100 * 2, RATE // 100 * 3
    at = np.arange(width)
    turned = []
    for begin in (0, apart):
        oscillator = np.exp(-2j * np.pi * hertz / RATE * (at + begin))
        turned.append(np.sum(wave[begin : begin + width] * np.hanning(width) * oscillator))
    return float(hertz + np.angle(turned[1] / turned[0]) / (2 * np.pi) * RATE / apart)


def splatter_db(wave: Wave) -> float:
    """The loudest 4 ms above 2500 Hz, in dB against the whole wave at its loudest."""
    at = np.arange(-40, 41)
    high = np.sinc(at) - np.sinc(at * 2500 / (RATE / 2)) * 2500 / (RATE / 2)
    residue = np.convolve(wave, high * np.hamming(len(at)), "same")
    power = np.convolve(residue**2, np.ones(32) / 32, "same")
    return float(10 * np.log10(power.max() / np.max(wave**2)))


@pytest.mark.parametrize("law", list(Law))
@pytest.mark.parametrize("signals", FORMATS)
def test_signals_and_gaps_are_as_long_as_they_should_be(signals: str, law: Law) -> None:
    found = sounding(line(signals, law))
    assert len(found) == len(signals)
    for signal, (begin, end) in zip(signals, found, strict=True):
        asked = 100 if signal == "*" else 68
        assert (end - begin) * 1000 / RATE == pytest.approx(asked, abs=WITHIN_MS)
    gaps = [(begin - end) * 1000 / RATE for (_, end), (begin, _) in pairwise(found)]
    assert gaps == pytest.approx([68] * (len(signals) - 1), abs=WITHIN_MS)


def test_every_length_is_the_trunk_s_own() -> None:
    found = sounding(line("*91#*0A", kp_ms=110, digit_ms=61, st_ms=75, gap_ms=64))
    lengths = [(end - begin) * 1000 / RATE for begin, end in found]
    assert lengths == pytest.approx([110, 61, 61, 75, 110, 61, 75], abs=WITHIN_MS)
    gaps = [(begin - end) * 1000 / RATE for (_, end), (begin, _) in pairwise(found)]
    assert gaps == pytest.approx([64] * 6, abs=WITHIN_MS)


@pytest.mark.parametrize("law", list(Law))
@pytest.mark.parametrize("signal", PAIRS)
@pytest.mark.parametrize("level", [-12.0, -7.0, LOUDEST_DBM0])
def test_each_frequency_has_its_level_and_the_other_four_are_not_there(
    signal: str, level: float, law: Law
) -> None:
    wave = to_linear(spill(signal, level_dbm0=level, law=law), law).astype(np.float64)
    middle = len(wave) // 2
    levels = {f: dbm0(envelope(wave, f, 40.0)[middle]) for f in FREQUENCIES}
    for frequency, measured in levels.items():
        if frequency in PAIRS[signal]:
            assert measured == pytest.approx(level, abs=0.3), "1 dB is allowed"
        else:
            assert measured < level - 30


@pytest.mark.parametrize("signal", PAIRS)
def test_both_frequencies_begin_and_end_together_and_are_exact(signal: str) -> None:
    wave = line(signal)
    crossings = []
    for frequency in PAIRS[signal]:
        seen = envelope(wave, frequency, 10.0)
        crossings.append(stretches(seen > seen.max() / 2)[0])
        found = hertz_near(wave[RATE // 10 + 40 :], frequency)
        assert found == pytest.approx(frequency, rel=0.001), "1.5 % is allowed"
    (low_begin, low_end), (high_begin, high_end) = crossings
    assert abs(low_begin - high_begin) * 1000 / RATE <= WITHIN_MS, "6 ms are allowed"
    assert abs(low_end - high_end) * 1000 / RATE <= WITHIN_MS


@pytest.mark.parametrize("signal", PAIRS)
def test_no_edge_is_a_click(signal: str) -> None:
    hard = from_linear(tone(PAIRS[signal], 0.068, -7.0)[:541], Law.MU)
    silent = np.zeros(RATE // 10)
    cut = np.concatenate((silent, to_linear(hard, Law.MU).astype(np.float64), silent))
    assert splatter_db(line(signal)) < -38
    assert splatter_db(cut) > -34, "a signal without edges is heard where it should not be"


def test_a_refusal_names_the_strange_signal_and_never_the_number() -> None:
    with pytest.raises(ValueError, match="^'x' is not written in MF signals$"):
        spill("*05550142x#")


@pytest.mark.parametrize("signals", ["", "*0555E#", "*911 #", "*٣#"])
def test_what_is_no_signal_is_not_left_out_of_a_spill(signals: str) -> None:
    with pytest.raises(ValueError, match="MF signals"):
        spill(signals)


def test_a_level_that_would_be_clipped_is_refused() -> None:
    with pytest.raises(ValueError, match="dBm0"):
        spill("*2#", level_dbm0=LOUDEST_DBM0 + 0.1)


def test_the_silence_between_signals_is_that_of_an_idle_line() -> None:
    for law, code in ((Law.MU, 0xFF), (Law.A, 0xD5)):
        assert spill("11", law=law)[544 : 2 * 544] == bytes([code]) * 544
