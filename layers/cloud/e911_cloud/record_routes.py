"""The routes that read what happened, each for administrators: answers hold callers' numbers."""

from __future__ import annotations

from datetime import date
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver

from e911.errors import InvalidDocument
from e911.numbers import Elin
from e911.wire import stamp
from e911_cloud.callbacks import Callbacks
from e911_cloud.calls import Calls
from e911_cloud.documents import Branch, Day, EdgeAnswer, Id
from e911_cloud.edges import Edges
from e911_cloud.tables import CallbackRow, EdgeRow
from e911_cloud.web import now


def add_record_routes(
    app: APIGatewayHttpResolver, calls: Calls, callbacks: Callbacks, edges: Edges
) -> APIGatewayHttpResolver:
    """Add the routes to ``app``."""

    @app.get("/v1/calls")
    def of_day(branch: Branch, day: Day) -> dict[str, Any]:
        return {"records": calls.of_day(branch, _read_day(day))}

    @app.get("/v1/calls/<call>")
    def steps(call: Id) -> dict[str, Any]:
        return {"call": call, "records": calls.steps(call)}

    @app.get("/v1/callbacks/<elin>")
    def callers(elin: Id) -> dict[str, Any]:
        rows = callbacks.callers_of(Elin.parse(elin), now())
        return {"elin": elin, "callers": [_callback(row) for row in rows]}

    @app.get("/v1/edges/<edge>")
    def edge_of(edge: Id) -> EdgeAnswer:
        return _edge(edges.get(edge))

    return app


def _read_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidDocument("day", "must be a day like 2026-11-22") from error


def _callback(row: CallbackRow) -> dict[str, Any]:
    return {
        "call": row.call,
        "edge": row.edge,
        "branch": row.branch,
        "erl": row.erl,
        "caller": row.caller,
        "bound_at": stamp(row.bound_at),
        "ended_at": stamp(row.ended_at) if row.ended_at else None,
        "expires_at": stamp(row.expires_at) if row.expires_at else None,
    }


def _edge(row: EdgeRow) -> EdgeAnswer:
    """Serial and generation are those that the edge said it holds, not those rendered for it."""
    health = row.health or {}
    return EdgeAnswer(
        edge=row.edge,
        branch=row.branch,
        serial=int(health.get("serial", 0)),
        generation=int(health.get("generation", 0)),
        health=row.health,
        heard_at=stamp(row.health_at) if row.health_at else None,
    )
