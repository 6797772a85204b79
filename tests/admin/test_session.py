"""Where to and as whom: from options or the environment, and never half."""

from __future__ import annotations

from pathlib import Path

import pytest

from elingate_admin.session import Session
from lab.cloud import LocalCloud
from tests.admin.terminal import Terminal


def test_the_environment_is_enough(running: LocalCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ELINGATE_API", running.addresses.http)
    monkeypatch.setenv("ELINGATE_TOKEN", running.admin_token())
    assert Terminal().did("draft", "list", "edge", "--json").document is not None


def test_without_an_address_the_command_says_where_to_give_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("ELINGATE_API", raising=False)
    ran = Terminal().run("validate")
    assert ran.code == 2
    assert "ELINGATE_API" in ran.err


@pytest.mark.parametrize("token", ["", "  \n", "two words"])
def test_without_a_token_nothing_is_asked(token: str, tmp_path: Path) -> None:
    file = tmp_path / "jwt"
    file.write_text(token)
    ran = Terminal(("--api", "https://127.0.0.1:1", "--token-file", str(file))).run("validate")
    assert ran.code == 3
    assert "--token-file" in ran.err


def test_a_token_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    ran = Terminal(("--api", "https://127.0.0.1:1", "--token-file", str(tmp_path / "no"))).run(
        "validate"
    )
    assert ran.code == 3
    assert str(tmp_path / "no") in ran.err


def test_the_file_is_believed_before_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "jwt"
    file.write_text("from-file\n")
    session = Session("https://api.example", file, None, {"ELINGATE_TOKEN": "from-environment"})
    assert session.cloud().token == "from-file"
