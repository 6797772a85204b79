"""The cloud is told when something changes, once for a storm, and each minute anyway."""

from __future__ import annotations

from datetime import UTC, datetime

from e911.records import HealthRecord
from edge_agent.ops.health import Health, Vitals

AT = datetime(2026, 1, 1, tzinfo=UTC)


class Desk:
    """One health desk and what it put into the outbox."""

    def __init__(self) -> None:
        self.records: list[HealthRecord] = []
        self.health = Health(
            "edge-1",
            "springfield",
            "b1",
            "1.2",
            utc=lambda: AT,
            vitals=lambda: Vitals(serial=100, generation=7, trunks_down=("spf",), outbox=3),
            put=self.records.append,
        )


def test_a_storm_of_alarms_is_one_record() -> None:
    desk = Desk()
    for n in range(50):
        desk.health.raise_alarm("trunk-down", 1.0 + n / 100, f"trunk-{n}")
    desk.health.handle_timeout(1.5)
    assert desk.records == []
    assert desk.health.next_deadline() == 2.0
    desk.health.handle_timeout(2.0)
    (record,) = desk.records
    assert len(record.alarms) == 50
    assert (record.serial, record.generation, record.trunks_down) == (100, 7, ("spf",))
    assert (record.id, record.version, record.outbox) == ("edge-1-b1-h1", "1.2", 3)


def test_the_same_alarm_again_is_counted_and_not_told_again() -> None:
    desk = Desk()
    desk.health.raise_alarm("disk-slow", 1.0)
    desk.health.handle_timeout(2.0)
    desk.health.raise_alarm("disk-slow", 3.0)
    desk.health.handle_timeout(10.0)
    assert len(desk.records) == 1
    assert desk.health.active[0].count == 2


def test_clearing_is_a_change_and_clearing_nothing_is_not() -> None:
    desk = Desk()
    desk.health.raise_alarm("disk-slow", 1.0)
    desk.health.handle_timeout(2.0)
    desk.health.clear_alarm("never-raised", 2.5)
    desk.health.handle_timeout(4.0)
    assert len(desk.records) == 1
    desk.health.clear_alarm("disk-slow", 5.0)
    desk.health.handle_timeout(6.0)
    assert desk.records[1].alarms == ()
    (kept,) = desk.health.alarms()
    assert kept.cleared == AT


def test_a_heartbeat_goes_each_minute_and_an_adoption_is_told_at_once() -> None:
    desk = Desk()
    desk.health.tell_now(1.0)
    for now in (1.0, 60.0, 61.0, 120.0, 121.0):
        desk.health.handle_timeout(now)
    assert [record.id[-2:] for record in desk.records] == ["h1", "h2", "h3"]
