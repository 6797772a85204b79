"""An SMS is one request to Twilio's API with the notice's text; a late notice sends none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from twilio.http.response import Response

from e911.rows import TargetKind, TargetRow
from e911_cloud.notices import compose
from e911_cloud.notifiers import Telling
from e911_cloud.twilio_notifier import TwilioNotifier
from tests.cloud.calls_of import CALLER, NOON, record

TARGET = TargetRow("sms", "springfield", TargetKind.SMS, "+12175550199")
TELLING = Telling("r1.sms", compose(record(), {}, {}), TARGET, late=False)


class Api:
    """Twilio's side of the wire: keeps the requests, takes each message."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []

    def request(self, method: str, url: str, *args: Any, **rest: Any) -> Response:
        self.requests.append({"method": method, "url": url, **rest})
        return Response(201, '{"sid": "SM1"}')


def notifier(api: Api) -> TwilioNotifier:
    return TwilioNotifier("AC1", lambda: "token", "+12175550188", api)


def test_one_message_with_the_text_of_the_notice() -> None:
    api = Api()
    notifier(api).tell(TELLING, NOON)
    (request,) = api.requests
    assert request["url"].endswith("/Accounts/AC1/Messages.json")
    assert request["auth"] == ("AC1", "token")
    assert (request["data"]["To"], request["data"]["From"]) == ("+12175550199", "+12175550188")
    assert "Homer Simpson" in request["data"]["Body"]


def test_a_name_in_another_encoding_does_not_keep_the_notice_back() -> None:
    """The edge hands on what the platform sent: a byte that is no UTF-8 is a lone surrogate."""
    api = Api()
    caller = replace(CALLER, name="Homer \udce9")
    notifier(api).tell(replace(TELLING, notice=compose(record(caller=caller), {}, {})), NOON)
    assert "Homer ?" in api.requests[0]["data"]["Body"]


def test_a_late_notice_starts_no_sms() -> None:
    api = Api()
    notifier(api).tell(replace(TELLING, late=True), NOON)
    assert api.requests == []
