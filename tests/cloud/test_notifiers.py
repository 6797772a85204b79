"""A webhook has fields for programs and text for people, signed for its target."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import pytest
from standardwebhooks import Webhook as Verifier

from e911.rows import TargetKind, TargetRow
from e911_cloud.notices import compose
from e911_cloud.notifiers import Telling, WebhookNotifier, payload
from e911_cloud.web import now
from e911_cloud.webhook import Webhook
from tests.cloud.calls_of import record

TARGET = TargetRow("spf-desk", "springfield", TargetKind.WEBHOOK, "https://desk.example/hook")
TELLING = Telling("r1.spf-desk", compose(record(), {}, {}), TARGET, late=True)
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@dataclass(frozen=True)
class Kept(Webhook):
    """A webhook that keeps what it was to send."""

    sent: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    def post(self, url: str, headers: dict[str, str], body: bytes) -> None:
        self.sent.append((url, headers, body))


def test_the_body_is_signed_with_the_secret_of_its_target() -> None:
    webhook = Kept()
    WebhookNotifier(webhook, {"spf-desk": SECRET}.__getitem__).tell(TELLING, now())
    url, headers, body = webhook.sent[0]
    assert (url, headers["webhook-id"]) == ("https://desk.example/hook", "r1.spf-desk")
    assert Verifier(SECRET).verify(body, headers)["type"] == "elingate.notice.started"


def test_a_target_without_a_secret_is_not_sent_an_unsigned_body() -> None:
    webhook = Kept()
    secrets: dict[str, str] = {}
    with pytest.raises(LookupError):
        WebhookNotifier(webhook, secrets.__getitem__).tell(TELLING, now())
    assert webhook.sent == []


def test_the_body_says_who_and_that_it_is_late() -> None:
    data = json.loads(payload(TELLING, now()))["data"]
    assert (data["name"], data["number"], data["late"]) == ("Homer Simpson", "2175550177", True)
    assert "Homer Simpson" in data["text"]
