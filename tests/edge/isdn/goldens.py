"""Reads the hex files beside the tests' data."""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).resolve().parents[2] / "data" / "isdn"


def frames() -> list[tuple[str, str, bytes]]:
    """Sender, name and octets of every frame."""
    rows = [line.split(maxsplit=2) for line in _lines("frames.hex")]
    return [(sender, name, bytes.fromhex(octets)) for sender, name, octets in rows]


def messages() -> dict[str, bytes]:
    """Octets of every message by name."""
    rows = [line.split(maxsplit=1) for line in _lines("messages.hex")]
    return {name: bytes.fromhex(octets) for name, octets in rows}


def _lines(name: str) -> list[str]:
    text = (_FOLDER / name).read_text(encoding="ascii")
    return [line for line in text.splitlines() if line and not line.startswith("#")]
