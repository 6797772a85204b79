"""A client is told its policy, for the branch of its token."""

from __future__ import annotations

import pytest

from tests.functions.gateway import CLIENT, ask

pytestmark = pytest.mark.usefixtures("published")


def test_the_policy_of_the_tokens_branch_applies() -> None:
    answer = ask("route_policy", "POST", "/v1/policy", {"address": "10.1.2.3"}, who=CLIENT)
    assert (answer.status, answer.body["policy"]) == (200, "spf")
    assert answer.body["emergency_numbers"] == [{"dial": "911", "masks": []}]


def test_a_branch_in_the_body_is_refused() -> None:
    answer = ask("route_policy", "POST", "/v1/policy", {"branch": "shelbyville"}, who=CLIENT)
    assert (answer.status, answer.body["detail"][0]["loc"]) == (422, "body.branch")


def test_without_a_branch_no_policy() -> None:
    assert ask("route_policy", "POST", "/v1/policy", {}, who={}).status == 404
