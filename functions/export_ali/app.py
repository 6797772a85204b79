"""GET /v1/ali/export: the file that a carrier loads into ALI, from what is published."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from e911_cloud.ali_export import export
from e911_cloud.aws import client
from e911_cloud.content import Contents
from e911_cloud.documents import Branch, Cycle
from e911_cloud.observe import logger
from e911_cloud.settings import Settings
from e911_cloud.tables import bind_tables
from e911_cloud.web import build_admin_resolver, now

log = logger("export-ali")


def build_app(contents: Contents) -> APIGatewayHttpResolver:
    """The route over what is published."""
    app = build_admin_resolver()

    @app.get("/v1/ali/export")
    def file_of(branch: Branch, cycle: Cycle = 1) -> Response[str]:
        return Response(200, "text/plain; charset=us-ascii", export(contents, branch, cycle, now()))

    return app


@cache
def wired() -> APIGatewayHttpResolver:
    """Built by the first call in a container, never by an import."""
    settings = Settings.read(os.environ)
    bind_tables(settings.stack)
    return build_app(Contents(client("s3"), settings.bucket))


@log.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Lambda's entry point."""
    return wired().resolve(event, context)
