"""One document is made of the routes of several functions."""

from __future__ import annotations

import json

from e911_cloud.openapi import describe, render

MODULES = ["functions.record_call.app", "functions.lookup_location.app"]


def test_routes_and_shapes_of_all_modules_are_in_it() -> None:
    document = describe(MODULES)
    assert set(document["paths"]) == {
        "/v1/edges/{edge}/location",
        "/v1/edges/{edge}/records",
        "/v1/location",
    }
    assert {"LocationRequest", "RecordsRequest"} <= set(document["components"]["schemas"])


def test_the_order_of_the_modules_does_not_matter() -> None:
    assert render(MODULES) == render(reversed(MODULES))
    assert json.loads(render(MODULES)) == describe(MODULES)
