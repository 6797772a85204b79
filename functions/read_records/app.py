"""Reads what happened: calls by day and by id, whom an ELIN rings now, how an edge is."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.utilities.typing import LambdaContext

from e911_cloud.callbacks import Callbacks
from e911_cloud.calls import Calls
from e911_cloud.edges import Edges
from e911_cloud.observe import logger
from e911_cloud.record_routes import add_record_routes
from e911_cloud.settings import Settings
from e911_cloud.tables import bind_tables
from e911_cloud.web import build_admin_resolver

log = logger("read-records")


def build_app(calls: Calls, callbacks: Callbacks, edges: Edges) -> APIGatewayHttpResolver:
    """The routes over the stores."""
    return add_record_routes(build_admin_resolver(), calls, callbacks, edges)


@cache
def wired() -> APIGatewayHttpResolver:
    """Built by the first call in a container, never by an import."""
    bind_tables(Settings.read(os.environ).stack)
    return build_app(Calls(), Callbacks(), Edges())


@log.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Lambda's entry point."""
    return wired().resolve(event, context)
