"""espeak-ng speaks the recorded voices: a program of its own, at low priority, off every call.

The text is an address: it goes in by standard input, where no process list shows it.
"""

from __future__ import annotations

import os
import subprocess

SPEAKER = "espeak-ng"
RENDER_S = 30.0
"""A voice that takes longer than this will never be ready."""


class VoiceUnavailable(Exception):
    """No voice could be made; the reason is for the operator."""


def speak(text: str) -> bytes:
    """The WAV of ``text``; blocks until it is there.

    Raises:
        VoiceUnavailable: the program is missing, fails or hangs.
    """
    command = [SPEAKER, "-s", "130", "-g", "4", "--stdin", "--stdout"]
    try:
        done = subprocess.run(
            command, input=text.encode(), capture_output=True, timeout=RENDER_S, check=True
        )
    except FileNotFoundError as error:
        raise VoiceUnavailable(f"{SPEAKER} is not installed") from error
    except subprocess.TimeoutExpired as error:
        raise VoiceUnavailable(f"{SPEAKER} did not end") from error
    except subprocess.CalledProcessError as error:
        raise VoiceUnavailable(f"{SPEAKER} failed with {error.returncode}") from error
    return done.stdout


def step_back() -> None:
    """Let every other process go first."""
    os.nice(15)
