"""Every way in which the cloud, or what stands in its place, can say no has words and a code."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from elingate_admin.api import Cloud, path_of
from elingate_admin.errors import BadInput, CloudRefused, NotAuthorised, Unreachable
from lab.cloud import LocalCloud
from lab.cloud.web import Dropped, LoopbackServer, Reply, Request
from tests.admin.terminal import Terminal


@contextmanager
def answering(answer: Callable[[Request], Reply | Dropped]) -> Iterator[Cloud]:
    server = LoopbackServer(answer).start()
    try:
        yield Cloud(f"http://127.0.0.1:{server.server_port}", "jwt", pause=lambda _: None)
    finally:
        server.stop()


def test_a_refusal_has_the_clouds_own_reasons(cloud: Cloud) -> None:
    with pytest.raises(CloudRefused) as refused:
        cloud.ask("PUT", path_of("draft", "elin", "4255550100"), {"branch": 7})
    assert refused.value.status == 422
    assert ("branch", "must be text") in refused.value.details


@pytest.mark.parametrize(("roles", "words"), [((), "admin"), (("phone",), "admin")])
def test_a_token_without_the_role_is_told_which(
    running: LocalCloud, tmp_path: Path, roles: tuple[str, ...], words: str
) -> None:
    file = tmp_path / "jwt"
    file.write_text(running.admin_token(roles))
    ran = Terminal(("--api", running.addresses.http, "--token-file", str(file))).run("validate")
    assert ran.code == 3
    assert words in ran.err


def test_a_foreign_token_is_not_accepted(running: LocalCloud) -> None:
    with pytest.raises(NotAuthorised, match="does not accept"):
        Cloud(running.addresses.http, "not-a-jwt").ask("POST", "/v1/draft/validate", {})


def test_nobody_there_is_said_so() -> None:
    with pytest.raises(Unreachable, match="does not answer"):
        Cloud("http://127.0.0.1:1", "jwt").ask("GET", "/v1/signing-key")


@pytest.mark.parametrize("answer", [b"<html>hello</html>", b"[1]", b"\xff"])
def test_something_else_there_is_said_so(answer: bytes) -> None:
    with answering(lambda _: Reply(200, answer)) as cloud, pytest.raises(Unreachable):
        cloud.ask("GET", "/v1/signing-key")
    with answering(lambda _: Reply(404, answer)) as cloud, pytest.raises(Unreachable):
        cloud.ask("GET", "/v1/signing-key")


def test_a_cloud_that_hangs_up_is_unreachable() -> None:
    with answering(lambda _: Dropped()) as cloud, pytest.raises(Unreachable):
        cloud.ask("GET", "/v1/signing-key")


def test_a_redirect_does_not_get_the_token() -> None:
    asked: list[Request] = []

    def elsewhere(request: Request) -> Reply:
        asked.append(request)
        return Reply.of(200, {})

    with answering(elsewhere) as other:
        moved = Reply(307, b"", (("Location", f"{other.url}/v1/signing-key"),))
        with answering(lambda _: moved) as cloud, pytest.raises(Unreachable, match="redirect"):
            cloud.ask("GET", "/v1/signing-key")
    assert asked == []


@pytest.mark.parametrize(
    ("method", "status", "times"),
    [("PUT", 503, 3), ("GET", 503, 3), ("POST", 503, 1), ("DELETE", 503, 1)]
    + [("POST", 429, 3), ("PUT", 500, 1)],
)
def test_only_what_may_be_done_twice_is_asked_again(method: str, status: int, times: int) -> None:
    asked: list[Request] = []

    def busy(request: Request) -> Reply:
        asked.append(request)
        return Reply.of(status, {"error": "busy", "detail": []})

    with answering(busy) as cloud, pytest.raises((Unreachable, CloudRefused)):
        cloud.ask(method, "/v1/draft/erl/x", {})
    assert len(asked) == times


def test_a_busy_cloud_that_recovers_is_no_fault() -> None:
    replies = iter([Reply.of(429, {}), Reply.of(200, {"version": 2})])
    with answering(lambda _: next(replies)) as cloud:
        assert cloud.ask("PUT", "/v1/draft/erl/x", {}) == {"version": 2}


@pytest.mark.parametrize("url", ["http://api.example.com", "ftp://api.example.com", "api", ""])
def test_a_token_is_never_sent_in_the_clear(url: str) -> None:
    with pytest.raises(BadInput):
        Cloud(url, "jwt")


def test_an_authority_that_is_none_is_named(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_text("no")
    with pytest.raises(BadInput, match=r"ca\.pem"):
        Cloud("https://127.0.0.1:1", "jwt", file).ask("GET", "/v1/signing-key")


def test_ids_keep_their_signs() -> None:
    assert path_of("draft", "caller", "sip:a@b/c") == "/v1/draft/caller/sip%3Aa%40b%2Fc"


def test_the_request_says_who_and_what() -> None:
    asked: list[Request] = []

    def keep(request: Request) -> Reply:
        asked.append(request)
        return Reply.of(200, {})

    with answering(keep) as cloud:
        cloud.ask("PUT", "/v1/draft/erl/x", {"a": 1}, query={"b": "c d"}, if_match=0)
    (request,) = asked
    assert (request.method, request.target) == ("PUT", "/v1/draft/erl/x?b=c+d")
    assert request.headers["authorization"] == "Bearer jwt"
    assert request.headers["if-match"] == "0"
    assert json.loads(request.body) == {"a": 1}
