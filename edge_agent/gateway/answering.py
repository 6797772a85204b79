"""Who answers a call from the PSTN: whom the branch lets it ring, how fast, and when it is a flood.

The callback itself knows only its ladder; where the ladder comes from is decided here, from the
snapshot and from what the rung caller is doing now (R4, R7).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from e911.bindings import Binding
from e911.numbers import Caller, Elin
from e911.policy import policy_for
from e911.rows import SharedElinPolicy
from edge_agent.gateway.callback import Callback
from edge_agent.gateway.emergency_states import S
from edge_agent.gateway.exchange import Exchange, Times
from edge_agent.gateway.ladder import Pace
from edge_agent.gateway.routing import comes_back
from edge_agent.gateway.telling import Teller
from edge_agent.leg import Offered

Found = tuple[Binding, ...]
"""The bindings of the ELIN called, the newest caller first; empty where nobody holds it."""

UNANSWERED = frozenset({S.SEIZING, S.PROCEEDING, S.QUEUED})
"""States in which a caller waits for a PSAP."""


def callback_of(
    exchange: Exchange,
    teller: Teller,
    offered: Offered,
    elin: Elin | None,
    found: Found,
    busy: Collection[S],
) -> Callback:
    """The callback of a call to ``elin``, whichever way it came in; ``busy`` as for
    :func:`pace_of`."""
    return Callback(
        exchange,
        teller,
        offered,
        elin,
        found,
        _rung(exchange, offered, elin, found),
        desk_of(exchange, found, elin),
        pace_of(exchange, busy),
        targets_of(exchange, found),
    )


def _rung(exchange: Exchange, offered: Offered, elin: Elin | None, found: Found) -> Caller | None:
    """The caller whom the callback rings, without the contacts that would only bring it back to us;
    ``None`` where nobody is left, or the policy says so: then it is the desk's at once (R7)."""
    if not found or goes_to_desk(exchange, found):
        return None
    caller = found[0].caller
    contact, *others = (
        "" if comes_back(exchange, offered, each, elin) else each
        for each in (caller.contact, *caller.alternates)
    )
    alternates = tuple(each for each in others if each)
    return replace(caller, contact=contact, alternates=alternates)


def goes_to_desk(exchange: Exchange, found: Found) -> bool:
    """Whether an ELIN that callers share is the desk's to answer, by the branch's policy (R4)."""
    if exchange.snapshot is None or len(found) < 2:
        return False
    return exchange.snapshot.branch.shared_elin is SharedElinPolicy.DESK


def desk_of(exchange: Exchange, found: Found, elin: Elin | None) -> tuple[str, ...]:
    """The desk of the ERL, else of the branch, else of the last resort."""
    snapshot, last = exchange.snapshot, (exchange.last_resort.desk,)
    if snapshot is None:
        return last
    row = snapshot.elins.get(elin) if elin else None
    erl = snapshot.erls.get(found[0].erl if found else row.erl if row else "")
    return (erl.desk if erl else ()) or snapshot.branch.desk or last


def targets_of(exchange: Exchange, found: Found) -> tuple[str, ...]:
    """Whom the policy of the caller, or else of the branch, tells of a callback."""
    if exchange.snapshot is None:
        return ()
    policy = policy_for(exchange.snapshot, found[0].caller.contact if found else "", None)
    return policy.targets if policy else ()


def pace_of(exchange: Exchange, busy: Collection[S]) -> Pace:
    """How fast the ladder climbs; ``busy`` are the states of the emergency calls that the rung
    caller has now: faster when the caller is on the line already."""
    times = exchange.times
    branch = exchange.snapshot.branch if exchange.snapshot else None
    pace = Pace(branch.alternates_s, branch.desk_s, branch.give_up_s) if branch else Pace()
    if S.TALKING in busy:
        return replace(pace, desk_s=times.second_call_s)
    if not UNANSWERED.isdisjoint(busy):
        return replace(pace, desk_s=times.busy_for_s, busy_for_s=times.busy_for_s)
    return pace


class Flood:
    """How often each number of late reached the desk by an ELIN that nobody holds; a bound ELIN is
    never asked (R7)."""

    def __init__(self, times: Times) -> None:
        self._times = times
        self._unbound: dict[str, list[float]] = {}

    def rises(self, calling: str, now: float) -> bool:
        """Whether this call is one too many; counts it where it is not."""
        window_s = self._times.unbound_window_s
        recent = [at for at in self._unbound.get(calling, []) if now - at < window_s]
        self._unbound = {n: ats for n, ats in self._unbound.items() if now - ats[-1] < window_s}
        if len(recent) >= self._times.unbound_limit:
            return True
        self._unbound[calling] = [*recent, now]
        return False
