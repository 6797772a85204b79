"""The caller's place on an emergency call, when its phone leaves it or another one takes it.

A caller who is gone leaves a call behind: before the answer its trunk is kept for the ALI bid
(R13), after the answer for as long as the branch lets the PSAP hold it; an answer that is only
assumed ends no ALI bid. A phone that takes the place is told as much as the one before it was.
"""

from __future__ import annotations

from e911.notice import NoticeStep
from e911.records import CallStep
from edge_agent.gateway.chronicle import Chronicle
from edge_agent.gateway.emergency_states import In, S
from edge_agent.gateway.exchange import Exchange
from edge_agent.gateway.outputs import GatewayOutput
from edge_agent.leg import Answer, LegId, Ring, ShowProgress

LEG_HOLD_S = 5
"""How long a trunk is kept for the ALI bid where no snapshot says it."""


def gone(state: S, *, held: bool) -> In:
    """What it means in this state that the caller has hung up; ``held``: the trunk of an answered
    call outlives its caller."""
    return In.CALLER_GONE_HELD if state is S.TALKING and held else In.CALLER_GONE


def held_until(exchange: Exchange, seized_at: float, now: float, *, assumed: bool) -> float:
    """How long the trunk of an answered call outlives a caller who hangs up now: as long as the
    branch lets the PSAP hold it, and, where the answer is only assumed, until the ALI bid is over
    (R13)."""
    psap_hold_s = exchange.snapshot.branch.psap_hold_s if exchange.snapshot else 0
    bid = bid_is_over(exchange, seized_at) if assumed else now
    return max(now + psap_hold_s, bid)


def bid_is_over(exchange: Exchange, seized_at: float) -> float:
    """When the trunk of an abandoned call may be let go; a CAMA trunk first ends its spill by
    itself (R13)."""
    return seized_at + (exchange.snapshot.branch.leg_hold_s if exchange.snapshot else LEG_HOLD_S)


def abandoned(chronicle: Chronicle, now: float) -> list[GatewayOutput]:
    """An abandoned call is a call: it is recorded and told like any other (R13)."""
    return [
        chronicle.report(CallStep.ABANDONED, now),
        *chronicle.tell(NoticeStep.ABANDONED, now, "hung up before answer"),
    ]


def as_far_as(state: S, leg: LegId) -> list[GatewayOutput]:
    """Bring a leg that joins late to where its call is: only talking is answered."""
    match state:
        case S.TALKING:
            return [Answer(leg)]
        case S.QUEUED:
            return [Ring(leg, in_band=True)]
        case S.PROCEEDING:
            return [ShowProgress(leg)]
    return []
