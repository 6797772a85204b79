"""The next deadline is found whatever moved in the meantime."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from edge_agent.isdn.agenda import Agenda


@dataclass(eq=False)
class Item:
    at: float | None = None

    def next_deadline(self) -> float | None:
        return self.at


def test_the_earliest_comes_first_and_of_equals_the_one_noted_first() -> None:
    agenda: Agenda[Item] = Agenda()
    late, first, second = Item(5.0), Item(2.0), Item(2.0)
    for item in (late, first, second):
        agenda.note(item)
    assert agenda.due(1.9) is None
    assert agenda.due(2.0) is first
    first.at = None
    assert agenda.due(2.0) is second


@given(st.lists(st.tuples(st.integers(0, 5), st.none() | st.integers(0, 9))))
def test_it_agrees_with_asking_everybody(moves: list[tuple[int, int | None]]) -> None:
    items = [Item() for _ in range(6)]
    agenda: Agenda[Item] = Agenda()
    for which, at in moves:
        items[which].at = None if at is None else float(at)
        agenda.note(items[which])
        running = [item.at for item in items if item.at is not None]
        assert agenda.next_deadline() == min(running, default=None)
