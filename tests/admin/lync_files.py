"""Lync's files as an administrator has them, for tests: a header and lines with what matters."""

from __future__ import annotations

import csv
import io

from e911.hints import ElementKind
from elingate_admin.lync_csv import Row, headers, read_sheet
from elingate_admin.lync_rows import Line, read_row

FLOOR_2 = {
    "Location": "Flr 2",
    "CompanyName": "425-555-0121; 4255550122",
    "HouseNumber": "742",
    "StreetName": "Evergreen",
    "StreetSuffix": "Ter",
    "City": "Springfield",
    "State": "WA",
    "PostalCode": "98001",
    "Country": "US",
}
FLOOR_1 = {**FLOOR_2, "Location": "Flr 1", "CompanyName": "425-555-0111"}


def sheet(kind: ElementKind, *rows: dict[str, str]) -> bytes:
    """A file as Export-Csv writes it; a cell that no row names is empty."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, headers(kind), restval="", quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def row_of(cells: dict[str, str], kind: ElementKind = ElementKind.SUBNET) -> Row:
    """One row of a file, on line 2."""
    (row,) = read_sheet("x.csv", kind, sheet(kind, cells)).rows
    return row


def lines_of(*rows: dict[str, str], kind: ElementKind = ElementKind.SUBNET) -> list[Line]:
    """Rows that have no fault, as lines from 2 on; the Subnet is made where none is given."""
    given = [
        {"Subnet": f"10.1.{n}.0", **row} if kind is ElementKind.SUBNET else row
        for n, row in enumerate(rows, 1)
    ]
    lines = []
    for row in read_sheet(f"{kind}.csv", kind, sheet(kind, *given)).rows:
        line, faults = read_row(row, 24)
        assert line is not None, faults
        lines.append(line)
    return lines
