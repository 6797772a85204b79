"""The limits of timers, and deadlines without a clock."""

from __future__ import annotations

import pytest

from edge_agent.isdn.timers import ChannelTimer, LinkTimer, T, call_seconds, check


def test_an_emergency_call_gives_a_dead_trunk_four_seconds_and_rings_without_limit() -> None:
    emergency = call_seconds({}, emergency=True)
    assert emergency[T.T303] == 2.0
    assert T.T303.value.tries == 2
    assert emergency[T.T301] is None
    assert emergency[T.T310] == 30.0


def test_an_ordinary_call_has_the_standards_values() -> None:
    ordinary = call_seconds({}, emergency=False)
    assert (ordinary[T.T303], ordinary[T.T301], ordinary[T.T305]) == (4.0, 180.0, 30.0)
    assert (ordinary[T.T308], ordinary[T.T313]) == (4.0, 4.0)


def test_the_network_side_has_values_of_its_own_and_knows_no_emergencies() -> None:
    """Table 9-1 beside Table 9-2."""
    network = call_seconds({}, network=True)
    assert network == call_seconds({}, network=True, emergency=True)
    assert (network[T.T310], network[T.T304], network[T.T306]) == (10.0, 20.0, 30.0)
    assert (network[T.T301], network[T.T303], network[T.T322]) == (180.0, 4.0, 4.0)


@pytest.mark.parametrize(
    ("seconds", "taken"), [(9.9, False), (10.0, True), (120.0, True), (121.0, False)]
)
def test_the_silence_after_call_proceeding_may_be_ten_to_a_hundred_and_twenty_seconds(
    seconds: float, taken: bool
) -> None:
    """Some tandems are silent for long; a shorter wait would leave a call that is on its way."""
    if taken:
        assert call_seconds({T.T310: seconds}, emergency=True)[T.T310] == seconds
        return
    with pytest.raises(ValueError, match="T310"):
        call_seconds({T.T310: seconds}, emergency=True)


@pytest.mark.parametrize("timer", [*T, *LinkTimer, *ChannelTimer])
def test_every_row_keeps_its_own_limits(timer: T | LinkTimer | ChannelTimer) -> None:
    spec = timer.value
    assert spec.least <= spec.seconds <= spec.most
    assert spec.network is None or spec.least <= spec.network <= spec.most
    assert spec.emergency is None or spec.least <= spec.emergency <= spec.most


@pytest.mark.parametrize("seconds", [0.0, 0.49, 10.01, float("inf"), float("nan")])
def test_a_value_outside_the_limits_is_refused_by_name(seconds: float) -> None:
    with pytest.raises(ValueError, match="T303"):
        check(T.T303, seconds)


def test_an_override_does_not_start_a_timer_that_emergencies_do_not_have() -> None:
    assert call_seconds({T.T301: 60.0}, emergency=True)[T.T301] is None
    assert call_seconds({T.T301: 60.0}, emergency=False)[T.T301] == 60.0
