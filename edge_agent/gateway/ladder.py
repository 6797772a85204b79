"""A callback ends at a human: who is rung, when others join, and what the PSAP hears if nobody
answers (R7).

The caller rings from the start and keeps ringing; alternates join, then the desk; the first human
to answer has the call. The same ladder serves a callback and an abandoned call that the PSAP
answers (R13).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, auto

from e911.numbers import Caller
from edge_agent.gateway.deadlines import Deadlines
from edge_agent.gateway.exchange import Exchange
from edge_agent.gateway.outputs import GatewayOutput
from edge_agent.gateway.telling import peer_of
from edge_agent.gateway.trunks import Rank
from edge_agent.leg import (
    Alerting,
    Answered,
    Clear,
    Cleared,
    Exempt,
    ExemptReason,
    LegEvent,
    LegId,
    Proceeding,
    Progress,
    RingParty,
    SeizeTrunk,
)

BUSY = 17
DECLINED = frozenset({16, BUSY, 18, 19, 21, 31})
"""Causes by which a person or a phone said no; any other is the peer's trouble, and the next peer
is tried."""
SAID_NO = frozenset({16, BUSY, 21})
"""Causes by which somebody at the phone, or a call on it, said no: not rung again while others
ring."""
ANSWERED_ELSEWHERE = 26


class Who(Enum):
    """Whom a leg of the ladder rings, in the order in which they join."""

    CALLER = auto()
    ALTERNATE = auto()
    DESK = auto()


class Due(Enum):
    """What a ladder waits for, beside the legs themselves."""

    ALTERNATES = auto()
    DESK = auto()
    GIVE_UP = auto()
    RETRY_BUSY = auto()
    RETRY_ALL = auto()


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds from the start of ringing to each rung."""

    alternates_s: float = 20.0
    desk_s: float = 40.0
    give_up_s: float = 90.0
    busy_for_s: float = 0.0
    """While the caller's own new 911 is unanswered: how long a busy caller is tried again."""


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody to ring: ``peers`` still untried, in order; a number over a trunk needs none."""

    who: Who
    contact: str
    peers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ringing:
    """One leg that rings, and whom it is for."""

    leg: LegId
    party: Party
    heard: bool = False


class Ladder:
    """Rings people for one PSAP leg until a human answers."""

    def __init__(
        self,
        exchange: Exchange,
        call: str,
        calling: str,
        callers: tuple[Caller, ...],
        desk: tuple[str, ...],
        pace: Pace,
    ) -> None:
        self._exchange, self._call, self._calling = exchange, call, calling
        self._pace = pace
        self._rungs = {
            Who.CALLER: tuple(self._caller(c) for c in callers if c.contact),
            Who.ALTERNATE: tuple(
                replace(self._caller(replace(c, contact=contact)), who=Who.ALTERNATE)
                for c in callers
                for contact in c.alternates
            ),
            Who.DESK: tuple(self._desk(contact) for contact in desk),
        }
        self._joined: set[Who] = set()
        self._ringing: dict[LegId, Ringing] = {}
        self._due: Deadlines[Due | Who | LegId] = Deadlines()
        """By a :class:`Who`: when those of that rung who dropped out are rung again."""
        self._started = 0.0
        self.human: LegId | None = None
        """The leg that answered."""
        self.given_up = False
        """Nobody answered in time: the PSAP is to hear the recorded voice."""

    @property
    def desk_joined(self) -> bool:
        """Whether the desk is being rung."""
        return Who.DESK in self._joined

    def owns(self, leg: LegId) -> bool:
        """Whether the leg is one of this ladder's."""
        return leg in self._ringing or leg == self.human

    def start(self, now: float) -> list[GatewayOutput]:
        """Ring the caller; with no caller known, the desk at once."""
        self._started = now
        self._due.set(Due.ALTERNATES, now + self._pace.alternates_s)
        self._due.set(Due.DESK, now + self._pace.desk_s)
        self._due.set(Due.GIVE_UP, now + self._pace.give_up_s)
        return self._join(Who.CALLER, now) + self._keep_somebody_ringing(now)

    def hear(self, event: LegEvent, now: float) -> list[GatewayOutput]:
        """What a rung leg says."""
        match event:
            case Answered(leg):
                return self._answered(leg)
            case Cleared(leg, cause):
                return self._cleared(leg, cause, now)
            case Alerting(leg) | Proceeding(leg) | Progress(leg):
                self._due.drop(leg)
                if leg in self._ringing:
                    self._ringing[leg] = replace(self._ringing[leg], heard=True)
        return []

    def handle_timeout(self, now: float) -> list[GatewayOutput]:
        """The rungs and retries that are due."""
        out: list[GatewayOutput] = []
        for due in self._due.take(now):
            match due:
                case Due.ALTERNATES:
                    out += self._join(Who.ALTERNATE, now)
                case Due.DESK:
                    out += self._join(Who.DESK, now)
                case Due.RETRY_BUSY:
                    out += self._ring_all(Who.CALLER, now)
                case Due.RETRY_ALL:
                    for who in Who:
                        out += self._ring_all(who, now)
                case Due.GIVE_UP:
                    self.given_up = True
                case Who():
                    out += self._ring_all(due, now)
                case _:
                    out += self._peer_is_silent(due, now)
        return out

    def next_deadline(self) -> float | None:
        """When the next rung or retry is due."""
        return self._due.earliest()

    def stop(self, cause: int) -> list[GatewayOutput]:
        """The PSAP is gone: nobody rings any more."""
        self._due.clear()
        legs = [*self._ringing, *([self.human] if self.human else [])]
        self._ringing.clear()
        self.human = None
        return [Clear(leg, cause) for leg in legs]

    def _answered(self, leg: LegId) -> list[GatewayOutput]:
        if leg not in self._ringing:
            return []
        others = [other for other in self._ringing if other != leg]
        self._ringing.clear()
        self._due.clear()
        self.human = leg
        self._exchange.trunks.promote(leg)
        return [Clear(other, ANSWERED_ELSEWHERE) for other in others]

    def _cleared(self, leg: LegId, cause: int, now: float) -> list[GatewayOutput]:
        self._due.drop(leg)
        gone = self._ringing.pop(leg, None)
        if gone is None:
            return []
        if cause not in DECLINED and gone.party.peers:
            return self._ring(gone.party, now)
        busy_until = self._started + self._pace.busy_for_s
        if cause == BUSY and gone.party.who is Who.CALLER and now < busy_until:
            self._due.set(Due.RETRY_BUSY, now + self._exchange.times.busy_retry_s)
            return []
        if gone.party.who is Who.DESK or cause not in SAID_NO:
            self._ring_again(gone.party.who, now)
        return self._keep_somebody_ringing(now)

    def _ring_again(self, who: Who, now: float) -> None:
        """The caller keeps ringing, and so does the desk: a phone that a platform gave up, or a
        trunk that was full, is no answer (R7)."""
        self._due.set(who, now + self._exchange.times.retry_all_s)

    def _keep_somebody_ringing(self, now: float) -> list[GatewayOutput]:
        """Nobody rings: the next rung joins at once; all declined: all are rung again soon."""
        out: list[GatewayOutput] = []
        for who in Who:
            if self._ringing or Due.RETRY_BUSY in self._due:
                return out
            if who not in self._joined:
                out += self._join(who, now)
        if not self._ringing:
            self._due.set(Due.RETRY_ALL, now + self._exchange.times.retry_all_s)
        return out

    def _join(self, who: Who, now: float) -> list[GatewayOutput]:
        if who in self._joined:
            return []
        self._joined.add(who)
        return self._ring_all(who, now)

    def _ring_all(self, who: Who, now: float) -> list[GatewayOutput]:
        out: list[GatewayOutput] = []
        for party in self._rungs[who] if who in self._joined else ():
            if all(ringing.party.contact != party.contact for ringing in self._ringing.values()):
                out += self._ring(party, now)
        return out

    def _ring(self, party: Party, now: float) -> list[GatewayOutput]:
        leg = self._exchange.ids.leg()
        if party.contact.startswith("tel:") and ";trunk=" in party.contact:
            return self._seize(leg, party, now)
        left = replace(party, peers=party.peers[1:])
        self._ringing[leg] = Ringing(leg, left)
        if left.peers:
            self._due.set(leg, now + self._exchange.times.peer_dead_s)
        peer = party.peers[0] if party.peers else ""
        return [RingParty(leg, peer, party.contact, self._calling, call=self._call)]

    def _seize(self, leg: LegId, party: Party, now: float) -> list[GatewayOutput]:
        number, _, trunk = party.contact.removeprefix("tel:").partition(";trunk=")
        snapshot = self._exchange.snapshot
        reserve = snapshot.branch.reserve if snapshot else 0
        held = self._exchange.trunks.reserve(trunk, leg, Rank.DESK, reserve)
        if held is None:
            self._ring_again(party.who, now)
            return []
        self._ringing[leg] = Ringing(leg, party)
        shown = snapshot.branch.main_number.digits if snapshot else self._calling
        calling = Exempt(shown, ExemptReason.DESK)
        seize = SeizeTrunk(leg, trunk, held.channel, calling, number, False, self._call)
        return [Clear(held.preempted, 8), seize] if held.preempted else [seize]

    def _peer_is_silent(self, leg: LegId, now: float) -> list[GatewayOutput]:
        """The peer may be dead: the next one is asked too, while the first goes on."""
        ringing = self._ringing.get(leg)
        if ringing is None or ringing.heard:
            return []
        self._ringing[leg] = replace(ringing, party=replace(ringing.party, peers=()))
        return self._ring(ringing.party, now)

    def _caller(self, caller: Caller) -> Party:
        snapshot, spare = self._exchange.snapshot, self._exchange.last_resort.peers
        known = tuple(sorted(snapshot.peers)) if snapshot else spare
        first = (caller.peer,) if caller.peer else known[:1]
        return Party(Who.CALLER, caller.contact, tuple(dict.fromkeys(first + known)))

    def _desk(self, contact: str) -> Party:
        spare = self._exchange.last_resort.peers
        return Party(Who.DESK, contact, (peer_of(self._exchange.snapshot, contact, spare),))
