"""What the far end of one leg says, kept byte for byte: G.711 in, a WAV file of G.711 out.

Nothing is decoded, so that the file is evidence and costs the voice of other calls nothing. RTP is
kept as it comes: what was lost on the way is not in the file.
"""

from __future__ import annotations

import struct

from edge_agent.leg import Law

RATE = 8000
LONGEST_S = 180.0
"""No recording is longer, whatever is asked for."""
_FORMATS = {Law.MU: 7, Law.A: 6}
"""WAVE_FORMAT_MULAW and WAVE_FORMAT_ALAW."""
_FORMAT = struct.Struct("<HHIIHHH")
_CHUNK = struct.Struct("<4sI")


class Recording:
    """The voice of one leg, up to so many seconds."""

    def __init__(self, most_s: float) -> None:
        self._most = round(min(most_s, LONGEST_S) * RATE)
        self._voice = bytearray()
        self._law = Law.MU

    @property
    def seconds(self) -> float:
        """How much was said."""
        return len(self._voice) / RATE

    def hear(self, voice: bytes, law: Law) -> None:
        """Keep this too, as far as there is room."""
        self._law = law
        self._voice += voice[: self._most - len(self._voice)]

    def wav(self) -> bytes:
        """The file: one channel, 8 kHz, the law of the line."""
        voice = bytes(self._voice) + b"\0" * (len(self._voice) % 2)
        form = _FORMAT.pack(_FORMATS[self._law], 1, RATE, RATE, 1, 8, 0)
        length = struct.pack("<I", len(self._voice))
        body = (
            b"WAVE"
            + _CHUNK.pack(b"fmt ", len(form))
            + form
            + _CHUNK.pack(b"fact", len(length))
            + length
            + _CHUNK.pack(b"data", len(self._voice))
            + voice
        )
        return _CHUNK.pack(b"RIFF", len(body)) + body
