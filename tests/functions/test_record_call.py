"""An edge's records are taken, told and kept, and a second time nothing changes."""

from __future__ import annotations

from typing import Any

import pytest

from e911.records import CallStep
from e911.wire import to_document
from e911_cloud.tables import CallbackRow, CallRow
from tests.cloud.calls_of import record
from tests.cloud.stack import messages
from tests.functions.gateway import EDGE, Answer, ask

pytestmark = pytest.mark.usefixtures("published")


def send(*documents: dict[str, Any], edge: str = "edge-springfield") -> Answer:
    return ask(
        "record_call", "POST", f"/v1/edges/{edge}/records", {"records": list(documents)}, who=EDGE
    )


def call(n: int = 1, **changed: Any) -> dict[str, Any]:
    return {"type": "call", **to_document(record(n=n, **changed))}


def test_a_retry_is_harmless() -> None:
    """R12: the reply was lost; the edge sends the same again."""
    first = send(call(), call(2, step=CallStep.ENDED, ended_at=record(n=2).at))
    assert (first.status, len(first.body["taken"])) == (200, 2)
    before = [row.attribute_values for row in [*CallRow.scan(), *CallbackRow.scan()]]
    again = send(call(), call(2, step=CallStep.ENDED, ended_at=record(n=2).at))
    assert again.body == first.body
    assert [row.attribute_values for row in [*CallRow.scan(), *CallbackRow.scan()]] == before


def test_the_notice_waits_in_the_queue() -> None:
    send(call())
    (message,) = messages("Notice")
    assert message["record"]["id"] == record().id


def test_one_bad_record_does_not_hold_up_the_good() -> None:
    answer = send(call(), {"type": "call", "id": "edge-springfield-x"})
    assert answer.body["taken"] == [record().id]
    assert answer.body["refused"][0]["id"] == "edge-springfield-x"


def test_the_edge_is_the_one_of_the_path() -> None:
    answer = send(call(), edge="edge-shelbyville")
    assert answer.body["taken"] == []
    assert answer.body["refused"][0]["reason"] == "id: is not one of this edge"


@pytest.mark.parametrize("body", [{}, {"records": 7}, {"records": [7]}, {"records": [{}] * 101}])
def test_a_body_that_is_none_is_named(body: object) -> None:
    path = "/v1/edges/edge-springfield/records"
    assert ask("record_call", "POST", path, body, who=EDGE).status == 422


def test_an_edge_that_is_not_published_is_told_so() -> None:
    assert send(edge="edge-unknown").status == 404
