"""A phone asks the location service as its branch's client, and takes 404 for an answer."""

from __future__ import annotations

import json
import urllib.error
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from lab.cloud.web import LoopbackServer, Reply, Request
from lab.phones.location import LocationService

FOUND = {"erl": "spf-f2", "how": "subnet", "pidf": "<presence/>", "elins": ["4255550101"]}


def test_the_question_names_branch_and_token_and_the_answer_is_kept() -> None:
    asked: list[Request] = []
    with _cloud(Reply.of(200, FOUND), asked) as service:
        found = service.ask("sip:ana@example.com", "10.1.2.20")
    assert found is not None
    assert (found.erl, found.elins) == ("spf-f2", ("4255550101",))
    assert asked[0].headers["authorization"] == "Bearer a-token"
    assert asked[0].headers["x-elingate-branch"] == "springfield"
    assert json.loads(asked[0].body) == {"contact": "sip:ana@example.com", "address": "10.1.2.20"}


def test_a_place_that_nobody_knows_is_none() -> None:
    with _cloud(Reply.of(404, {"error": "unknown"}), []) as service:
        assert service.ask("sip:ana@example.com", "192.0.2.1") is None


def test_a_refusal_is_not_taken_for_an_unknown_place() -> None:
    with _cloud(Reply.of(403, {}), []) as service, pytest.raises(urllib.error.HTTPError):
        service.ask("sip:ana@example.com", "10.1.2.20")


@contextmanager
def _cloud(reply: Reply, asked: list[Request]) -> Iterator[LocationService]:
    def answer(request: Request) -> Reply:
        asked.append(request)
        return reply

    server = LoopbackServer(answer).start()
    try:
        yield LocationService(server.url, "springfield", "a-token")
    finally:
        server.stop()
