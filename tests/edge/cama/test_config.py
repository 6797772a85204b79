"""How a CAMA trunk may be set up: what is refused is named with its limits."""

from __future__ import annotations

from typing import Any

import pytest

from edge_agent.cama.config import Answering, CamaSpan, CamaTrunkConfig
from edge_agent.cama.formats import FORMATS
from edge_agent.cama.timers import T
from tests.edge.cama.line import SPAN, config


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_can_be_had_with_the_defaults(name: str) -> None:
    assert config(format=name, npd={"425": 0}).row is FORMATS[name]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"trunk": ""}, "trunk must have a name"),
        ({"spans": ()}, "spans must be a list without repetition"),
        ({"spans": (CamaSpan(SPAN, (1,)), CamaSpan(SPAN, (2,)))}, "spans must be a list"),
        ({"format": "kp-9-st"}, "format must be one of kp-0-nxx-xxxx-st, .*emf-20"),
        ({"called": "112"}, "called must be one of route, 911, 11, none"),
        ({"ani_digits": 8}, "ani_digits must be 7 or 10"),
        ({"info": "123"}, "info must be one or two digits"),
        ({"info_failed": "x"}, "info_failed must be one or two digits"),
        ({"terminator": "st4"}, "terminator must be one of st, stp, st2p, st3p, or empty"),
        ({"called_terminator": "#"}, "called_terminator must be one of"),
        ({"home_area": "125"}, "home_area must be an area code"),
        ({"home_area": ""}, "home_area must be set: kp-0-nxx-xxxx-st sends seven digits"),
        ({"format": "fgc", "home_area": ""}, "home_area must be set: fgc"),
        ({"format": "kp-npd-nxx-xxxx-st"}, "npd must be set"),
        ({"npd": {"425": 10}}, "npd must be one digit by area code"),
        ({"npd": {"25": 1}}, "npd must be one digit by area code"),
        ({"npd": {"425": 1, "206": 1}}, "npd must give each area code a digit of its own"),
        ({"answer_delay_ms": 60_001}, "answer_delay_ms must be 0 to 60000"),
        ({"wink_least_ms": 19}, "wink_least_ms must be 20 to 300"),
        ({"wink_most_ms": 1001}, "wink_most_ms must be 100 to 1000"),
        ({"wink_least_ms": 200, "wink_most_ms": 200}, "wink_least_ms must be below wink_most_ms"),
        ({"flash_least_ms": 49}, "flash_least_ms must be 50 to 1000"),
        ({"flash_most_ms": 2001}, "flash_most_ms must be 0 to 2000"),
        ({"flash_most_ms": 300}, "flash_least_ms must be below flash_most_ms"),
        ({"timers": {"start_wait": 11.0}}, "start_wait is 11.0 s; it must be 0.5 to 10.0 s"),
        ({"timers": {"T303": 1.0}}, "T303 is no timer"),
        ({"format": "fgc", "answer": Answering.SUPERVISION}, "answer cannot be supervision"),
    ],
)
def test_what_is_outside_its_limits_is_refused_by_name(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        config(**changes)


@pytest.mark.parametrize(
    ("span", "channels", "said"),
    [
        ("", (1,), "span must have a name"),
        (SPAN, (), "channels must be a list"),
        (SPAN, (1, 1), "channels must be a list without repetition"),
        (SPAN, (0,), "channels must be 1 to 99"),
        (SPAN, (100,), "channels must be 1 to 99"),
    ],
)
def test_a_span_has_a_name_and_channels(span: str, channels: tuple[int, ...], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        CamaSpan(span, channels)


def test_feature_group_c_has_supervision_where_nothing_is_asked_for() -> None:
    """Without called digits the number goes out on the wink, and off hook is an answer again."""
    wanted = config(format="fgc", called="none", answer=Answering.SUPERVISION)
    assert (wanted.asks, config(format="fgc").asks) == (False, True)


def test_timers_that_follow_from_other_values_follow_them() -> None:
    seconds = config(flash_most_ms=900, answer_delay_ms=2500).seconds()
    assert seconds[T.FLASH] == pytest.approx(0.93)
    assert seconds[T.ANSWER_DELAY] == 2.5


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({}, False),
        ({"format": "fgc"}, True),
        ({"format": "fgd"}, True),
        ({"format": "fgc", "called": "911"}, False),
        ({"format": "fgd", "called": "none"}, False),
    ],
)
def test_a_trunk_that_does_not_say_the_digits_of_a_route_step_reaches_911_and_nothing_else(
    changes: dict[str, Any], says: bool
) -> None:
    assert config(**changes).says_called is says


def test_a_configuration_is_a_value() -> None:
    assert config() == CamaTrunkConfig(
        trunk="psap",
        spans=(CamaSpan(SPAN, (1, 2)),),
        format="kp-0-nxx-xxxx-st",
        home_area="425",
    )
