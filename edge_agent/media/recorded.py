"""A recorded voice as a line wants it: 8 kHz mu-law in whole blocks, from any WAV of 16 bits."""

from __future__ import annotations

import io
import wave

import numpy as np

from edge_agent.leg import Law
from edge_agent.media.g711 import BLOCK, SILENT_BLOCK, Samples, from_linear
from edge_agent.media.tones import RATE, tone

PAUSE_S = 1.5
"""Silence between two rounds of a voice."""
_TAPS = 63
_CUT_HZ = 3400.0


class Recorded:
    """A voice that is played over and over, block by block."""

    def __init__(self, voice: bytes) -> None:
        self._voice = voice or SILENT_BLOCK[Law.MU]
        self._at = 0

    def next_block(self) -> bytes:
        """The next 20 ms, mu-law."""
        block = self._voice[self._at : self._at + BLOCK]
        self._at += BLOCK
        if self._at >= len(self._voice):
            self._at = 0
        return block + SILENT_BLOCK[Law.MU][len(block) :]


def from_wav(data: bytes) -> bytes:
    """The voice of a WAV file, at 8 kHz mu-law with a pause at its end.

    Raises:
        ValueError: it is no WAV of 16-bit samples.
    """
    try:
        with wave.open(io.BytesIO(data)) as file:
            if file.getsampwidth() != 2:
                raise ValueError("the samples are not of 16 bits")
            # espeak-ng writes to a pipe and cannot know the length: it declares as much as can be.
            frames = file.readframes(len(data))
            rate, channels = file.getframerate(), file.getnchannels()
    except (wave.Error, EOFError) as error:
        raise ValueError("not a WAV file") from error
    samples = np.frombuffer(frames[: len(frames) // 2 // channels * 2 * channels], "<i2")
    return _coded(_at_line_rate(samples[::channels].astype(np.int16), rate))


def warble() -> bytes:
    """What is played where no voice can be made: two tones in turn, like no ringing or busy
    tone.
    """
    turns = [tone([hertz], 0.4) for hertz in (1400.0, 2060.0) * 2]
    return _coded(np.concatenate(turns))


def _at_line_rate(samples: Samples, rate: int) -> Samples:
    if rate == RATE or len(samples) == 0:
        return samples
    at = np.arange(_TAPS) - _TAPS // 2
    cut = 2 * _CUT_HZ / rate
    taps = np.sinc(cut * at) * cut * np.hamming(_TAPS)
    smooth = np.convolve(samples, taps, "same")
    wanted = np.arange(0, len(samples), rate / RATE)
    slowed = np.interp(wanted, np.arange(len(samples)), smooth)
    line: Samples = np.clip(slowed, -32768, 32767).astype(np.int16)
    return line


def _coded(samples: Samples) -> bytes:
    voice = from_linear(samples, Law.MU) + SILENT_BLOCK[Law.MU] * round(PAUSE_S * 50)
    return voice + SILENT_BLOCK[Law.MU][: -len(voice) % BLOCK]
