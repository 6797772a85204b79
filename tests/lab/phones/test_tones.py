"""Tones in G.711: an own codec against the product's, and an ear that is not fooled."""

from __future__ import annotations

import numpy as np
import pytest

from edge_agent.leg import Law
from edge_agent.media import g711
from lab.phones.tones import BLOCK, SILENCE, Ear, decode, encode, tone


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


def _after(blocks: list[bytes]) -> Ear:
    ear = Ear()
    for block in blocks:
        ear.listen(block)
    return ear
