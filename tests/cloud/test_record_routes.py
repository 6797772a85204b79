"""What happened, as an administrator reads it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from e911.records import CallStep, HealthRecord
from e911_cloud.callbacks import Callbacks
from e911_cloud.calls import Calls
from e911_cloud.edges import Edges
from e911_cloud.web import now
from tests.cloud.calls_of import ELIN, record
from tests.functions.gateway import ADMIN, Answer, ask

pytestmark = pytest.mark.usefixtures("functions_stack")


def get(path: str, **query: str) -> Answer:
    return ask("read_records", "GET", path, who=ADMIN, query=query or None)


def test_calls_by_day_and_by_id() -> None:
    Calls().keep(record(), now())
    Calls().keep(record(CallStep.ENDED, 2), now())
    found = get("/v1/calls", branch="springfield", day="2026-11-22").body["records"]
    assert [each["step"] for each in found] == ["started", "ended"]
    assert get(f"/v1/calls/{record().call}").body["records"] == found
    assert get("/v1/calls/none").status == 404
    assert get("/v1/calls", branch="springfield", day="2026-13-01").status == 422
    assert get("/v1/calls", branch="springfield").status == 422


def test_whom_an_elin_rings_and_until_when() -> None:
    ended = now()
    bound = ended - timedelta(minutes=5)
    Callbacks().take(record(bound_at=bound, ended_at=ended), ended)
    (caller,) = get(f"/v1/callbacks/{ELIN.digits}").body["callers"]
    assert caller["caller"]["contact"] == "sip:homer@pbx.example"
    assert caller["expires_at"] > caller["ended_at"] > caller["bound_at"]
    assert get("/v1/callbacks/2175550111").body["callers"] == []
    assert get("/v1/callbacks/911").status == 422


def test_an_edge_as_it_last_said_it_was() -> None:
    Edges().register("edge-springfield", "springfield")
    silent = get("/v1/edges/edge-springfield").body
    assert (silent["serial"], silent["health"], silent["heard_at"]) == (0, None, None)
    Edges().heard(HealthRecord("h", "edge-springfield", "springfield", now(), 7, 2), now())
    heard = get("/v1/edges/edge-springfield").body
    assert (heard["serial"], heard["generation"]) == (7, 2)
    assert get("/v1/edges/none").status == 404
