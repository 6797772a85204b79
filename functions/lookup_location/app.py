"""POST /v1/location and /v1/edges/{edge}/location: where a phone is, by what its network says."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.utilities.typing import LambdaContext

from e911_cloud.documents import Id, LocationAnswer, LocationRequest
from e911_cloud.locations import Locations, read_hint
from e911_cloud.lookups import Published
from e911_cloud.observe import logger
from e911_cloud.settings import Settings
from e911_cloud.tables import bind_tables
from e911_cloud.web import branch_of_token, build_resolver, now

log = logger("lookup-location")


def build_app(locations: Locations) -> APIGatewayHttpResolver:
    """The routes over a location service."""
    app = build_resolver()

    @app.post("/v1/location")
    def locate_client(request: LocationRequest) -> LocationAnswer:
        return answer(request)

    @app.post("/v1/edges/<edge>/location")
    def locate_for_edge(edge: Id, request: LocationRequest) -> LocationAnswer:
        log.info("asked by an edge", extra={"edge": edge})
        return answer(request)

    def answer(request: LocationRequest) -> LocationAnswer:
        hint = read_hint(request.bssid, request.chassis, request.port, request.address)
        found = locations.find(hint, request.contact, now(), branch_of_token(app))
        log.info("located", extra={"erl": found.erl, "how": found.how})
        return LocationAnswer.model_validate(found, from_attributes=True)

    return app


@cache
def wired() -> APIGatewayHttpResolver:
    """Built by the first call in a container, never by an import."""
    bind_tables(Settings.read(os.environ).stack)
    return build_app(Locations(Published()))


@log.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Lambda's entry point."""
    return wired().resolve(event, context)
