"""The routes of publishing: validate, publish, roll back, and how far a job is."""

from __future__ import annotations

from uuid import uuid4

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver

from e911_cloud.documents import Fault, Id, JobAnswer, JobStarted, RollbackRequest, Validation
from e911_cloud.errors import Detail
from e911_cloud.jobs import Jobs, warnings_in
from e911_cloud.web import asker, now


def add_job_routes(app: APIGatewayHttpResolver, jobs: Jobs) -> APIGatewayHttpResolver:
    """Add the routes to ``app``."""

    @app.post("/v1/draft/validate")
    def validate() -> Validation:
        faults, warnings = jobs.validate()
        return Validation(valid=not faults, detail=_shown(faults), warnings=_shown(warnings))

    @app.post("/v1/publish")
    def publish() -> tuple[JobStarted, int]:
        who, job = asker(app), uuid4().hex
        generation = jobs.publish(job, who, now())
        warnings = _shown(warnings_in(jobs.get(job)))
        return JobStarted(job=job, generation=generation, warnings=warnings), 202

    @app.post("/v1/rollback")
    def rollback(request: RollbackRequest) -> tuple[JobStarted, int]:
        who, job = asker(app), uuid4().hex
        generation = jobs.rollback(job, request.generation, who, now())
        return JobStarted(job=job, generation=generation, warnings=[]), 202

    @app.get("/v1/jobs/<job>")
    def job_of(job: Id) -> JobAnswer:
        row = jobs.get(job)
        return JobAnswer(
            job=row.job,
            state=row.state,
            generation=int(row.generation),
            branches=row.branches or [],
            done=sorted(row.done or ()),
            warnings=_shown(warnings_in(row)),
        )

    return app


def _shown(details: list[Detail]) -> list[Fault]:
    return [Fault(loc=each.loc, msg=each.msg) for each in details]
