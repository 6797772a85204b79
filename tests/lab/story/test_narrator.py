"""The narrator tells what held, ends where something did not, and sums the times up."""

from __future__ import annotations

from io import StringIO

import pytest

from lab.phones.bulletin import Unmet
from lab.story.narrator import Narrator, spoken


def test_a_story_is_told_with_its_times() -> None:
    tell = Narrator(StringIO())
    tell.begin("It dials 911")
    tell.show("PSAP", "425-555-0101\n1200 HARBOR AVE")
    tell.ok("SETUP out", tell.measure("911 dialled to SETUP", 0.0042))
    tell.end_step()
    tell.table()
    told = _told(tell)
    assert "\n1. It dials 911\n" in told
    assert "     PSAP │ 1200 HARBOR AVE\n" in told
    assert "   ✓ SETUP out  [4.2 ms]\n" in told
    assert "1 things held in 1 steps" in told


def test_what_does_not_hold_ends_the_story_and_is_told() -> None:
    tell = Narrator(StringIO())
    tell.begin("The PSAP sees floor 2")
    tell.expect(True, "anything", "anything")
    with pytest.raises(Unmet) as fault:
        tell.expect("", "an ELIN of floor 2", "4255550199")
    tell.failed(str(fault.value))
    assert "✗ expected an ELIN of floor 2; seen: 4255550199" in _told(tell)
    assert "ended in step 1" in _told(tell)


def test_durations_are_spoken_in_their_own_unit() -> None:
    assert (spoken(0.0004), spoken(0.9994), spoken(2.345)) == ("0.4 ms", "999.4 ms", "2.35 s")


def _told(tell: Narrator) -> str:
    assert isinstance(tell.out, StringIO)
    return tell.out.getvalue()
