"""ALI records: what the carrier is given, so that a PSAP sees an address behind every ELIN.

NENA 02-010 version 2.1: fixed records of 512 characters, one header, one record per number, one
trailer. The layout is
a table, because carriers deviate from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from e911.errors import InvalidDocument
from e911.rows import BranchRow, ElinRow, ErlRow, Row

LENGTH = 512
BUSINESS_PBX = "4"
"""Class of service (column 220) of an enterprise's PS-ALI records."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its first column (1-based) and length; ``pad`` fills, on the left if ``right``."""

    name: str
    first: int
    length: int
    pad: str = " "
    right: bool = False


def _layout(*parts: tuple[str, int], counters: tuple[str, ...] = ()) -> tuple[Field, ...]:
    fields, first = [], 1
    for name, length in parts:
        is_counter = name in counters
        fields.append(Field(name, first, length, "0" if is_counter else " ", is_counter))
        first += length
    return tuple(fields)


RECORD = _layout(
    ("function", 1),
    ("npa", 3),
    ("number", 7),
    ("house", 10),
    ("house_suffix", 4),
    ("prefix", 2),
    ("street", 60),
    ("street_suffix", 4),
    ("post", 2),
    ("community", 32),
    ("state", 2),
    ("location", 60),
    ("customer", 32),
    ("class", 1),
    ("type", 1),
    ("exchange", 4),
    ("esn", 5),
    ("main_npa", 3),
    ("main_number", 7),
    ("order", 10),
    ("extract_date", 6),
    ("county", 4),
    ("company", 5),
    ("source", 1),
    ("zip", 5),
    ("zip4", 4),
    ("general", 11),
    ("customer_code", 3),
    ("comments", 30),
    ("x", 9),
    ("y", 9),
    ("z", 5),
    ("cell", 6),
    ("sector", 1),
    ("tar", 6),
    ("reserved", 21),
    ("alt", 10),
    ("expanded_date", 8),
    ("nena_reserved", 86),
    ("dbms_reserved", 31),
    ("end", 1),
)
"""The data record of version 2.1, in order."""

HEADER = _layout(
    ("indicator", 5),
    ("extract_date", 6),
    ("company_name", 50),
    ("cycle", 6),
    ("county", 4),
    ("state", 2),
    ("general", 20),
    ("release", 3),
    ("version", 1),
    ("expanded_date", 8),
    ("reserved", 406),
    ("end", 1),
    counters=("cycle",),
)

TRAILER = _layout(
    ("indicator", 5),
    ("extract_date", 6),
    ("company_name", 50),
    ("count", 9),
    ("expanded_date", 8),
    ("reserved", 433),
    ("end", 1),
    counters=("count",),
)


def write_file(
    branch: str,
    rows: Iterable[Row],
    *,
    cycle: int,
    extracted: date,
    company: str = "",
    newline: str = "\r\n",
) -> str:
    """The file that inserts every ELIN of ``branch``, by number.

    Raises:
        InvalidDocument: a value does not fit its field, or an ELIN names no ERL; the field is
        named.
    """
    rows = list(rows)
    main = next(row for row in rows if isinstance(row, BranchRow) and row.id == branch)
    erls = {row.id: row for row in rows if isinstance(row, ErlRow)}
    elins = sorted((r for r in rows if isinstance(r, ElinRow) and r.branch == branch), key=_number)
    dates = {"extract_date": f"{extracted:%m%d%y}", "expanded_date": f"{extracted:%Y%m%d}"}
    name = {**dates, "company_name": main.name, "end": "*"}
    records = [_record(elin, erls, main, dates, company) for elin in elins]
    lines = [
        _line(HEADER, {**name, "indicator": "UHL", "cycle": str(cycle), "version": "2"}, "header"),
        *records,
        _line(TRAILER, {**name, "indicator": "UTL", "count": str(len(records))}, "trailer"),
    ]
    return "".join(line + newline for line in lines)


def read_record(line: str) -> dict[str, str]:
    """The fields of one data record, stripped: what a carrier's side sees.

    Raises:
        InvalidDocument: the line is no record of 512 characters.
    """
    if len(line) != LENGTH or not line.endswith("*"):
        raise InvalidDocument("ali", "is not a record of 512 characters that ends with *")
    return {f.name: line[f.first - 1 : f.first - 1 + f.length].strip() for f in RECORD}


def _record(
    elin: ElinRow, erls: Mapping[str, ErlRow], main: BranchRow, dates: dict[str, str], company: str
) -> str:
    erl = erls.get(elin.erl)
    if erl is None:
        raise InvalidDocument(f"elin.{elin.id.digits}.erl", "names no ERL")
    civic = erl.civic
    values = {
        "function": "I",
        "npa": elin.id.digits[:3],
        "number": elin.id.digits[3:],
        "house": civic.HNO,
        "house_suffix": civic.HNS,
        "prefix": civic.PRD,
        "street": civic.RD,
        "street_suffix": civic.STS,
        "post": civic.POD,
        "community": civic.A3,
        "state": civic.A1,
        "location": " ".join(
            part for part in (erl.building, civic.LOC or civic.FLR or erl.name) if part
        ),
        "customer": main.name,
        "class": BUSINESS_PBX,
        "type": "0",
        "main_npa": main.main_number.digits[:3],
        "main_number": main.main_number.digits[3:],
        "company": company,
        "zip": civic.PC[:5],
        # The one field that may be cut: nobody is found by it.
        "comments": erl.name[:30],
        "end": "*",
        **dates,
    }
    return _line(RECORD, values, f"elin.{elin.id.digits}")


def _line(layout: tuple[Field, ...], values: Mapping[str, str], path: str) -> str:
    return "".join(_fit(field, values.get(field.name, ""), path) for field in layout)


def _fit(field: Field, value: str, path: str) -> str:
    text = " ".join(value.upper().split())
    if len(text) > field.length:
        raise InvalidDocument(f"{path}.{field.name}", f"is longer than {field.length} characters")
    if not text.isascii():
        raise InvalidDocument(f"{path}.{field.name}", "holds characters that are not ASCII")
    return (
        text.rjust(field.length, field.pad) if field.right else text.ljust(field.length, field.pad)
    )


def _number(row: ElinRow) -> str:
    return row.id.digits
