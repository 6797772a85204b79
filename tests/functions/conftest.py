"""Every function test runs the handlers as they are, against the template's stack in moto."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from e911_cloud.tables import bind_tables
from tests.cloud.places import DRAFTS
from tests.cloud.stack import STACK, messages, running_stack, seed, sqs_event
from tests.functions.gateway import ADMIN, ask, fresh, invoke

FUNCTIONS = (
    "authorize",
    "edit_config",
    "export_ali",
    "lookup_location",
    "notify_security",
    "publish_snapshot",
    "read_records",
    "record_call",
    "render_branch",
    "route_policy",
)


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty stack, every function in a new container."""
    with running_stack(monkeypatch):
        for name in FUNCTIONS:
            fresh(name)
        yield


@pytest.fixture
def drafted(stack: None) -> None:
    """The enterprise of ``places`` as drafts."""
    bind_tables(STACK)
    seed(DRAFTS)


@pytest.fixture
def published(drafted: None) -> None:
    """The same, published and rendered."""
    publish()


def publish() -> str:
    """Publish the drafts, to the end; the job's id."""
    answer = ask("publish_snapshot", "POST", "/v1/publish", who=ADMIN)
    assert answer.status == 202, answer.body
    work_off()
    job: str = answer.body["job"]
    return job


def work_off() -> None:
    """Do what waits in the queues of publishing."""
    for message in messages("Publish"):
        invoke("publish_snapshot", sqs_event(message))
    for message in messages("Render"):
        outcome = invoke("render_branch", sqs_event(message))
        assert outcome == {"batchItemFailures": []}
    for name in ("lookup_location", "notify_security", "record_call", "route_policy"):
        fresh(name)
