"""Secrets are kept encrypted under the stack's own path and never in a table."""

from __future__ import annotations

import base64

import boto3
import pytest

from e911_cloud.parameters import Secrets
from e911_cloud.tables import NAMES


@pytest.fixture
def secrets(stack: None) -> Secrets:
    return Secrets(boto3.client("ssm"), "test")


def test_a_secret_is_made_kept_encrypted_and_replaced(secrets: Secrets) -> None:
    first = secrets.make_webhook_secret("desk")
    assert len(base64.b64decode(first.removeprefix("whsec_"))) == 24
    assert secrets.webhook_secret("desk") == first
    assert secrets.make_webhook_secret("desk") != first
    kept = boto3.client("ssm").get_parameter(Name="/test/webhook/desk")["Parameter"]
    assert kept["Type"] == "SecureString"
    assert all(not list(model.scan()) for model in NAMES)


def test_a_secret_that_was_never_made_is_an_error_by_name(secrets: Secrets) -> None:
    with pytest.raises(LookupError, match="webhook/desk"):
        secrets.webhook_secret("desk")
    with pytest.raises(LookupError, match="twilio"):
        secrets.twilio_token()
