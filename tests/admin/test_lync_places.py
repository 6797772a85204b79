"""Two spellings of one floor are one place; what differs in one field only is asked about."""

from __future__ import annotations

import pytest

from e911.numbers import Elin
from e911.places import CivicAddress
from elingate_admin.lync_places import KnownPlace, gather, place_key, suspected_typos
from tests.admin.lync_files import FLOOR_1, FLOOR_2, lines_of


def _typos(*rows: dict[str, str], known: list[KnownPlace] | None = None) -> list[tuple[int, str]]:
    places, _ = gather(lines_of(*rows), ())
    found = suspected_typos(places, known or [])
    return [(finding.line, finding.field) for finding in found]


def test_lines_at_one_address_are_one_place_however_it_is_spelt() -> None:
    spelt = {**FLOOR_2, "StreetName": "EVERGREEN", "StreetSuffix": "Terrace", "Location": "flr  2"}
    places, warnings = gather(lines_of(FLOOR_2, spelt, FLOOR_1), ())
    assert [len(place.lines) for place in places.values()] == [2, 1]
    assert next(iter(places.values())).pool == [Elin("4255550121"), Elin("4255550122")]
    assert warnings == []


@pytest.mark.parametrize("word", ["Near", "Close to", "near"])
def test_an_access_point_near_a_floor_is_on_it(word: str) -> None:
    near = {**FLOOR_2, "Location": f"{word} Flr 2", "CompanyName": ""}
    places, (warning,) = gather(lines_of(near, FLOOR_2), ())
    (place,) = places.values()
    assert place.civic.LOC == "Flr 2"
    assert (warning.line, warning.field) == (2, "Location")


def test_near_nothing_is_a_place_of_its_own() -> None:
    near = {**FLOOR_2, "Location": "Near Flr 2"}
    places, warnings = gather(lines_of(near), ())
    assert [place.civic.LOC for place in places.values()] == ["Near Flr 2"]
    assert warnings == []


def test_near_a_floor_that_the_drafts_hold_is_on_it() -> None:
    near = {**FLOOR_2, "Location": "Near Flr 2"}
    (floor,) = lines_of(FLOOR_2)
    places, warnings = gather(lines_of(near), [place_key(floor.civic)])
    assert list(places) == [place_key(floor.civic)]
    assert len(warnings) == 1


def test_two_floors_are_no_typo() -> None:
    assert _typos(FLOOR_1, FLOOR_2, FLOOR_2) == []


def test_two_floors_whose_elins_are_in_the_drafts_are_no_typo() -> None:
    assert _typos({**FLOOR_1, "CompanyName": ""}, {**FLOOR_2, "CompanyName": ""}) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("StreetName", "Evergren"),
        ("HouseNumber", "743"),
        ("Location", "Flr 3"),
        ("City", "Sprngfield"),
        ("PostalCode", ""),
        ("StreetSuffix", "Terrace"),
        ("CompanyName", "425-555-0121"),
        ("CompanyName", ""),
    ],
)
def test_one_field_that_differs_is_asked_about(field: str, value: str) -> None:
    assert _typos(FLOOR_2, {**FLOOR_2, field: value}) == [(3, field)]


def test_it_is_said_whether_two_erls_come_of_it() -> None:
    for value, words in (("Evergren", "two ERLs"), ("EVERGREEN", "the same ERL")):
        places, _ = gather(lines_of(FLOOR_2, {**FLOOR_2, "StreetName": value}), ())
        (finding,) = suspected_typos(places, [])
        assert words in finding.reason
        assert "subnet.csv:2 (Evergreen)" in finding.reason


def test_a_typo_is_told_once() -> None:
    assert _typos(FLOOR_2, *[{**FLOOR_2, "City": "Sprngfield"}] * 3) == [(3, "City")]


def test_the_drafts_are_looked_at_too_but_a_new_elin_is_no_typo() -> None:
    civic = CivicAddress("US", "WA", "", "Springfield", HNO="742", RD="Evergreen", STS="Ter")
    known = KnownPlace(
        "spf-2",
        CivicAddress(**{**_fields(civic), "LOC": "Flr 2", "PC": "98001"}),
        (Elin("4255550121"), Elin("4255550122")),
    )
    assert _typos({**FLOOR_2, "StreetName": "Evergren"}, known=[known]) == [(2, "StreetName")]
    assert _typos({**FLOOR_2, "CompanyName": "425-555-0129"}, known=[known]) == []


def _fields(civic: CivicAddress) -> dict[str, str]:
    return {name: getattr(civic, name) for name in CivicAddress.__dataclass_fields__}
