"""No, wrong and foreign credentials do not reach a function; right ones do, and tell who it is."""

import base64
import json
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from botocore.credentials import Credentials
from cryptography.hazmat.primitives.asymmetric import rsa

from lab.cloud import LocalCloud
from tests.lab.asking import Told, ask, bearer, keys_of, signed

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def things(cloud: LocalCloud, token: str) -> Told:
    return ask("GET", f"{cloud.addresses.http}/things/known", headers=bearer(token))


def test_a_token_of_the_issuer_is_let_in_and_its_claims_are_text(cloud: LocalCloud) -> None:
    told = things(cloud, cloud.admin_token(["admin", "viewer"]))
    claims = told.document["requestContext"]["authorizer"]["jwt"]["claims"]
    assert told.status == 201
    assert (claims["roles"], claims["sub"]) == ("[admin viewer]", "operator")
    assert claims["exp"].isdigit()


def _part(document: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(document).encode()).rstrip(b"=").decode()


def _other_claims(token: str) -> str:
    head, _, signature = token.split(".")
    claims = jwt.decode(token, options={"verify_signature": False})
    return f"{head}.{_part({**claims, 'roles': ['owner']})}.{signature}"


def _unsigned(token: str) -> str:
    return f"{_part({**jwt.get_unverified_header(token), 'alg': 'none'})}.{token.split('.')[1]}."


def _signed_by_another(token: str) -> str:
    claims = jwt.decode(token, options={"verify_signature": False})
    headers = {"kid": jwt.get_unverified_header(token)["kid"]}
    return jwt.encode(claims, KEY, "RS256", headers=headers)


def _symmetric(token: str) -> str:
    claims = jwt.decode(token, options={"verify_signature": False})
    headers = {"kid": jwt.get_unverified_header(token)["kid"]}
    return jwt.encode(claims, "k" * 64, "HS256", headers=headers)


def _unknown_key(token: str) -> str:
    claims = jwt.decode(token, options={"verify_signature": False})
    return jwt.encode(claims, KEY, "RS256", headers={"kid": "other"})


@pytest.mark.parametrize(
    "tamper",
    [
        lambda token: "",
        lambda token: "nonsense",
        lambda token: token[:-8],
        _other_claims,
        _unsigned,
        _signed_by_another,
        _symmetric,
        _unknown_key,
    ],
)
def test_a_tampered_token_is_401(cloud: LocalCloud, tamper: Callable[[str], str]) -> None:
    assert things(cloud, tamper(cloud.admin_token())).status == 401


def test_a_token_for_others_or_of_yesterday_is_401(cloud: LocalCloud) -> None:
    control, audience = cloud.control, cloud.addresses.audience
    assert things(cloud, control.token("another-product", "x", ["admin"])).status == 401
    assert things(cloud, control.token(audience, "x", ["admin"], lifetime_s=-1.0)).status == 401
    assert ask("GET", f"{cloud.addresses.http}/things/known").status == 401


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Authorization": "Bearer word-of-springfield"}, 401),
        ({"Authorization": "Bearer word-of-springfield", "x-branch": "shelbyville"}, 403),
        ({"Authorization": "Bearer guess", "x-branch": "springfield"}, 403),
        ({"Authorization": "Bearer word-of-springfield", "x-branch": "springfield"}, 201),
    ],
)
def test_a_function_decides_over_its_clients(
    cloud: LocalCloud, headers: dict[str, str], status: int
) -> None:
    told = ask("POST", f"{cloud.addresses.http}/location", b"{}", headers)
    assert told.status == status
    if status == 201:
        authorizer = told.document["requestContext"]["authorizer"]
        assert authorizer == {"lambda": {"branch": "springfield", "source": "127.0.0.1"}}


def edge_keys(cloud: LocalCloud, thing: str) -> Credentials:
    files = cloud.edge_certificate(thing)
    return keys_of(cloud.addresses.credentials, "elingate-edge", thing, files)


def test_an_edge_reaches_its_own_path_only(cloud: LocalCloud) -> None:
    keys = edge_keys(cloud, "edge-a")
    own, foreign = (f"{cloud.addresses.http}/edges/{edge}/records" for edge in ("edge-a", "edge-b"))
    told = ask("POST", own, b"{}", signed("POST", own, b"{}", keys))
    assert told.status == 201
    iam = told.document["requestContext"]["authorizer"]["iam"]
    assert ":assumed-role/EdgeRole/" in iam["userArn"]
    assert ask("POST", foreign, b"{}", signed("POST", foreign, b"{}", keys)).status == 403


def test_an_encoded_slash_opens_no_foreign_path(cloud: LocalCloud) -> None:
    keys = edge_keys(cloud, "edge-a")
    for path in ("edge-a%2F..%2Fedge-b", "edge-%62", "%65dge-b"):
        url = f"{cloud.addresses.http}/edges/{path}/records"
        told = ask("POST", url, b"{}", signed("POST", url, b"{}", keys))
        assert told.status in (403, 404)


def test_a_body_changed_after_signing_and_no_signature_are_403(cloud: LocalCloud) -> None:
    keys = edge_keys(cloud, "edge-a")
    url = f"{cloud.addresses.http}/edges/edge-a/records"
    assert ask("POST", url, b"[]", signed("POST", url, b"{}", keys)).status == 403
    assert ask("POST", url, b"{}").status == 403
    assert ask("POST", url, b"{}", bearer(cloud.admin_token())).status == 403
