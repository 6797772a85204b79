"""Publishes drafts: validates the whole, starts jobs, runs them off a queue, and takes up by
schedule what stopped.
"""

from __future__ import annotations

import os
from functools import cache
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.metrics import MetricUnit, single_metric
from aws_lambda_powertools.utilities.typing import LambdaContext

from e911_cloud.aws import client
from e911_cloud.content import Contents
from e911_cloud.drafts import Drafts
from e911_cloud.edges import Edges
from e911_cloud.job_routes import add_job_routes
from e911_cloud.jobs import Jobs, Queues, jobs_in
from e911_cloud.observe import logger
from e911_cloud.settings import Settings
from e911_cloud.tables import bind_tables
from e911_cloud.web import build_admin_resolver, now

log = logger("publish-snapshot")


def build_app(jobs: Jobs) -> APIGatewayHttpResolver:
    """The routes over the jobs."""
    return add_job_routes(build_admin_resolver(), jobs)


@cache
def wired() -> tuple[APIGatewayHttpResolver, Jobs]:
    """Built by the first call in a container, never by an import."""
    settings = Settings.read(os.environ)
    bind_tables(settings.stack)
    queues = Queues(client("sqs"), settings.publish_queue_url, settings.render_queue_url)
    jobs = Jobs(Drafts(), Contents(client("s3"), settings.bucket), Edges(), queues)
    return build_app(jobs), jobs


@log.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Lambda's entry point: a route, jobs from the queue, or the schedule."""
    app, jobs = wired()
    if "routeKey" in event:
        return app.resolve(event, context)
    if "Records" in event:
        for job in jobs_in(event):
            jobs.run(job, now())
            log.info("ran", extra={"job": job})
        return None
    stale = Edges().stale(now())  # counted first: a job that fails again hides no silent edge
    with single_metric("EdgesStale", MetricUnit.Count, len(stale), namespace="Elingate") as metric:
        metric.add_dimension("service", "publish-snapshot")
    log.info("swept", extra={"resumed": jobs.resume(now()), "stale_edges": stale})
    return None
