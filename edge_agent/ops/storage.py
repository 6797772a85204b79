"""Everything that the agent keeps in its state folder, and what of it is found again at start.

Whatever cannot be read is an alarm and never an end: calls go out without it.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path

from e911.bindings import Binding
from edge_agent.ops.calltrace import CallTrace
from edge_agent.ops.clerk import Clerk, Say
from edge_agent.store.disk import Disk
from edge_agent.store.journal import Journal, Replay, replay
from edge_agent.store.outbox import OutboxWriter
from edge_agent.store.snapshots import HeldSnapshot, SnapshotStore
from edge_agent.store.trunk_files import TrunkFiles

Alarm = Callable[[str, str], None]
"""Slug and detail; called on the loop."""


class Storage:
    """Journal, outbox, snapshots and trace of one agent."""

    def __init__(
        self,
        folder: Path,
        disk: Disk,
        trace: CallTrace,
        *,
        alarm: Alarm,
        say: Say,
        perf: Callable[[], float],
        saved: Callable[[float], None],
        records_waiting: Callable[[], None],
        begin: Callable[[], object] = lambda: None,
    ) -> None:
        self._folder = folder
        self._disk = disk
        self._alarm = alarm
        self._lock: int | None = None
        self._replayed: Replay | None = None
        self._journal = Journal(folder / "journal", disk)
        self._snapshots = SnapshotStore(folder / "snapshots", disk)
        self.trunks = TrunkFiles(folder, disk)
        self.clerk = Clerk(
            self._journal,
            OutboxWriter(folder / "outbox", disk),
            trace,
            say=say,
            perf=perf,
            saved=saved,
            records_waiting=records_waiting,
            begin=begin,
            trunks=self.trunks,
        )

    def claim(self) -> None:
        """Be the only agent on this folder, until the process ends.

        Raises:
            BlockingIOError: another one runs on it: two would undo each other's journal.
        """
        descriptor = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            raise
        self._lock = descriptor

    def release(self) -> None:
        """Let another agent have the folder."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def late_s(self) -> float:
        """How long the disk has kept the oldest row waiting."""
        return self.clerk.late_s()

    def replay(self) -> Replay:
        """What the journal remembers; empty where it cannot be read."""
        try:
            replayed = replay(self._folder / "journal", self._disk)
        except OSError as error:
            self._alarm("journal-failed", error.strerror or "")
            return Replay((), None, (), 0)
        if replayed.faults:
            self._alarm("journal-damaged", f"{len(replayed.faults)} rows are lost")
        self._replayed = replayed
        return replayed

    def load_trunks(self) -> None:
        """Find again what test calls heard and when trunks last proved themselves."""
        try:
            bad = self.trunks.load()
        except OSError as error:
            self._alarm("trunk-files-failed", error.strerror or "")
            return
        if bad:
            self._alarm("trunk-files-damaged", f"{bad} lines are lost")

    def compact(self, bindings: Iterable[Binding], highest_utc: datetime | None) -> None:
        """Begin the journal anew with what is still of use, where that is worth it; done
        before the clerk starts.
        """
        live = tuple(bindings)
        if self._replayed is not None and self._replayed.may_go_on(len(live)):
            return
        try:
            self._journal.compact(live, highest_utc)
        except OSError as error:
            self._alarm("journal-failed", error.strerror or "")

    def snapshot(self) -> HeldSnapshot | None:
        """The newest snapshot that is intact."""
        try:
            opened = self._snapshots.open_current()
        except OSError as error:
            self._alarm("snapshot-damaged", error.strerror or "")
            return None
        for fault in opened.faults:
            self._alarm("snapshot-damaged", fault)
        return opened.held

    def lines(self, held: HeldSnapshot) -> Iterator[bytes]:
        """The lines of its body. Raises OSError."""
        return self._snapshots.lines(held)
