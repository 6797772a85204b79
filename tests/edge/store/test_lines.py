"""A sealed line is read back or refused, and never read as something else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from e911.errors import InvalidDocument
from edge_agent.store.lines import seal, unseal

DOCUMENT = {"call": "edge-1-1", "name": "Zoë\nnewline", "n": 7}


def test_a_sealed_line_is_one_line_and_comes_back() -> None:
    line = seal(DOCUMENT)
    assert line.count(b"\n") == 1
    assert unseal(line) == DOCUMENT


@pytest.mark.parametrize("end", range(len(seal(DOCUMENT))))
def test_a_line_torn_anywhere_is_refused(end: int) -> None:
    with pytest.raises(InvalidDocument):
        unseal(seal(DOCUMENT)[:end])


@given(st.integers(0, len(seal(DOCUMENT)) - 1), st.integers(1, 255))
def test_a_line_with_one_changed_byte_is_refused(at: int, flip: int) -> None:
    line = bytearray(seal(DOCUMENT))
    line[at] ^= flip
    with pytest.raises(InvalidDocument):
        unseal(bytes(line))
