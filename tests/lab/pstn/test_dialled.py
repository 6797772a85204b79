"""Each form of digits is read as it is meant; what is none of it is a call without a number."""

from __future__ import annotations

import pytest

from lab.pstn.dialled import Dialled, TrunkGroup, read

CASES = [
    ("kp-0-nxx-xxxx-st", "*05550142#", "4255550142"),
    ("kp-0-nxx-xxxx-st", "*05550142A", "4255550142"),
    ("kp-0-nxx-xxxx-st", "*2#", ""),
    ("kp-0-nxx-xxxx-st", "*25550142#", ""),
    ("kp-0-nxx-xxxx-st", "*0555014#", ""),
    ("kp-0-nxx-xxxx-st", "*04255550142#", ""),
    ("kp-0-npa-nxx-xxxx-st", "*04255550142#", "4255550142"),
    ("kp-0-npa-nxx-xxxx-st", "*2#", ""),
    ("kp-npd-nxx-xxxx-st", "*15550142#", "2065550142"),
    ("kp-npd-nxx-xxxx-st", "*75550142#", ""),
    ("kp-npd-nxx-xxxx-st", "*2#", ""),
    ("kp-2-st", "*2#", ""),
    ("kp-2-st", "*05550142#", ""),
    ("fgc", "*911#*05550142#", "4255550142"),
    ("fgc", "*11#*02065550142B", "2065550142"),
    ("fgc", "*911#*2#", ""),
    ("fgd", "*004255550142#*911#", "4255550142"),
    ("fgd", "*004255550142#*#", "4255550142"),
    ("fgd", "*02#*911#", ""),
    ("emf-10", "*404255550142A", "4255550142"),
    ("emf-10", "*444255550142A", "4255550142"),
    ("emf-10", "*42A", ""),
]


@pytest.mark.parametrize(("form", "signals", "ani"), CASES)
def test_a_whole_spill_is_a_call_to_911_of_its_number(form: str, signals: str, ani: str) -> None:
    call = read(signals, _group(form))
    assert call == Dialled("911", ani)
    assert call.ani_failed == (ani == "")


@pytest.mark.parametrize(("form", "signals", "_"), CASES)
def test_a_spill_without_its_last_signal_is_waited_for(form: str, signals: str, _: str) -> None:
    assert read(signals[:-1], _group(form)) is None


@pytest.mark.parametrize("form", ["kp-0-npa-nxx-xxxx-st-kp-yyy-yyy-yyyy-st", "emf-20"])
def test_twenty_digits_are_who_calls_and_what_stands_for_the_place(form: str) -> None:
    info = "40" if form == "emf-20" else "0"
    first = f"*{info}4255550142#"
    assert read(first, _group(form)) is None
    assert read(f"{first}*4255550100#", _group(form)) == Dialled("911", "4255550142", "4255550100")


def test_a_group_that_is_sent_the_called_number_believes_it() -> None:
    assert read("*5550199#*05550142#", _group("fgc")) == Dialled("5550199", "4255550142")


def test_seven_digits_stay_without_an_area_where_the_tandem_has_none() -> None:
    assert read("*05550142#", TrunkGroup("kp-0-nxx-xxxx-st")) == Dialled("911", "")


def test_only_feature_group_c_asks_for_ani() -> None:
    assert [form for form in {case[0] for case in CASES} if _group(form).asks_for_ani] == ["fgc"]


def _group(form: str) -> TrunkGroup:
    return TrunkGroup(form, "425", {0: "425", 1: "206"})
