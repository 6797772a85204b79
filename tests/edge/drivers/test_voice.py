"""The speaker is another program, and whatever it does comes back as a voice or as one error."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from edge_agent.drivers.voice import VoiceUnavailable, speak


def install(folder: Path, script: str) -> None:
    program = folder / "espeak-ng"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return tmp_path


def test_what_the_program_says_is_the_voice(shelf: Path) -> None:
    install(shelf, "exec cat")
    assert speak("1 Main Street") == b"1 Main Street"


def test_the_text_is_in_no_argument_that_a_process_list_would_show(shelf: Path) -> None:
    install(shelf, 'echo "$@"')
    assert b"Main" not in speak("1 Main Street")


def test_a_missing_program_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(VoiceUnavailable, match="espeak-ng is not installed"):
        speak("1 Main Street")


def test_a_failure_is_told_by_its_status_and_without_the_text(shelf: Path) -> None:
    install(shelf, "cat >&2; exit 3")
    with pytest.raises(VoiceUnavailable, match="failed with 3") as failed:
        speak("1 Main Street")
    assert "Main" not in str(failed.value)
