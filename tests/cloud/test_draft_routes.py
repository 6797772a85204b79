"""The API of drafts: versions, If-Match, faults by path."""

from __future__ import annotations

import pytest

from e911_cloud.drafts import Drafts
from tests.cloud.places import BRANCH, FLOOR
from tests.functions.gateway import ADMIN, Answer, ask

pytestmark = pytest.mark.usefixtures("functions_stack")


def send(method: str, path: str, body: object = None, **headers: str) -> Answer:
    found = {name.replace("_", "-"): value for name, value in headers.items()}
    return ask("edit_config", method, f"/v1/draft/{path}", body, who=ADMIN, headers=found)


def test_a_draft_is_put_read_listed_and_deleted() -> None:
    assert send("PUT", "erl/spf-1", FLOOR).body == {"version": 1}
    assert send("PUT", "erl/spf-1", FLOOR).body == {"version": 2}
    found = send("GET", "erl/spf-1").body
    assert found == {"kind": "erl", "id": "spf-1", "version": 2, "body": FLOOR}
    assert send("GET", "erl").body == {"drafts": [found], "next": ""}
    assert send("DELETE", "erl/spf-1").status == 200
    assert send("GET", "erl/spf-1").status == 404
    assert send("GET", "erl").body == {"drafts": [], "next": ""}


def test_if_match_guards_against_the_edit_of_another() -> None:
    send("PUT", "branch/springfield", BRANCH)
    assert send("PUT", "branch/springfield", BRANCH, if_match="7").status == 412
    assert send("PUT", "branch/springfield", BRANCH, if_match='"1"').body == {"version": 2}
    assert send("PUT", "branch/springfield", BRANCH, if_match="soon").status == 422


def test_an_id_may_be_a_contact() -> None:
    body = {"branch": "springfield", "name": "Homer"}
    assert send("PUT", "caller/sip%3AHomer%40pbx.example", body).status == 200
    assert send("GET", "caller/sip:homer@pbx.example").body["body"] == body


@pytest.mark.parametrize(
    ("path", "body", "status", "loc"),
    [
        ("erl/spf-1", {**FLOOR, "civic": 7}, 422, "civic"),
        ("branch/springfield", {**BRANCH, "leg_hold_s": 99}, 422, "leg_hold_s"),
        ("erl/spf-1", [], 422, "body"),
        ("fruit/apple", {}, 404, ""),
    ],
)
def test_a_fault_says_where(path: str, body: object, status: int, loc: str) -> None:
    answer = send("PUT", path, body)
    assert (answer.status, answer.body["detail"][0]["loc"]) == (status, loc)


def test_an_elin_of_another_erl_is_a_conflict() -> None:
    send("PUT", "elin/2175550111", {"branch": "springfield", "erl": "spf-1"})
    answer = send("PUT", "elin/2175550111", {"branch": "springfield", "erl": "spf-2"})
    assert (answer.status, answer.body["error"]) == (409, "conflict")


def test_many_drafts_come_a_page_at_a_time_in_order_and_each_once() -> None:
    for n in range(5):
        send("PUT", f"erl/spf-{n}", FLOOR)
    drafts, seen, after = Drafts(), [], ""
    while True:
        page, after = drafts.page("erl", after, most=2)
        seen += [draft.id for draft in page]
        if not after:
            break
    assert seen == [f"spf-{n}" for n in range(5)]
    rest = ask("edit_config", "GET", "/v1/draft/erl", who=ADMIN, query={"after": "spf-3"})
    assert [each["id"] for each in rest.body["drafts"]] == ["spf-4"]
