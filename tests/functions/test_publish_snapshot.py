"""One function, three callers: an administrator, the queue, the schedule."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from e911_cloud.tables import JobRow
from tests.cloud.stack import messages, sqs_event
from tests.functions.conftest import publish
from tests.functions.gateway import ADMIN, VIEWER, ask, fresh, invoke

SCHEDULED = {"source": "aws.events", "detail-type": "Scheduled Event"}


@pytest.mark.usefixtures("drafted")
def test_only_an_administrator_publishes() -> None:
    for path in ("/v1/publish", "/v1/rollback", "/v1/draft/validate"):
        assert ask("publish_snapshot", "POST", path, who=VIEWER).status == 403
    assert list(JobRow.scan()) == []


@pytest.mark.usefixtures("drafted")
def test_a_publish_runs_off_the_queue() -> None:
    job = publish()
    found = ask("publish_snapshot", "GET", f"/v1/jobs/{job}", who=ADMIN).body
    assert (found["state"], found["generation"]) == ("done", 1)


@pytest.mark.usefixtures("drafted")
def test_the_same_message_twice_publishes_once() -> None:
    ask("publish_snapshot", "POST", "/v1/publish", who=ADMIN)
    (message,) = messages("Publish")
    invoke("publish_snapshot", sqs_event(message))
    first = messages("Render")
    invoke("publish_snapshot", sqs_event(message))
    assert {m["generation"] for m in first + messages("Render")} == {1}


@pytest.mark.usefixtures("drafted")
def test_the_schedule_takes_up_a_job_that_stopped() -> None:
    job = ask("publish_snapshot", "POST", "/v1/publish", who=ADMIN).body["job"]
    messages("Publish")
    row = JobRow.get(job)
    row.update(actions=[JobRow.moved_at.set(row.moved_at - timedelta(minutes=2))])
    invoke("publish_snapshot", SCHEDULED)
    assert JobRow.get(job).state == "rendering"
    assert len(messages("Render")) == 2


@pytest.mark.usefixtures("published")
def test_the_schedule_counts_silent_edges(capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    invoke("publish_snapshot", SCHEDULED)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (metric,) = [line for line in lines if "EdgesStale" in line]
    assert metric["EdgesStale"] == [2.0]
    assert metric["service"] == "publish-snapshot"


@pytest.mark.usefixtures("drafted")
def test_a_job_that_fails_in_the_schedule_hides_no_silent_edge(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    job = ask("publish_snapshot", "POST", "/v1/publish", who=ADMIN).body["job"]
    row = JobRow.get(job)
    row.update(actions=[JobRow.moved_at.set(row.moved_at - timedelta(minutes=2))])
    monkeypatch.setenv("BUCKET", "gone")
    fresh("publish_snapshot")
    with pytest.raises(ClientError):
        invoke("publish_snapshot", SCHEDULED)
    assert "EdgesStale" in capsys.readouterr().out
