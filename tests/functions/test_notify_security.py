"""Messages that cannot be told come again, the others are done; a webhook really arrives."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook as Verifier

from e911.wire import to_document
from tests.cloud.calls_of import record
from tests.cloud.places import DRAFTS
from tests.cloud.stack import messages, sqs_event
from tests.cloud.test_webhook import Desk
from tests.functions.conftest import publish
from tests.functions.gateway import ADMIN, EDGE, ask, fresh, invoke


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path, "localhost")
    yield desk
    desk.close()


@pytest.fixture
def secret(drafted: None, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> str:
    """The whole way: the target is drafted, given a secret, published."""
    target = {**DRAFTS["target", "spf-desk"], "address": desk.url}
    ask("edit_config", "PUT", "/v1/draft/target/spf-desk", target, who=ADMIN)
    made = ask("edit_config", "POST", "/v1/webhooks/spf-desk/secret", who=ADMIN)
    monkeypatch.setenv("WEBHOOK_ALLOWED_CIDRS", "127.0.0.0/8,::1/128")
    monkeypatch.setenv("WEBHOOK_CA_BUNDLE", desk.ca_pem)
    publish()
    found: str = made.body["secret"]
    return found


def call() -> None:
    records = [{"type": "call", **to_document(record())}]
    path = "/v1/edges/edge-springfield/records"
    ask("record_call", "POST", path, {"records": records}, who=EDGE)


def test_a_record_becomes_a_signed_webhook(secret: str, desk: Desk) -> None:
    call()
    (message,) = messages("Notice")
    assert tell(message) == []
    _, headers, body = desk.requests[0]
    assert Verifier(secret).verify(body, headers)["data"]["name"] == "Homer Simpson"


def test_a_message_that_comes_twice_is_told_once(secret: str, desk: Desk) -> None:
    """R11: de-duplicated by incident, target and step."""
    call()
    call()
    first, second = messages("Notice")
    assert tell(first) == tell(second) == []
    assert len(desk.requests) == 1


def test_only_the_message_that_failed_comes_again(secret: str, desk: Desk) -> None:
    call()
    (good,) = messages("Notice")
    bad = {**good, "target": "nobody"}
    assert tell(bad, good) == ["m0"]
    assert len(desk.requests) == 1


def test_a_desk_that_was_down_is_told_when_it_is_back(secret: str, desk: Desk) -> None:
    call()
    (message,) = messages("Notice")
    desk.status = 503
    assert tell(message) == ["m0"]
    desk.status = 204
    assert tell(message) == []


def test_outside_a_lab_loopback_is_not_reached(
    secret: str, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEBHOOK_ALLOWED_CIDRS", "")
    fresh("notify_security")
    call()
    assert tell(*messages("Notice")) == ["m0"]
    assert desk.requests == []


def test_sms_is_wired_where_an_account_is_given(
    drafted: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWILIO_ACCOUNT", "AC1")
    assert fresh("notify_security").wired()


def tell(*bodies: dict[str, Any]) -> list[str]:
    """Hand the messages to the function; those that come again."""
    outcome = invoke("notify_security", json.loads(json.dumps(sqs_event(*bodies))))
    return [each["itemIdentifier"] for each in outcome["batchItemFailures"]]
