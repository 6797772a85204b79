"""What a span says of its channels: which go last, and what an operator is told, once (R1)."""

from __future__ import annotations

from typing import Any

from edge_agent.gateway.doubts import Doubt, Doubts
from edge_agent.gateway.outputs import ClearAlarm, RaiseAlarm
from edge_agent.leg import ChannelsChanged


def says(span: str = "em-1", out: tuple[int, ...] = (), **channels: Any) -> ChannelsChanged:
    """A span tells all of its channels that are in doubt."""
    why = channels.pop("why", "")
    sets = {name: frozenset(numbers) for name, numbers in channels.items()}
    return ChannelsChanged("cama", span, frozenset(out), **sets, why=why)


def test_a_channel_is_as_doubtful_as_the_worst_that_is_said_of_it() -> None:
    doubts = Doubts()
    assert not doubts
    doubts.hear(says(resting=(1, 2, 3), suspect=(2, 3), out=(3,)))
    assert doubts
    assert [doubts.of(n) for n in (1, 2, 3, 4)] == [
        Doubt.RESTING,
        Doubt.SUSPECT,
        Doubt.OUT,
        Doubt.NONE,
    ]


def test_what_one_span_says_changes_nothing_of_another() -> None:
    doubts = Doubts()
    doubts.hear(says(suspect=(1,)))
    doubts.hear(says("em-2", out=(101,)))
    doubts.hear(says())
    assert (doubts.of(1), doubts.of(101)) == (Doubt.NONE, Doubt.OUT)


def test_a_suspect_channel_is_an_alarm_with_its_reason_until_none_is_left() -> None:
    doubts = Doubts()
    assert doubts.hear(says(suspect=(4, 2), why="no wink")) == [
        RaiseAlarm("trunk-suspect", "em-1", "2, 4: no wink")
    ]
    assert doubts.hear(says(suspect=(4,))) == [RaiseAlarm("trunk-suspect", "em-1", "4")]
    assert doubts.hear(says()) == [ClearAlarm("trunk-suspect", "em-1")]


def test_a_channel_that_rests_after_each_call_is_no_news_and_repeats_no_alarm() -> None:
    doubts = Doubts()
    assert doubts.hear(says(resting=(1,))) == []
    assert doubts.hear(says(out=(2,))) == [RaiseAlarm("channels-out", "em-1", "2")]
    assert doubts.hear(says(out=(2,), resting=(1,))) == []
    assert doubts.hear(says()) == [ClearAlarm("channels-out", "em-1")]
