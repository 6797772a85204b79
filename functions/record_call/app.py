"""POST /v1/edges/{edge}/records: what an edge tells of its calls and of itself."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.utilities.typing import LambdaContext

from e911_cloud.aws import client
from e911_cloud.callbacks import Callbacks
from e911_cloud.calls import Calls
from e911_cloud.documents import Id, RecordsAnswer, RecordsRequest
from e911_cloud.edges import Edges
from e911_cloud.intake import Intake, NoticeQueue
from e911_cloud.lookups import Published
from e911_cloud.observe import logger
from e911_cloud.settings import Settings
from e911_cloud.tables import bind_tables
from e911_cloud.web import build_resolver, now

log = logger("record-call")


def build_app(intake: Intake) -> APIGatewayHttpResolver:
    """The route over the intake. The edge is the one in the path, which IAM guards; never one in
    the body.
    """
    app = build_resolver()

    @app.post("/v1/edges/<edge>/records")
    def take(edge: Id, request: RecordsRequest) -> RecordsAnswer:
        outcome = intake.take(edge, request.records, now())
        counts = {"taken": len(outcome.taken), "refused": len(outcome.refused)}
        log.info("records", extra={"edge": edge, **counts})
        return RecordsAnswer(taken=outcome.taken, refused=outcome.refused)

    return app


@cache
def wired() -> APIGatewayHttpResolver:
    """Built by the first call in a container, never by an import."""
    settings = Settings.read(os.environ)
    bind_tables(settings.stack)
    queue = NoticeQueue(client("sqs"), settings.notice_queue_url)
    return build_app(Intake(Edges(), Published(), queue, Calls(), Callbacks()))


@log.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Lambda's entry point."""
    return wired().resolve(event, context)
