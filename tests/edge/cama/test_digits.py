"""What each format pulses, letter by letter, and which numbers none of them may pulse."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.cama.digits import NotCarried, Spill, spell, spell_failure
from edge_agent.cama.formats import FORMATS
from tests.edge.cama.line import config

NPD = {"425": 0, "206": 1}
TWENTY = "kp-0-npa-nxx-xxxx-st-kp-yyy-yyy-yyyy-st"


def said(calling: str = "4255550142", called: str = "911", **changes: Any) -> list[str]:
    """The spills in order; one that waits to be asked for has a question mark before it."""
    spelled = spell(config(npd=NPD, **changes), calling, called)
    assert not isinstance(spelled, NotCarried), spelled
    return written(spelled)


def written(spills: tuple[Spill, ...]) -> list[str]:
    return [f"?{spill.signals}" if spill.on_request else spill.signals for spill in spills]


def refused(calling: str, **changes: Any) -> str:
    spelled = spell(config(npd=NPD, **changes), calling, "911")
    assert isinstance(spelled, NotCarried), spelled
    return spelled.why


@pytest.mark.parametrize(
    ("name", "spills"),
    [
        ("kp-0-nxx-xxxx-st", ["*05550142#"]),
        ("kp-0-npa-nxx-xxxx-st", ["*04255550142#"]),
        ("kp-npd-nxx-xxxx-st", ["*05550142#"]),
        (TWENTY, ["*04255550142#*4255550142#"]),
        ("kp-2-st", ["*2#"]),
        ("fgc", ["*911#", "?*05550142#"]),
        ("fgd", ["*004255550142#*911#"]),
        ("emf-10", ["*404255550142A"]),
        ("emf-20", ["*404255550142#*4255550142#"]),
    ],
)
def test_each_format_by_its_letters(name: str, spills: list[str]) -> None:
    assert said(format=name) == spills


@pytest.mark.parametrize(
    ("name", "spills"),
    [
        ("kp-0-nxx-xxxx-st", ["*2#"]),
        ("kp-0-npa-nxx-xxxx-st", ["*2#"]),
        ("kp-npd-nxx-xxxx-st", ["*2#"]),
        (TWENTY, ["*2#"]),
        ("kp-2-st", ["*2#"]),
        ("fgc", ["*911#", "?*2#"]),
        ("fgd", ["*02#*911#"]),
        ("emf-10", ["*02A"]),
        ("emf-20", ["*02#"]),
    ],
)
def test_each_format_without_its_number(name: str, spills: list[str]) -> None:
    assert written(spell_failure(config(npd=NPD, format=name), "911")) == spills


def test_the_area_code_becomes_its_numbering_plan_digit() -> None:
    assert said("2065550111", format="kp-npd-nxx-xxxx-st") == ["*15550111#"]


@pytest.mark.parametrize(
    ("changes", "spills"),
    [
        ({"called": "11"}, ["*11#", "?*05550142#"]),
        ({"called": "911"}, ["*911#", "?*05550142#"]),
        ({"called": "none"}, ["*05550142#"]),
        ({"ani_digits": 10, "home_area": ""}, ["*911#", "?*04255550142#"]),
        ({"info": "00"}, ["*911#", "?*005550142#"]),
        ({"terminator": "stp"}, ["*911#", "?*05550142A"]),
        ({"called_terminator": "st3p"}, ["*911C", "?*05550142#"]),
        ({"format": "fgd", "called": "none"}, ["*004255550142#"]),
        ({"format": "fgd", "called_terminator": "st2p"}, ["*004255550142#*911B"]),
        ({"format": "emf-10", "info": "44", "terminator": "st"}, ["*444255550142#"]),
        ({"format": "emf-20", "terminator": "stp"}, ["*404255550142A*4255550142#"]),
        ({"format": "kp-2-st", "info_failed": "1"}, ["*1#"]),
    ],
)
def test_whatever_the_interface_sheet_says_can_be_said(
    changes: dict[str, Any], spills: list[str]
) -> None:
    assert said(**{"format": "fgc", **changes}) == spills


def test_the_called_digits_are_those_of_the_route_step_and_digits_only() -> None:
    assert said(called="9*1#1A", format="fgc")[0] == "*911#"
    assert said(called="", format="fgc") == ["*05550142#"]


@pytest.mark.parametrize("name", ["kp-0-nxx-xxxx-st", "fgc"])
def test_r2_a_number_of_another_area_is_never_said_without_its_area_code(name: str) -> None:
    assert "area code 206 is not the trunk's" in refused("2065550142", format=name)


def test_r2_an_area_code_without_a_numbering_plan_digit_is_not_given_another_ones() -> None:
    assert "area code 360 has no numbering" in refused("3605550142", format="kp-npd-nxx-xxxx-st")


@pytest.mark.parametrize("name", [name for name, row in FORMATS.items() if row.has_number])
@pytest.mark.parametrize("calling", ["", "4711", "555", "911", "14255"])
def test_r2_an_extension_is_no_number_to_be_said(name: str, calling: str) -> None:
    assert refused(calling, format=name) == "the calling number has not ten digits"


@pytest.mark.parametrize("calling", ["+14255550142", "1 (425) 555-0142", "425-555-0142"])
def test_a_number_may_be_written_as_people_write_it(calling: str) -> None:
    assert said(calling, format="kp-0-npa-nxx-xxxx-st") == ["*04255550142#"]


NANP = st.from_regex(r"[2-9]\d\d[2-9]\d{6}", fullmatch=True)


@given(st.sampled_from(sorted(FORMATS)), NANP, st.sampled_from(["911", "11", "", "2065550199"]))
def test_r2_no_format_says_any_number_but_the_one_it_was_given(
    name: str, number: str, called: str
) -> None:
    wanted = config(npd=NPD, format=name)
    spelled = spell(wanted, number, called)
    if isinstance(spelled, NotCarried):
        spelled = spell_failure(wanted, called)
        number = ""
    signals = "".join(spill.signals for spill in spelled)
    for end in "#ABC":
        signals = signals.replace(end, "*")
    groups = [group for group in signals.split("*") if group]
    own = [group for group in groups if group != called and len(group) > 2]
    assert all(number and group.endswith(number[3:]) for group in own), groups
    assert all(group in (called, "2", "02") for group in groups) or number
