"""What an operator asks of test calls, and how the answers read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from e911.rows import TestNumberRow as ListedNumber
from e911.snapshot import Snapshot
from edge_agent.ops.readback_answers import ReadbackAnswers, outcome, result_document
from edge_agent.ops.timetable import Timetable
from edge_agent.store.trunk_files import ReadbackResult, Verdict
from tests.edge.ops.test_readbacks import ANAC, NIGHT, Lab
from tests.flows.springfield import ELIN_1, ELIN_2, ELIN_2B, snapshot_of

RESULT = ReadbackResult("e-b1-1", NIGHT, "pri", ELIN_2, ANAC, "operator", 23, 2.5, 16)


class Office:
    """An operator, the answers, and the readbacks behind them."""

    def __init__(self, *tables: Timetable, snapshot: Snapshot | None = None) -> None:
        self.lab = Lab(*tables)
        held = snapshot or snapshot_of()
        self.answers = ReadbackAnswers(self.lab.readbacks, lambda: held, lambda: self.lab.now)

    def ask(self, do: str, **more: Any) -> Any:
        return self.answers.commands()[do]({"do": do, **more})


def test_a_test_is_asked_for_followed_and_judged() -> None:
    office = Office()
    id_ = office.ask("trunk-test", trunk="pri", number=ANAC, elin="425-555-0102")["id"]
    assert office.lab.placed == [("pri", ELIN_2)]
    (shown,) = office.ask("trunk-results", id=id_)
    assert (shown["state"], shown["outcome"]) == ("calling", "not answered yet")
    office.lab.over()
    (shown,) = office.ask("trunk-results", id=id_)
    assert (shown["state"], shown["outcome"], shown["verdict"]) == (
        "over",
        "answered after 2 s",
        "unknown",
    )
    heard = office.ask("trunk-heard", id=id_, number=ELIN_2.digits)
    assert (heard["verdict"], heard["heard"]) == ("matches", ELIN_2.digits)
    assert office.ask("trunk-results") == [heard]


def test_the_number_is_the_trunks_own_where_the_operator_names_none() -> None:
    listed = snapshot_of([ListedNumber("anac", "springfield", "pri", ANAC)])
    for office in (Office(Timetable("pri", ANAC, "")), Office(snapshot=listed)):
        office.ask("trunk-test", trunk="pri", elin=ELIN_2.digits)
        assert office.lab.readbacks.running[0].result.number == ANAC
    with pytest.raises(ValueError, match="number is missing: pri has no test_number"):
        Office().ask("trunk-test", trunk="pri", elin=ELIN_2.digits)


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({}, "trunk is missing"),
        ({"trunk": 7}, "trunk is missing"),
        ({"trunk": "pri"}, "elin is missing"),
        ({"trunk": "pri", "elin": "911"}, "elin is"),
        ({"trunk": "pri", "elin": ELIN_2.digits, "number": ["x"]}, "number is missing"),
        ({"trunk": "pri", "elin": ELIN_2.digits, "number": ANAC, "seconds": "1"}, "seconds must"),
    ],
)
def test_what_is_not_said_is_asked_for(asked: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Office().ask("trunk-test", **asked)


def test_the_elins_of_a_trunk_are_listed() -> None:
    office = Office()
    assert office.ask("trunk-elins", trunk="pri") == [
        elin.digits for elin in (ELIN_1, ELIN_2, ELIN_2B)
    ]
    with pytest.raises(ValueError, match="for nowhere; trunks of the snapshot: gateway, pri"):
        office.ask("trunk-elins", trunk="nowhere")


def test_results_come_as_many_as_asked_the_latest_last() -> None:
    office = Office()
    for elin in (ELIN_1, ELIN_2):
        office.lab.place(elin)
        office.lab.over()
    office.lab.place(ELIN_2B)
    shown = office.ask("trunk-results", lines=2)
    assert [each["elin"] for each in shown] == [ELIN_2.digits, ELIN_2B.digits]
    for lines in (0, 1001, "all"):
        with pytest.raises(ValueError, match="lines must be"):
            office.ask("trunk-results", lines=lines)


@pytest.mark.parametrize(
    ("result", "state", "said"),
    [
        (RESULT, "over", "answered after 2.5 s"),
        (replace(RESULT, answered_s=None), "over", "not answered, cause 16"),
        (replace(RESULT, answered_s=None, cause=None), "calling", "not answered yet"),
        (replace(RESULT, answered_s=None, cause=None), "over", "not placed"),
        (replace(RESULT, answered_s=None, cause=21), "saving", "not answered, cause 21"),
    ],
)
def test_the_outcome_reads_as_a_person_would_say_it(
    result: ReadbackResult, state: str, said: str
) -> None:
    assert outcome(result, state) == said


def test_a_result_shows_everything_but_people() -> None:
    shown = result_document(replace(RESULT, verdict=Verdict.REPLACED, heard="4255550100"))
    assert shown["at"] == "2026-03-01T11:29:30.000000Z"
    assert (shown["verdict"], shown["heard"]) == ("replaced", "4255550100")
