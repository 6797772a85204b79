"""After the last byte: each output goes where it belongs, in order."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from e911.bindings import Binding, CallKind, How
from e911.numbers import Caller, Elin
from e911.records import CallRecord, CallStep, HealthRecord
from edge_agent.gateway.outputs import (
    ClearAlarm,
    CloseRoom,
    Forget,
    Listen,
    RaiseAlarm,
    ReadbackNews,
    Remember,
    Report,
    Room,
)
from edge_agent.leg import LegId
from edge_agent.messages import DropRoom, KeepVoice, Message, SetRoom
from edge_agent.ops.backroom import Backroom
from edge_agent.ops.calltrace import CallTrace
from edge_agent.ops.clerk import Clerk
from edge_agent.ops.health import Health, Vitals
from edge_agent.ops.metrics import Metrics
from edge_agent.ops.upkeep import Upkeep
from edge_agent.store.disk import RealDisk
from edge_agent.store.journal import Journal, replay
from edge_agent.store.outbox import OutboxReader, OutboxWriter
from edge_agent.store.trunk_files import TrunkFiles

AT = datetime(2026, 1, 1, tzinfo=UTC)
CALLER = Caller("sip:ana@pbx")


def binding(call: str) -> Binding:
    return Binding(call, Elin("4255550102"), CALLER, "f2", How.DEFAULT, CallKind.EMERGENCY, AT)


def test_disk_media_and_alarms_get_what_is_theirs(tmp_path: Path) -> None:
    told: list[Message] = []
    health_records: list[HealthRecord] = []
    clock = [0.0]
    trace = CallTrace(tmp_path / "trace", kilobytes=64, numbers=False)
    clerk = Clerk(
        Journal(tmp_path / "journal", RealDisk()),
        OutboxWriter(tmp_path / "outbox", RealDisk()),
        trace,
        say=lambda *_: None,
        perf=lambda: clock[0],
        saved=lambda seconds: None,
        records_waiting=lambda: None,
    )
    health = Health("e", "b", "1", "", utc=lambda: AT, vitals=Vitals, put=health_records.append)
    files = TrunkFiles(tmp_path, RealDisk())
    upkeep = Upkeep(files, health, lambda *_: None, lambda: AT, {}, ())
    room = Backroom(clerk, health, trace, Metrics(), told.append, lambda: AT, upkeep)
    record = CallRecord("c1-1", "c1", "i1", CallStep.STARTED, CallKind.EMERGENCY, AT, "e", "b")
    room.afterwards(
        [
            Room("c1", ()),
            Remember(binding("c1")),
            Remember(binding("c2")),
            Forget("c2"),
            Report(record),
            RaiseAlarm("elin-forced", "f2"),
            RaiseAlarm("trunk-down", "spf"),
            ClearAlarm("trunk-down", "spf"),
            Listen("c7", LegId("t"), 60.0),
            CloseRoom("c1"),
            ReadbackNews("c7", "pri", 23, Elin("4255550102"), "2065550199", "over", cause=16),
        ],
        1.0,
    )
    room.note("event", "sip", CALLER)
    kept = str(tmp_path / "tests" / "c7.wav")
    assert told == [SetRoom("c1", ()), KeepVoice("c7", "t", kept, 60.0), DropRoom("c1")]
    assert [result.id for result in files.results] == ["c7"]
    assert [alarm.slug for alarm in health.active] == ["elin-forced"]

    clock[0] = 5.0  # the disk has been slow
    room.look(5.0)
    assert {alarm.slug for alarm in health.active} == {"elin-forced", "disk-slow"}
    assert len(health_records) == 1

    clerk.start()
    clerk.stop(10.0)
    room.look(6.0)
    assert [alarm.slug for alarm in health.active] == ["elin-forced"]
    assert replay(tmp_path / "journal", RealDisk()).bindings == (binding("c1"),)
    assert OutboxReader(tmp_path / "outbox", RealDisk()).waiting() == 1
    assert len(trace.tail(5)) == 1
