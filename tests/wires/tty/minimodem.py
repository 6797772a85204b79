"""A text telephone at either end of a line: minimodem keys 45.45 baud Baudot and prints it again.

Text in, G.711 out, and back: nothing here knows what lies between the two ends, so the same pieces
serve a socket, a moved clock and a virtual machine. TIA/EIA-825: mark 1400 Hz, space 1800 Hz, five
bits, a start bit and at least one and a half stop bits; half-duplex, with silence between lines.
"""

from __future__ import annotations

import subprocess
import wave
from pathlib import Path
from random import Random

import numpy as np

from edge_agent.leg import Law
from edge_agent.media.g711 import BLOCK, SILENT_BLOCK, from_linear, to_linear

RATE = 8000
LINE = 50
"""Characters that are keyed in one go."""
PAUSE = 25
"""Blocks of silence before, between and after lines: half a second."""
VOLUME = "0.25"
"""About -9 dBm0."""
KEYS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ 0123456789"
"""Letters and figures, so that the shift between them must pass too."""
PATIENCE_S = 60.0


def lines(characters: int, seed: int) -> list[str]:
    """So many characters, nobody knows which, in lines; none begins or ends with a space."""
    rng = Random(seed)
    text = "".join(rng.choice(KEYS) for _ in range(characters))
    cut = [text[at : at + LINE] for at in range(0, characters, LINE)]
    return [f"Q{line[1:-1]}7" for line in cut]


def keyed(folder: Path, spoken: list[str], law: Law) -> list[bytes]:
    """The lines as 20 ms blocks of G.711, with pauses."""
    pause = [SILENT_BLOCK[law]] * PAUSE
    blocks = list(pause)
    for number, line in enumerate(spoken):
        path = folder / f"line-{number}.wav"
        _minimodem("--tx", "--volume", VOLUME, "--file", str(path), "tdd", given=line + "\n")
        with wave.open(str(path)) as file:
            assert (file.getframerate(), file.getsampwidth(), file.getnchannels()) == (RATE, 2, 1)
            samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        coded = from_linear(samples.astype(np.int16), law)
        coded += SILENT_BLOCK[law][: -len(coded) % BLOCK]
        blocks += [coded[at : at + BLOCK] for at in range(0, len(coded), BLOCK)] + pause
    return blocks


def printed(path: Path, heard: bytes, law: Law) -> list[str]:
    """The lines that minimodem reads in ``heard``; ``path`` is a file of its own to write."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(to_linear(heard, law).astype("<i2").tobytes())
    return _minimodem("--rx", "--quiet", "--file", str(path), "tdd").split("\n")[:-1]


def _minimodem(*words: str, given: str = "") -> str:
    done = subprocess.run(
        ["minimodem", "--samplerate", str(RATE), *words],
        input=given,
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE_S,
    )
    return done.stdout
