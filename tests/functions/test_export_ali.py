"""The carrier's file is plain text, for administrators."""

from __future__ import annotations

import pytest

from tests.functions.gateway import ADMIN, VIEWER, ask

pytestmark = pytest.mark.usefixtures("published")


def test_the_file_of_a_branch() -> None:
    query = {"branch": "springfield", "cycle": "3"}
    answer = ask("export_ali", "GET", "/v1/ali/export", who=ADMIN, query=query)
    lines = answer.body.split("\r\n")
    assert (answer.status, len(lines), lines[0][61:67]) == (200, 6, "000003")
    assert "text/plain" in str(answer.headers)


@pytest.mark.parametrize(
    ("query", "status"),
    [({"branch": "nowhere"}, 404), ({"branch": "springfield", "cycle": "0"}, 422), ({}, 422)],
)
def test_what_cannot_be_exported(query: dict[str, str], status: int) -> None:
    assert ask("export_ali", "GET", "/v1/ali/export", who=ADMIN, query=query).status == status


def test_nobody_else_may_have_it() -> None:
    query = {"branch": "springfield"}
    assert ask("export_ali", "GET", "/v1/ali/export", who=VIEWER, query=query).status == 403
