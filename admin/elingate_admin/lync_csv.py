"""Lync's CSV files as rows by header: whatever PowerShell or a spreadsheet wrote, or where not.

Header names are the parameters of Set-CsLisSubnet, -WirelessAccessPoint, -Port and -Switch.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from e911.hints import ElementKind

ADDRESS = {
    "Location": "LOC",
    "HouseNumber": "HNO",
    "HouseNumberSuffix": "HNS",
    "PreDirectional": "PRD",
    "StreetName": "RD",
    "StreetSuffix": "STS",
    "PostDirectional": "POD",
    "City": "A3",
    "State": "A1",
    "PostalCode": "PC",
    "Country": "country",
}
"""Header to the element of a civic address (MS-E911WS)."""

COMPANY = "CompanyName"
"""Holds the ELINs of the location, separated by ``;``."""

DESCRIPTION = "Description"

NAMES: Mapping[ElementKind, tuple[str, ...]] = {
    ElementKind.SUBNET: ("Subnet",),
    ElementKind.BSSID: ("BSSID",),
    ElementKind.PORT: ("ChassisID", "PortIDSubType", "PortID"),
    ElementKind.SWITCH: ("ChassisID",),
}
"""The headers that name the element itself."""


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """Something to look at: a fault, or a warning."""

    file: str
    line: int
    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a file; ``values`` has every header of its kind, stripped of blanks."""

    file: str
    line: int
    kind: ElementKind
    values: Mapping[str, str]

    def finding(self, field: str, reason: str) -> Finding:
        """Something about a field of this line."""
        return Finding(self.file, self.line, field, reason)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a file holds."""

    rows: tuple[Row, ...]
    warnings: tuple[Finding, ...] = ()
    faults: tuple[Finding, ...] = ()


def headers(kind: ElementKind) -> tuple[str, ...]:
    """The headers that a file of this kind must have; their cells may be empty."""
    return (*NAMES[kind], DESCRIPTION, COMPANY, *ADDRESS)


def read_sheet(file: str, kind: ElementKind, content: bytes) -> Sheet:
    """The rows of a file; a line that is none is a fault, and so is a file that cannot be read."""
    try:
        text = _decode(content)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        reason = "is not UTF-8: save the file as 'CSV UTF-8'"
        return Sheet((), faults=(Finding(file, line, "", reason),))
    if _is_semicolons(text):
        reason = "cells must be separated by commas: semicolons are between ELINs"
        return Sheet((), faults=(Finding(file, 1, "", reason),))
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        return _read(file, kind, reader)
    except csv.Error as error:
        return Sheet((), faults=(Finding(file, reader.line_num, "", f"is no CSV: {error}"),))


def _decode(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16")
    return content.decode("utf-8-sig")


def _is_semicolons(text: str) -> bool:
    """Whether a spreadsheet of a country with decimal commas wrote the header."""
    header = next((line for line in text.splitlines() if line and line[0] != "#"), "")
    return ";" in header and "," not in header


class _Reader(Protocol):
    """What the csv module reads with."""

    @property
    def line_num(self) -> int: ...
    def __next__(self) -> list[str]: ...


class _Lines(Iterator[list[str]]):
    """Rows that say where they begin; Export-Csv's ``#TYPE`` line and blank lines are left out."""

    def __init__(self, reader: _Reader) -> None:
        self._reader = reader
        self.line = 1

    def __next__(self) -> list[str]:
        while True:
            self.line = self._reader.line_num + 1
            cells = next(self._reader)
            if any(cell.strip() for cell in cells) and not cells[0].startswith("#TYPE"):
                return cells


def _read(file: str, kind: ElementKind, reader: _Reader) -> Sheet:
    lines = _Lines(reader)
    names = [name.strip() for name in next(lines, [])]
    here = lines.line
    columns = {name.casefold(): n for n, name in enumerate(names)}
    missing = [name for name in headers(kind) if name.casefold() not in columns]
    if missing:
        reason = "the header is missing"
        return Sheet((), faults=tuple(Finding(file, here, name, reason) for name in missing))
    known = {name.casefold() for name in headers(kind)}
    strange = [name for name in names if name.casefold() not in known]
    warnings = tuple(Finding(file, here, name, "is not read") for name in strange if name)
    rows: list[Row] = []
    faults: list[Finding] = []
    for cells in lines:
        if len(cells) != len(names):
            reason = f"has {len(cells)} cells and the header {len(names)}: quote what holds a comma"
            faults.append(Finding(file, lines.line, "", reason))
            continue
        values = {name: cells[columns[name.casefold()]].strip() for name in headers(kind)}
        rows.append(Row(file, lines.line, kind, values))
    return Sheet(tuple(rows), warnings, tuple(faults))
