"""The story, as ``make demo`` tells it: each step holds, and no log names a caller.

Over ISDN it is told whole; over CAMA without the two steps that no trunk makes a difference to.
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


OVER_CAMA = (
    "an agent with 2 CAMA trunks to the 911 tandem",
    "the agent goes off hook on the span",
    "the tandem has asked for the number by going off hook, and has it",
    "the digits are an ELIN's, and hold nothing of the caller (R2)",
    "seven came; the tandem's trunk group has made them ten",
    "it hears the tandem",
    "INFO to the platform, the call stays up",
    "by DID through the platform, for no call comes in on CAMA",
    "marked Priority: psap-callback",
    "no wink: on hook again, and out on the sip trunk (R1)",
    "a trunk in doubt is chosen last",
    "an operator sees both channels suspect",
    "logs of",
)


@pytest.mark.story
@pytest.mark.timeout(LIMIT_S + 30)
def test_the_story_of_the_main_job_holds() -> None:
    _holds(STEPS, HELD, "--seed", "11")


@pytest.mark.story
@pytest.mark.timeout(LIMIT_S + 30)
def test_the_main_job_holds_over_cama() -> None:
    titles = (*STEPS[:7], "8. The tandem is silent")
    _holds(titles, OVER_CAMA, "--seed", "5", "--trunk", "cama", "--main-job")


def _holds(titles: tuple[str, ...], things: tuple[str, ...], *options: str) -> None:
    story = subprocess.run(
        [sys.executable, "-m", "lab.story", *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert story.returncode == 0, story.stdout + story.stderr
    at = 0
    for title in titles:
        at = story.stdout.find(f"\n{title}", at)
        assert at >= 0, f"{title} is not told, or not in its place:\n{story.stdout}"
    for held in things:
        assert re.search(rf"✓ .*{re.escape(held)}", story.stdout), f"{held}\n{story.stdout}"
    assert "✗" not in story.stdout
