"""A signature of botocore's signer is accepted as it is, and no changed request with it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from botocore.credentials import Credentials

from lab.cloud.errors import AccessDenied
from lab.cloud.iam import CredentialStore
from lab.cloud.resources import ROOT_KEY, ROOT_SECRET
from lab.cloud.sigv4 import verify
from lab.cloud.web import Request
from tests.lab.asking import signed

ROOT = Credentials(ROOT_KEY, ROOT_SECRET)
URL = "http://127.0.0.1:8911/v1/edges/edge%20a/records?b=2&a=%2F1&a="
BODY = b'{"records":[]}'


def request_signed_by(
    keys: Credentials, service: str = "execute-api", region: str = "us-east-1"
) -> Request:
    headers = signed("POST", URL, BODY, keys, service, region)
    lower = {name.lower(): value for name, value in headers.items()}
    return Request("POST", URL.removeprefix("http://127.0.0.1:8911"), lower, BODY)


def session(store: CredentialStore, lifetime_s: float = 900.0) -> Credentials:
    keys = store.issue("EdgeRole", "s", [], {"thing": "edge-a"}, lifetime_s, datetime.now(UTC))
    return Credentials(keys.key, keys.secret, keys.token)


def test_the_root_user_is_known_by_a_right_signature() -> None:
    identity = verify(request_signed_by(ROOT), CredentialStore(), "execute-api", "us-east-1")
    assert identity.arn.endswith(":root")


@pytest.mark.parametrize("service", ["execute-api", "s3"])
def test_a_session_is_known_with_its_variables(service: str) -> None:
    store = CredentialStore()
    request = request_signed_by(session(store), service)
    assert verify(request, store, service, "us-east-1").variables == {"thing": "edge-a"}


def changed(name: str, request: Request) -> Request:
    """The request with one thing another than what was signed."""
    signature = request.headers["authorization"]
    old = (datetime.now(UTC) - timedelta(minutes=6)).strftime("%Y%m%dT%H%M%SZ")
    changes = {
        "method": replace(request, method="PUT"),
        "path": replace(request, target=request.target.replace("edge%20a", "edge%20b")),
        "query": replace(request, target=request.target.replace("b=2", "b=3")),
        "body": replace(request, body=b'{"records":[1]}'),
        "host": replace(request, headers={**request.headers, "host": "127.0.0.1:1"}),
        "date": replace(request, headers={**request.headers, "x-amz-date": old}),
        "no date": replace(request, headers={**request.headers, "x-amz-date": ""}),
        "key": _with(request, signature.replace(ROOT_KEY, "AKIAUNKNOWN")),
        "signature": _with(request, signature[:-1] + ("0" if signature[-1] != "0" else "1")),
        "headers": _with(request, signature.replace("host;", "")),
        "none": _with(request, ""),
        "bearer": _with(request, "Bearer x"),
    }
    return changes[name]


def _with(request: Request, authorization: str) -> Request:
    return replace(request, headers={**request.headers, "authorization": authorization})


@pytest.mark.parametrize(
    "what",
    ["method", "path", "query", "body", "host", "date", "no date", "key", "signature", "headers"]
    + ["none", "bearer"],
)
def test_nothing_of_a_signed_request_may_change(what: str) -> None:
    with pytest.raises(AccessDenied):
        verify(
            changed(what, request_signed_by(ROOT)), CredentialStore(), "execute-api", "us-east-1"
        )


@pytest.mark.parametrize(("service", "region"), [("s3", "us-east-1"), ("execute-api", "eu-west-1")])
def test_a_signature_for_another_service_or_region_is_refused(service: str, region: str) -> None:
    with pytest.raises(AccessDenied, match="signed for"):
        verify(
            request_signed_by(ROOT, service, region), CredentialStore(), "execute-api", "us-east-1"
        )


def test_a_wrong_secret_is_refused() -> None:
    request = request_signed_by(Credentials(ROOT_KEY, "guessed"))
    with pytest.raises(AccessDenied, match="does not match"):
        verify(request, CredentialStore(), "execute-api", "us-east-1")


def test_a_session_needs_its_own_token_and_ends() -> None:
    store = CredentialStore()
    mine, other, ended = session(store), session(store), session(store, lifetime_s=-1.0)
    mixed = Credentials(mine.access_key, mine.secret_key, other.token)
    for keys in (mixed, Credentials(mine.access_key, mine.secret_key), ended):
        with pytest.raises(AccessDenied, match=r"token|expired"):
            verify(request_signed_by(keys), store, "execute-api", "us-east-1")


def test_s3_checks_a_body_that_was_signed() -> None:
    request = replace(request_signed_by(ROOT, "s3"), body=b"other")
    with pytest.raises(AccessDenied, match="body"):
        verify(request, CredentialStore(), "s3", "us-east-1")
