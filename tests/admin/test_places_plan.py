"""What an import would change: the least that makes the drafts say what the files say."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from e911.hints import ElementKind
from elingate_admin.documents import Fields, Key
from elingate_admin.lync_rows import Line
from elingate_admin.places_plan import Plan, plan
from tests.admin.lync_files import FLOOR_1, FLOOR_2, lines_of

ERL_2 = "spf-742-evergreen-ter-flr-2"
WAP = {"BSSID": "0a-1b-2c-3d-4e-5f", **FLOOR_2}


def _after(made: Plan, before: dict[Key, Fields] | None = None) -> dict[Key, Fields]:
    written = {(change.kind, change.id): change.fields for change in made.changes}
    return {**(before or {}), **written}


def _plan(lines: Iterable[Line], held: dict[Key, Fields] | None = None) -> Plan:
    return plan(lines, "spf", held or {})


@pytest.fixture
def held() -> dict[Key, Fields]:
    """The drafts after a first import of two floors."""
    return _after(_plan(lines_of(FLOOR_1, FLOOR_2)))


def test_two_floors_make_erls_elins_in_order_and_elements() -> None:
    made = _plan(lines_of(FLOOR_1, FLOOR_2))
    assert (made.faults, made.warnings, made.unchanged) == ([], [], 0)
    after = _after(made)
    assert [change.kind for change in made.changes] == ["erl", "elin", "erl", "elin", "elin"] + [
        "element"
    ] * 2
    assert after["erl", ERL_2]["civic"]["LOC"] == "Flr 2"
    assert after["erl", ERL_2]["building"] == "742 Evergreen Ter Springfield"
    assert after["elin", "4255550121"] == {"branch": "spf", "erl": ERL_2}
    assert after["elin", "4255550122"] == {"branch": "spf", "erl": ERL_2, "rank": 1}
    assert after["element", "spf-subnet-10.1.2.0-24"]["erl"] == ERL_2


def test_the_same_files_again_change_nothing(held: dict[Key, Fields]) -> None:
    made = _plan(lines_of(FLOOR_1, FLOOR_2), held)
    assert (made.changes, made.unchanged) == ([], len(held))


def test_what_only_the_drafts_know_stays(held: dict[Key, Fields]) -> None:
    held["erl", ERL_2] |= {"name": "Reactor", "desk": ["sip:desk@x"], "building": "Plant"}
    held["elin", "4255550121"] |= {"ali": "confirmed", "overflow_group": "plant"}
    held["element", "spf-subnet-10.1.2.0-24"]["description"] = "by hand"
    renumbered = {**FLOOR_2, "PostalCode": "98002"}
    made = _plan(lines_of(FLOOR_1, renumbered), held)
    (change,) = made.changes
    assert (change.id, change.differing) == (ERL_2, ("civic",))
    assert change.fields["civic"]["PC"] == "98002"
    assert change.fields["name"] == "Reactor"


def test_an_element_that_moved_keeps_its_id(held: dict[Key, Fields]) -> None:
    held["element", "by-hand"] = held.pop(("element", "spf-subnet-10.1.2.0-24"))
    moved = [{**FLOOR_1, "Subnet": "10.1.1.0"}, {**FLOOR_1, "Subnet": "10.1.2.0"}]
    (change,) = _plan(lines_of(*moved), held).changes
    assert (change.kind, change.id, change.differing) == ("element", "by-hand", ("erl",))


def test_a_new_elin_joins_the_pool_and_an_old_one_stays_with_a_warning(
    held: dict[Key, Fields],
) -> None:
    changed = {**FLOOR_2, "CompanyName": "425-555-0129;425-555-0121"}
    made = _plan(lines_of(FLOOR_1, changed), held)
    assert [(c.id, c.fields.get("rank", 0)) for c in made.changes] == [
        ("4255550129", 0),
        ("4255550121", 1),
    ]
    (warning,) = made.warnings
    assert "4255550122" in warning.reason


def test_a_location_without_an_elin_is_a_fault_unless_the_drafts_have_one(
    held: dict[Key, Fields],
) -> None:
    bare = {**FLOOR_2, "CompanyName": ""}
    made = _plan(lines_of(FLOOR_1, bare))
    (fault,) = made.faults
    assert (fault.line, fault.field) == (3, "CompanyName")
    assert {change.where for change in made.changes} == {"subnet.csv:2"}
    assert _plan(lines_of(FLOOR_1, bare), held).faults == []


def test_one_elin_at_two_addresses_is_a_fault_at_the_second() -> None:
    typo = {**FLOOR_2, "StreetName": "Evergren"}
    made = _plan(lines_of(FLOOR_2, typo))
    assert {(fault.line, fault.field) for fault in made.faults} == {(3, "CompanyName")}
    assert "subnet.csv:2: 742 Evergreen Ter" in made.faults[0].reason
    assert [(warning.line, warning.field) for warning in made.warnings] == [(3, "StreetName")]
    assert {change.where for change in made.changes} == {"subnet.csv:2"}


def test_an_elin_of_another_erl_must_be_deleted_there_first(held: dict[Key, Fields]) -> None:
    taken = {**FLOOR_2, "Location": "Flr 3"}
    made = _plan(lines_of(taken), held)
    assert made.changes == []
    assert {f.reason for f in made.faults} == {
        f"{elin} is the ELIN of draft erl/{ERL_2}: first elingate draft delete elin {elin}"
        for elin in ("4255550121", "4255550122")
    }


def test_one_element_at_two_locations_is_a_fault_and_twice_at_one_a_warning() -> None:
    subnet = {"Subnet": "10.1.9.0"}
    made = _plan(lines_of({**FLOOR_2, **subnet}, {**FLOOR_1, **subnet}))
    (fault,) = made.faults
    assert (fault.line, fault.field) == (3, "Subnet")
    twice = _plan(lines_of({**FLOOR_2, **subnet}, {**FLOOR_2, **subnet}))
    assert twice.faults == []
    assert [(w.line, w.field) for w in twice.warnings] == [(3, "Subnet")]


def test_more_elins_than_a_gateway_reads_are_a_fault_over_all_lines() -> None:
    more = {**FLOOR_2, "CompanyName": ";".join(f"425555013{n}" for n in range(4))}
    (fault,) = _plan(lines_of(FLOOR_2, more)).faults
    assert fault.reason == "6 ELINs in all for this location, at most 5"


def test_all_kinds_of_element_stand_at_one_erl() -> None:
    lines = lines_of(FLOOR_2) + lines_of(WAP, kind=ElementKind.BSSID)
    lines += lines_of({"ChassisID": "10.9.8.7", **FLOOR_2}, kind=ElementKind.SWITCH)
    port = {"ChassisID": "10.9.8.7", "PortID": "Gi1/0/7", **FLOOR_2}
    lines += lines_of(port, kind=ElementKind.PORT)
    made = _plan(lines)
    elements = [change.fields for change in made.changes if change.kind == "element"]
    assert {each["element"] for each in elements} == {"subnet", "bssid", "switch", "port"}
    assert {each["erl"] for each in elements} == {ERL_2}


def test_the_same_floor_of_another_branch_is_another_erl(held: dict[Key, Fields]) -> None:
    other = {**FLOOR_2, "CompanyName": "360-555-0121"}
    made = plan(lines_of(other), "annex", held)
    assert made.faults == []
    assert [change.before for change in made.changes] == [None, None, None]
    assert made.changes[0].id == "annex-742-evergreen-ter-flr-2"


ROW = st.fixed_dictionaries(
    {
        "Subnet": st.sampled_from(["10.1.1.0", "10.1.2.0", "10.1.3.0"]),
        "Location": st.sampled_from(["Flr 1", "flr 1", "Flr 2", "Near Flr 2", ""]),
        "StreetSuffix": st.sampled_from(["Ter", "Terrace"]),
        "CompanyName": st.sampled_from(["", "425-555-0111", "4255550111;4255550112", "4255550113"]),
    }
).map(lambda cells: {**FLOOR_2, **cells})


@given(st.lists(ROW, max_size=6))
def test_whatever_the_files_say_a_second_import_has_nothing_to_do(
    rows: list[dict[str, str]],
) -> None:
    made = _plan(lines_of(*rows))
    after = _after(made)
    again = _plan(lines_of(*rows), after)
    assert again.changes == [] or made.faults
    for (kind, id_), body in after.items():
        if kind in ("elin", "element"):
            assert ("erl", body["erl"]) in after, (kind, id_)
    owning = {body["erl"] for (kind, _), body in after.items() if kind == "elin"}
    assert {id_ for kind, id_ in after if kind == "erl"} == owning
    lines = {f"subnet.csv:{n}" for n in range(2, len(rows) + 2)}
    assert {change.where for change in made.changes} <= lines
