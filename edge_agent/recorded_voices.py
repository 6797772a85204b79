"""The recorded voice of each ERL: rendered by a child of our own program, and kept on disk.

A child, because a thread beside the packets would cost packets. It is started once, before this
process goes ahead of all others: a process that starts a child stands still until the child first
runs, and on a busy box somebody who must wait for everybody else would hold up the voice of every
call. The disk is the child's too.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import shutil
import struct
import sys
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Protocol, Self

from edge_agent.drivers.voice import SPEAKER, VoiceUnavailable, speak, step_back
from edge_agent.media.recorded import from_wav, warble
from edge_agent.store.disk import RealDisk, write_whole

GONE = "the process that renders voices is gone"

_ANSWER = struct.Struct("!?I")
"""Whether it is a voice (or else why there is none), and how many bytes follow."""


class Speaker(Protocol):
    """Makes voices."""

    async def say(self, text: str) -> bytes: ...


class Renderer:
    """The child, one text at a time. Made by :meth:`start`."""

    def __init__(self, child: asyncio.subprocess.Process) -> None:
        self._child = child
        self._turn = asyncio.Lock()

    @classmethod
    async def start(cls, cache: Path | None) -> Self:
        """Start it; ``cache`` is the folder in which it keeps what it has rendered."""
        where = () if cache is None else ("--cache", str(cache))
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "edge_agent.media_process", "--render", *where),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        return cls(child)

    async def say(self, text: str) -> bytes:
        """The voice of ``text`` (8 kHz mu-law).

        Raises:
            VoiceUnavailable: it cannot be rendered.
        """
        into, out = self._child.stdin, self._child.stdout
        assert into is not None
        assert out is not None
        async with self._turn:
            try:
                into.write(json.dumps(text).encode() + b"\n")
                await into.drain()
                is_voice, length = _ANSWER.unpack(await out.readexactly(_ANSWER.size))
                body = await out.readexactly(length)
            except (OSError, asyncio.IncompleteReadError) as error:
                raise VoiceUnavailable(GONE) from error
        if not is_voice:
            raise VoiceUnavailable(body.decode(errors="replace"))
        return body

    async def close(self) -> None:
        """End it, whatever it is doing."""
        with suppress(ProcessLookupError):
            self._child.kill()
        await self._child.wait()


class RecordedVoices:
    """Voices by ERL; one that is not ready is a warble."""

    def __init__(self, speaker: Speaker) -> None:
        self._speaker = speaker
        self._voices: dict[str, bytes] = {}
        self._texts: dict[str, str] = {}
        self._warble = warble()

    def of(self, erl: str) -> bytes:
        """What is played for ``erl`` now."""
        return self._voices.get(erl, self._warble)

    async def prepare(self, erl: str, text: str) -> bytes | None:
        """Have the voice ready; ``None``: it says this text already.

        Raises:
            VoiceUnavailable: it cannot be rendered.
        """
        if self._texts.get(erl) == text:
            return None
        voice = await self._speaker.say(text)
        self._voices[erl], self._texts[erl] = voice, text
        return voice


def render(texts: BinaryIO, voices: BinaryIO, cache: Path | None) -> None:
    """In the child: a JSON string on each line of ``texts``, a voice or why not for each."""
    step_back()
    for line in texts:
        try:
            said, body = True, _voice_of(json.loads(line), cache)
        except (VoiceUnavailable, ValueError) as error:
            said, body = False, str(error).encode()
        voices.write(_ANSWER.pack(said, len(body)) + body)
        voices.flush()


def _voice_of(text: str, cache: Path | None) -> bytes:
    """The voice of ``text``, from the cache or new."""
    name = f"{hashlib.sha256(text.encode()).hexdigest()[:32]}.ulaw"
    kept = None if cache is None else cache / name
    if kept is not None and kept.exists():
        return kept.read_bytes()
    if shutil.which(SPEAKER) is None:
        raise VoiceUnavailable(f"{SPEAKER} is not installed")
    voice = from_wav(speak(text))
    if kept is not None:
        with suppress(OSError):  # a full disk costs rendering it again
            kept.parent.mkdir(parents=True, exist_ok=True)
            write_whole(RealDisk(), kept, voice)
    return voice
