"""How the CAMA trunk of the simulation is set up, and what its far end must hear where that is
followed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from e911.rows import BranchRow, RouteRow, RouteStep, Row, TrunkKind, TrunkRow
from e911.snapshot import Snapshot
from edge_agent.cama.config import CamaSpan, CamaTrunkConfig
from tests.flows.springfield import ELIN_1, ELIN_2, ELIN_2B, rows, snapshot_of

CAMA, SPAN, CHANNELS = "cama", "em-1", (1, 2, 3, 4)
ELINS = frozenset({ELIN_1.digits, ELIN_2.digits, ELIN_2B.digits})


@dataclass(frozen=True)
class Sheet:
    """What a carrier's interface sheet says, and what must be heard where it is followed."""

    config: CamaTrunkConfig
    with_number: tuple[str, ...]
    """The spills of a call; ``%7`` and ``%10`` stand for so many digits of the ELIN."""
    without: tuple[str, ...]
    """Those of a call whose number cannot be said."""
    carries: bool = True
    """Whether it can say the branch's ELINs."""

    def says(self, elin: str) -> tuple[str, ...]:
        """The spills of a call with this ELIN."""
        return tuple(
            spill.replace("%10", elin).replace("%7", elin[3:]) for spill in self.with_number
        )


def _config(form: str, home: str = "425") -> CamaTrunkConfig:
    """Four channels of one span."""
    spans = (CamaSpan(SPAN, CHANNELS),)
    return CamaTrunkConfig(trunk=CAMA, spans=spans, format=form, home_area=home)


_FGC = Sheet(_config("fgc"), ("*911#", "*0%7#"), ("*911#", "*2#"))
_PLAIN = Sheet(_config("kp-0-npa-nxx-xxxx-st"), ("*0%10#",), ("*2#",))
_FOREIGN = Sheet(_config("kp-0-nxx-xxxx-st", "206"), ("*0%7#",), ("*2#",), carries=False)
SHEETS = (_FGC, _PLAIN, _FGC, _PLAIN, _FOREIGN)
"""By the seed: most carry the number."""


def springfield_with_cama(*, only: bool) -> Snapshot:
    """Its 911 calls go to the CAMA trunk, and unless that is all there is, to the PRI after it."""
    steps = (RouteStep(CAMA),) if only else (RouteStep(CAMA), RouteStep("pri"))
    (branch,) = (row for row in rows() if isinstance(row, BranchRow))
    changed: list[Row] = [
        replace(branch, relay_trunk=CAMA if only else "pri"),
        RouteRow("911", "springfield", steps),
        TrunkRow(CAMA, "springfield", TrunkKind.CAMA),
    ]
    return snapshot_of(changed, dropped=["gateway", "pri"] if only else ["gateway"])
