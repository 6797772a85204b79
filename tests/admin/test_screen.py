"""Results go to stdout and nothing else does; no text of a draft can play with the terminal."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elingate_admin.errors import BadInput
from elingate_admin.screen import count, plain, progress, say, show_json, show_table, tell


@given(st.text())
def test_no_text_moves_the_cursor(text: str) -> None:
    assert plain(text).isprintable()


def test_a_row_is_one_line_however_long(capsys: pytest.CaptureFixture[str]) -> None:
    show_table(("id", "note"), [("a", "x" * 500), ("b", None), ("[red]c", "\x1b[2J\n")])
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["id", "a", "b", "[red]c"]
    assert "x" * 500 in lines[1]


def test_one_is_not_two() -> None:
    assert [count(n, "fault") for n in (0, 1, 2)] == ["0 faults", "1 fault", "2 faults"]


def test_json_is_alone_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    say("working")
    show_json({"name": "Zoë"})
    assert list(progress([1, 2], "counting")) == [1, 2]
    shown = capsys.readouterr()
    assert json.loads(shown.out) == {"name": "Zoë"}
    assert shown.err == "working\n"


def test_a_refusal_is_told_with_every_detail_and_what_to_do(
    capsys: pytest.CaptureFixture[str],
) -> None:
    tell(BadInput("two faults", "mend them", [("erl/x.name", "is empty"), ("", "late")]))
    assert capsys.readouterr().err.splitlines() == [
        "elingate: two faults",
        "  erl/x.name: is empty",
        "  late",
        "elingate: mend them",
    ]
