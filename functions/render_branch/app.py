"""Renders one branch of one generation for its edges: the only function that may sign."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.batch import process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from e911_cloud.aws import client
from e911_cloud.batches import OrderedBatch
from e911_cloud.content import Contents
from e911_cloud.drafts import Drafts
from e911_cloud.edges import Edges
from e911_cloud.jobs import Jobs, Queues
from e911_cloud.observe import logger
from e911_cloud.publisher import Publisher
from e911_cloud.settings import Settings
from e911_cloud.signer import Signer
from e911_cloud.tables import bind_tables
from e911_cloud.web import now

log = logger("render-branch")
batch = OrderedBatch(log)


@cache
def wired() -> tuple[Publisher, Jobs]:
    """Built by the first call in a container, never by an import."""
    settings = Settings.read(os.environ)
    bind_tables(settings.stack)
    contents, edges = Contents(client("s3"), settings.bucket), Edges()
    signer = Signer(settings.signing_key_id)
    deployment = settings.deployment
    publisher = Publisher(client("s3"), settings.bucket, deployment, signer, contents, edges)
    return publisher, Jobs(Drafts(), contents, edges, Queues(client("sqs"), "", ""))


def render(record: SQSRecord) -> None:
    """Render one branch and write down that it is done."""
    message, (publisher, jobs) = record.json_body, wired()
    branch, generation = str(message["branch"]), int(message["generation"])
    edges = publisher.render_branch(branch, generation, now())
    jobs.rendered(str(message["job"]), branch, now())
    log.info("rendered", extra={"branch": branch, "generation": generation, "edges": edges})


@log.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Lambda's entry point: the first failure holds back the rest, so that renders keep their
    order.
    """
    return process_partial_response(event, render, batch, context)
