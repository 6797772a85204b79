"""The recorded voice of each ERL: rendered once by a child of our own program, and kept on disk.

A child, because a thread beside the packets would cost packets.
"""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import sys
from contextlib import suppress
from pathlib import Path

from edge_agent.drivers.voice import SPEAKER, VoiceUnavailable, speak, step_back
from edge_agent.media.recorded import from_wav, warble
from edge_agent.store.disk import RealDisk, write_whole

MOST_RENDERING = 1
"""Voices rendered at a time."""


class RecordedVoices:
    """Voices by ERL; one that is not ready is a warble."""

    def __init__(self, cache: Path | None) -> None:
        self._cache = cache
        self._voices: dict[str, bytes] = {}
        self._texts: dict[str, str] = {}
        self._turn = asyncio.Semaphore(MOST_RENDERING)
        self._warble = warble()

    def of(self, erl: str) -> bytes:
        """What is played for ``erl`` now."""
        return self._voices.get(erl, self._warble)

    async def prepare(self, erl: str, text: str) -> bytes | None:
        """Have the voice ready; ``None``: it says this text already.

        Raises:
            VoiceUnavailable: it cannot be rendered.
        """
        async with self._turn:
            if self._texts.get(erl) == text:
                return None
            voice = await self._rendered(text)
        self._voices[erl] = voice
        self._texts[erl] = text
        return voice

    async def _rendered(self, text: str) -> bytes:
        """The voice of ``text``, from the cache or from a child of ours."""
        kept = None if self._cache is None else _kept_at(self._cache, text)
        if kept is not None and kept.exists():
            return kept.read_bytes()
        if shutil.which(SPEAKER) is None:  # a branch of thousands of ERLs asks thousands of times
            raise VoiceUnavailable(f"{SPEAKER} is not installed")
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "edge_agent.media_process", "--render"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        voice, said = await child.communicate(text.encode())
        if child.returncode != 0:
            raise VoiceUnavailable(said.decode(errors="replace").strip()[-200:])
        if kept is not None:
            with suppress(OSError):  # a full disk costs rendering it again
                kept.parent.mkdir(parents=True, exist_ok=True)
                write_whole(RealDisk(), kept, voice)
        return voice


def _kept_at(cache: Path, text: str) -> Path:
    return cache / f"{hashlib.sha256(text.encode()).hexdigest()[:32]}.ulaw"


def render() -> int:
    """In the child: standard input to standard output, a text to a voice."""
    step_back()
    try:
        voice = from_wav(speak(sys.stdin.read()))
    except (VoiceUnavailable, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    sys.stdout.buffer.write(voice)
    return 0
