"""The table of formats: what each row says, and what is left of it without a number."""

from __future__ import annotations

import pytest

from edge_agent.cama.formats import FORMATS, TERMINATORS, Kind, Part
from edge_agent.sections import CAMA_FORMATS


def test_an_operator_can_name_every_row_and_no_other() -> None:
    assert tuple(FORMATS) == CAMA_FORMATS


def test_the_four_ends_of_pulsing_have_the_letters_of_dahdi() -> None:
    assert {name: signal.value for name, signal in TERMINATORS.items()} == {
        "st": "#",
        "stp": "A",
        "st2p": "B",
        "st3p": "C",
    }


def test_the_group_with_the_number_waits_for_the_far_end_in_feature_group_c_alone() -> None:
    waiting = [name for name, row in FORMATS.items() if any(g.on_request for g in row.groups)]
    assert waiting == ["fgc"]


def test_only_the_feature_groups_say_what_is_called() -> None:
    assert [name for name, row in FORMATS.items() if row.has_called] == ["fgc", "fgd"]


def test_only_kp_2_st_never_says_the_number() -> None:
    assert [name for name, row in FORMATS.items() if not row.has_number] == ["kp-2-st"]


@pytest.mark.parametrize("name", FORMATS)
def test_without_its_number_a_format_says_once_that_there_is_none(name: str) -> None:
    row = FORMATS[name].without_number()
    kinds = [group.kind for group in row.groups]
    assert kinds.count(Kind.ANI) == 1
    assert Kind.SECOND not in kinds
    assert row.parts <= {Part.CALLED, Part.INFO_FAILED}
    assert row.has_called == FORMATS[name].has_called
