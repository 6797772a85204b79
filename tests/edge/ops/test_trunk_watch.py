"""What only time or counting can tell of a trunk is alarmed when it begins and cleared when it is
over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from e911.bindings import CallKind
from e911.records import CallRecord, CallStep
from edge_agent.gateway.trunks import Hold, Rank, Trunk, TrunkBoard
from edge_agent.leg import ChannelsChanged, LegId, LinkChanged
from edge_agent.ops.health import Health, Vitals
from edge_agent.ops.trunk_watch import STARTING, Limits, TrunkWatch, free_channels
from edge_agent.store.trunk_files import TrunkFiles
from tests.sim.disk import SimDisk

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Watch:
    """A watch over two trunks, and a clock that the test moves."""

    def __init__(self, disk: SimDisk | None = None, at: datetime = AT, **limits: int) -> None:
        self.at, self.now = at, 0.0
        self.board = TrunkBoard()
        self.board.equip("pri", spans={"a": (1, 2), "b": (101, 102)})
        self.board.equip("carrier", capacity=2)
        self.files = TrunkFiles(Path("/state"), disk or SimDisk())
        self.files.load()
        self.health = Health(
            "e", "b", "1", "", utc=lambda: self.at, vitals=Vitals, put=lambda record: None
        )
        known = {"pri": Limits(**limits), "carrier": Limits(**limits)}
        self.watch = TrunkWatch(known, self.files, self.health, lambda: self.at)

    def look(self, seconds: float = 1.0) -> dict[tuple[str, str], str]:
        self.now += seconds
        self.at += timedelta(seconds=seconds)
        self.watch.look(self.board, self.now)
        return {(alarm.slug, alarm.subject): alarm.detail for alarm in self.health.active}


def answered(trunk: str, at: datetime, step: CallStep = CallStep.ANSWERED) -> CallRecord:
    return CallRecord("c1-2", "c1", "i1", step, CallKind.EMERGENCY, at, "e", "b", trunk=trunk)


def test_fewer_free_channels_than_wanted_are_an_alarm_until_there_are_enough() -> None:
    made = Watch(least_free=2)
    assert made.look() == {}
    for n in range(3):
        made.board.reserve("pri", LegId(f"L{n}"), Rank.FIRST, 0)
    assert made.look() == {("channels-few", "pri"): "1 free, at least 2"}
    made.look()
    assert [alarm.count for alarm in made.health.active] == [1]
    made.board.release(LegId("L0"))
    assert made.look() == {}


def test_channels_in_doubt_are_not_free() -> None:
    made = Watch(least_free=2)
    made.board.link_changed(LinkChanged("pri", False, "disc", "b"))
    assert made.look() == {}
    made.board.channels_changed(ChannelsChanged("pri", "a", frozenset({1})))
    assert ("channels-few", "pri") in made.look()


def test_links_of_which_nothing_was_heard_yet_are_not_counted_as_few_channels() -> None:
    made = Watch(least_free=2)
    for span in "ab":
        made.board.link_changed(LinkChanged("pri", False, STARTING, span))
    assert made.look() == {}
    made.board.link_changed(LinkChanged("pri", False, "t200-last", "a"))
    assert ("channels-few", "pri") not in made.look()
    made.board.link_changed(LinkChanged("pri", False, "t200-last", "b"))
    assert ("channels-few", "pri") in made.look()


def test_a_sip_trunk_counts_its_calls() -> None:
    hold = Hold(LegId("a"), Rank.FIRST, None)
    assert free_channels(Trunk("x", capacity=2, holds={hold.leg: hold})) == 1
    assert free_channels(Trunk("x")) > 1000


def test_where_no_limit_is_set_nothing_is_alarmed() -> None:
    made = Watch()
    for n in range(4):
        made.board.reserve("pri", LegId(f"L{n}"), Rank.FIRST, 0)
    assert made.look(86_400 * 400) == {}
    assert made.files.proofs == {}


def test_a_trunk_without_a_good_call_for_so_many_days_is_an_alarm_until_the_next_one() -> None:
    made = Watch(proof_days=7)
    assert made.look(86_400 * 6) == {}
    assert made.look(86_400 * 6.9) == {}
    assert made.look(86_400) == {
        ("trunk-unproved", "pri"): "7 days",
        ("trunk-unproved", "carrier"): "7 days",
    }
    made.watch.hear(answered("pri", made.at))
    assert list(made.look()) == [("trunk-unproved", "carrier")]
    assert made.watch.last_good == {"pri": made.at - timedelta(seconds=1)}


@pytest.mark.parametrize("step", [CallStep.STARTED, CallStep.ALERTING, CallStep.FAILED])
def test_a_call_that_nobody_answered_proves_nothing(step: CallStep) -> None:
    made = Watch(proof_days=7)
    made.watch.hear(answered("pri", AT, step))
    made.watch.hear(answered("", AT))
    assert made.files.proofs == {}


def test_a_restart_gives_no_trunk_a_new_week() -> None:
    disk = SimDisk()
    made = Watch(disk, proof_days=7)
    made.look()
    made.watch.hear(answered("pri", made.at))
    made.files.flush()
    again = Watch(disk, at=made.at + timedelta(days=7), proof_days=7)
    assert set(again.look()) == {("trunk-unproved", "pri"), ("trunk-unproved", "carrier")}


def test_more_slips_in_an_hour_than_g822_allows_are_an_alarm_until_an_hour_has_fewer() -> None:
    made = Watch()
    for _ in range(30):
        made.watch.slipped("a", 1, made.now)
    assert made.look(60) == {}
    made.watch.slipped("a", 1, made.now)
    assert made.look(60) == {("span-slips", "a"): "31 in an hour"}
    assert made.look(3400)
    assert made.watch.slips(made.now) == {"a": 31}
    assert made.look(81) == {}
    assert made.watch.slips(made.now) == {"a": 1}


def test_a_link_that_answers_no_poll_is_an_alarm_of_its_own_until_it_answers() -> None:
    made = Watch()
    made.board.link_changed(LinkChanged("pri", False, "disc", "a"))
    assert made.look() == {}
    made.board.link_changed(LinkChanged("pri", False, "t200-last", "b"))
    assert list(made.look()) == [("link-unanswered", "b")]
    made.board.link_changed(LinkChanged("pri", True, "", "b"))
    assert made.look() == {}
