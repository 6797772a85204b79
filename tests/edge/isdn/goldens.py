"""Reads the hex files beside the tests' data."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

_FOLDER = Path(__file__).resolve().parents[2] / "data" / "isdn"


class Golden(NamedTuple):
    """One frame of ``frames.hex``."""

    sender: str
    sapi: int
    tei: int
    name: str
    octets: bytes
    source: str


def frames() -> list[Golden]:
    """Every frame, with where its octets are from."""
    goldens = []
    for line in _lines("frames.hex"):
        text, _, source = line.partition("#")
        sender, sapi, tei, name, octets = text.split(maxsplit=4)
        golden = Golden(sender, int(sapi), int(tei), name, bytes.fromhex(octets), source.strip())
        goldens.append(golden)
    return goldens


def messages() -> dict[str, bytes]:
    """Octets of every message by name."""
    rows = [line.split(maxsplit=1) for line in _lines("messages.hex")]
    return {name: bytes.fromhex(octets) for name, octets in rows}


def _lines(name: str) -> list[str]:
    text = (_FOLDER / name).read_text(encoding="ascii")
    return [line for line in text.splitlines() if line and not line.startswith("#")]
