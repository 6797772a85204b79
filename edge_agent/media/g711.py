"""G.711: 256 values per law, so everything about it is a table (ITU-T G.711 §3, tables 1 and 2)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from edge_agent.leg import Law

Samples = npt.NDArray[np.int16]
"""Linear 16-bit samples at 8 kHz."""

BLOCK = 160
"""Bytes of 20 ms."""


def _mu_value(code: int) -> int:
    code = ~code & 0xFF
    magnitude = (((code & 0x0F) << 3) + 0x84 << (code >> 4 & 7)) - 0x84
    return -magnitude if code & 0x80 else magnitude


def _a_value(code: int) -> int:
    code ^= 0x55
    exponent, mantissa = code >> 4 & 7, code & 0x0F
    magnitude = (mantissa << 4) + 8 if exponent == 0 else (mantissa << 4) + 0x108 << exponent - 1
    return magnitude if code & 0x80 else -magnitude


def _nearest(decoded: Samples) -> npt.NDArray[np.uint8]:
    """For each of the 65,536 samples the code whose value is nearest: the inverse of a decoder."""
    codes = np.argsort(decoded, kind="stable")
    values = decoded[codes].astype(np.int32)
    every = np.arange(-32768, 32768)
    above = np.clip(np.searchsorted(values, every), 1, 255)
    take_lower = every - values[above - 1] < values[above] - every
    return np.where(take_lower, codes[above - 1], codes[above]).astype(np.uint8)


_LINEAR: dict[Law, Samples] = {
    Law.MU: np.array([_mu_value(code) for code in range(256)], np.int16),
    Law.A: np.array([_a_value(code) for code in range(256)], np.int16),
}
_CODED = {law: _nearest(table) for law, table in _LINEAR.items()}
# Zero has two codes in mu-law; the one that carries no all-zero octet is silence on a line.
_CODED[Law.MU][32768] = 0xFF

_SILENCE = {Law.MU: b"\xff", Law.A: b"\xd5"}
_TRANSLATED: dict[tuple[Law, Law], bytes] = {
    (Law.MU, Law.A): _CODED[Law.A][_LINEAR[Law.MU].astype(np.int32) + 32768].tobytes(),
    (Law.A, Law.MU): _CODED[Law.MU][_LINEAR[Law.A].astype(np.int32) + 32768].tobytes(),
}
SILENT_BLOCK = {law: code * BLOCK for law, code in _SILENCE.items()}
"""20 ms of nothing, by law."""

_QUIET = 128
"""The peak of a sine of -45 dBm0: below any voice or modem, above a room where nobody speaks."""
_QUIET_CODES = {
    law: bytes(code for code in range(256) if abs(int(values[code])) <= _QUIET)
    for law, values in _LINEAR.items()
}


def translate(data: bytes, law: Law, to: Law) -> bytes:
    """``data`` in another law; the very same bytes where the law is the same, so that TTY
    passes.
    """
    return data if law is to else data.translate(_TRANSLATED[law, to])


def is_quiet(block: bytes, law: Law) -> bool:
    """Whether no sample of ``block`` is louder than the noise of a quiet line."""
    return not block.translate(None, _QUIET_CODES[law])


def to_linear(data: bytes, law: Law) -> Samples:
    """The samples of coded ``data``."""
    return _LINEAR[law][np.frombuffer(data, np.uint8)]


def from_linear(samples: npt.NDArray[np.signedinteger], law: Law) -> bytes:
    """``samples`` coded; what is out of range is clipped."""
    clipped = np.clip(samples, -32768, 32767).astype(np.int32)
    coded: npt.NDArray[np.uint8] = _CODED[law][clipped + 32768]
    return coded.tobytes()
