"""Progress: what, where, and in whose words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.isdn.elements import (
    IN_BAND,
    MalformedElement,
    Progress,
    progress,
    progress_in_band,
    read_progress,
    read_progress_indicator,
)


@given(description=st.integers(0, 127), location=st.integers(0, 15), coding=st.integers(0, 3))
def test_every_progress_is_read_as_written(description: int, location: int, coding: int) -> None:
    said = Progress(description, location, coding)
    content = progress(said).content
    assert read_progress_indicator(content) == said
    assert read_progress(content) == description


def test_tones_are_progress_8_of_the_private_network() -> None:
    assert read_progress_indicator(progress_in_band().content) == Progress(IN_BAND, 1)


@pytest.mark.parametrize("content", ["", "81", "81 88 00"])
def test_progress_is_two_octets(content: str) -> None:
    with pytest.raises(MalformedElement):
        read_progress(bytes.fromhex(content))
