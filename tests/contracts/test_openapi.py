"""docs/openapi.json is what the routes say, and the template routes exactly what it describes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate

from e911_cloud.openapi import describe, render
from tests.cloud.stack import ROOT
from tests.contracts.test_template import routes

KEPT = ROOT / "docs/openapi.json"
MAKE = "python -m e911_cloud.openapi docs/openapi.json {names}"


def modules() -> list[str]:
    """Functions that have routes."""
    apps = sorted((ROOT / "functions").glob("*/app.py"))
    return [_name(app) for app in apps if "def build_app" in app.read_text()]


def test_the_document_is_what_the_routes_say() -> None:
    made = MAKE.format(names=" ".join(modules()))
    assert KEPT.read_text() == render(modules()), f"make it anew: {made}"


def test_an_independent_reader_takes_it() -> None:
    validate(json.loads(KEPT.read_text()))


def test_it_describes_exactly_the_routes_of_the_template() -> None:
    described = {
        (method.upper(), path)
        for path, methods in describe(modules())["paths"].items()
        for method in methods
    }
    assert described == set(routes())


@pytest.mark.parametrize("name", ["LocationRequest", "RecordsRequest", "JobAnswer"])
def test_shapes_are_described_and_closed_where_they_are_requests(name: str) -> None:
    schema: dict[str, Any] = json.loads(KEPT.read_text())["components"]["schemas"][name]
    assert schema["properties"]
    assert ("additionalProperties" in schema) == name.endswith("Request")


def _name(app: Path) -> str:
    return f"functions.{app.parent.name}.app"
