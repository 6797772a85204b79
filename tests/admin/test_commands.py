"""Every command can be asked what it does, with an example, and says what its exit codes mean."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
import typer

from elingate_admin.commands import build
from tests.admin.terminal import ROOT, Terminal


def _names(app: typer.Typer) -> Iterator[tuple[str, ...]]:
    for command in app.registered_commands:
        assert command.callback is not None
        yield ((command.name or command.callback.__name__),)
    for group in app.registered_groups:
        assert group.name is not None
        assert group.typer_instance is not None
        yield from ((group.name, *rest) for rest in _names(group.typer_instance))


COMMANDS = sorted(_names(build()))


def test_these_are_the_commands() -> None:
    assert [" ".join(name) for name in COMMANDS] == [
        "ali export",
        "call",
        "callbacks",
        "calls",
        "draft delete",
        "draft export",
        "draft import",
        "draft list",
        "draft put",
        "draft show",
        "edges",
        "locations import",
        "publish",
        "rollback",
        "signing-key",
        "token new",
        "validate",
        "webhook secret",
    ]


@pytest.mark.parametrize("name", COMMANDS, ids=" ".join)
def test_each_has_help_with_an_example_exit_codes_and_json(name: tuple[str, ...]) -> None:
    shown = Terminal().did(*name, "--help").out
    assert f"elingate {' '.join(name)}" in shown.partition("Example")[2]
    assert "--json" in shown
    assert "Exit codes: 0 done; 1" in shown


def test_nothing_asked_shows_the_help() -> None:
    ran = Terminal().run()
    assert "Commands:" in ran.out + ran.err


def test_an_unknown_command_is_a_mistake_of_the_arguments() -> None:
    assert Terminal().run("publsh").code == 2


def test_the_process_ends_with_the_code() -> None:
    command = [sys.executable, "-m", "elingate_admin", "--api", "ftp://x", "validate"]
    paths = ":".join(str(ROOT / folder) for folder in ("admin", "layers/core"))
    ran = subprocess.run(
        command,
        env={"PYTHONPATH": paths, "ELINGATE_TOKEN": "x"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 2
    assert "--api" in ran.stderr
    assert "Traceback" not in ran.stderr
