"""What we send spandsp decodes exactly, and what spandsp sends we do; within the windows of R1 both
hear the same samples alike, and beyond them neither hears a number.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from random import Random

import numpy as np
import pytest

from edge_agent.leg import Law
from edge_agent.media.g711 import BLOCK, SILENT_BLOCK, Samples, from_linear
from edge_agent.media.mf import LOUDEST_DBM0, PAIRS, spill
from edge_agent.media.mf_detector import MfDetector
from edge_agent.media.recorded import from_wav
from edge_agent.media.tones import DTMF, tone
from tests.edge.media.test_mf_detector import BEYOND, SPILL, Sender, heard_in, written
from tests.wires.spandsp.rig import Spandsp
from tests.wires.tty.minimodem import keyed, lines

pytestmark = pytest.mark.wire

FORMATS = {
    "KP-0-NXX-XXXX-ST": "*05550142#",
    "KP-0-NPA-NXX-XXXX-ST": "*04255550142#",
    "KP-0-NPA-NXX-XXXX-ST-KP-YYY-YYY-YYYY-ST": "*04255550142#*2065550911#",
    "KP-NPD-NXX-XXXX-ST": "*15550142#",
    "KP-NPD-NXX-XXXX-ST, flashing": "*55550142#",
    "KP-2-ST": "*2#",
    "KP-1-ST": "*1#",
    "KP-911-ST": "*911#",
    "KP-11-ST": "*11#",
    "KP-1-ST, called": "*1#",
    "KP-II-NPA-NXX-XXXX-ST'": "*404255550142A",
    "KP-II-NPA-NXX-XXXX-ST'-KP-NPA-NXX-XXXX-ST": "*404255550142A*2065550911#",
    "KP-II-NPA-NXX-XXXX-ST-KP-911-ST": "*004255550142#*911#",
    "ST'' ends": "*05550142B",
    "ST''' ends": "*05550142C",
}
"""Every form of a spill that the carriers' sheets and the makers' manuals write."""

SPANDSP_READS = {"2": "4", "3": "7", "#": "8"}
"""What it takes digits of a keypad for: each frequency is within 5 % of one of the six."""

RAW = {Law.MU: "mu", Law.A: "a"}


@pytest.fixture(scope="module", name="spandsp")
def _spandsp() -> Iterator[Spandsp]:
    with Spandsp() as spandsp:
        yield spandsp


@pytest.mark.parametrize("law", list(Law))
@pytest.mark.parametrize("signals", FORMATS.values(), ids=FORMATS)
def test_spandsp_decodes_every_form_of_a_spill(spandsp: Spandsp, signals: str, law: Law) -> None:
    assert spandsp.decoded(spill(signals, law=law) + SILENT_BLOCK[law] * 2, RAW[law]) == signals


@pytest.mark.parametrize("law", list(Law))
@pytest.mark.parametrize("level", [-25.0, -16.0, -7.0, LOUDEST_DBM0])
def test_spandsp_decodes_all_15_signals_at_every_level(
    spandsp: Spandsp, level: float, law: Law
) -> None:
    every = "".join(PAIRS)
    sent = spill(every + every[::-1], level_dbm0=level, law=law)
    assert spandsp.decoded(sent + SILENT_BLOCK[law] * 2, RAW[law]) == every + every[::-1]


@pytest.mark.parametrize("kp_ms", [90, 100, 120])
@pytest.mark.parametrize(("digit_ms", "gap_ms"), [(60, 60), (61, 75), (75, 61), (100, 100)])
def test_spandsp_decodes_the_lengths_that_a_trunk_may_be_given(
    spandsp: Spandsp, kp_ms: int, digit_ms: int, gap_ms: int
) -> None:
    sent = spill(SPILL, kp_ms=kp_ms, digit_ms=digit_ms, st_ms=digit_ms, gap_ms=gap_ms)
    assert spandsp.decoded(sent + SILENT_BLOCK[Law.MU] * 2, "mu") == SPILL


@pytest.mark.parametrize("law", list(Law))
@pytest.mark.parametrize("signals", FORMATS.values(), ids=FORMATS)
def test_we_decode_what_spandsp_sends(spandsp: Spandsp, signals: str, law: Law) -> None:
    sent = spandsp.sends(signals, RAW[law]) + SILENT_BLOCK[law] * 3
    heard = MfDetector(law).hear(sent)
    assert written(heard) == signals
    lengths = [0.1 if signal == "*" else 0.068 for signal in signals]
    assert [each.seconds for each in heard] == pytest.approx(lengths, abs=0.003)


def test_digits_come_while_the_spill_is_still_on_its_way(spandsp: Spandsp) -> None:
    receiver, sent = spandsp.receiver("mu"), spill("*911#")
    heard = [
        digit for at in range(0, len(sent), BLOCK) for digit in receiver.hear(sent[at : at + BLOCK])
    ]
    assert [each.digit for each in heard] == list("*911#")
    begun_s = [0.0, 0.168, 0.304, 0.440, 0.576]
    for each, begun in zip(heard, begun_s, strict=True):
        assert begun < each.at_s < begun + 0.08


BOTH_TAKE = {
    "as it should be": Sender(),
    "short": Sender(on_ms=50, kp_ms=55, gap_ms=40),
    "weak": Sender(low_dbm0=-25, high_dbm0=-25),
    "loud": Sender(low_dbm0=0, high_dbm0=0),
    "low twisted": Sender(low_dbm0=-12),
    "high twisted": Sender(high_dbm0=-12),
    "sharp": Sender(off=0.015),
    "flat": Sender(off=-0.015),
    "noisy": Sender(snr_db=7),
    "short, weak, flat": Sender(50, 60, 40, -25, -25, -0.015),
    "short, loud, sharp, twisted": Sender(50, 60, 40, -3, -6, 0.015),
}


@pytest.mark.parametrize("law", list(Law))
@pytest.mark.parametrize("sender", BOTH_TAKE.values(), ids=BOTH_TAKE)
def test_both_receivers_take_what_they_must(spandsp: Spandsp, sender: Sender, law: Law) -> None:
    for seed in range(3):
        samples = sender.sends(SPILL, seed)
        assert written(heard_in(samples, law)) == SPILL
        assert spandsp.decoded(from_linear(samples, law), RAW[law]) == SPILL


def test_noise_of_5_db_costs_us_nothing_and_spandsp_little(spandsp: Spandsp) -> None:
    sent = [Sender(snr_db=5).sends(SPILL, seed) for seed in range(20)]
    assert all(written(heard_in(samples)) == SPILL for samples in sent)
    theirs = sum(spandsp.decoded(from_linear(samples, Law.MU), "mu") == SPILL for samples in sent)
    assert theirs >= 10, f"{theirs} of 20 spills of {len(SPILL)} signals"


@pytest.mark.parametrize("seed", range(40))
def test_whatever_spandsp_takes_we_take(spandsp: Spandsp, seed: int) -> None:
    """Senders in and out of every window; spandsp goes on below the level where we stop."""
    rng = Random(seed)
    level = rng.uniform(-26, 0)
    sender = Sender(
        on_ms=rng.uniform(25, 90),
        kp_ms=rng.uniform(45, 130),
        gap_ms=rng.uniform(15, 90),
        low_dbm0=level,
        high_dbm0=max(-26, level + rng.uniform(-9, 9)),
        off=rng.uniform(-0.025, 0.025),
        snr_db=rng.choice([None, rng.uniform(5, 30)]),
    )
    samples = sender.sends(SPILL, seed)
    theirs = spandsp.decoded(from_linear(samples, Law.MU), "mu")
    assert theirs != SPILL or written(heard_in(samples)) == SPILL, sender


@pytest.mark.parametrize(("sender", "left"), BEYOND.values(), ids=BEYOND)
def test_neither_reads_a_number_beyond_the_windows(
    spandsp: Spandsp, sender: Sender, left: str
) -> None:
    samples = sender.sends("*05550142#")
    assert written(heard_in(samples)) == left
    assert "05550142" not in spandsp.decoded(from_linear(samples, Law.MU), "mu")


def test_a_text_telephone_is_no_mf_to_either(spandsp: Spandsp, tmp_path: Path) -> None:
    typed = b"".join(keyed(tmp_path, lines(100, seed=5), Law.MU))
    assert MfDetector(locked=False).hear(typed) == []
    assert spandsp.decoded(typed, "mu") == ""


def test_noise_is_no_mf_to_either(spandsp: Spandsp) -> None:
    noise = np.random.default_rng(9).normal(0, 6000, 8000 * 20)
    samples = np.clip(noise, -32768, 32767).astype(np.int16)
    assert heard_in(samples, locked=False) == []
    assert spandsp.decoded(from_linear(samples, Law.MU), "mu") == ""


@pytest.mark.parametrize("digit", DTMF)
def test_a_keypad_is_no_mf_to_us_where_it_may_be_to_spandsp(spandsp: Spandsp, digit: str) -> None:
    quiet: Samples = np.zeros(800, np.int16)
    pressed = np.concatenate((quiet, tone(DTMF[digit], 0.1, -7.0), quiet))
    assert heard_in(pressed, locked=False) == []
    theirs = spandsp.decoded(from_linear(pressed, Law.MU), "mu")
    assert theirs == SPANDSP_READS.get(digit, "")


@pytest.mark.parametrize("voice", ["en-us", "en-us+f1", "en+f5", "en+m3"])
def test_a_voice_never_unlocks_a_register(voice: str) -> None:
    """As high as espeak-ng speaks, two of its harmonics may be a digit for long; never a KP."""
    spoken = subprocess.run(
        ["espeak-ng", "-v", voice, "-p", "95", "--stdout", " ".join(lines(600, seed=6)).lower()],
        capture_output=True,
        check=True,
        timeout=60,
    )
    heard = MfDetector(locked=False).hear(from_wav(spoken.stdout))
    assert "*" not in written(heard)
    assert MfDetector().hear(from_wav(spoken.stdout)) == []
