"""Causes with their place, their diagnostics and without."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.isdn.elements import Cause, MalformedElement, cause, read_cause


@pytest.mark.parametrize(
    ("content", "read"),
    [
        ("8290", Cause(16, 2)),
        ("028091", Cause(17, 2, recommendation=0)),
        ("829c112233", Cause(28, 2, diagnostics=b"\x11\x22\x33")),
        ("e2a0", Cause(32, 2, coding=3)),
        ("92ac", Cause(44, 2)),
    ],
    ids=["plain", "3a", "diagnostics", "coding", "spare-bit"],
)
def test_a_cause_is_read_with_all_that_it_says(content: str, read: Cause) -> None:
    assert read_cause(bytes.fromhex(content)) == read


@pytest.mark.parametrize("content", ["", "80", "00 80", "00 00"])
def test_a_cause_without_a_value_is_malformed(content: str) -> None:
    with pytest.raises(MalformedElement):
        read_cause(bytes.fromhex(content))


@given(
    value=st.integers(0, 127),
    location=st.integers(0, 15),
    coding=st.integers(0, 3),
    recommendation=st.none() | st.integers(0, 127),
    diagnostics=st.binary(max_size=27),
)
def test_every_cause_is_read_as_written(
    value: int, location: int, coding: int, recommendation: int | None, diagnostics: bytes
) -> None:
    said = Cause(value, location, coding, recommendation, diagnostics)
    assert read_cause(cause(said).content) == said
