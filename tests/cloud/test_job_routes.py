"""The API of publishing: 202 and a job, faults by path, one at a time."""

from __future__ import annotations

import pytest

from tests.cloud.places import DRAFTS
from tests.cloud.stack import seed
from tests.functions.conftest import work_off
from tests.functions.gateway import ADMIN, Answer, ask


@pytest.fixture(autouse=True)
def seeded(functions_stack: None) -> None:
    seed(DRAFTS)


def send(method: str, path: str, body: object = None) -> Answer:
    return ask("publish_snapshot", method, path, body, who=ADMIN)


def test_drafts_are_validated_without_being_published() -> None:
    assert send("POST", "/v1/draft/validate").body == {
        "valid": True,
        "detail": [],
        "warnings": [],
    }
    ask("edit_config", "DELETE", "/v1/draft/elin/2175550111", who=ADMIN)
    answer = send("POST", "/v1/draft/validate").body
    assert not answer["valid"]
    assert answer["detail"][0]["loc"].startswith("erl/spf-1")
    refused = send("POST", "/v1/publish")
    assert (refused.status, refused.body["detail"]) == (422, answer["detail"])


def test_a_publish_is_a_job() -> None:
    started = send("POST", "/v1/publish")
    assert (started.status, started.body["generation"]) == (202, 1)
    job = started.body["job"]
    assert send("GET", f"/v1/jobs/{job}").body["state"] == "frozen"
    assert send("POST", "/v1/publish").status == 409
    work_off()
    done = send("GET", f"/v1/jobs/{job}").body
    assert (done["state"], done["done"]) == ("done", ["shelbyville", "springfield"])
    assert send("GET", "/v1/jobs/none").status == 404


def test_what_is_published_all_the_same_is_said_by_every_answer_of_the_job() -> None:
    cama = {"branch": "springfield", "trunk": "cama"}
    ask("edit_config", "PUT", "/v1/draft/trunk/spf-pri", cama, who=ADMIN)
    checked = send("POST", "/v1/draft/validate").body
    [warning] = checked["warnings"]
    assert (checked["valid"], warning["loc"]) == (True, "branch/springfield")
    started = send("POST", "/v1/publish").body
    work_off()
    job = send("GET", f"/v1/jobs/{started['job']}").body
    assert started["warnings"] == job["warnings"] == [warning]


def test_a_rollback_is_a_job_too() -> None:
    send("POST", "/v1/publish")
    work_off()
    assert send("POST", "/v1/rollback", {"generation": 1}).body["generation"] == 2
    assert send("POST", "/v1/rollback", {"generation": 9}).status == 404
    assert send("POST", "/v1/rollback", {"generation": 0}).status == 422
