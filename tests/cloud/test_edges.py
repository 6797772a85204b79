"""An edge's serial only ever rises, and the newest heartbeat is the one that is kept."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from e911.records import HealthRecord
from e911_cloud.edges import STALE, Edges
from e911_cloud.errors import NotFound
from tests.cloud.calls_of import NOON

pytestmark = pytest.mark.usefixtures("stack")


def health(at: datetime = NOON, serial: int = 0) -> HealthRecord:
    return HealthRecord("h", "e1", "b", at, serial)


def test_an_edge_that_was_never_published_is_not_found() -> None:
    with pytest.raises(NotFound):
        Edges().get("e1")


def test_serials_rise_even_when_the_clock_stands_or_goes_back() -> None:
    """R10: forward only."""
    Edges().register("e1", "b")
    first = Edges().take_serial("e1", NOON)
    assert first == int(NOON.timestamp())
    assert Edges().take_serial("e1", NOON) == first + 1
    assert Edges().take_serial("e1", NOON - timedelta(days=9)) == first + 2
    assert Edges().take_serial("e1", NOON + timedelta(days=1)) == first + 86_400


def test_registering_again_keeps_serial_and_health() -> None:
    Edges().register("e1", "b")
    serial = Edges().take_serial("e1", NOON)
    Edges().heard(health(), NOON)
    Edges().register("e1", "c")
    row = Edges().get("e1")
    assert (row.branch, row.serial, row.health_at) == ("c", serial, NOON)


def test_an_edge_that_comes_back_goes_on_above_its_old_serials() -> None:
    Edges().register("e1", "b")
    serial = Edges().take_serial("e1", NOON)
    Edges().forget("e1")
    Edges().register("e1", "b")
    assert Edges().take_serial("e1", NOON + timedelta(seconds=1)) > serial


def test_a_late_heartbeat_does_not_replace_a_newer_one() -> None:
    Edges().register("e1", "b")
    assert Edges().heard(health(serial=2), NOON)
    assert not Edges().heard(health(NOON - timedelta(minutes=1), serial=1), NOON)
    assert Edges().get("e1").health["serial"] == 2


def test_a_heartbeat_from_the_future_does_not_silence_those_that_follow() -> None:
    """A clock that ran a year ahead and was put right: the edge must not look fresh for a year."""
    Edges().register("e1", "b")
    Edges().rendered("e1", 1)
    assert Edges().heard(health(NOON + timedelta(days=365), serial=1), NOON)
    soon = NOON + timedelta(seconds=30)
    assert Edges().heard(health(soon, serial=2), soon)
    assert Edges().get("e1").health["serial"] == 2
    assert Edges().stale(soon + STALE + timedelta(seconds=1)) == ["e1"]


def test_an_edge_that_was_forgotten_does_not_come_back_half() -> None:
    """Its last render or heartbeat may be on the way still: a row without a branch would be stale
    for ever.
    """
    Edges().register("e1", "b")
    Edges().forget("e1")
    Edges().rendered("e1", 1)
    assert not Edges().heard(health(), NOON)
    assert Edges().stale(NOON) == []
    with pytest.raises(NotFound):
        Edges().get("e1")


def test_a_slow_render_does_not_take_a_later_one_back() -> None:
    Edges().register("e1", "b")
    Edges().rendered("e1", 2)
    Edges().rendered("e1", 1)
    assert Edges().get("e1").rendered == 2


def test_an_edge_is_stale_when_it_was_rendered_for_and_says_nothing() -> None:
    Edges().register("e1", "b")
    assert Edges().stale(NOON) == []
    Edges().rendered("e1", 1)
    assert Edges().stale(NOON) == ["e1"]
    Edges().heard(health(), NOON)
    assert Edges().stale(NOON + STALE) == []
    assert Edges().stale(NOON + STALE + timedelta(seconds=1)) == ["e1"]
