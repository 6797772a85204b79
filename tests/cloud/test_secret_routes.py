"""Tokens and secrets are shown once, for things that exist; the signing key is shown always."""

from __future__ import annotations

import pytest

from tests.cloud.places import DRAFTS
from tests.cloud.stack import seed
from tests.functions.gateway import ADMIN, Answer, ask


@pytest.fixture(autouse=True)
def seeded(functions_stack: None) -> None:
    seed(DRAFTS)


def post(path: str, body: object = None) -> Answer:
    return ask("edit_config", "POST", path, body, who=ADMIN)


def test_a_token_for_a_branch() -> None:
    assert len(post("/v1/branches/springfield/token").body["token"]) > 30
    assert post("/v1/branches/springfield/token", {"networks": ["192.0.2.0/24"]}).status == 200
    assert post("/v1/branches/springfield/token", {"networks": ["ten"]}).status == 422
    assert post("/v1/branches/nowhere/token").status == 404


def test_a_secret_for_a_target() -> None:
    assert post("/v1/webhooks/spf-desk/secret").body["secret"].startswith("whsec_")
    assert post("/v1/webhooks/nobody/secret").status == 404


def test_the_key_that_edges_trust() -> None:
    answer = ask("edit_config", "GET", "/v1/signing-key", who=ADMIN)
    assert answer.body["pem"].startswith("-----BEGIN PUBLIC KEY-----\n")
    assert len(answer.body["key_id"]) == 64
