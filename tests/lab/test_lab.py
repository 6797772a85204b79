"""``make lab``: the world runs until it is told to end, and can be played with meanwhile."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest

from tests.lab.asking import until

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def lab() -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "lab", "--seed", "3", "--port", "0", "--control-port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as running:
        yield running
        running.kill()


@pytest.mark.story
def test_a_call_is_dialled_shown_told_hung_up_and_called_back(
    lab: subprocess.Popen[str],
) -> None:
    assert lab.stdout is not None
    url, phone = _how_to_play(lab.stdout)
    dialled = _ask(f"{url}/dial?phone={phone}", "POST")
    assert dialled["statuses"][0] == 100
    shown = until(lambda: [c for c in _ask(f"{url}/psap") if c["state"] == "up"])[0]
    assert "FLR 2" in shown["screen"]
    assert until(lambda: _ask(f"{url}/desk")["texts"])[0][0] == "Emergency call"
    assert _ask(f"{url}/hangup?phone={phone}", "POST")["states"] == ["over"]
    _ask(f"{url}/callback?elin={shown['calling']}", "POST")
    until(lambda: _ask(f"{url}/phones")[0]["rung"] == ["up"])
    for wrong in ("dial?phone=nobody", "callback?elin=5550100", "cloud?reach=far", "nonsense"):
        with pytest.raises(urllib.error.HTTPError, match="400"):
            _ask(f"{url}/{wrong}", "POST")
    lab.send_signal(signal.SIGINT)
    assert lab.wait(30) == 0


def _how_to_play(out: IO[str]) -> tuple[str, str]:
    """The control's address and the first phone, from what the lab prints."""
    for line in out:
        match = re.search(r"'(http://[\d.:]+)/dial\?phone=([\w.]+)'", line)
        if match is not None:
            return match[1], match[2]
    raise AssertionError("the lab ended before it said how to play")


def _ask(url: str, method: str = "GET") -> Any:
    with urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=20) as reply:
        return json.load(reply)
