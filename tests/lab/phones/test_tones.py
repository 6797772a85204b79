"""Tones in G.711: an own codec against the product's, and an ear that is not fooled."""

from __future__ import annotations

import numpy as np
import pytest

from edge_agent.leg import Law
from edge_agent.media import g711
from lab.phones.tones import BLOCK, RATE, SILENCE, Ear, decode, encode, reorder, ringback, tone


def test_every_octet_means_what_another_codec_says() -> None:
    octets = bytes(range(256))
    theirs = g711.to_linear(octets, Law.MU)
    assert [decode(octet) for octet in octets] == [int(sample) for sample in theirs]


def test_samples_survive_the_codec_within_its_steps() -> None:
    for sample in range(-32000, 32000, 371):
        heard = decode(encode(sample))
        assert abs(heard - sample) <= max(8, abs(sample) // 16)


def test_an_ear_knows_its_tone_and_no_other() -> None:
    ear = _after([tone(700)] * 10)
    assert ear.hears(700)
    assert ear.share(700) > 0.99
    assert not ear.hears(750)
    assert not ear.hears(1400)


def test_a_lost_block_does_not_change_what_is_heard() -> None:
    blocks = [tone(700)] * 30
    assert _after(blocks[:12] + blocks[15:]).hears(700)


@pytest.mark.parametrize(
    "blocks",
    [
        [SILENCE] * 10,
        [tone(700)] * 9,
        [tone(700)] * 5 + [tone(900)] * 5,
        [bytes(encode(int(s)) for s in np.random.default_rng(7).normal(0, 5000, BLOCK))] * 10,
    ],
    ids=["silence", "too short", "two tones", "noise"],
)
def test_what_is_no_clear_tone_is_not_heard(blocks: list[bytes]) -> None:
    assert not _after(blocks).hears(700)


def test_what_was_forgotten_is_not_heard() -> None:
    ear = _after([tone(700)] * 10)
    ear.forget()
    assert not ear.hears(700)


def test_a_tone_holds_whole_periods_in_a_block() -> None:
    with pytest.raises(ValueError, match="multiple of 50 Hz"):
        tone(720)


def test_ringback_is_440_and_480_hz_for_2_s_of_6_without_a_click() -> None:
    blocks = ringback()
    assert len(blocks) == 300
    assert all(block == SILENCE for block in blocks[100:])
    assert _frequencies(blocks[:100]) == [440, 480]


def test_reorder_is_480_and_620_hz_twice_a_second() -> None:
    blocks = reorder()
    assert [block == SILENCE for block in blocks] == [False] * 13 + [True] * 12
    assert _frequencies(blocks[:10]) == [480, 620]


def _frequencies(blocks: tuple[bytes, ...]) -> list[int]:
    """Every frequency with more than a thousandth of the strongest's power."""
    samples = [decode(octet) for octet in b"".join(blocks)]
    power = np.abs(np.fft.rfft(samples)) ** 2
    strong = np.flatnonzero(power > power.max() / 1000)
    return [round(int(n) * RATE / len(samples)) for n in strong]


def _after(blocks: list[bytes]) -> Ear:
    ear = Ear()
    for block in blocks:
        ear.listen(block)
    return ear
