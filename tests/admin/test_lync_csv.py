"""Whatever wrote the file, its rows are read or its lines are faults; nothing is dropped unsaid."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from e911.hints import ElementKind
from elingate_admin.lync_csv import Finding, headers, read_sheet
from tests.admin.lync_files import FLOOR_2, sheet

SUBNET = ElementKind.SUBNET
GOOD = sheet(SUBNET, {"Subnet": "10.1.2.0", **FLOOR_2})
DOCUMENTED = {
    ElementKind.BSSID: "BSSID,Description,Location,CompanyName,HouseNumber,HouseNumberSuffix,"
    "PreDirectional,StreetName,StreetSuffix,PostDirectional,City,State,PostalCode,Country",
    SUBNET: "Subnet,Description,Location,CompanyName,HouseNumber,HouseNumberSuffix,"
    "PreDirectional,StreetName,StreetSuffix,PostDirectional,City,State,PostalCode,Country",
    ElementKind.PORT: "ChassisID,PortIDSubType,PortID,Description,Location,CompanyName,"
    "HouseNumber,HouseNumberSuffix,PreDirectional,StreetName,StreetSuffix,PostDirectional,City,"
    "State,PostalCode,Country",
    ElementKind.SWITCH: "ChassisID,Description,Location,CompanyName,HouseNumber,"
    "HouseNumberSuffix,PreDirectional,StreetName,StreetSuffix,PostDirectional,City,State,"
    "PostalCode,Country",
}
"""As Microsoft's planning pages print them."""


@pytest.mark.parametrize("kind", DOCUMENTED)
def test_the_headers_are_microsofts(kind: ElementKind) -> None:
    assert set(headers(kind)) == set(DOCUMENTED[kind].split(","))
    assert read_sheet("x.csv", kind, DOCUMENTED[kind].encode()).faults == ()


@pytest.mark.parametrize(
    "content",
    [
        GOOD,
        b"\xef\xbb\xbf" + GOOD,
        GOOD.decode().encode("utf-16"),
        b"#TYPE Microsoft.Rtc.Lis\r\n" + GOOD,
        b"\r\n" + GOOD + b"\r\n\r\n",
        GOOD.lower(),
    ],
    ids=["plain", "utf-8-bom", "utf-16", "export-csv", "blank-lines", "lower-case"],
)
def test_a_row_is_read_from_whatever_wrote_it(content: bytes) -> None:
    found = read_sheet("x.csv", SUBNET, content)
    assert (found.faults, found.warnings) == ((), ())
    (row,) = found.rows
    assert row.values["Subnet"] == "10.1.2.0"
    assert row.values["CompanyName"] == "425-555-0121; 4255550122"


def test_a_row_knows_its_line_though_a_cell_has_two() -> None:
    content = sheet(SUBNET, {"Description": "first\nsecond"}, {"Subnet": "10.1.3.0"})
    assert [row.line for row in read_sheet("x.csv", SUBNET, content).rows] == [2, 4]


def test_a_column_that_is_missing_is_named_and_a_strange_one_too() -> None:
    found = read_sheet("x.csv", SUBNET, GOOD.replace(b'"City"', b'"Town"'))
    assert found.faults == (Finding("x.csv", 1, "City", "the header is missing"),)
    assert found.rows == ()
    more = read_sheet("x.csv", SUBNET, GOOD.replace(b'"City"', b'"City","MSAGValid"'))
    assert more.warnings == (Finding("x.csv", 1, "MSAGValid", "is not read"),)
    assert [fault.line for fault in more.faults] == [2]


def test_elins_that_are_not_quoted_split_no_address_in_silence() -> None:
    content = GOOD + b"10.1.3.0,,Flr 3,425-555-0131,extra cell\r\n"
    found = read_sheet("x.csv", SUBNET, content)
    assert [row.line for row in found.rows] == [2]
    assert [(fault.line, fault.field) for fault in found.faults] == [(3, "")]


def test_semicolons_between_cells_are_recognised() -> None:
    (first, *_) = read_sheet("x.csv", SUBNET, GOOD.replace(b'","', b'";"')).faults
    assert "separated by commas" in first.reason


@pytest.mark.parametrize(
    ("content", "line"),
    [(GOOD + b'"10.1.3.0', 3), (GOOD + b"Z\xfcrich\r\n", 3), (b"", 1)],
    ids=["open-quote", "latin-1", "empty"],
)
def test_a_file_that_cannot_be_read_says_where(content: bytes, line: int) -> None:
    found = read_sheet("x.csv", SUBNET, content)
    assert found.rows == ()
    assert {fault.line for fault in found.faults} == {line}


@given(st.binary(), st.sampled_from(ElementKind))
def test_any_bytes_are_rows_or_faults(content: bytes, kind: ElementKind) -> None:
    found = read_sheet("x.csv", kind, content)
    assert found.rows == () or not found.faults or all(f.line > 1 for f in found.faults)
    assert found.rows or found.faults


CELL = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20).map(str.strip)


@given(st.lists(st.fixed_dictionaries({"Subnet": CELL.filter(bool), "City": CELL}), min_size=1))
def test_every_row_that_was_written_is_read(rows: list[dict[str, str]]) -> None:
    found = read_sheet("x.csv", SUBNET, sheet(SUBNET, *rows))
    kept = [row for row in rows if not row["Subnet"].startswith("#TYPE")]
    read = [{name: row.values[name] for name in ("Subnet", "City")} for row in found.rows]
    assert read == kept
