"""The CAMA trunk of a branch of the simulation: its sheet, its tandem, its media, and a witness of
all that passes between them and the agent.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from edge_agent.cama.outputs import Pulse
from edge_agent.cama.trunk import CamaTrunk
from edge_agent.leg import SeizeTrunk
from edge_agent.line import Transition
from tests.sim.cama_sheets import CHANNELS, SPAN, Sheet
from tests.sim.cama_witness import CamaWitness
from tests.sim.office import Office, Surroundings
from tests.sim.spill_media import SpillMedia
from tests.sim.tandem import Tandem

DEATH_S = 2.0
"""So long after the agent is gone its media lets go of the channels: then they are on hook."""


class CamaLine:
    """Between whichever agent lives and the far end."""

    def __init__(self, seed: int, sheet: Sheet, world: Surroundings, *, only: bool) -> None:
        self.sheet, self._world, self._dice = sheet, world, Random(seed)
        self._office: Office | None = None
        self.alarmed = False
        groups = len(sheet.with_number)
        self.tandem = Tandem(CHANNELS, groups, self._dice, self._now, world.at, self._tell)
        self.witness = CamaWitness(sheet, self.tandem, only=only)
        self.fair_media = False
        self.media = self._new_media()

    # ---- lives of the agent --------------------------------------------------------------------

    def trunk(self) -> CamaTrunk:
        """A core for the next life."""
        return CamaTrunk(self.sheet.config)

    def begin_life(self) -> None:
        """Before the next agent: every port is opened on hook, and media is new."""
        self._hang_up_all()
        self.media.playing.clear()
        self.media = self._new_media()
        self.witness.begin_life(self._world.now)

    def attach(self, office: Office) -> None:
        """The agent is there: its ports tell how the far ends are."""
        self._office = office
        self.media.change(up=True)
        self.tandem.begin_anew()
        if self.alarmed:
            office.change_span(SPAN, alarm=True)

    def dies(self) -> None:
        """The agent is gone; its media lets go a little later."""
        office = self._office
        self.witness.end_life()

        def let_go() -> None:
            if self._office is office:
                self._hang_up_all()

        self._world.at(self._world.now + DEATH_S, let_go)

    def restart_media(self, seconds: float) -> None:
        """Media dies and is there again after so long."""
        media = self.media
        self.witness.media_died(media.playing, self._world.now)
        media.change(up=False)
        self._world.at(self._world.now + seconds, lambda: media.change(up=True))

    def calm_down(self) -> None:
        """Nothing is torn any more, and the tandem has good manners."""
        self.fair_media = self.media.fair = True
        self.tandem.calm_down()

    def alarm(self, *, active: bool) -> None:
        """The span is in alarm, or mended; the driver says so, and the far end is not seen."""
        if active == self.alarmed:
            return
        self.alarmed = self.tandem.cut = active
        self.witness.alarm(self._world.now, active=active)
        if self._office is not None:
            self._office.change_span(SPAN, alarm=active)
        if not active:
            self.tandem.mend()

    # ---- what the agent does -------------------------------------------------------------------

    def hook(self, channel: int, *, off_hook: bool) -> None:
        """A hook of the agent's."""
        is_playing = channel in self.media.playing
        self.witness.hook(channel, self._world.now, off_hook=off_hook, is_playing=is_playing)
        self.tandem.hook(channel, off_hook=off_hook)
        if off_hook:
            self.witness.seized(channel, self.tandem.seizures[-1])

    def pulse(self, pulse: Pulse) -> None:
        """A spill of the agent's."""
        self.witness.pulse(pulse.channel, pulse.signals, self._world.now)
        if not self.media.up:
            self.witness.harmed(pulse.channel)
        self.media.spills.pulse(pulse)

    def hush(self, channel: int) -> None:
        """The agent stops it."""
        self.media.spills.hush(SPAN, channel)

    def trace(self, what: str, wire: str, value: object) -> None:
        """What the agent and its wires say to each other."""
        self.witness.trace(value, self._world.now)

    def invited(self, call_id: str, seized: Sequence[SeizeTrunk]) -> None:
        """A phone has dialled 911, and this is what the agent did in that step."""
        self.witness.invited(call_id, seized, self._world.now)

    # ---- pieces --------------------------------------------------------------------------------

    def _new_media(self) -> SpillMedia:
        media = SpillMedia(
            self._dice, self._now, self._world.at, self._played, self._out, self._harmed
        )
        media.fair = self.fair_media
        return media

    def _harmed(self, channel: int) -> None:
        self.witness.harmed(channel)

    def _now(self) -> float:
        return self._world.now

    def _tell(self, transition: Transition) -> None:
        if self._office is not None:
            self._office.hear_transition(SPAN, transition)

    def _played(self, span: str, channel: int, spill: int, why: str) -> None:
        if self._office is not None:
            self._office.hear_spill(span, channel, spill, why)

    def _out(self, channel: int, signals: str) -> None:
        self.tandem.hear(channel, signals)

    def _hang_up_all(self) -> None:
        for channel in CHANNELS:
            self.tandem.hook(channel, off_hook=False)
