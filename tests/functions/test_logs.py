"""No log of any function holds a caller, a number, an address, a token, a secret or a body."""

from __future__ import annotations

import json
import logging

import pytest

from e911.records import CallStep
from e911.wire import to_document
from tests.cloud.calls_of import record
from tests.cloud.stack import messages, sqs_event
from tests.functions.gateway import ADMIN, CLIENT, EDGE, ask, invoke

SILENT = [
    "Homer",
    "Simpson",
    "2175550177",
    "homer@pbx",
    "2175550121",
    "2175550122",
    "EVERGREEN",
    "742",
    "SPRINGFIELD",
    "geopriv",
    "10.1.2.77",
    "whsec_",
    "desk.example",
    "hunter2",
]


CLOCKS = {"created", "msecs", "relativeCreated", "thread", "process", "lineno"}
"""Fields of a log record that are numbers of its own."""


@pytest.mark.usefixtures("published")
def test_what_logs_must_not_hold_is_in_none(caplog: pytest.LogCaptureFixture) -> None:
    token = go_through_everything()
    lines = [written(each) for each in caplog.records]
    assert len(lines) > 5, "nothing was logged, nothing is proved"
    assert [word for word in [*SILENT, token] for line in lines if word in line] == []
    assert any("edge-springfield" in line for line in lines)


def written(line: logging.LogRecord) -> str:
    """All that a handler could write of a log record, with its traceback."""
    fields = {name: value for name, value in vars(line).items() if name not in CLOCKS}
    trace = logging.Formatter().formatException(line.exc_info) if line.exc_info else ""
    return f"{fields} {line.getMessage()} {trace}"


def go_through_everything() -> str:
    """Each function once with good input and once with bad; the client token that was made."""
    client = {"address": "10.1.2.77", "contact": "sip:homer@pbx.example"}
    ask("lookup_location", "POST", "/v1/location", client, who=CLIENT)
    ask("lookup_location", "POST", "/v1/location", {"hunter2": "hunter2"}, who=CLIENT)
    ask("route_policy", "POST", "/v1/policy", client, who=CLIENT)
    ask("edit_config", "GET", "/v1/draft/erl/spf-2", who=ADMIN)
    ask("edit_config", "PUT", "/v1/draft/erl/spf-2", {"name": "hunter2"}, who=ADMIN)
    ask("edit_config", "POST", "/v1/webhooks/spf-desk/secret", who=ADMIN)
    made = ask("edit_config", "POST", "/v1/branches/springfield/token", who=ADMIN)
    token: str = made.body["token"]
    headers = {"authorization": f"Bearer {token}", "x-elingate-branch": "springfield"}
    source = {"http": {"sourceIp": "10.1.2.77"}}
    invoke("authorize", {"headers": headers, "requestContext": source})
    steps = [record(), record(CallStep.ENDED, 2, ended_at=record(n=2).at)]
    records = [{"type": "call", **to_document(step)} for step in steps]
    bad = {"type": "call", "id": "edge-springfield-hunter2", "caller": "hunter2"}
    path = "/v1/edges/edge-springfield/records"
    ask("record_call", "POST", path, {"records": [*records, bad]}, who=EDGE)
    for message in messages("Notice"):
        # The desk's name leads nowhere here: the failure is logged too.
        invoke("notify_security", json.loads(json.dumps(sqs_event(message))))
    ask("read_records", "GET", f"/v1/calls/{record().call}", who=ADMIN)
    ask("read_records", "GET", "/v1/callbacks/2175550121", who=ADMIN)
    ask("export_ali", "GET", "/v1/ali/export", who=ADMIN, query={"branch": "springfield"})
    invoke("publish_snapshot", {"source": "aws.events"})
    return token
