"""A client is let in with its branch's token, from its networks, and as nobody else."""

from __future__ import annotations

from typing import Any

import pytest

from tests.functions.gateway import ADMIN, ask, invoke


@pytest.fixture
def token(drafted: None) -> str:
    path = "/v1/branches/springfield/token"
    answer = ask("edit_config", "POST", path, {"networks": ["192.0.2.0/24"]}, who=ADMIN)
    found: str = answer.body["token"]
    return found


def decide(headers: dict[str, str], source: str = "192.0.2.7") -> dict[str, Any]:
    event = {
        "version": "2.0",
        "type": "REQUEST",
        "headers": headers,
        "requestContext": {"http": {"method": "POST", "path": "/v1/location", "sourceIp": source}},
    }
    answer: dict[str, Any] = invoke("authorize", event)
    return answer


def test_a_good_token_brings_its_branch(token: str) -> None:
    headers = {"authorization": f"Bearer {token}", "x-elingate-branch": "springfield"}
    assert decide(headers) == {"isAuthorized": True, "context": {"branch": "springfield"}}
    upper = {"Authorization": f"bearer {token}", "X-Elingate-Branch": "springfield"}
    assert decide(upper)["isAuthorized"]


def test_anything_else_is_not_let_in(token: str) -> None:
    good = {"authorization": f"Bearer {token}", "x-elingate-branch": "springfield"}
    assert not decide(good, source="198.51.100.7")["isAuthorized"]
    for wrong in (
        {"x-elingate-branch": "shelbyville"},
        {"x-elingate-branch": ""},
        {"x-elingate-branch": "s" * 2000},
        {"x-elingate-branch": "springfield\n"},
        {"authorization": f"Bearer {token}x"},
        {"authorization": token},
        {"authorization": "Bearer "},
        {"authorization": ""},
    ):
        answer = decide({**good, **wrong})
        assert not answer["isAuthorized"], wrong
        assert not answer.get("context"), wrong


def test_what_a_stranger_puts_into_the_header_is_not_logged(
    token: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A client that mixes its headers up sends its token as the branch."""
    assert not decide({"authorization": "Bearer x", "x-elingate-branch": "secret"})["isAuthorized"]
    assert "secret" not in capsys.readouterr().out
