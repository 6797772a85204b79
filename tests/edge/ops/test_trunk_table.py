"""What an operator reads on a terminal fits there and says what matters."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edge_agent.gateway.trunks import Rank, TrunkBoard
from edge_agent.leg import ChannelsChanged, LegId
from edge_agent.ops.readback_answers import result_document
from edge_agent.ops.trunk_table import channels_in, ranges, results_shown, trunks_shown
from edge_agent.ops.trunk_views import trunk_rows
from tests.edge.ops.test_readback_answers import RESULT
from tests.edge.ops.test_trunk_views import FACTS, board

WIDEST = 100


def shown(made: TrunkBoard) -> list[str]:
    return trunks_shown([row for trunk in made for row in trunk_rows(trunk, FACTS)]).splitlines()


@pytest.mark.parametrize(
    ("channels", "said"),
    [
        ((), ""),
        ((5,), "5"),
        ((2, 1), "1-2"),
        (range(1, 24), "1-23"),
        ((1, 2, 3, 23, 101, 102), "1-3,23,101-102"),
    ],
)
def test_channels_are_told_as_ranges(channels: tuple[int, ...], said: str) -> None:
    assert ranges(channels) == said
    if said:
        assert channels_in(said) == set(channels)


@pytest.mark.parametrize(
    "text", ["", "x", "1-", "-1", "1,,2", "1-2-3", " 1", "12345", "1\n", "\u0661", 3, None]
)
def test_what_is_no_range_of_channels_is_said(text: object) -> None:
    with pytest.raises(ValueError, match="channels must be"):
        channels_in(text)


def test_a_range_that_runs_backwards_names_no_channel() -> None:
    with pytest.raises(ValueError, match="channels must be"):
        channels_in("7-1")


def test_each_span_has_a_line_and_then_each_trunk_has_one() -> None:
    lines = shown(board())
    assert lines[0].split("  ")[0] == "trunk"
    first, second, third = (line.split() for line in lines[1:4])
    assert first == ["pri", "a", "up", "-", "0", "2", "of", "4", "3", "4", "1"]
    down = ["pri", "b", "down:", "t200-last", "red", "yellow", "7", "0", "of", "2"]
    assert second == [*down, "-", "-", "101-102"]
    assert third == ["carrier", "-", "up", "-", "0", "1", "of", "5", "-", "-", "-"]
    assert lines[4] == ""
    pri, carrier = (line.split() for line in lines[6:])
    assert pri == ["pri", "1", "1", "2026-03-01T11:30", "2026-03-01T11:30", "matches"]
    assert carrier == ["carrier", "-", "1", "-", "-"]


def test_a_channel_that_failed_its_last_call_is_named_where_there_is_one() -> None:
    made = board()
    made.channels_changed(
        ChannelsChanged("pri", "a", frozenset(), suspect=frozenset({1, 2}), why="no wink")
    )
    head, first, second = shown(made)[:3]
    assert "suspect" in head
    assert first.split()[-2:] == ["1-2", "-"]
    assert second.split()[-2:] == ["-", "101-102"]
    assert "suspect" not in shown(board())[0]


def test_a_whole_group_of_spans_fits_on_a_terminal() -> None:
    made = TrunkBoard()
    made.equip("springfield-pri", spans={f"pri-{n}": tuple(range(n, n + 23)) for n in (1, 101)})
    for n in range(30):
        made.reserve("springfield-pri", LegId(f"L{n}"), Rank.FIRST, 0)
    assert max(map(len, shown(made))) <= WIDEST


def test_where_there_is_no_trunk_that_is_said() -> None:
    assert trunks_shown([]) == "none"


def test_a_test_is_a_line_and_what_else_is_known_of_it() -> None:
    known = replace(RESULT, recording="/state/tests/x.wav", recorded_s=14.9, connected="2065550100")
    skipped = replace(
        RESULT, id="pri-1", channel=None, answered_s=None, cause=None, remark="skipped: busy"
    )
    lines = results_shown([result_document(known), result_document(skipped)]).splitlines()
    assert lines[1].split() == [
        *("e-b1-1", "2026-03-01T11:29", "pri", "4255550102"),
        *("answered", "after", "2.5", "s", "-", "unknown"),
    ]
    assert lines[3:] == [
        "e-b1-1: 2065550199 on channel 23, asked by operator",
        "e-b1-1: the network says that 2065550100 answered",
        "e-b1-1: recorded 14.9 s: /state/tests/x.wav",
        "pri-1: 2065550199, asked by operator",
        "pri-1: skipped: busy",
    ]
    assert max(map(len, lines)) <= WIDEST
