"""A trunk span by span: links, alarms, what the channels do, and when it last proved itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from e911.numbers import Elin
from edge_agent.gateway.trunks import Rank, TrunkBoard
from edge_agent.leg import ChannelsChanged, LegId, LinkChanged
from edge_agent.ops.metrics import Metrics
from edge_agent.ops.trunk_views import Facts, gauges, trunk_rows
from edge_agent.store.trunk_files import ReadbackResult, Verdict

AT = datetime(2026, 3, 1, 11, 30, 5, tzinfo=UTC)
RESULT = ReadbackResult(
    "c1", AT, "pri", Elin("4255550102"), "2065550199", "schedule", 101, 2.0, verdict=Verdict.MATCHES
)
CARD = {"name": "WCT1/0", "crc_errors": 3}
FACTS = Facts(
    1,
    {"b": "red yellow"},
    {"b": 7},
    {"pri": AT},
    (RESULT, replace(RESULT, trunk="other")),
    {"b": CARD},
)


def board() -> TrunkBoard:
    """A trunk of two spans: one with calls and a channel out of service, one whose link is down;
    and a trunk without spans."""
    made = TrunkBoard()
    made.equip("pri", spans={"a": (1, 2, 3, 4), "b": (101, 102)})
    made.equip("carrier", capacity=5)
    for leg in ("ringing", "talking"):
        made.reserve("pri", LegId(leg), Rank.FIRST, 0, avoid=("b",))
    made.confirm(LegId("talking"), None)
    made.channels_changed(ChannelsChanged("pri", "a", frozenset({1})))
    made.link_changed(LinkChanged("pri", False, "t200-last", "b"))
    made.reserve("carrier", LegId("sip"), Rank.FIRST, 0)
    return made


def test_each_span_has_a_row_with_its_link_its_alarms_and_its_channels() -> None:
    first, second = trunk_rows(board()["pri"], FACTS)
    assert first == {
        "trunk": "pri",
        "span": "a",
        "up": True,
        "why": "",
        "alarms": "",
        "slips": 0,
        "channels": 4,
        "calls": 2,
        "idle": 1,
        "busy": [3],
        "reserved": [4],
        "guard": [],
        "suspect": [],
        "out_of_service": [1],
        "card": None,
        "reserve": 1,
        "last_good": "2026-03-01T11:30",
        "last_test": "2026-03-01T11:30 matches",
    }
    assert (second["up"], second["why"], second["alarms"]) == (False, "t200-last", "red yellow")
    assert (second["calls"], second["out_of_service"]) == (0, [101, 102])
    assert second["card"] == CARD


def test_a_trunk_without_spans_has_one_row_of_calls() -> None:
    (row,) = trunk_rows(board()["carrier"], Facts())
    assert (row["span"], row["channels"], row["calls"], row["idle"]) == ("", 5, 1, 0)
    assert (row["last_good"], row["last_test"]) == (None, None)


@pytest.mark.parametrize(
    ("test", "said"),
    [
        (RESULT, "matches"),
        (replace(RESULT, verdict=Verdict.UNKNOWN, remark="no recording"), "unknown"),
        (replace(RESULT, answered_s=None, cause=17), "not answered"),
        (replace(RESULT, channel=None), "matches"),
        (replace(RESULT, channel=None, answered_s=None, cause=17), "not answered"),
        (replace(RESULT, channel=None, answered_s=None, remark="skipped: busy"), "skipped: busy"),
    ],
)
def test_the_last_test_says_what_came_of_it(test: ReadbackResult, said: str) -> None:
    row = trunk_rows(board()["pri"], replace(FACTS, results=(test,)))[0]
    assert row["last_test"] == f"2026-03-01T11:30 {said}"


def test_a_scraper_reads_every_span_and_state() -> None:
    text = Metrics().text((), (), (), gauges(board(), FACTS))
    for line in (
        'elingate_trunk_channels{span="a",state="busy",trunk="pri"} 1.0',
        'elingate_trunk_channels{span="b",state="out-of-service",trunk="pri"} 2.0',
        'elingate_trunk_channels{span="b",state="idle",trunk="pri"} 0.0',
        'elingate_trunk_link{span="a",trunk="pri"} 1.0',
        'elingate_trunk_link{span="b",trunk="pri"} 0.0',
        'elingate_trunk_link{span="",trunk="carrier"} 1.0',
        'elingate_trunk_alarm{alarm="red",span="b",trunk="pri"} 1.0',
        'elingate_trunk_alarm{alarm="blue",span="b",trunk="pri"} 0.0',
        'elingate_trunk_slips{span="b",trunk="pri"} 7.0',
        'elingate_trunk_card{count="crc_errors",span="b",trunk="pri"} 3.0',
        'elingate_trunk_free{trunk="pri"} 1.0',
        'elingate_trunk_free{trunk="carrier"} 4.0',
        'elingate_trunk_last_good{trunk="pri"} 1.772364605e+09',
    ):
        assert line in text, line


def test_a_number_that_is_no_more_is_not_told_for_ever() -> None:
    metrics = Metrics()
    metrics.text((), (), (), gauges(board(), FACTS))
    assert "elingate_trunk_link{" not in metrics.text((), (), ())
