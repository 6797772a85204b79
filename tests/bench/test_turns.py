"""What is ours of a call's time is what remains when the far end's, the format's and the telling
apart are taken away, turn by turn.
"""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest

from bench.rig.turns import blocks_of, late, sound, turns

FGC = ["*911#", "*05550142#"]
LENGTHS = (100 + 4 * 136) / 1000, (100 + 9 * 136) / 1000
SENT = 1000.0


def spill(begin: float, signals: str, *, slow: dict[int, float] | None = None) -> dict[str, Any]:
    """Blocks on time, but for those that are so many seconds late."""
    count = blocks_of(signals)
    at = [begin + n * 0.02 + (slow or {}).get(n, 0.0) for n in range(count)]
    numbers = [(65530 + n) & 0xFFFF for n in range(count)]
    return {"at": at, "numbers": numbers, "sound": b64encode(b"\xff" * 160 * count).decode()}


def asked_for(**slow: dict[int, float]) -> dict[str, Any]:
    """A call of FGC: 3 ms to the seizure, a wink over after 300 ms, 5 ms more than the 70 to the
    called digits; asked for the number 150 ms after them, and 7 ms more than the 480 to it."""
    seized = SENT + 0.003
    winked = seized + 0.3
    first = spill(winked + 0.075, FGC[0], **slow)
    asked = winked + 0.075 + LENGTHS[0] + 0.15
    second = spill(asked + 0.487, FGC[1])
    return {"seized": seized, "handed": [winked, asked], "spills": [first, second]}


def test_each_turn_of_a_call_is_taken_apart() -> None:
    found = turns(asked_for(), FGC, SENT)
    assert found.ours == pytest.approx((0.008, 0.007))
    assert found.seizing == pytest.approx(0.003)
    assert found.far_end == pytest.approx(0.45)
    assert found.minimum == pytest.approx(sum(LENGTHS) + 0.17)
    assert found.discrimination == pytest.approx(0.38)
    parts = found.far_end + found.minimum + found.discrimination + sum(found.ours)
    assert found.total == pytest.approx(parts)


def test_a_block_that_is_late_is_ours_and_one_that_catches_up_does_not_undo_it() -> None:
    found = turns(asked_for(slow={7: 0.012}), FGC, SENT)
    assert found.ours[0] == pytest.approx(0.020)
    assert max(late(spill(5.0, FGC[0], slow={7: 0.012})["at"])) == pytest.approx(0.012)


def test_a_spill_that_ends_within_a_block_has_that_block_too() -> None:
    assert (blocks_of("*911#"), blocks_of("*911##")) == (33, 39)


def test_a_block_that_was_lost_is_not_passed_over() -> None:
    whole = spill(5.0, FGC[0])
    assert len(sound(whole)) == 33 * 160
    del whole["numbers"][8]
    with pytest.raises(ConnectionError):
        sound(whole)
