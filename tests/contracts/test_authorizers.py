"""No route of template.yaml is open: none, wrong and foreign credentials stop at the door.

The local cloud runs the real functions behind the template's own authorizers; each route is asked
with each kind of credentials that must not do, and with those that must.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from botocore.credentials import Credentials

from lab.cloud import LocalCloud
from lab.cloud.routes import Route, RouteTable
from lab.cloud.template import read
from tests.contracts.tree import ROOT
from tests.lab.asking import Told, ask, bearer, keys_of, signed

TEMPLATE = read(ROOT / "template.yaml")
ROUTES = RouteTable.of(TEMPLATE).routes

OWN = {"edge": "edge-springfield", "branch": "springfield", "kind": "branch"}
BODY = b"{}"


@dataclass(frozen=True, slots=True)
class World:
    """A running cloud with two branches, and one of each kind of credentials."""

    cloud: LocalCloud
    client_tokens: dict[str, str]
    edge_keys: dict[str, Credentials]

    def url(self, route: Route) -> str:
        path = re.sub(r"\{(\w+)\+?\}", lambda found: OWN.get(found[1], "none"), route.path)
        return self.cloud.addresses.http + path

    def ask(self, route: Route, headers: Headers) -> Told:
        return ask(route.method, self.url(route), BODY, headers(self, route))


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with LocalCloud.start(ROOT / "template.yaml") as cloud:
        headers = bearer(cloud.admin_token())
        api, addresses = f"{cloud.addresses.http}/v1", cloud.addresses
        tokens, keys = {}, {}
        for branch in ("springfield", "shelbyville"):
            row = {
                "name": branch,
                "zone": "America/Chicago",
                "main_number": "2175550100",
                "default_erl": f"{branch}-1",
            }
            told = ask("PUT", f"{api}/draft/branch/{branch}", json.dumps(row).encode(), headers)
            assert told.status == 200, told.body
            told = ask("POST", f"{api}/branches/{branch}/token", BODY, headers)
            tokens[branch] = told.document["token"]
            edge = f"edge-{branch}"
            files = cloud.edge_certificate(edge)
            keys[edge] = keys_of(addresses.credentials, addresses.role_aliases[0], edge, files)
        yield World(cloud, tokens, keys)


Headers = Callable[[World, Route], dict[str, str]]


def nothing(world: World, route: Route) -> dict[str, str]:
    return {}


def nonsense(world: World, route: Route) -> dict[str, str]:
    return bearer("nonsense")


def admin(world: World, route: Route) -> dict[str, str]:
    return bearer(world.cloud.admin_token())


def viewer(world: World, route: Route) -> dict[str, str]:
    return bearer(world.cloud.admin_token(["viewer"]))


def roleless(world: World, route: Route) -> dict[str, str]:
    return bearer(world.cloud.admin_token([]))


def other_audience(world: World, route: Route) -> dict[str, str]:
    return bearer(world.cloud.control.token("another-product", "x", ["admin"]))


def expired(world: World, route: Route) -> dict[str, str]:
    audience = world.cloud.addresses.audience
    return bearer(world.cloud.control.token(audience, "x", ["admin"], lifetime_s=-1.0))


def altered(world: World, route: Route) -> dict[str, str]:
    head, claims, signature = world.cloud.admin_token().split(".")
    return bearer(f"{head}.{claims}.{signature[::-1]}")


def client(world: World, route: Route) -> dict[str, str]:
    token = world.client_tokens["springfield"]
    return bearer(token, **{"x-elingate-branch": "springfield"})


def client_without_branch(world: World, route: Route) -> dict[str, str]:
    return bearer(world.client_tokens["springfield"])


def branch_without_token(world: World, route: Route) -> dict[str, str]:
    return {"x-elingate-branch": "springfield"}


def client_of_another_branch(world: World, route: Route) -> dict[str, str]:
    token = world.client_tokens["shelbyville"]
    return bearer(token, **{"x-elingate-branch": "springfield"})


def wrong_client(world: World, route: Route) -> dict[str, str]:
    return bearer("nonsense", **{"x-elingate-branch": "springfield"})


def admin_as_client(world: World, route: Route) -> dict[str, str]:
    return bearer(world.cloud.admin_token(), **{"x-elingate-branch": "springfield"})


def edge(world: World, route: Route) -> dict[str, str]:
    keys = world.edge_keys["edge-springfield"]
    return signed(route.method, world.url(route), BODY, keys)


def another_edge(world: World, route: Route) -> dict[str, str]:
    keys = world.edge_keys["edge-shelbyville"]
    return signed(route.method, world.url(route), BODY, keys)


def wrong_secret(world: World, route: Route) -> dict[str, str]:
    keys = world.edge_keys["edge-springfield"]
    guessed = Credentials(keys.access_key, "guessed", keys.token)
    return signed(route.method, world.url(route), BODY, guessed)


def without_session_token(world: World, route: Route) -> dict[str, str]:
    keys = world.edge_keys["edge-springfield"]
    return signed(
        route.method, world.url(route), BODY, Credentials(keys.access_key, keys.secret_key)
    )


# What is answered, by kind of authorizer. A role is checked by the function, before the rest.
REFUSED: dict[str, dict[Headers, int]] = {
    "AdminJwt": {
        nothing: 401,
        nonsense: 401,
        other_audience: 401,
        expired: 401,
        altered: 401,
        client: 401,
        edge: 401,
        viewer: 403,
        roleless: 403,
    },
    "ClientToken": {
        nothing: 401,
        client_without_branch: 401,
        branch_without_token: 401,
        wrong_client: 403,
        client_of_another_branch: 403,
        admin_as_client: 403,
        edge: 401,
    },
    "AWS_IAM": {
        nothing: 403,
        nonsense: 403,
        admin: 403,
        client: 403,
        another_edge: 403,
        wrong_secret: 403,
        without_session_token: 403,
    },
}
RIGHT: dict[str, Headers] = {"AdminJwt": admin, "ClientToken": client, "AWS_IAM": edge}


def test_every_route_has_an_authorizer_that_this_table_knows() -> None:
    assert ROUTES
    assert {route.authorizer for route in ROUTES} <= set(REFUSED)


def test_every_api_has_a_default_authorizer() -> None:
    for name, properties in TEMPLATE.apis.items():
        assert properties["Auth"].get("DefaultAuthorizer") in REFUSED, name


@pytest.mark.parametrize(
    ("route", "headers", "status"),
    [
        pytest.param(route, headers, status, id=f"{route.key}-{headers.__name__}")
        for route in ROUTES
        for headers, status in REFUSED[route.authorizer].items()
    ],
)
def test_other_credentials_are_refused(
    world: World, route: Route, headers: Headers, status: int
) -> None:
    told = world.ask(route, headers)
    assert told.status == status, told.body


@pytest.mark.parametrize("route", [pytest.param(route, id=route.key) for route in ROUTES])
def test_the_right_credentials_get_through(world: World, route: Route) -> None:
    told = world.ask(route, RIGHT[route.authorizer])
    assert told.status not in (401, 403, 500, 503), told.body
