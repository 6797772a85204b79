"""Two spellings of one building share a key; two buildings do not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from e911.places import CivicAddress
from tests.core.springfield import HARBOR

SPELLED = CivicAddress(A1="wa", A3=" SPRINGFIELD ", RD="Harbor Avenue  Northeast", HNO="1200")


def test_case_blanks_and_elements_do_not_matter_to_the_key() -> None:
    assert SPELLED.matching_key() == HARBOR.matching_key()


@pytest.mark.parametrize(
    "spelling",
    [{"STS": "Ave."}, {"STS": "AVENUE"}, {"POD": "Northeast"}, {"STS": "Av", "POD": "ne"}],
)
def test_postal_abbreviations_are_one_street(spelling: dict[str, str]) -> None:
    assert replace(HARBOR, **spelling).matching_key() == HARBOR.matching_key()


@pytest.mark.parametrize(
    "other",
    [
        {"HNO": "1201"},
        {"HNS": "A"},
        {"STS": "St"},
        {"POD": "NW"},
        {"A3": "Shelbyville"},
        {"A1": "OR"},
    ],
)
def test_another_building_has_another_key(other: dict[str, str]) -> None:
    assert replace(HARBOR, **other).matching_key() != HARBOR.matching_key()


def test_the_place_inside_and_the_elins_are_no_part_of_the_street() -> None:
    inside = replace(HARBOR, LOC="Flr 9", FLR="9", NAM="4255550101", PC="")
    assert inside.matching_key() == HARBOR.matching_key()


def test_a_house_number_suffix_is_the_same_apart_or_joined() -> None:
    apart = replace(HARBOR, HNO="1200", HNS="1/2")
    joined = replace(HARBOR, HNO="1200 1/2", HNS="")
    assert apart.matching_key() == joined.matching_key()


def test_inside_is_loc_else_the_floor() -> None:
    assert CivicAddress(LOC=" Flr  2 ", FLR="3").inside == "flr 2"
    assert CivicAddress(FLR="3").inside == "3"


def test_one_line_is_what_a_dispatcher_reads() -> None:
    assert HARBOR.one_line() == "1200 Harbor Ave NE, Flr 1, Springfield, WA, 98000"
    assert CivicAddress().one_line() == ""


def test_a_country_alone_is_an_empty_address() -> None:
    assert CivicAddress().is_empty()
    assert not CivicAddress(A3="Springfield").is_empty()
