"""Deadlines are names and instants, nothing more."""

from __future__ import annotations

from edge_agent.gateway.deadlines import Deadlines


def test_what_is_due_comes_earliest_first_and_once() -> None:
    due: Deadlines[str] = Deadlines()
    due.set("late", 5.0)
    due.set("soon", 1.0)
    due.set("never", 99.0)
    assert due.earliest() == 1.0
    assert due.take(5.0) == ["soon", "late"]
    assert due.take(5.0) == []
    assert due.earliest() == 99.0


def test_a_name_set_again_moves_and_a_dropped_one_is_never_due() -> None:
    due: Deadlines[str] = Deadlines()
    due.set("a", 1.0)
    due.set("a", 3.0)
    due.set("b", 2.0)
    due.drop("b", "unknown")
    assert "b" not in due
    assert due.take(2.5) == []
    assert due.take(3.0) == ["a"]
    due.set("c", 1.0)
    due.clear()
    assert due.earliest() is None
