"""The whole story, as ``make demo`` tells it: each of the nine steps holds, and no log names a
caller.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LIMIT_S = 90

STEPS = (
    "1. The lab starts",
    "2. Configuration goes in",
    "3. A phone on floor 2 of Springfield asks where it is",
    "4. It dials 911",
    "5. The PSAP sees floor 2",
    "6. The desk has been told",
    "7. The call breaks; the PSAP dials the ELIN",
    "8. The agent is killed, and the cloud goes away",
    "9. In another branch, outside, and nobody knows where",
)
HELD = (
    "drafts are valid as a whole",
    "ALI has loaded 6 numbers from the files exported for the carrier",
    "the SETUP holds the ELIN, and nothing else of the caller (R2)",
    "signature checked by the standardwebhooks library",
    "marked Priority: psap-callback",
    "the binding was on disk",
    "the cloud refuses connections: 911 and callback pass",
    "the cloud swallows packets: 911 and callback pass",
    "are there exactly once (R12)",
    "alarm location-other-branch",
    "no ELIN, 503 and Warning; the desk is told (R9)",
    "alarm location-unknown (R1)",
    "logs of",
)


@pytest.mark.story
@pytest.mark.timeout(LIMIT_S + 30)
def test_the_story_of_the_main_job_holds() -> None:
    story = subprocess.run(
        [sys.executable, "-m", "lab.story", "--seed", "11"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert story.returncode == 0, story.stdout + story.stderr
    at = 0
    for title in STEPS:
        at = story.stdout.find(f"\n{title}", at)
        assert at >= 0, f"{title} is not told, or not in its place:\n{story.stdout}"
    for held in HELD:
        assert re.search(rf"✓ .*{re.escape(held)}", story.stdout), f"{held}\n{story.stdout}"
    assert "✗" not in story.stdout
