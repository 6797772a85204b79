"""A spill is told of once: by media, or because there is no media to play it."""

from __future__ import annotations

from collections.abc import Callable

from edge_agent.cama.outputs import Pulse
from edge_agent.cama.signals import Tones
from edge_agent.messages import Message, PlaySpill, SpillPlayed, StopSpill
from edge_agent.spills import NO_MEDIA, Spills

PULSE = Pulse("em-1", 3, 7, "*2#", Tones(100, 68, 68, 68, -7.0))
PLAYED = SpillPlayed("em-1", 3, 7)


class Desk:
    """Both sides of it."""

    def __init__(self, *, media: bool = True) -> None:
        self.told: list[Message] = []
        self.played: list[tuple[str, int, int, str]] = []
        self.later: list[Callable[[], None]] = []
        self.spills = Spills(self.told.append, self.later.append, self._hear)
        self.spills.media_changed(media)

    def _hear(self, span: str, channel: int, spill: int, why: str) -> None:
        self.played.append((span, channel, spill, why))

    def next_turn(self) -> None:
        due, self.later = self.later, []
        for each in due:
            each()


def test_media_is_asked_and_the_trunk_is_told_what_became_of_it() -> None:
    desk = Desk()
    desk.spills.pulse(PULSE)
    assert desk.told == [PlaySpill("em-1", 3, 7, "*2#")]
    desk.spills.hear(PLAYED)
    assert desk.played == [("em-1", 3, 7, "")]


def test_a_spill_that_was_stopped_is_no_news() -> None:
    desk = Desk()
    desk.spills.pulse(PULSE)
    desk.spills.hush("em-1", 3)
    desk.spills.hear(PLAYED)
    assert desk.told[1:] == [StopSpill("em-1", 3)]
    assert not desk.played


def test_an_earlier_spill_of_the_channel_is_not_taken_for_the_one_under_way() -> None:
    desk = Desk()
    desk.spills.pulse(PULSE)
    desk.spills.hear(SpillPlayed("em-1", 3, 6))
    assert not desk.played


def test_without_media_the_trunk_hears_so_in_the_next_turn_and_not_by_a_timer_r1() -> None:
    desk = Desk(media=False)
    desk.spills.pulse(PULSE)
    assert not desk.told
    assert not desk.played, "the core that asks is not called back while it asks"
    desk.next_turn()
    assert desk.played == [("em-1", 3, 7, NO_MEDIA)]


def test_media_that_dies_takes_its_spills_along_and_each_is_told_of_once_r1() -> None:
    desk = Desk()
    desk.spills.pulse(PULSE)
    desk.spills.media_changed(False)
    desk.next_turn()
    desk.spills.hear(PLAYED)
    assert desk.played == [("em-1", 3, 7, NO_MEDIA)]
