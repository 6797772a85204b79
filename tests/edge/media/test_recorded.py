"""A recorded voice on its way to a line: any WAV in, blocks of 8 kHz mu-law out."""

from __future__ import annotations

import io
import wave

import numpy as np
import pytest

from edge_agent.leg import Law
from edge_agent.media.g711 import BLOCK, to_linear
from edge_agent.media.recorded import PAUSE_S, Recorded, from_wav, warble
from edge_agent.media.tones import hears, level_of


def a_wav(rate: int, *hertz: float, channels: int = 1, width: int = 2) -> bytes:
    at = np.arange(rate) / rate
    samples = sum((np.sin(2 * np.pi * f * at) for f in hertz), np.zeros(rate)) * 6000
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(np.repeat(samples.astype("<i2"), channels).tobytes())
    return out.getvalue()


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 44100])
@pytest.mark.parametrize("channels", [1, 2])
def test_a_tone_stays_that_tone_at_any_rate(rate: int, channels: int) -> None:
    voice = from_wav(a_wav(rate, 700.0, channels=channels))
    assert hears(to_linear(voice[:8000], Law.MU), 700.0)
    assert len(voice) % BLOCK == 0
    assert len(voice) == pytest.approx(8000 * (1 + PAUSE_S), abs=2 * BLOCK)


def test_what_a_line_cannot_carry_is_not_folded_into_what_it_can() -> None:
    voice = to_linear(from_wav(a_wav(22050, 700.0, 6000.0)), Law.MU)[:8000]
    assert level_of(voice, 2000.0) < level_of(voice, 700.0) - 35, "8000 - 6000 would be 2000"


def test_a_length_that_a_pipe_could_not_know_does_not_matter() -> None:
    data = bytearray(a_wav(22050, 700.0))
    data[4:8] = data[40:44] = b"\xff\xff\xff\x7f"
    assert hears(to_linear(from_wav(bytes(data))[:8000], Law.MU), 700.0)


@pytest.mark.parametrize(
    "data", [b"", b"RIFF", b"espeak: no such voice", a_wav(8000, 1.0, width=1)]
)
def test_what_is_no_voice_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="WAV|16 bits"):
        from_wav(data)


def test_it_begins_again_at_its_end() -> None:
    recorded = Recorded(b"a" * BLOCK + b"b" * 100)
    blocks = [recorded.next_block() for _ in range(3)]
    assert blocks == [b"a" * BLOCK, b"b" * 100 + b"\xff" * 60, b"a" * BLOCK]
    assert Recorded(b"").next_block() == b"\xff" * BLOCK


def test_the_stand_in_is_two_tones_in_turn() -> None:
    heard = to_linear(warble(), Law.MU)
    assert hears(heard[:3200], 1400.0)
    assert hears(heard[3200:6400], 2060.0)
