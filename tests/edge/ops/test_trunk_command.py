"""The command as an operator types it: what is asked, what is said, and how it ends."""

from __future__ import annotations

import json
from typing import Any

import pytest

from edge_agent.gateway.trunks import TrunkBoard
from edge_agent.leg import ChannelsChanged
from edge_agent.ops.admin import AdminRefused
from edge_agent.ops.trunk_command import DONE, UNPROVED, parser, run
from edge_agent.ops.trunk_views import Facts, trunk_rows
from tests.edge.ops.test_readback_answers import Office
from tests.edge.ops.test_readbacks import ANAC
from tests.flows.springfield import ELIN_1, ELIN_2, ELIN_2B


class Desk:
    """An operator's terminal on a branch whose far end answers while the operator waits."""

    def __init__(self) -> None:
        self.office = Office()
        self.asked: list[dict[str, Any]] = []
        self.answers = True
        self.forgets = False

    def ask(self, question: dict[str, Any]) -> Any:
        self.asked.append(question)
        if self.forgets and question["do"] == "trunk-results":
            return []
        try:
            return self.office.answers.commands()[question["do"]](question)
        except ValueError as error:
            raise AdminRefused(str(error)) from error

    def pause(self, seconds: float) -> None:
        if self.answers:
            self.office.lab.over()
        else:
            self.office.lab.hear(state="over", cause=21)

    def type(self, *words: str) -> int:
        return run(parser().parse_args([*words, "--config", "edge.toml"]), self.ask, self.pause)


def test_one_elin_is_tested_and_the_end_is_waited_for(capsys: pytest.CaptureFixture[str]) -> None:
    desk = Desk()
    code = desk.type("test", "pri", "--number", ANAC, "--elin", ELIN_2.digits, "--seconds", "9")
    assert code == DONE
    assert desk.asked[0] == {
        "do": "trunk-test",
        "trunk": "pri",
        "number": ANAC,
        "seconds": 9.0,
        "elin": ELIN_2.digits,
    }
    said = capsys.readouterr()
    assert said.err.splitlines() == [
        f"{ELIN_2.digits}: calling (not answered yet)",
        f"{ELIN_2.digits}: over (answered after 2 s)",
    ]
    assert "unknown" in said.out


def test_without_an_elin_all_of_the_branch_are_tested_one_after_the_other(
    capsys: pytest.CaptureFixture[str],
) -> None:
    desk = Desk()
    assert desk.type("test", "pri", "--number", ANAC, "--json") == DONE
    shown = json.loads(capsys.readouterr().out)
    assert [each["elin"] for each in shown] == [e.digits for e in (ELIN_1, ELIN_2, ELIN_2B)]
    assert {each["state"] for each in shown} == {"over"}


def test_a_test_that_nobody_answers_is_told_by_the_exit_code(
    capsys: pytest.CaptureFixture[str],
) -> None:
    desk = Desk()
    desk.answers = False
    assert desk.type("test", "pri", "--number", ANAC, "--elin", ELIN_2.digits) == UNPROVED
    assert "not answered, cause 21" in capsys.readouterr().out


def test_a_refusal_ends_the_round_and_what_was_done_is_shown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    desk = Desk()

    def pause(seconds: float) -> None:
        desk.office.lab.over()
        desk.office.lab.refusal = "pri is busy"

    arguments = parser().parse_args(["test", "pri", "--number", ANAC, "--config", "x"])
    with pytest.raises(AdminRefused, match="pri is busy"):
        run(arguments, desk.ask, pause)
    assert ELIN_1.digits in capsys.readouterr().out


def test_an_agent_that_was_started_again_is_not_waited_for() -> None:
    desk = Desk()
    desk.forgets = True
    with pytest.raises(AdminRefused, match="forgotten"):
        desk.type("test", "pri", "--number", ANAC, "--elin", ELIN_2.digits)


def test_what_was_heard_is_said_and_a_replaced_elin_is_told_by_the_exit_code(
    capsys: pytest.CaptureFixture[str],
) -> None:
    desk = Desk()
    desk.type("test", "pri", "--number", ANAC, "--elin", ELIN_2.digits)
    id_ = desk.asked[1]["id"]
    assert desk.type("heard", id_, "4255550100") == UNPROVED
    assert "replaced" in capsys.readouterr().out
    assert desk.type("heard", id_, ELIN_2.digits) == DONE
    assert "matches" in capsys.readouterr().out
    assert desk.type("results", "--lines", "5") == DONE
    assert desk.asked[-1] == {"do": "trunk-results", "lines": 5}
    assert id_ in capsys.readouterr().out


def test_where_there_is_no_result_that_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert Desk().type("results") == DONE
    assert capsys.readouterr().out == "none\n"


@pytest.mark.parametrize("word", ["out", "in"])
def test_channels_are_taken_out_of_service_and_put_back(
    word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[Any] = []
    made = TrunkBoard()
    made.equip("pri", spans={"pri-1": tuple(range(1, 24))})
    made.channels_changed(ChannelsChanged("pri", "pri-1", frozenset({1, 2, 3, 4, 7})))

    def ask(question: dict[str, Any]) -> Any:
        asked.append(question)
        return trunk_rows(made["pri"], Facts())

    desk = Desk()
    for more in ([], ["--json"]):
        arguments = parser().parse_args([word, "pri-1", "1-4,7", *more, "--config", "x"])
        assert run(arguments, ask, desk.pause) == DONE
    assert asked == [{"do": f"trunk-{word}", "span": "pri-1", "channels": "1-4,7"}] * 2
    table, document = capsys.readouterr().out.split("[", 1)
    assert "1-4,7" in table
    assert json.loads("[" + document)[0]["out_of_service"] == [1, 2, 3, 4, 7]


@pytest.mark.parametrize("words", [[], ["test"], ["heard", "x"], ["call", "pri"], ["out", "pri-1"]])
def test_a_word_too_few_is_an_error_of_usage(words: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parser().parse_args([*words, "--config", "x"])
    assert ended.value.code == 2
