"""API Gateway's preference: an exact path, then parameters, then the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.cloud.errors import UnsupportedTemplate
from lab.cloud.routes import Route, RouteTable
from lab.cloud.template import read
from tests.lab.cloud.conftest import TEMPLATE


def route(key: str) -> Route:
    method, path = key.split()
    return Route("Api", method, path, "F", "AWS_IAM")


KEYS = ["ANY /v1/{rest+}", "GET /v1/{kind}/{id}", "ANY /v1/{kind}/{id}", "GET /v1/draft/all"]
TABLE = RouteTable(tuple(sorted(map(route, KEYS), key=Route.preference)))


@pytest.mark.parametrize(
    ("method", "path", "key", "parameters"),
    [
        ("GET", "/v1/draft/all", "GET /v1/draft/all", {}),
        ("PUT", "/v1/draft/all", "ANY /v1/{kind}/{id}", {"kind": "draft", "id": "all"}),
        ("GET", "/v1/erl/spf-1", "GET /v1/{kind}/{id}", {"kind": "erl", "id": "spf-1"}),
        ("GET", "/v1/a/b/c", "ANY /v1/{rest+}", {"rest": "a/b/c"}),
    ],
)
def test_the_preferred_route_is_found(
    method: str, path: str, key: str, parameters: dict[str, str]
) -> None:
    found = TABLE.find(method, path)
    assert found is not None
    assert (found[0].key, found[1]) == (key, parameters)


@pytest.mark.parametrize("path", ["/v1", "/v1/", "/v2/a", "/xv1/a/b"])
def test_a_path_of_no_route_is_not_found(path: str) -> None:
    assert TABLE.find("GET", path) is None


def test_a_dot_in_a_route_is_a_dot() -> None:
    table = RouteTable((route("GET /openapi.json"),))
    assert table.find("GET", "/openapi.json")
    assert table.find("GET", "/openapixjson") is None


def test_an_event_without_an_api_of_the_template_is_refused(tmp_path: Path) -> None:
    changed = tmp_path / "template.yaml"
    changed.write_text(
        TEMPLATE.read_text().replace("{ApiId: !Ref Api, Path: /location", "{Path: /l")
    )
    with pytest.raises(UnsupportedTemplate, match="Echo: an HttpApi event without an API"):
        RouteTable.of(read(changed))
