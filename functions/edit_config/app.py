"""Configuration is edited here: drafts with versions; tokens and secrets, shown once; the key that
edges trust.
"""

from __future__ import annotations

import os
from functools import cache
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.utilities.typing import LambdaContext

from e911_cloud.aws import client
from e911_cloud.draft_routes import add_draft_routes
from e911_cloud.drafts import Drafts
from e911_cloud.observe import logger
from e911_cloud.parameters import Secrets
from e911_cloud.secret_routes import add_secret_routes
from e911_cloud.settings import Settings
from e911_cloud.signer import Signer
from e911_cloud.tables import bind_tables
from e911_cloud.tokens import Tokens
from e911_cloud.web import build_admin_resolver

log = logger("edit-config")


def build_app(
    drafts: Drafts, tokens: Tokens, secrets: Secrets, signer: Signer
) -> APIGatewayHttpResolver:
    """The routes over the drafts, and those over the secrets."""
    app = build_admin_resolver()
    add_draft_routes(app, drafts)
    add_secret_routes(app, drafts, tokens, secrets, signer)
    return app


@cache
def wired() -> APIGatewayHttpResolver:
    """Built by the first call in a container, never by an import."""
    settings = Settings.read(os.environ)
    bind_tables(settings.stack)
    secrets = Secrets(client("ssm"), settings.stack)
    return build_app(Drafts(), Tokens(), secrets, Signer(settings.signing_key_id))


@log.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Lambda's entry point."""
    return wired().resolve(event, context)
