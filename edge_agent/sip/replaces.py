"""Replaces (RFC 3891): the dialog of ours that a new call takes over."""

from __future__ import annotations

from edge_agent.leg import LegId
from edge_agent.sip.grammar import param, read_params
from edge_agent.sip.message import Request
from edge_agent.sip.station import Station


def replaced_leg(request: Request, station: Station) -> LegId | None:
    """The leg that ``Replaces`` names; ``None`` where there is no such header or no such dialog.

    RFC 3891 §3 would refuse a stale name with 481; a call that may be an emergency is offered
    without it (R1).
    """
    line = request.headers.get("replaces")
    if not line:
        return None
    call_id, semicolon, rest = line.partition(";")
    params = read_params(semicolon + rest)
    leg = station.by_dialog.get((call_id.strip(), param(params, "to-tag") or ""))
    if leg is None or (param(params, "from-tag") or "") not in leg.remote_tags():
        return None
    return leg.id
