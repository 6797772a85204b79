"""R12 at the disk: every record of a call comes out again, whoever is killed when."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from e911.bindings import CallKind
from e911.records import CallRecord, CallStep, HealthRecord
from e911.wire import from_document
from edge_agent.store.disk import RealDisk
from edge_agent.store.outbox import OutboxLimits, OutboxReader, OutboxWriter
from tests.sim.disk import SimDisk

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
BOX = Path("/state/outbox")


def a_step(call: int, step: CallStep, n: int = 0) -> CallRecord:
    return CallRecord(
        id=f"edge-1-{call}-{n}",
        call=f"edge-1-{call}",
        incident=f"edge-1-{call}",
        step=step,
        kind=CallKind.EMERGENCY,
        at=NOON,
        edge="edge",
        branch="springfield",
    )


def health(n: int) -> HealthRecord:
    return HealthRecord(id=f"health-{n}", edge="edge", branch="springfield", at=NOON)


def drain(reader: OutboxReader, most: int = 10) -> list[str]:
    ids: list[str] = []
    while (batch := reader.next_batch(most)).upto is not None:
        ids += [record["id"] for record in batch.records]
        reader.done(batch.upto)
    return ids


def test_started_records_drain_first_then_other_steps_then_health(tmp_path: Path) -> None:
    box = tmp_path / "outbox"
    writer = OutboxWriter(box, RealDisk())
    writer.put(health(1))
    writer.put(a_step(1, CallStep.STARTED, 1))
    writer.put(a_step(1, CallStep.SEIZED, 2))
    writer.put(a_step(2, CallStep.STARTED, 1))
    writer.put(a_step(1, CallStep.ENDED, 3))
    assert writer.flush() == 5

    reader = OutboxReader(box, RealDisk())
    assert reader.waiting() == 5
    assert drain(reader) == ["edge-1-1-1", "edge-1-2-1", "edge-1-1-2", "edge-1-1-3", "health-1"]
    assert reader.waiting() == 0


def test_a_record_comes_out_as_it_went_in() -> None:
    disk = SimDisk()
    writer = OutboxWriter(BOX, disk)
    writer.put(a_step(1, CallStep.ANSWERED, 4))
    writer.flush()
    (document,) = OutboxReader(BOX, disk).next_batch(10).records
    assert document["type"] == "call"
    assert from_document(CallRecord, document) == a_step(1, CallStep.ANSWERED, 4)


def test_what_was_not_acknowledged_is_read_again() -> None:
    disk = SimDisk()
    writer = OutboxWriter(BOX, disk)
    for n in range(5):
        writer.put(a_step(n, CallStep.STARTED))
    writer.flush()
    first = OutboxReader(BOX, disk).next_batch(2)
    assert OutboxReader(BOX, disk).next_batch(2) == first
    assert first.upto is not None
    OutboxReader(BOX, disk).done(first.upto)
    assert drain(OutboxReader(BOX, disk)) == ["edge-1-2-0", "edge-1-3-0", "edge-1-4-0"]


def test_delivered_segments_are_removed_and_their_numbers_never_used_again() -> None:
    disk = SimDisk()
    writer = OutboxWriter(BOX, disk, OutboxLimits(segment_bytes=1))
    for n in range(6):
        writer.put(a_step(n, CallStep.STARTED))
        writer.flush()
    reader = OutboxReader(BOX, disk)
    assert len(drain(reader)) == 6
    assert [name for name in disk.list(BOX) if name.endswith(".seg")] == ["started-0000000006.seg"]

    restarted = OutboxWriter(BOX, disk)
    restarted.put(a_step(7, CallStep.STARTED))
    restarted.flush()
    assert drain(reader) == ["edge-1-7-0"]


@pytest.mark.parametrize("seed", range(60))
def test_r12_every_flushed_call_record_arrives_whatever_dies(seed: int) -> None:
    rng = Random(seed)
    disk = SimDisk(seed)
    limits = OutboxLimits(segment_bytes=rng.choice([1, 700, 100_000]))
    writer, reader = OutboxWriter(BOX, disk, limits), OutboxReader(BOX, disk)
    flushed: list[str] = []
    arrived: list[str] = []
    written: list[str] = []
    for n in range(80):
        record = a_step(n // 2, CallStep.STARTED if n % 2 == 0 else CallStep.ENDED, n)
        writer.put(record)
        written.append(record.id)
        match rng.randrange(8):
            case 0:
                disk.cut_power()  # both processes and the machine
                writer = OutboxWriter(BOX, disk, limits)
                written = []
            case 1:
                disk.capacity = disk.used() + rng.randrange(600)
                with suppress(OSError):
                    writer.flush()
                disk.capacity = None
            case 2 | 3:
                batch = reader.next_batch(rng.randrange(1, 6))
                arrived += [document["id"] for document in batch.records]
                if batch.upto is not None and rng.random() < 0.7:  # else: the reply was lost
                    reader.done(batch.upto)
            case _:
                writer.flush()
                flushed += written
                written = []
    writer.flush()
    flushed += written
    arrived += drain(reader)
    assert set(flushed) <= set(arrived)


def test_r12_a_full_box_lets_health_go_oldest_first_and_calls_never() -> None:
    disk = SimDisk()
    limits = OutboxLimits(most_bytes=3000, segment_bytes=300)
    writer = OutboxWriter(BOX, disk, limits)
    for n in range(40):
        writer.put(health(n))
        writer.flush()
    kept = [name for name in disk.list(BOX) if name.startswith("health")]
    assert writer.dropped > 0
    assert disk.used() <= 3000 + 300

    for n in range(40):
        writer.put(a_step(n, CallStep.ENDED))
        writer.flush()
    assert not [name for name in disk.list(BOX) if name in kept]
    assert drain(OutboxReader(BOX, disk)) == [f"edge-1-{n}-0" for n in range(40)]


def test_the_newest_health_records_are_the_ones_that_stay() -> None:
    disk = SimDisk()
    writer = OutboxWriter(BOX, disk, OutboxLimits(most_bytes=2000, segment_bytes=200))
    for n in range(60):
        writer.put(health(n))
        writer.flush()
    left = drain(OutboxReader(BOX, disk))
    assert left
    assert left == [f"health-{n}" for n in range(60 - len(left), 60)]


def test_a_torn_record_is_passed_over_and_the_next_one_read() -> None:
    disk = SimDisk()
    writer = OutboxWriter(BOX, disk)
    writer.put(a_step(1, CallStep.STARTED))
    writer.flush()
    segment = BOX / disk.list(BOX)[0]
    disk.open_append(segment).append(b"0badc0de {half a rec")
    restarted = OutboxWriter(BOX, disk)
    restarted.put(a_step(2, CallStep.STARTED))
    restarted.flush()
    assert drain(OutboxReader(BOX, disk)) == ["edge-1-1-0", "edge-1-2-0"]


def test_a_damaged_record_is_counted() -> None:
    disk = SimDisk()
    writer = OutboxWriter(BOX, disk)
    for n in range(3):
        writer.put(a_step(n, CallStep.STARTED))
    writer.flush()
    disk.damage(BOX / disk.list(BOX)[0], 40)
    batch = OutboxReader(BOX, disk).next_batch(10)
    assert [record["id"] for record in batch.records] == ["edge-1-1-0", "edge-1-2-0"]
    assert batch.faults == 1


def test_a_damaged_cursor_means_twice_and_never_not_at_all() -> None:
    disk = SimDisk()
    writer = OutboxWriter(BOX, disk)
    writer.put(a_step(1, CallStep.STARTED))
    writer.flush()
    reader = OutboxReader(BOX, disk)
    assert drain(reader) == ["edge-1-1-0"]
    disk.damage(BOX / "started.cursor", 12)
    assert drain(reader) == ["edge-1-1-0"]
