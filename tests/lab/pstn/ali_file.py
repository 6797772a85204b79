"""A carrier's file of one floor with two ELINs, written by the product's own exporter."""

from __future__ import annotations

from datetime import date

from e911.ali import write_file
from e911.numbers import Did, Elin
from e911.places import CivicAddress
from e911.rows import BranchRow, ElinRow, ErlRow, Row

CIVIC = CivicAddress(
    A1="WA", A3="Springfield", RD="Harbor", STS="Ave", POD="NE", HNO="1200", LOC="Flr 2"
)
ROWS: list[Row] = [
    BranchRow("springfield", "Springfield Mills", "UTC", Did("4255550199"), "spf-f2"),
    ErlRow("spf-f2", "springfield", "Floor 2", CIVIC, building="Main"),
    ElinRow(Elin("4255550101"), "springfield", "spf-f2"),
    ElinRow(Elin("4255550102"), "springfield", "spf-f2", rank=1),
]


def carrier_file() -> str:
    """The file."""
    return write_file("springfield", ROWS, cycle=1, extracted=date(2026, 11, 22))
