"""Media of the simulation, as far as spills go: it plays each for as long as it lasts and tells how
that went; some it tears, of some it says nothing, and it dies and comes back.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from edge_agent.cama.signals import Tones
from edge_agent.messages import Message, PlaySpill, SpillPlayed, StopSpill
from edge_agent.spills import Played, Spills

TORN, UNTOLD = 0.06, 0.04
"""Of all spills; the dice choose."""


class SpillMedia:
    """The media process beside one life of an agent, and the agent's own book of spills."""

    def __init__(
        self,
        dice: Random,
        clock: Callable[[], float],
        at: Callable[[float, Callable[[], object]], None],
        played: Played,
        out: Callable[[int, str], None],
        harmed: Callable[[int], None],
    ) -> None:
        self._dice, self._clock, self._at = dice, clock, at
        self._out, self._harmed = out, harmed
        """Told what has gone out whole, and on which channel something did not go as it should."""
        self.spills = Spills(self._hear, lambda do: at(clock(), do), played)
        self.fair = False
        """Nothing is torn and all is told."""
        self.up = False
        self.playing: dict[int, PlaySpill] = {}

    def change(self, *, up: bool) -> None:
        """The process begins, or dies with what it was playing."""
        if up == self.up:
            return
        if not up:
            for channel in self.playing:
                self._harmed(channel)
            self.playing.clear()
        self.up = up
        self.spills.media_changed(up)

    def _hear(self, message: Message) -> None:
        if isinstance(message, StopSpill):
            self.playing.pop(message.channel, None)
        elif isinstance(message, PlaySpill):
            self._play(message)

    def _play(self, spill: PlaySpill) -> None:
        self.playing[spill.channel] = spill
        tones = Tones(spill.kp_ms, spill.digit_ms, spill.st_ms, spill.gap_ms, spill.level_dbm0)
        length, dice = tones.length_ms(spill.signals) / 1000, self._dice.random()
        if self.fair or dice >= TORN + UNTOLD:
            self._later(length, spill, "")
        elif dice < TORN:
            self._harmed(spill.channel)
            self._later(length * self._dice.random(), spill, "underrun")
        else:
            self._harmed(spill.channel)
            self._later(length, spill, None)

    def _later(self, seconds: float, spill: PlaySpill, why: str | None) -> None:
        self._at(self._clock() + seconds, lambda: self._over(spill, why))

    def _over(self, spill: PlaySpill, why: str | None) -> None:
        if self.playing.get(spill.channel) is not spill:
            return
        del self.playing[spill.channel]
        if not why:
            self._out(spill.channel, spill.signals)
        if why is not None:
            self.spills.hear(SpillPlayed(spill.span, spill.channel, spill.spill, why))
