"""Recorded voices as the media process has them: rendered, kept, and played to a PSAP."""

from __future__ import annotations

import asyncio
import stat
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from edge_agent.drivers.voice import VoiceUnavailable
from edge_agent.media.g711 import Samples
from edge_agent.media.recorded import warble
from edge_agent.media.tones import hears
from edge_agent.messages import PlayVoice, PrepareVoice, RoomMember, SetRoom, SyncCondition
from edge_agent.recorded_voices import RecordedVoices, Renderer
from tests.edge.test_media_process import Stage, coded, last_half_second, play


def a_speaker(folder: Path, hertz: float) -> str:
    """A PATH on which ``espeak-ng`` says one tone, whatever it is given; like it, as a WAV."""
    program = folder / "espeak-ng"
    program.write_text(
        f"#!{sys.executable}\n"
        "import io, sys, wave, math, struct\n"
        "assert sys.stdin.read().startswith('1 Main')\n"
        "out = io.BytesIO()\n"
        "w = wave.open(out, 'wb')\n"
        "w.setparams((1, 2, 22050, 0, 'NONE', ''))\n"
        f"v = [int(6000 * math.sin(6.28318530718 * {hertz} * n / 22050)) for n in range(44100)]\n"
        "w.writeframes(struct.pack('<44100h', *v))\n"
        "w.close()\n"
        "sys.stdout.buffer.write(out.getvalue())\n"
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return str(folder)


def test_r7_the_recorded_voice_is_rendered_kept_and_played_to_the_psap(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        stage.link.send(PrepareVoice("floor-2", "1 Main Street. Floor 2."))
        await stage.told(lambda message: message == SyncCondition("media-voice", False))
        stage.link.send(SetRoom("c1", (RoomMember("psap", span="t1", channel=3),)))
        stage.link.send(PlayVoice("c1", "psap", "floor-2"))
        await stage.talk(coded(600.0), coded(1000.0), lambda p, t: hears(last_half_second(t), 700))

    (tmp_path / "bin").mkdir()
    cache = tmp_path / "cache"
    play(story, cache, a_speaker(tmp_path / "bin", 700.0))
    (kept,) = cache.iterdir()
    assert "Main" not in kept.name
    play(story, cache, str(tmp_path / "nothing-here"))


def test_r7_without_a_speaker_the_agent_is_told_and_a_warble_is_played(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        stage.link.send(PrepareVoice("floor-2", "1 Main Street. Floor 2."))
        await stage.told(lambda m: isinstance(m, SyncCondition) and m.slug == "media-voice")
        (condition,) = (m for m in stage.messages if isinstance(m, SyncCondition))
        assert condition.active
        assert condition.detail == "espeak-ng is not installed"
        stage.link.send(SetRoom("c1", (RoomMember("psap", span="t1", channel=3),)))
        stage.link.send(PlayVoice("c1", "psap", "floor-2"))

        def warbled(phone: Samples, trunk: Samples) -> bool:
            return hears(trunk[-1600:], 1400.0)

        await stage.talk(coded(600.0), coded(1000.0), warbled)

    play(story, tmp_path, str(tmp_path / "nothing-here"))


def test_an_erl_without_a_voice_is_a_warble_and_a_failed_rendering_leaves_it_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    async def story(renderer: Renderer) -> None:
        voices = RecordedVoices(renderer)
        with pytest.raises(VoiceUnavailable, match="not installed"):
            await voices.prepare("floor-2", "1 Main Street")
        assert voices.of("floor-2") == warble()

    rendering(story)


def test_a_text_that_is_said_already_is_not_rendered_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", a_speaker(tmp_path, 700.0))

    async def story(renderer: Renderer) -> None:
        voices = RecordedVoices(renderer)
        first = await voices.prepare("floor-2", "1 Main Street. Floor 2.")
        assert first == voices.of("floor-2") != warble()
        assert await voices.prepare("floor-2", "1 Main Street. Floor 2.") is None

    rendering(story)


def test_voices_asked_for_at_once_are_rendered_one_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", a_speaker(tmp_path, 700.0))

    async def story(renderer: Renderer) -> None:
        good, bad, again = await asyncio.gather(
            *(renderer.say(text) for text in ("1 Main", "2 Elm", "1 Main Street")),
            return_exceptions=True,
        )
        assert isinstance(good, bytes)
        assert isinstance(bad, VoiceUnavailable)
        assert again == good

    rendering(story)


def test_a_child_that_is_gone_costs_the_voice_and_nothing_else() -> None:
    async def story(renderer: Renderer) -> None:
        await renderer.close()
        with pytest.raises(VoiceUnavailable, match="is gone"):
            await renderer.say("1 Main Street")

    rendering(story)


def rendering(story: Callable[[Renderer], Awaitable[None]]) -> None:
    """Play a story with a child that keeps nothing."""

    async def run() -> None:
        renderer = await Renderer.start(None)
        try:
            await story(renderer)
        finally:
            await renderer.close()

    asyncio.run(asyncio.wait_for(run(), 30.0))
