"""What is said of an ELIN that had to be shared, borrowed or left out: never nothing (R3, R4)."""

from __future__ import annotations

from e911.elin import OVERFLOW
from e911.ledger import Bound
from e911.locate import Located
from e911.notice import NoticeStep
from e911.records import CallStep
from edge_agent.gateway.chronicle import Chronicle
from edge_agent.gateway.outputs import GatewayOutput, RaiseAlarm


def sharing(bound: Bound) -> dict[str, tuple[str, ...]]:
    """Who else is on the ELIN, for the record."""
    return {"shared_with": tuple(other.call for other in bound.shared_with)}


def alarms_of(bound: Bound) -> list[GatewayOutput]:
    """Forced re-use, and an ELIN of another floor."""
    out: list[GatewayOutput] = []
    if bound.binding.forced:
        out.append(RaiseAlarm("elin-forced-reuse", bound.binding.erl))
    if bound.rank == OVERFLOW:
        out.append(RaiseAlarm("elin-overflow", bound.binding.erl))
    return out


def remark(bound: Bound, located: Located) -> str:
    """What the desk must know of the choice beside who and where."""
    said = []
    if bound.shared_with:
        said.append("this ELIN is shared with another caller")
    if bound.rank == OVERFLOW:
        said.append("the PSAP sees the building, not the floor")
    if located.note:
        said.append(f"location {located.note}")
    said += located.disagreeing
    return "; ".join(said)


def news_of(bound: Bound) -> NoticeStep | None:
    """What a binding made by a later route step is news of, if it is."""
    if bound.shared_with:
        return NoticeStep.SHARED
    return NoticeStep.OVERFLOW if bound.rank == OVERFLOW else None


def bound_anew(
    chronicle: Chronicle, bound: Bound, located: Located, now: float
) -> list[GatewayOutput]:
    """A later step took an ELIN of another pool; that it is shared is never silent (R4)."""
    chronicle.know_binding(bound.binding)
    out: list[GatewayOutput] = [
        chronicle.report(CallStep.STARTED, now, **sharing(bound)),
        *alarms_of(bound),
    ]
    news = news_of(bound)
    return out + chronicle.tell(news, now, remark(bound, located)) if news else out


def gone_unnumbered(chronicle: Chronicle, now: float) -> list[GatewayOutput]:
    """No trunk could carry the ELIN, and the call went without: whoever is told must reach the
    caller, for the PSAP cannot."""
    said = "sent without a callback number: the PSAP cannot call back"
    return chronicle.tell(NoticeStep.UNNUMBERED, now, said)
