"""Elements of one value."""

from __future__ import annotations

import pytest

from edge_agent.isdn import elements
from edge_agent.isdn.elements import (
    ChangeStatus,
    MalformedElement,
    Notified,
    RestartClass,
    ServiceState,
    Tone,
)


@pytest.mark.parametrize("state", range(64))
def test_a_state_is_read_in_any_coding(state: int) -> None:
    assert elements.read_call_state(elements.call_state(state).content) == state
    assert elements.read_call_state(bytes((0x80 | state,))) == state


@pytest.mark.parametrize("restart", RestartClass)
def test_a_restart_is_of_channels_or_of_interfaces(restart: RestartClass) -> None:
    content = elements.restart_indicator(restart).content
    assert elements.read_restart_indicator(content) is restart


@pytest.mark.parametrize("octet", [0x81, 0x82, 0x83, 0x84, 0x85])
def test_a_reserved_class_of_restart_is_malformed(octet: int) -> None:
    with pytest.raises(MalformedElement):
        elements.read_restart_indicator(bytes((octet,)))


@pytest.mark.parametrize("state", ServiceState)
def test_a_change_of_status_is_of_the_channel_named(state: ServiceState) -> None:
    content = elements.change_status(ChangeStatus(state)).content
    assert content == bytes((0xC0 | state,))
    assert elements.read_change_status(content) == ChangeStatus(state)


@pytest.mark.parametrize("description", Notified)
def test_a_notification_is_read_as_written(description: Notified) -> None:
    content = elements.notification(description).content
    assert elements.read_notification(content) == description


@pytest.mark.parametrize("tone", Tone)
def test_a_signal_is_read_as_written(tone: Tone) -> None:
    assert elements.read_signal(elements.signal(tone).content) == tone


@pytest.mark.parametrize("level", [0, 15])
def test_a_level_stands_in_the_identifier(level: int) -> None:
    assert elements.congestion_level(level).id == 0xB0 | level
    assert elements.read_congestion_level(bytes((level,))) == level
    assert elements.repeat_indicator(elements.Repetition.PRIORITISED).id == 0xD2
    assert elements.read_repeat_indicator(b"\x02") == elements.Repetition.PRIORITISED
