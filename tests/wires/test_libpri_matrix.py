"""Over every kind of line, good or bad, every call to or from libpri ends in a known state.

``make test`` runs the main cells with 100 calls each way; ``LIBPRI_CALLS=1000 make soak`` runs
every cell with that many, and prints what became of them.
"""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from edge_agent.isdn.lapd_config import Interface
from edge_agent.isdn.switches import SwitchType
from tests.wires.libpri.matrix import Cell, Outcome, callbacks, calls_out

CALLS = int(os.environ.get("LIBPRI_CALLS", "0"))
SHARES = (0.0, 0.05, 0.2)
PRI, PTP, PTMP = Interface
MAIN = (
    Cell(SwitchType.NI2, PRI),
    Cell(SwitchType.NI2, PRI, 0.05),
    Cell(SwitchType.NI2, PRI, 0.2),
    Cell(SwitchType.EURO, PRI),
    Cell(SwitchType.EURO, PRI, 0.05),
    Cell(SwitchType.NI2, PTP, 0.05),
    Cell(SwitchType.EURO, PTMP, 0.05),
)
EVERY = tuple(Cell(switch, line, s) for switch in SwitchType for line in Interface for s in SHARES)
cells = pytest.mark.parametrize("cell", EVERY if CALLS else MAIN, ids=str)


@cells
def test_every_call_out_ends_in_a_known_state(cell: Cell) -> None:
    outcome = calls_out(cell, CALLS or 100)
    print(outcome)
    assert cell.share or outcome.completed == outcome.calls
    assert cell.share == 0 or outcome.faults.keys() == set(cell.kinds)


@cells
def test_every_callback_ends_in_a_known_state(cell: Cell) -> None:
    outcome = callbacks(cell, CALLS or 100)
    print(outcome)
    assert cell.share or outcome.completed == outcome.calls
    assert cell.share == 0 or outcome.faults.keys() == set(cell.kinds)


@pytest.mark.parametrize("fault", ["lost", "doubled"])
@pytest.mark.parametrize("go", [calls_out, callbacks], ids=["out", "callbacks"])
def test_what_the_line_loses_or_doubles_costs_time_and_no_call(
    go: Callable[[Cell, int], Outcome], fault: str
) -> None:
    """Reordering does: a late frame may oblige a side to establish the link anew (Q.921 §5.8.5),
    and what it had sent is lost with the old one.
    """
    outcome = go(Cell(SwitchType.NI2, PRI, 0.05, (fault,)), 46)
    print(outcome)
    assert outcome.completed == outcome.calls
    assert outcome.faults.keys() == {fault}
