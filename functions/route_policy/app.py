"""POST /v1/policy: which location policy applies to a client."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.utilities.typing import LambdaContext

from e911_cloud.aws import client
from e911_cloud.content import Contents
from e911_cloud.documents import PolicyRequest
from e911_cloud.lookups import Published
from e911_cloud.observe import logger
from e911_cloud.policies import Policies
from e911_cloud.settings import Settings
from e911_cloud.tables import bind_tables
from e911_cloud.web import branch_of_token, build_resolver, now

log = logger("route-policy")


def build_app(policies: Policies) -> APIGatewayHttpResolver:
    """The route over the published policies."""
    app = build_resolver()

    @app.post("/v1/policy")
    def policy(request: PolicyRequest) -> dict[str, Any]:
        branch = branch_of_token(app)
        return policies.applying(branch, request.contact, request.address, now())

    return app


@cache
def wired() -> APIGatewayHttpResolver:
    """Built by the first call in a container, never by an import."""
    settings = Settings.read(os.environ)
    bind_tables(settings.stack)
    return build_app(Policies(Published(), Contents(client("s3"), settings.bucket)))


@log.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Lambda's entry point."""
    return wired().resolve(event, context)
