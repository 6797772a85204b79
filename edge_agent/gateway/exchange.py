"""What every call works with: the configuration held, the ledger, the trunks, the clock, and the
numbering of legs.

One exchange per agent, owned by the gateway. A call reads it and asks it to bind, reserve and
report; it never reaches into another call.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from e911.ledger import Ledger
from e911.numbers import Caller, Elin
from e911.snapshot import Snapshot
from e911.timekeeping import GuardedClock
from edge_agent.gateway.trunks import TrunkBoard
from edge_agent.leg import LegId

INCIDENT_GROUPING = timedelta(minutes=10)
"""Calls from one ERL within this of the last one are one incident (R11)."""


class Ids(Protocol):
    """Where leg names come from; tests hand in a seeded one."""

    def leg(self) -> LegId:
        """A leg id never used before by this process."""
        ...


@dataclass(frozen=True, slots=True)
class LastResort:
    """What places a call when no snapshot can be used: from ``[last_resort]`` of ``edge.toml``
    (R1)."""

    elin: Elin
    trunk: str
    called: str
    desk: str
    peers: tuple[str, ...] = ()
    """Ids of the platforms that are known without a snapshot: people are rung through them."""


@dataclass(frozen=True, slots=True)
class Times:
    """The gateway's own timers, in seconds; all others belong to a wire or to the branch's row."""

    platform_s: float = 8.0
    """No sign of life from any trunk for so long: 183 if a step remains, 503 if none."""
    unanswered_s: float = 30.0
    """Ringing at the PSAP for so long: the desk is told."""
    second_call_s: float = 10.0
    """A callback that finds its caller talking rings this long as a second call, then the desk."""
    busy_retry_s: float = 2.0
    busy_for_s: float = 20.0
    """A callback that meets the caller's unanswered 911 tries again every so often, for so long."""
    peer_dead_s: float = 4.0
    """A peer that says nothing for so long is joined by the next one."""
    retry_all_s: float = 5.0
    """When everybody has declined a callback, all are rung again after this."""
    unbound_limit: int = 5
    """So many calls of one number to unbound ELINs in ``unbound_window_s`` reach the desk (R7)."""
    unbound_window_s: float = 600.0
    window_s: int = 180 * 60
    """Window of a binding made without a snapshot."""


@dataclass(slots=True)
class Exchange:
    """The shared ground of all calls of one agent."""

    edge: str
    boot: str
    ids: Ids
    last_resort: LastResort
    times: Times
    clock: GuardedClock
    ledger: Ledger = field(default_factory=Ledger)
    trunks: TrunkBoard = field(default_factory=TrunkBoard)
    snapshot: Snapshot | None = None
    _calls: int = 0
    _incidents: dict[str, tuple[str, datetime]] = field(default_factory=dict)

    def new_call(self) -> str:
        """A call id, unique for ever: ``{edge}-{boot}-{n}``."""
        self._calls += 1
        return f"{self.edge}-{self.boot}-{self._calls}"

    def incident(self, erl: str, caller: Caller, utc: datetime, call: str) -> str:
        """The incident that a call from ``erl`` belongs to; a new one is named after its first
        call.

        A redial inside the window is the incident of the binding that it meets; otherwise calls
        from one ERL within ten minutes of each other are one incident.
        """
        held = self.ledger.elins_of(caller)
        # A tower has hundreds of ELINs, and most callers are on none of them.
        for elin in self._elins_for(erl) if held else ():
            if elin not in held:
                continue
            for binding in self.ledger.callers_of(elin, utc):
                if binding.erl == erl and binding.caller.is_same(caller) and binding.incident:
                    self._incidents[erl] = (binding.incident, utc)
                    return binding.incident
        known = self._incidents.get(erl)
        name = known[0] if known and utc - known[1] <= INCIDENT_GROUPING else f"i-{call}"
        self._incidents[erl] = (name, utc)
        return name

    def _elins_for(self, erl: str) -> tuple[Elin, ...]:
        """Every ELIN that a call from ``erl`` may have got: its own, its building's, the last
        resort's."""
        rows = self.snapshot.pool(erl) + self.snapshot.overflow(erl) if self.snapshot else ()
        return (*(row.id for row in rows), self.last_resort.elin)

    def erl_of(self, elin: Elin | None) -> str:
        """The ERL that an ELIN stands for, else the branch's default: where a voice may send
        responders when nobody is bound."""
        if self.snapshot is None:
            return ""
        row = self.snapshot.elins.get(elin) if elin else None
        return row.erl if row else self.snapshot.branch.default_erl

    def branch(self) -> str:
        """Id of the branch served; empty before the first snapshot."""
        return self.snapshot.branch.id if self.snapshot else ""
