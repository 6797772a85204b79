"""The clerk makes rows safe off the loop, and a bad disk is an alarm and nothing more."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from e911.bindings import Binding, CallKind, How
from e911.numbers import Caller, Elin
from e911.records import CallRecord, CallStep
from edge_agent.ops.calltrace import CallTrace
from edge_agent.ops.clerk import Clerk
from edge_agent.store.disk import RealAppendFile, RealDisk
from edge_agent.store.journal import Journal, replay
from edge_agent.store.outbox import OutboxReader, OutboxWriter

AT = datetime(2026, 1, 1, tzinfo=UTC)
BINDING = Binding(
    "c1", Elin("4255550102"), Caller("sip:ana@pbx"), "floor-2", How.DEFAULT, CallKind.EMERGENCY, AT
)
RECORD = CallRecord("c1-1", "c1", "i1", CallStep.STARTED, CallKind.EMERGENCY, AT, "e", "b")
PATIENCE_S = 10.0


class Disk(RealDisk):
    """A disk that can be full for a while, or that lets go only when it is told to."""

    def __init__(self) -> None:
        self.full = False
        self.moves = threading.Event()
        self.moves.set()

    def open_append(self, path: Path) -> RealAppendFile:
        self.moves.wait(PATIENCE_S)
        if self.full:
            raise OSError(28, "No space left on device")
        return super().open_append(path)


class Office:
    """A clerk and what it said."""

    def __init__(self, folder: Path, disk: Disk) -> None:
        self.folder = folder
        self.said: list[tuple[str, bool]] = []
        self.saved: list[float] = []
        self.told = 0
        self._changed = threading.Condition()
        self.clerk = Clerk(
            Journal(folder / "journal", disk),
            OutboxWriter(folder / "outbox", disk),
            CallTrace(folder / "trace", kilobytes=64, numbers=False),
            say=self._say,
            perf=time.perf_counter,
            saved=self._save,
            records_waiting=self._tell,
        )

    def until(self, met: str) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: bool(getattr(self, met)), PATIENCE_S), met

    def until_said(self, *said: tuple[str, bool]) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: set(said) <= set(self.said), PATIENCE_S), (
                self.said
            )

    def _say(self, slug: str, active: bool, detail: str) -> None:
        with self._changed:
            self.said.append((slug, active))
            self._changed.notify_all()

    def _save(self, seconds: float) -> None:
        with self._changed:
            self.saved.append(seconds)
            self._changed.notify_all()

    def _tell(self) -> None:
        with self._changed:
            self.told += 1
            self._changed.notify_all()


@contextmanager
def office(folder: Path, disk: Disk | None = None) -> Iterator[Office]:
    made = Office(folder, disk or Disk())
    made.clerk.start()
    try:
        yield made
    finally:
        made.clerk.stop(PATIENCE_S)


def test_a_binding_is_safe_soon_after_the_step_r6(tmp_path: Path) -> None:
    with office(tmp_path) as made:
        made.clerk.remember(BINDING)
        made.until("saved")
        assert replay(tmp_path / "journal", RealDisk()).bindings == (BINDING,)
        assert made.clerk.late_s() == 0.0
        assert made.clerk.waiting == 0


def test_a_record_is_in_the_outbox_and_the_sync_process_is_told(tmp_path: Path) -> None:
    with office(tmp_path) as made:
        made.clerk.put(RECORD)
        made.until("told")
        (record,) = OutboxReader(tmp_path / "outbox", RealDisk()).next_batch(5).records
        assert record["id"] == "c1-1"


def test_a_withdrawn_binding_is_forgotten_and_the_clock_kept(tmp_path: Path) -> None:
    with office(tmp_path) as made:
        made.clerk.remember(BINDING)
        made.clerk.forget("c1")
        made.clerk.saw(AT)
    found = replay(tmp_path / "journal", RealDisk())
    assert (found.bindings, found.highest_utc) == ((), AT)


def test_a_full_disk_is_an_alarm_and_what_waited_is_written_when_there_is_room_r6(
    tmp_path: Path,
) -> None:
    disk = Disk()
    disk.full = True
    with office(tmp_path, disk) as made:
        made.clerk.remember(BINDING)
        made.clerk.put(RECORD)
        made.until_said(("journal-failed", True), ("outbox-failed", True))
        assert made.clerk.waiting == 2
        disk.full = False
        made.until_said(("journal-failed", False), ("outbox-failed", False))
        made.until("told")
    assert replay(tmp_path / "journal", RealDisk()).bindings == (BINDING,)
    assert made.said.count(("journal-failed", True)) == 1


def test_a_disk_that_stalls_holds_up_nobody_and_can_be_seen(tmp_path: Path) -> None:
    disk = Disk()
    disk.moves.clear()
    with office(tmp_path, disk) as made:
        made.clerk.remember(BINDING)
        made.clerk.remember(BINDING)  # returns although the disk does not
        made.clerk.wake()
        disk.moves.set()
        made.until("saved")


def test_what_is_put_just_before_the_end_is_written(tmp_path: Path) -> None:
    with office(tmp_path) as made:
        made.clerk.put(RECORD)
    assert OutboxReader(tmp_path / "outbox", RealDisk()).waiting() == 1
