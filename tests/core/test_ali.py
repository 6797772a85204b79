"""The carrier's file: 512 columns without gap or overlap, one record per ELIN, nothing cut."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from e911.ali import HEADER, LENGTH, RECORD, TRAILER, Field, read_record, write_file
from e911.errors import InvalidDocument
from e911.numbers import Did, Elin
from e911.places import CivicAddress
from e911.rows import BranchRow, ElinRow, ErlRow, Row

BRANCH = BranchRow("b40", "Contoso Ltd", "America/Los_Angeles", Did("4255550100"), "b40-4")
CIVIC = CivicAddress(
    A1="WA", A3="Redmond", HNO="3910", RD="163rd", STS="Ave", POD="NE", LOC="Flr 4", PC="98052-1234"
)
ERL = ErlRow("b40-4", "b40", "Building 40, floor 4", CIVIC, building="Bldg 40")
ROWS: list[Row] = [
    ElinRow(Elin("4255550143"), "b40", "b40-4"),
    ElinRow(Elin("4255550142"), "b40", "b40-4"),
    ElinRow(Elin("4255550999"), "other", "b40-4"),
    BRANCH,
    ERL,
]
DAY = date(2026, 11, 22)


def lines(rows: list[Row] = ROWS, cycle: int = 1) -> list[str]:
    text = write_file("b40", rows, cycle=cycle, extracted=DAY, company="CNTSO")
    assert text.endswith("\r\n")
    return text.split("\r\n")[:-1]


@pytest.mark.parametrize("layout", [RECORD, HEADER, TRAILER])
def test_a_layout_fills_512_columns_without_gap_or_overlap(layout: tuple[Field, ...]) -> None:
    column = 1
    for field in layout:
        assert field.first == column, field.name
        column += field.length
    assert column - 1 == LENGTH


def test_the_record_is_the_worked_example_of_the_standard() -> None:
    """Positions as NENA 02-010 version 2.1 counts them, from 1."""
    record = lines()[1]
    for first, text in [
        (1, "I"),
        (2, "425"),
        (5, "5550142"),
        (12, "3910      "),
        (26, "  "),
        (28, "163RD"),
        (88, "AVE"),
        (92, "NE"),
        (94, "REDMOND"),
        (126, "WA"),
        (128, "BLDG 40 FLR 4 "),
        (188, "CONTOSO LTD"),
        (220, "4"),
        (221, "0"),
        (231, "4255550100"),
        (251, "112226"),
        (261, "CNTSO"),
        (266, " "),
        (267, "98052"),
        (387, "20261122"),
        (512, "*"),
    ]:
        assert record[first - 1 : first - 1 + len(text)] == text, first


def test_header_and_trailer_count_cycles_and_data_records_alone() -> None:
    header, *records, trailer = lines(cycle=7)
    assert (header[:11], header[61:67], header[97:105]) == ("UHL  112226", "000007", "20261122")
    assert len(records) == 2
    assert (trailer[:5], trailer[61:70]) == ("UTL  ", "000000002")
    assert {len(line) for line in lines()} == {LENGTH}


def test_records_come_by_number_and_only_of_this_branch() -> None:
    numbers = [read_record(line)["npa"] + read_record(line)["number"] for line in lines()[1:-1]]
    assert numbers == ["4255550142", "4255550143"]


def test_what_is_written_is_upper_case_ascii_and_reads_back() -> None:
    fields = read_record(lines()[1])
    assert (fields["street"], fields["community"], fields["comments"]) == (
        "163RD",
        "REDMOND",
        "BUILDING 40, FLOOR 4",
    )


@pytest.mark.parametrize(
    ("civic", "field"),
    [
        (replace(CIVIC, HNO="12345678901"), "house"),
        (replace(CIVIC, A3="Cañon City"), "community"),
        (replace(CIVIC, STS="AVENUE"), "street_suffix"),
    ],
)
def test_what_does_not_fit_is_named_and_never_cut(civic: CivicAddress, field: str) -> None:
    with pytest.raises(InvalidDocument, match=rf"elin\.4255550142\.{field}"):
        lines([replace(ERL, civic=civic), *ROWS[:4]])


def test_an_elin_without_its_erl_is_named() -> None:
    with pytest.raises(InvalidDocument, match=r"elin\.4255550142\.erl"):
        lines(ROWS[:4])


@pytest.mark.parametrize("line", ["", "x" * 512, "x" * 511 + " *"])
def test_a_line_that_is_no_record_is_refused(line: str) -> None:
    with pytest.raises(InvalidDocument):
        read_record(line)
