"""Channels are numbered across the spans of a trunk, and nothing that a line shows is judged."""

from __future__ import annotations

from typing import get_args

from edge_agent.line import CIRCUITS, Transition, circuit


def test_a_circuit_is_a_channel_of_the_span_that_carries_it() -> None:
    assert [circuit(0, 5), circuit(1, 5), circuit(15, 23)] == [5, 105, 1523]
    assert all(circuit(n, c) == circuit(0, c) + n * CIRCUITS for n in range(3) for c in (1, 31))


def test_whatever_a_line_shows_says_on_which_channel_and_when() -> None:
    for kind in get_args(Transition):
        assert {"channel", "at"} <= set(kind.__dataclass_fields__)
