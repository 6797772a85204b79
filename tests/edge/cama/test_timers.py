"""The limits of timers, and deadlines without a clock."""

from __future__ import annotations

import pytest

from edge_agent.cama.digits import spell
from edge_agent.cama.timers import FOLLOWING, SETTABLE, T, seconds_of
from tests.edge.cama.line import ELIN, config


def test_a_silent_tandem_costs_less_than_five_seconds_with_the_guard_before_it() -> None:
    seconds = seconds_of({})
    assert seconds[T.START_WAIT] + seconds[T.GUARD] <= 5.0


def test_a_number_that_nobody_asks_for_costs_less_than_five_seconds_from_the_seizure_on() -> None:
    told = config(format="fgc", called="911")
    spills, seconds = spell(told, ELIN.digits, "911"), seconds_of({})
    assert isinstance(spills, tuple)
    called, number = spills
    assert number.on_request
    wink_s, digits_s = told.wink_most_ms / 1000, told.tones.length_ms(called.signals) / 1000
    assert wink_s + seconds[T.PULSE_DELAY] + digits_s + seconds[T.REQUEST_WAIT] < 5.0


def test_the_pause_after_a_start_signal_is_never_below_seventy_milliseconds() -> None:
    assert seconds_of({})[T.PULSE_DELAY] == T.PULSE_DELAY.value.least == 0.07


@pytest.mark.parametrize("word", sorted(SETTABLE))
def test_each_timer_can_be_set_within_its_limits_and_not_beyond(word: str) -> None:
    timer = SETTABLE[word]
    spec = timer.value
    assert spec.least <= spec.seconds <= spec.most
    for seconds in (spec.least, spec.most):
        assert seconds_of({word: seconds})[timer] == seconds
    for seconds in (spec.least - 0.01, spec.most + 0.01):
        with pytest.raises(ValueError, match=f"{word} is .* it must be {spec.least} to"):
            seconds_of({word: seconds})


@pytest.mark.parametrize("word", ["T303", "START_WAIT", *sorted(timer.word for timer in FOLLOWING)])
def test_a_name_that_is_no_timer_is_refused_with_those_that_are(word: str) -> None:
    with pytest.raises(ValueError, match=f"{word} is no timer; there are alarm_hold, .*stuck"):
        seconds_of({word: 1.0})
