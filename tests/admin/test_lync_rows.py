"""Every mistake that Lync takes without a word is a fault with its field, before anybody dials."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from e911.hints import ElementKind
from e911.numbers import Elin
from elingate_admin.lync_rows import read_row
from tests.admin.lync_files import FLOOR_2, row_of

MAC = "0A-1B-2C-3D-4E-5F"


def _faults(cells: dict[str, str], kind: ElementKind = ElementKind.SUBNET) -> list[tuple[str, str]]:
    named = {"Subnet": "10.1.2.0"} if kind is ElementKind.SUBNET else {}
    line, faults = read_row(row_of({**FLOOR_2, **named, **cells}, kind), 24)
    assert (line is None) == bool(faults)
    assert all((fault.file, fault.line) == ("x.csv", 2) for fault in faults)
    return [(fault.field, fault.reason) for fault in faults]


def test_a_good_row_is_an_element_an_address_and_its_elins() -> None:
    line, faults = read_row(row_of({"Subnet": "10.1.2.0", "Description": "Lab", **FLOOR_2}), 24)
    assert faults == []
    assert line is not None
    assert (line.value, line.where, line.description) == ("10.1.2.0/24", "x.csv:2", "Lab")
    assert line.elins == (Elin("4255550121"), Elin("4255550122"))
    assert line.civic.one_line() == "742 Evergreen Ter, Flr 2, Springfield, WA, 98001"
    assert line.civic.NAM == ""


@pytest.mark.parametrize(
    ("subnet", "value"),
    [
        ("10.1.2.0", "10.1.2.0/24"),
        ("10.1.0.0/16", "10.1.0.0/16"),
        ("2001:DB8::/48", "2001:db8::/48"),
    ],
)
def test_a_subnet_has_a_prefix_its_own_or_the_given(subnet: str, value: str) -> None:
    line, _ = read_row(row_of({"Subnet": subnet, **FLOOR_2}), 24)
    assert line is not None
    assert line.value == value


def test_a_subnet_without_a_prefix_is_not_guessed() -> None:
    _, (fault,) = read_row(row_of({"Subnet": "10.1.2.0", **FLOOR_2}), None)
    assert (fault.field, "--prefix" in fault.reason) == ("Subnet", True)


@pytest.mark.parametrize(
    ("subnet", "reason"),
    [
        ("10.1.2.9", "is a host in the network 10.1.2.0/24"),
        ("10.1.2.0/16", "is a host in the network 10.1.0.0/16"),
        ("10.1.2", "is not a network in CIDR form"),
        ("10.1.2.0/33", "is not a network in CIDR form"),
        ("", "is empty"),
    ],
)
def test_a_subnet_that_is_none(subnet: str, reason: str) -> None:
    assert _faults({"Subnet": subnet}) == [("Subnet", reason)]


@pytest.mark.parametrize("bssid", [MAC, "0a1b.2c3d.4e5f", "0A:1B:2C:3D:4E:5F"])
def test_an_access_point_has_one_spelling(bssid: str) -> None:
    line, _ = read_row(row_of({"BSSID": bssid, **FLOOR_2}, ElementKind.BSSID), None)
    assert line is not None
    assert line.value == "0a-1b-2c-3d-4e-5f"


@pytest.mark.parametrize("bssid", ["0A-1B-2C-3D-4E", "0A-1B-2C-3D-4E-5G", "*", ""])
def test_an_access_point_that_is_none(bssid: str) -> None:
    assert [field for field, _ in _faults({"BSSID": bssid}, ElementKind.BSSID)] == ["BSSID"]


@pytest.mark.parametrize(
    ("cells", "value"),
    [
        ({"ChassisID": MAC, "PortID": "Gi1/0/7"}, "0a-1b-2c-3d-4e-5f|gi1/0/7"),
        ({"ChassisID": "10.9.8.7", "PortID": "7", "PortIDSubType": "5"}, "10.9.8.7|7"),
    ],
)
def test_a_port_is_its_switch_and_its_name(cells: dict[str, str], value: str) -> None:
    line, _ = read_row(row_of({**cells, **FLOOR_2}, ElementKind.PORT), None)
    assert line is not None
    assert line.value == value


@pytest.mark.parametrize(
    ("cells", "fields"),
    [
        ({"ChassisID": "core-switch", "PortID": "7"}, ["ChassisID"]),
        ({"ChassisID": "", "PortID": "7"}, ["ChassisID"]),
        ({"ChassisID": MAC, "PortID": ""}, ["PortID"]),
        ({"ChassisID": MAC, "PortID": "7", "PortIDSubType": "3"}, ["PortIDSubType"]),
    ],
)
def test_a_port_that_is_none(cells: dict[str, str], fields: list[str]) -> None:
    assert [field for field, _ in _faults(cells, ElementKind.PORT)] == fields


def test_a_switch_is_its_chassis() -> None:
    line, _ = read_row(row_of({"ChassisID": MAC, **FLOOR_2}, ElementKind.SWITCH), None)
    assert line is not None
    assert line.value == "0a-1b-2c-3d-4e-5f"
    assert [f for f, _ in _faults({"ChassisID": ""}, ElementKind.SWITCH)] == ["ChassisID"]


@pytest.mark.parametrize(
    ("company", "reasons"),
    [
        ("425-555-010", ["'425-555-010' is no ELIN: ten digits are needed"]),
        ("Contoso", ["'Contoso' is no ELIN: ten digits are needed"]),
        ("911; 4255550100", ["'911' is no ELIN: ten digits are needed"]),
        (";".join(f"425555010{n}" for n in range(6)), ["has 6 ELINs, at most 5"]),
    ],
)
def test_what_is_no_elin(company: str, reasons: list[str]) -> None:
    assert _faults({"CompanyName": company}) == [("CompanyName", reason) for reason in reasons]


@given(st.lists(st.from_regex(r"[2-9][0-9]{2}[2-9][0-9]{6}", fullmatch=True), max_size=5))
def test_elins_keep_their_order_in_any_spelling(numbers: list[str]) -> None:
    spelt = [f" {n[:3]}-{n[3:6]}-{n[6:]} " if i % 2 else n for i, n in enumerate(numbers)]
    row = row_of({"Subnet": "10.1.2.0", **FLOOR_2, "CompanyName": ";".join(spelt)})
    line, _ = read_row(row, 24)
    assert line is not None
    assert line.elins == tuple(dict.fromkeys(Elin(n) for n in numbers))


@pytest.mark.parametrize("field", ["HouseNumber", "StreetName", "City", "State", "Country"])
def test_an_incomplete_address_is_a_fault(field: str) -> None:
    assert _faults({field: ""}) == [(field, "is missing: responders need a complete address")]


@pytest.mark.parametrize(
    ("field", "most"),
    [("Location", 20), ("HouseNumber", 10), ("HouseNumberSuffix", 5), ("PreDirectional", 2)]
    + [("StreetName", 60), ("StreetSuffix", 10), ("PostDirectional", 2), ("City", 64)]
    + [("State", 2), ("PostalCode", 10), ("Country", 2)],
)
def test_the_lengths_are_lyncs(field: str, most: int) -> None:
    assert _faults({field: "x" * most}) == []
    assert _faults({field: "x" * (most + 1)}) == [(field, f"has more than {most} characters")]


def test_all_faults_of_a_row_are_told_at_once() -> None:
    found = _faults({"Subnet": "x", "CompanyName": "y", "City": ""})
    assert [field for field, _ in found] == ["Subnet", "City", "CompanyName"]


def test_an_element_without_a_location_is_no_fault() -> None:
    assert read_row(row_of({"Subnet": "10.1.2.0", "CompanyName": "425-555-0100"}), 24) == (None, [])
