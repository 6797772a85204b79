"""The sum of the others: exact where one speaks, a true sum where more do."""

from __future__ import annotations

import pytest

from edge_agent.leg import Law
from edge_agent.media.g711 import BLOCK, SILENT_BLOCK, from_linear, to_linear, translate
from edge_agent.media.mixer import mix
from edge_agent.media.tones import level_of, tone

EVERY = bytes(n % 256 for n in range(BLOCK))


@pytest.mark.parametrize("law", list(Law))
def test_nobody_is_silence(law: Law) -> None:
    assert mix([], law) == SILENT_BLOCK[law]


@pytest.mark.parametrize("law", list(Law))
def test_one_voice_of_the_same_law_is_the_same_bytes(law: Law) -> None:
    assert mix([(EVERY, law)], law) is EVERY


def test_one_voice_of_the_other_law_is_translated() -> None:
    assert mix([(EVERY, Law.A)], Law.MU) == translate(EVERY, Law.A, Law.MU)


@pytest.mark.parametrize("law", list(Law))
def test_two_voices_of_two_laws_keep_their_levels(law: Law) -> None:
    low = from_linear(tone([500.0], 0.2, -16.0), Law.MU)
    high = from_linear(tone([1500.0], 0.2, -16.0), Law.A)
    heard = to_linear(mix([(low, Law.MU), (high, Law.A)], law), law)
    assert level_of(heard, 500.0) == pytest.approx(-16.0, abs=0.5)
    assert level_of(heard, 1500.0) == pytest.approx(-16.0, abs=0.5)
