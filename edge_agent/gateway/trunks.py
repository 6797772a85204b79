"""Who holds which channel, and who must give one up: ranks, the reserve, glare (R8).

The board knows channels by number and calls by leg; it knows nothing of SETUP or wink. A SIP trunk
has no channels, only a number of calls.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass, field, replace
from enum import IntEnum

from edge_agent.leg import LegId


class Rank(IntEnum):
    """Who goes before whom; pre-emption goes from the bottom and never touches ``FIRST``."""

    FIRST = 0
    """Emergency, callback, held leg."""
    DESK = 1
    """Calls to the desk, and the R9 relay."""
    ORDINARY = 2
    """Not carried now; the rank exists."""
    TEST = 3
    """Tests and probes."""


@dataclass(frozen=True, slots=True)
class Hold:
    """One leg on one trunk; ``channel`` is ``None`` on a trunk that has none."""

    leg: LegId
    rank: Rank
    channel: int | None
    confirmed: bool = False
    """The network has agreed to the channel: no glare is possible any more."""


@dataclass(frozen=True, slots=True)
class Reserved:
    """A channel to seize; ``preempted`` is the leg that must be cleared first."""

    channel: int | None
    preempted: LegId | None = None


@dataclass(slots=True)
class Trunk:
    """One trunk's channels and who is on them."""

    id: str
    channels: tuple[int, ...] = ()
    capacity: int = 0
    """Calls at once where there are no channels; 0 for no limit."""
    up: bool = True
    why: str = ""
    holds: dict[LegId, Hold] = field(default_factory=dict)

    def free(self) -> list[int]:
        """Idle channels, highest first: the network hunts from the bottom, so glare is rare."""
        busy = {hold.channel for hold in self.holds.values()}
        return sorted((c for c in self.channels if c not in busy), reverse=True)

    def room(self) -> int:
        """How many more calls fit; a large number where there is no limit."""
        if self.channels:
            return len(self.channels) - len(self.holds)
        return self.capacity - len(self.holds) if self.capacity else 1 << 30


class TrunkBoard:
    """Every trunk of this agent, by id."""

    def __init__(self) -> None:
        self._trunks: dict[str, Trunk] = {}
        self._where: dict[LegId, str] = {}

    def __getitem__(self, trunk: str) -> Trunk:
        return self._trunks[trunk]

    def __contains__(self, trunk: object) -> bool:
        return trunk in self._trunks

    def __iter__(self) -> Iterator[Trunk]:
        return iter(self._trunks.values())

    def equip(self, trunk: str, channels: tuple[int, ...] = (), capacity: int = 0) -> None:
        """Make a trunk known, or change its size; calls on it stay."""
        held = self._trunks.setdefault(trunk, Trunk(trunk))
        held.channels, held.capacity = channels, capacity

    def link(self, trunk: str, up: bool, why: str = "") -> None:
        """Note a link's state: it reorders route steps and removes none (R1)."""
        if trunk in self._trunks:
            self._trunks[trunk].up, self._trunks[trunk].why = up, why

    def is_up(self, trunk: str) -> bool:
        """Whether the trunk's link is thought to work."""
        return trunk in self._trunks and self._trunks[trunk].up

    def reserve(self, trunk: str, leg: LegId, rank: Rank, reserve: int) -> Reserved | None:
        """Take a channel for ``leg``; ``None`` where every one is held by a rank as good.

        ``reserve`` channels are kept from every rank but the first.
        """
        held = self._trunks.get(trunk)
        if held is None:
            return None
        kept_back = 0 if rank is Rank.FIRST else reserve
        if held.room() > kept_back:
            return self._take(held, leg, rank, held.free()[0] if held.channels else None, None)
        victim = self._victim(held, rank)
        if victim is None:
            return None
        self.release(victim.leg)
        return self._take(held, leg, rank, victim.channel, victim.leg)

    def accept(self, trunk: str, leg: LegId, channel: int | None) -> tuple[bool, LegId | None]:
        """The network offers ``leg`` on ``channel``: whether it fits, and which leg of ours has to
        go: it lost the glare, or a full trunk carries it by a lower rank (R8)."""
        held = self._trunks.get(trunk)
        if held is None:
            return False, None
        rival = next(
            (h for h in held.holds.values() if channel is not None and h.channel == channel), None
        )
        if rival is not None and rival.confirmed:
            return False, None
        if rival is not None:
            self.release(rival.leg)
        elif held.room() <= 0:
            rival = self._victim(held, Rank.FIRST)
            if rival is None:
                return False, None
            self.release(rival.leg)
        self._take(held, leg, Rank.FIRST, channel, None)
        self.confirm(leg, channel)
        return True, rival.leg if rival else None

    def confirm(self, leg: LegId, channel: int | None) -> None:
        """The network agreed to the leg's channel, or moved it to another."""
        trunk = self._where.get(leg)
        if trunk is not None:
            holds = self._trunks[trunk].holds
            held = holds[leg]
            moved = held.channel if channel is None else channel
            holds[leg] = Hold(leg, held.rank, moved, confirmed=True)

    def promote(self, leg: LegId) -> None:
        """A human on this leg talks to the PSAP: it is a callback now, and of the first rank
        (R8)."""
        trunk = self._where.get(leg)
        if trunk is not None:
            holds = self._trunks[trunk].holds
            holds[leg] = replace(holds[leg], rank=Rank.FIRST)

    def release(self, leg: LegId) -> None:
        """The leg is gone; its channel is idle."""
        trunk = self._where.pop(leg, None)
        if trunk is not None:
            self._trunks[trunk].holds.pop(leg, None)

    def release_all_but(self, known: Container[LegId]) -> None:
        """Free what is held by legs that no call has: one broke before it could say so."""
        for leg in [leg for leg in self._where if leg not in known]:
            self.release(leg)

    def _take(
        self, held: Trunk, leg: LegId, rank: Rank, channel: int | None, preempted: LegId | None
    ) -> Reserved:
        held.holds[leg] = Hold(leg, rank, channel)
        self._where[leg] = held.id
        return Reserved(channel, preempted)

    def _victim(self, held: Trunk, rank: Rank) -> Hold | None:
        below = [
            hold for hold in held.holds.values() if hold.rank > rank and hold.rank is not Rank.FIRST
        ]
        return max(below, key=lambda hold: (hold.rank, hold.channel or 0), default=None)
