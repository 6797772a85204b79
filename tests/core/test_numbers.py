"""Numbers are parsed once, and an ELIN is never mistaken for a caller's own number."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from e911.errors import InvalidNumber
from e911.numbers import Caller, Did, Elin, Nanp

DIGITS = st.from_regex(r"[2-9][0-9]{2}[2-9][0-9]{6}", fullmatch=True)


@pytest.mark.parametrize(
    "text",
    [
        "4255550142",
        "14255550142",
        "+14255550142",
        "+1 (425) 555-0142",
        "425.555.0142",
        "425 555 0142",
    ],
)
def test_every_usual_spelling_is_one_number(text: str) -> None:
    assert Nanp.parse(text) == Nanp("4255550142")
    assert Nanp.read(text) == Nanp("4255550142")


@pytest.mark.parametrize(
    "text",
    ["", "911", "425555014", "42555501420", "0255550142", "4251550142", "+444255550142", "abc"],
)
def test_what_is_no_number_of_the_plan_is_refused(text: str) -> None:
    assert Nanp.read(text) is None
    with pytest.raises(InvalidNumber):
        Nanp.parse(text)


def test_digits_of_other_scripts_are_no_digits_on_a_trunk() -> None:
    assert Nanp.read("٤٢٥٥٥٥٠١٤٢") is None
    assert Nanp.read("42555501४2") is None


def test_a_refusal_never_repeats_the_number() -> None:
    with pytest.raises(InvalidNumber) as refused:
        Nanp.parse("555-0142")
    assert "0142" not in str(refused.value)


@given(DIGITS)
def test_an_elin_and_a_did_of_the_same_digits_are_different_things(digits: str) -> None:
    """R2: the swap of the two is this product; they never compare equal."""
    elin, did = Elin.parse(digits), Did.parse(digits)
    either: list[Nanp] = [elin, did]
    assert either[0] != either[1]
    assert len(set(either)) == 2
    assert elin == Elin.parse(elin.e164)


@given(st.lists(DIGITS, min_size=2))
def test_numbers_sort_by_their_digits(numbers: list[str]) -> None:
    assert [n.digits for n in sorted(map(Elin, numbers))] == sorted(numbers)


def test_the_same_caller_is_the_same_contact_not_the_same_number() -> None:
    desk = Caller("sip:Ana@contoso.example", Did("4255551001"))
    soft = Caller("sip:ana@CONTOSO.example", Did("4255559999"))
    other = Caller("sip:ben@contoso.example", Did("4255551001"))
    assert desk.is_same(soft)
    assert not desk.is_same(other)


def test_a_human_is_shown_the_best_that_is_known() -> None:
    assert Caller("sip:a@x", Did("4255551001"), "1001").spoken == "4255551001"
    assert Caller("sip:a@x", None, "1001").spoken == "1001"
    assert Caller("sip:a@x").spoken == "sip:a@x"
