"""Everybody hears everybody else: the sum of the others, clipped; one voice alone passes
untouched.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from edge_agent.leg import Law
from edge_agent.media.g711 import SILENT_BLOCK, from_linear, to_linear, translate

Voice = tuple[bytes, Law]
"""One speaker's 20 ms, coded."""


def mix(voices: Sequence[Voice], law: Law) -> bytes:
    """What one hearer is to hear of ``voices``, coded in ``law``."""
    if not voices:
        return SILENT_BLOCK[law]
    if len(voices) == 1:
        block, spoken = voices[0]
        return translate(block, spoken, law)
    total = np.zeros(len(voices[0][0]), np.int32)
    for block, spoken in voices:
        total += to_linear(block, spoken)
    return from_linear(total, law)
