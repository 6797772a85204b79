"""The caller's place on an emergency call, when its phone leaves it or another one takes it.

A caller who is gone leaves a call behind: before the answer its trunk is kept for the ALI bid
(R13), after the answer for as long as the branch lets the PSAP hold it. A phone that takes the
place is told as much as the one before it was.
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


def gone(exchange: Exchange, state: S) -> In:
    """What it means in this state that the caller has hung up."""
    held = state is S.TALKING and psap_hold_s(exchange) > 0
    return In.CALLER_GONE_PSAP_HOLDS if held else In.CALLER_GONE


def psap_hold_s(exchange: Exchange) -> int:
    """How long the PSAP may keep an answered call whose caller has hung up."""
    return exchange.snapshot.branch.psap_hold_s if exchange.snapshot else 0


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
