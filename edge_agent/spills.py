"""Spills are on their way until media tells of them, and none is waited for that cannot come.

A media process that is gone, or is not there yet, can play nothing: the trunk hears so in the next
turn, and the call takes its next step instead of a timer's (R1).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from functools import partial

from edge_agent.cama.outputs import Pulse
from edge_agent.messages import Message, PlaySpill, SpillPlayed, StopSpill

NO_MEDIA = "media is not running"

Later = Callable[[Callable[[], None]], object]
"""Has something done in a turn of its own: no core is told of a pulse while it asks for it."""
Played = Callable[[str, int, int, str], None]
"""Told span, channel, spill, and why it did not go out; empty where it did."""


class Spills:
    """Between the trunks and media."""

    def __init__(self, tell_media: Callable[[Message], None], later: Later, played: Played) -> None:
        self._tell_media, self._later, self._played = tell_media, later, played
        self._under_way: dict[tuple[str, int], int] = {}
        """By span and channel: the number of the spill."""
        self._has_media = False

    def media_changed(self, up: bool) -> None:
        """A media process is there to hear, or is gone with what it was playing."""
        self._has_media = up
        lost, self._under_way = self._under_way, {}
        for (span, channel), spill in lost.items():
            self._later(partial(self._played, span, channel, spill, NO_MEDIA))

    def pulse(self, pulse: Pulse) -> None:
        """Have media play it."""
        if not self._has_media:
            where = pulse.span, pulse.channel, pulse.spill
            self._later(partial(self._played, *where, NO_MEDIA))
            return
        self._under_way[pulse.span, pulse.channel] = pulse.spill
        to = pulse.span, pulse.channel, pulse.spill, pulse.signals
        self._tell_media(PlaySpill(*to, **asdict(pulse.tones)))

    def hush(self, span: str, channel: int) -> None:
        """Have media stop what is on its way to a channel."""
        self._under_way.pop((span, channel), None)
        self._tell_media(StopSpill(span, channel))

    def hear(self, told: SpillPlayed) -> None:
        """Media tells what became of a spill; one that nobody waits for any more is no news."""
        if self._under_way.get((told.span, told.channel)) == told.spill:
            del self._under_way[told.span, told.channel]
            self._played(told.span, told.channel, told.spill, told.why)
