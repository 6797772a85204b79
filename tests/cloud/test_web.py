"""Errors have one shape and carry no value back; a role is asked for before all else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from e911.errors import InvalidDocument
from e911_cloud.documents import LocationRequest
from e911_cloud.errors import Conflict, Detail, Invalid
from e911_cloud.web import (
    asker,
    branch_of_token,
    build_admin_resolver,
    build_resolver,
    if_match,
    roles_of,
)
from tests.functions.gateway import ADMIN, CLIENT, VIEWER, Context, http_event


def ask(
    app: Any,
    who: dict[str, Any] | None = None,
    body: object = None,
    headers: dict[str, str] | None = None,
) -> Any:
    event = http_event("POST", "/x", body, who=who, headers=headers)
    return app.resolve(event, Context())


@pytest.mark.parametrize(
    ("claim", "roles"),
    [
        ("[admin viewer]", {"admin", "viewer"}),
        ("admin", {"admin"}),
        ("a,b", {"a", "b"}),
        (["admin"], {"admin"}),
        (None, set()),
        ("[administrator]", {"administrator"}),
    ],
)
def test_a_roles_claim_is_read_however_the_gateway_writes_it(
    claim: object, roles: set[str]
) -> None:
    assert roles_of(claim) == roles


@pytest.mark.parametrize("who", [None, VIEWER, CLIENT, {"iam": {"userId": "x"}}])
def test_only_an_administrator_is_heard(who: dict[str, Any] | None) -> None:
    app = build_admin_resolver()

    @app.post("/x")
    def never(request: LocationRequest) -> dict[str, str]:
        raise AssertionError("was called")

    answer = ask(app, who, {"nonsense": 1})
    assert answer["statusCode"] == 403
    assert json.loads(answer["body"])["error"] == "forbidden"


def test_an_administrator_is_named() -> None:
    app = build_admin_resolver()

    @app.post("/x")
    def who() -> dict[str, str]:
        return {"who": asker(app)}

    assert json.loads(ask(app, ADMIN)["body"]) == {"who": "ann"}


@pytest.mark.parametrize(
    ("error", "status", "body"),
    [
        (InvalidDocument("a.b", "is missing"), 422, [{"loc": "a.b", "msg": "is missing"}]),
        (Invalid([Detail("c", "is wrong")]), 422, [{"loc": "c", "msg": "is wrong"}]),
        (Conflict("taken"), 409, [{"loc": "", "msg": "taken"}]),
    ],
)
def test_errors_have_one_shape(error: Exception, status: int, body: list[Any]) -> None:
    app = build_resolver()

    @app.post("/x")
    def fail() -> dict[str, str]:
        raise error

    answer = ask(app)
    assert (answer["statusCode"], json.loads(answer["body"])["detail"]) == (status, body)


def test_a_body_that_does_not_fit_is_named_by_path_and_not_repeated() -> None:
    app = build_resolver()

    @app.post("/x")
    def take(request: LocationRequest) -> dict[str, str]:
        return {}

    answer = ask(app, body={"address": 7, "secret": "hunter2"})
    assert answer["statusCode"] == 422
    assert "hunter2" not in answer["body"]
    found = {each["loc"] for each in json.loads(answer["body"])["detail"]}
    assert found == {"body.address", "body.secret"}


def test_branch_and_version_come_from_the_authorizer_and_the_header() -> None:
    app = build_resolver()

    @app.post("/x")
    def echo() -> dict[str, Any]:
        return {"branch": branch_of_token(app), "version": if_match(app)}

    answer = ask(app, CLIENT, headers={"if-match": '"3"'})
    assert json.loads(answer["body"]) == {"branch": "springfield", "version": 3}
    assert json.loads(ask(app)["body"]) == {"branch": "", "version": None}
    assert ask(app, headers={"if-match": "x"})["statusCode"] == 422
    assert ask(app, headers={"if-match": "9" * 5000})["statusCode"] == 422


def test_a_path_that_is_none_is_404() -> None:
    assert ask(build_resolver())["statusCode"] == 404
