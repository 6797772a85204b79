"""What happened is for administrators alone: it names callers."""

from __future__ import annotations

import pytest

from tests.functions.gateway import ADMIN, CLIENT, EDGE, VIEWER, ask


@pytest.mark.usefixtures("stack")
@pytest.mark.parametrize("who", [VIEWER, EDGE, CLIENT, {}])
@pytest.mark.parametrize("path", ["calls", "calls/c1", "callbacks/2175550111", "edges/e1"])
def test_no_other_role_may_read(path: str, who: dict[str, object]) -> None:
    assert ask("read_records", "GET", f"/v1/{path}", who=who).status == 403


@pytest.mark.usefixtures("published")
def test_an_edge_is_known_once_it_is_published() -> None:
    answer = ask("read_records", "GET", "/v1/edges/edge-springfield", who=ADMIN)
    assert (answer.status, answer.body["branch"]) == (200, "springfield")
