"""The detector hears what a receiver of R1 must, refuses what it must not, and says when it was."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pytest

from edge_agent.leg import Law
from edge_agent.media.g711 import BLOCK, Samples, from_linear, to_linear
from edge_agent.media.mf import PAIRS, spill
from edge_agent.media.mf_detector import Heard, MfDetector
from edge_agent.media.tones import DTMF, FULL_SCALE_DBM0, RATE, tone

Wave = npt.NDArray[np.float64]

SPILL = "*04255550142#*63718946A*55B*C"
"""All 15 signals, some of them twice in a row, as groups that begin and end."""


@dataclass(frozen=True, slots=True)
class Sender:
    """A sender that is not as good as ours: every figure of its signals may be off."""

    on_ms: float = 68
    kp_ms: float = 100
    gap_ms: float = 68
    low_dbm0: float = -7.0
    high_dbm0: float = -7.0
    off: float = 0.0
    """By how much of itself each frequency is too high."""
    snr_db: float | None = None
    """Both frequencies against Gaussian noise of 4 kHz; ``None``: there is none."""

    def sends(self, signals: str, seed: int = 1, lead_ms: float = 100) -> Samples:
        """Linear samples, with ``lead_ms`` of silence before and 200 ms after."""
        rng = np.random.default_rng(seed)
        parts = [_silence(lead_ms)]
        for signal in signals:
            ms = self.kp_ms if signal == "*" else self.on_ms
            parts += [self._sine(signal, ms, rng), _silence(self.gap_ms)]
        wave = np.concatenate((*parts, _silence(200)))
        if self.snr_db is not None:
            power = sum(_peak(level) ** 2 / 2 for level in (self.low_dbm0, self.high_dbm0))
            wave += rng.normal(0, np.sqrt(power / 10 ** (self.snr_db / 10)), len(wave))
        return np.clip(np.rint(wave), -32768, 32767).astype(np.int16)

    def _sine(self, signal: str, ms: float, rng: np.random.Generator) -> Wave:
        at = 2 * np.pi * (1 + self.off) / RATE * np.arange(round(ms * RATE / 1000))
        low, high = PAIRS[signal]
        low_phase, high_phase = rng.uniform(0, 2 * np.pi, 2)
        return np.asarray(
            _peak(self.low_dbm0) * np.sin(low * at + low_phase)
            + _peak(self.high_dbm0) * np.sin(high * at + high_phase)
        )


def _silence(ms: float) -> Wave:
    return np.zeros(round(ms * RATE / 1000))


def _peak(dbm0: float) -> float:
    return float(32767 * 10 ** ((dbm0 - FULL_SCALE_DBM0) / 20))


def heard_in(samples: Samples, law: Law = Law.MU, *, locked: bool = True) -> list[Heard]:
    """What a detector hears in 20 ms blocks of G.711, and in the silence after it."""
    detector = MfDetector(law, locked=locked)
    coded = from_linear(np.concatenate((samples, np.zeros(1600, np.int16))), law)
    return [
        heard
        for at in range(0, len(coded), BLOCK)
        for heard in detector.hear(coded[at : at + BLOCK])
    ]


def written(heard: list[Heard]) -> str:
    return "".join(each.signal for each in heard)


@pytest.mark.parametrize("law", list(Law))
def test_our_own_spill_is_heard_with_its_times(law: Law) -> None:
    detector = MfDetector(law)
    heard = detector.hear(spill("*911#", law=law) + from_linear(np.zeros(800, np.int16), law))
    assert written(heard) == "*911#"
    assert [each.at_s for each in heard] == pytest.approx(
        [0.0, 0.168, 0.304, 0.440, 0.576], abs=0.003
    )
    assert [each.seconds for each in heard] == pytest.approx([0.1] + [0.068] * 4, abs=0.003)


@pytest.mark.parametrize("size", [1, 39, 160, 205, 8000])
def test_it_does_not_matter_how_the_line_is_cut_into_blocks(size: int) -> None:
    samples = Sender().sends("*9557C")
    whole, cut = MfDetector(), MfDetector()
    heard = [
        h for at in range(0, len(samples), size) for h in cut.hear_linear(samples[at : at + size])
    ]
    assert heard == whole.hear_linear(samples)
    assert written(heard) == "*9557C"


def test_a_signal_is_told_of_within_40_ms_of_its_end() -> None:
    samples = Sender().sends("7", lead_ms=0)[: round((0.068 + 0.040) * RATE)]
    assert written(MfDetector(locked=False).hear_linear(samples)) == "7"


WINDOWS = {
    "as it should be": Sender(),
    "short": Sender(on_ms=30, kp_ms=55, gap_ms=30),
    "hardly a gap": Sender(gap_ms=25),
    "long": Sender(on_ms=400, kp_ms=600, gap_ms=500),
    "weak": Sender(low_dbm0=-25, high_dbm0=-25),
    "loud": Sender(low_dbm0=0, high_dbm0=0),
    "low twisted": Sender(low_dbm0=-13),
    "high twisted": Sender(high_dbm0=-13),
    "weak and twisted": Sender(low_dbm0=-25, high_dbm0=-19),
    "sharp": Sender(off=0.015),
    "flat": Sender(off=-0.015),
    "noisy": Sender(snr_db=5),
    "noisy, low twisted": Sender(low_dbm0=-13, snr_db=6),
    "noisy, high twisted": Sender(high_dbm0=-13, snr_db=6),
    "noisy, short, flat": Sender(on_ms=50, kp_ms=55, gap_ms=40, off=-0.015, snr_db=5),
    "noisy, short, sharp, twisted": Sender(50, 55, 40, -13, -7, 0.015, 10),
    "short, weak, flat, twisted": Sender(30, 55, 30, -19, -25, -0.015),
}


@pytest.mark.parametrize("law", list(Law))
@pytest.mark.parametrize("sender", WINDOWS.values(), ids=WINDOWS)
def test_what_a_receiver_must_take_is_taken(sender: Sender, law: Law) -> None:
    for seed in range(3):
        heard = heard_in(sender.sends(SPILL, seed), law)
        assert written(heard) == SPILL
        for each in heard:
            asked = sender.kp_ms if each.signal == "*" else sender.on_ms
            assert each.seconds * 1000 == pytest.approx(asked, abs=6)


@pytest.mark.parametrize("lead_ms", [100, 101, 102.5, 103.75, 104])
def test_it_does_not_matter_where_in_a_window_a_signal_begins(lead_ms: float) -> None:
    shortest = Sender(on_ms=30, kp_ms=55, gap_ms=25)
    heard = heard_in(shortest.sends(SPILL, lead_ms=lead_ms))
    assert written(heard) == SPILL
    assert heard[0].at_s * 1000 == pytest.approx(lead_ms, abs=2)


BEYOND = {
    "too short": (Sender(on_ms=20), "*"),
    "a short KP": (Sender(on_ms=20, kp_ms=45), ""),
    "too weak": (Sender(low_dbm0=-32, high_dbm0=-32), ""),
    "too twisted": (Sender(low_dbm0=-17), ""),
    "too sharp": (Sender(off=0.03), ""),
    "too flat": (Sender(off=-0.03), ""),
    "drowned": (Sender(snr_db=-5), ""),
}


@pytest.mark.parametrize(("sender", "left"), BEYOND.values(), ids=BEYOND)
def test_what_is_beyond_the_windows_is_no_signal(sender: Sender, left: str) -> None:
    assert written(heard_in(sender.sends("*042518379ABC6#"))) == left


def test_a_register_is_locked_until_a_kp_and_after_an_st() -> None:
    for sent, told in (("911#", ""), ("1*2#3*4A5", "*2#*4A"), ("*1*2B3", "*1*2B")):
        samples = Sender().sends(sent)
        assert written(heard_in(samples)) == told
        assert written(heard_in(samples, locked=False)) == sent


def test_a_register_is_locked_again_where_nothing_comes() -> None:
    for pause_ms, told in ((4000, "*91*#"), (6000, "*9*#")):
        begun, late, again = (
            Sender().sends("*9"),
            Sender().sends("1", lead_ms=pause_ms),
            Sender().sends("*#"),
        )
        assert written(heard_in(np.concatenate((begun, late, again)))) == told


def test_how_weak_a_signal_may_be_is_configured() -> None:
    weak = Sender(low_dbm0=-32, high_dbm0=-32).sends("*91#")
    assert heard_in(weak) == []
    assert written(MfDetector(least_dbm0=-33.0).hear_linear(weak)) == "*91#"


def test_a_break_of_10_ms_is_none_and_a_gap_of_25_is_two_signals() -> None:
    for gap_ms, count in ((5, 1), (10, 1), (25, 2), (30, 2)):
        heard = heard_in(Sender(gap_ms=gap_ms).sends("55"), locked=False)
        assert written(heard) == "5" * count


def test_signals_without_a_gap_are_told_apart_where_they_differ() -> None:
    heard = heard_in(Sender(on_ms=45, gap_ms=0).sends("*1357#"))
    assert written(heard) == "*1357#"
    assert [each.seconds for each in heard[1:]] == pytest.approx([0.045] * 5, abs=0.012)


@pytest.mark.parametrize("third", [1100.0, 1300.0, 1700.0])
def test_one_frequency_or_three_are_no_signal(third: float) -> None:
    pair = tone(PAIRS["1"], 0.2, -10.0)
    assert written(heard_in(pair, locked=False)) == "1"
    assert heard_in(tone([third], 0.2, -10.0), locked=False) == []
    assert heard_in(pair + tone([third], 0.2, -15.0), locked=False) == []
    joined = np.concatenate((pair[:320], pair + tone([third], 0.2, -13.0)))
    assert heard_in(joined, locked=False) == []


@pytest.mark.parametrize("level", [-25.0, -13.0, -7.0, -4.0])
def test_a_keypad_is_no_mf(level: float) -> None:
    for digit, pair in DTMF.items():
        for ms in (50, 100, 500):
            quiet = np.zeros(800, np.int16)
            keyed = np.concatenate((quiet, tone(pair, ms / 1000, level), quiet))
            assert heard_in(keyed, locked=False) == [], digit


@pytest.mark.parametrize(
    "frequencies", [(350, 440), (440, 480), (480, 620), (1004,), (2600,), (1400,), (1800,), (2100,)]
)
def test_what_a_switch_plays_is_no_mf(frequencies: tuple[int, ...]) -> None:
    assert heard_in(tone(frequencies, 2.0, -10.0), locked=False) == []


def test_what_a_text_telephone_keys_is_no_mf() -> None:
    bits = np.random.default_rng(3).integers(0, 2, 900)
    hertz = np.where(bits, 1400.0, 1800.0).repeat(176)
    wave = 9000 * np.sin(2 * np.pi / RATE * np.cumsum(hertz))
    assert heard_in(np.rint(wave).astype(np.int16), locked=False) == []


@pytest.mark.parametrize("seed", range(5))
def test_what_is_like_speech_is_no_mf(seed: int) -> None:
    """Voices of 80 to 300 Hz that glide, each harmonic as strong as two formants let it be."""
    rng = np.random.default_rng(seed)
    parts = []
    for _ in range(60):
        length = int(rng.uniform(0.05, 0.25) * RATE)
        pitch = rng.uniform(80, 300) * np.linspace(1, rng.uniform(0.8, 1.25), length)
        turned = 2 * np.pi / RATE * np.cumsum(pitch)
        formants = rng.uniform((300, 800), (900, 2400))
        wave = np.zeros(length)
        for n in range(1, int(3800 / pitch.max())):
            gain = sum(1 / (1 + ((n * pitch.mean() - f) / 90) ** 2) for f in formants)
            wave += gain * np.sin(n * turned + rng.uniform(0, 6))
        parts += [wave / np.abs(wave).max() * 12000 * np.hanning(length), rng.normal(0, 60, 400)]
    assert heard_in(np.rint(np.concatenate(parts)).astype(np.int16)) == []


def test_noise_and_silence_are_no_mf() -> None:
    noise = np.random.default_rng(5).normal(0, 8000, 30 * RATE)
    assert heard_in(np.clip(noise, -32768, 32767).astype(np.int16), locked=False) == []
    assert heard_in(to_linear(b"\xff" * RATE, Law.MU)) == []
