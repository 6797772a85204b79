"""Who calls whom in the stories with libpri, and what is asked when they are over."""

from __future__ import annotations

from e911.numbers import Elin
from edge_agent.leg import LegId, SeizeTrunk
from tests.wires.libpri.rig import Event, Rig

ELIN = Elin("4255550142")
PSAP = "2065550911"


def seize(leg: str, channel: int, *, emergency: bool = True, called: str = "911") -> SeizeTrunk:
    """A call of ours, with the ELIN as calling number."""
    return SeizeTrunk(LegId(leg), "psap", channel, ELIN, called, emergency)


def nothing_is_left(rig: Rig, within_s: float = 10.0) -> None:
    """No leg and no channel is left in the core, and no call in libpri."""
    rig.until(lambda: not rig.quiet(), within_s)

    def ask_again(event: Event) -> None:
        if event.get("active"):
            rig.network.do("info")

    rig.on_heard = ask_again
    rig.network.do("info")
    rig.until(lambda: {"event": "info", "active": 0} in rig.heard, within_s)
