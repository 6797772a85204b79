"""What publishing warns of and does not refuse: an edge that kept its old rows instead would be no
better off.

Meant for all rows of the organisation at once, beside :func:`e911.rows_check.check_rows`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from e911.callback_path import brings_callbacks
from e911.row_limits import Fault
from e911.rows import BranchRow, ErlRow, PeerRow, RouteRow, Row, TrunkKind, TrunkRow
from e911.snapshot import key_of

LONGEST_CODE = 3
"""Digits of 911 itself; whatever is longer is a number of its own."""


def warnings_of(rows: Iterable[Row]) -> list[Fault]:
    """Everything that an administrator should know of ``rows`` before edges have them, sorted by
    path.
    """
    held = list(rows)
    return sorted({*_no_callback_path(held), *_more_than_cama_reaches(held)})


def _no_callback_path(rows: list[Row]) -> Iterator[Fault]:
    trunks = [row for row in rows if isinstance(row, TrunkRow)]
    peers = [row for row in rows if isinstance(row, PeerRow)]
    for row in rows:
        if isinstance(row, BranchRow) and not brings_callbacks(row.id, trunks, peers):
            yield Fault(
                f"branch/{row.id}",
                "has no callback path: no trunk of it carries calls in, and no peer has"
                " delivers_callbacks; a PSAP that calls back reaches nobody",
            )


def _more_than_cama_reaches(rows: list[Row]) -> Iterator[Fault]:
    """A last step to the PSAP's own number goes over a trunk that can reach numbers."""
    cama = {row.id for row in rows if isinstance(row, TrunkRow) and row.trunk is TrunkKind.CAMA}
    for row in rows:
        steps = row.steps if isinstance(row, RouteRow | ErlRow) else ()
        for n, step in enumerate(steps):
            if step.trunk in cama and len(step.called.removeprefix("+")) > LONGEST_CODE:
                yield Fault(
                    f"{'/'.join(key_of(row))}.steps[{n}].called",
                    f"is a number, and trunk {step.trunk} (CAMA) ends at the 9-1-1 selective"
                    " router: it may pulse no called digits at all",
                )
