"""The disk, off the loop: what a step leaves behind is queued at once and made safe by one thread.

Rows are written and synced in groups, so a binding is safe within 100 ms while the disk works (R6).
A disk that is full, slow or dead costs durability and an alarm, never the call: the loop waits for
nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from e911.bindings import Binding
from e911.records import Record

GROUP_S = 0.01
"""How long rows may wait for others before they are written: a burst costs one sync, and the thread
does not compete with the calls of the same moment.
"""
RETRY_S = 0.5
"""How long a disk that failed is left alone."""
SLOW_S = 1.0
"""A queue older than this is alarmed."""

Say = Callable[[str, bool, str], None]
"""Alarm slug, whether it is active, detail; called from the worker thread."""


class Flushes(Protocol):
    """A store as its worker sees it."""

    @property
    def pending(self) -> int: ...
    def flush(self) -> int: ...
    def close(self) -> None: ...


class BindingStore(Flushes, Protocol):
    """The journal."""

    def remember(self, binding: Binding) -> None: ...
    def forget(self, call: str) -> None: ...
    def saw(self, utc: datetime) -> None: ...


class RecordStore(Flushes, Protocol):
    """The outbox."""

    def put(self, record: Record) -> None: ...


class Trace(Protocol):
    """The call trace."""

    def flush(self) -> None: ...


class Clerk:
    """Owns journal, outbox and trace; one thread, woken by whatever is put."""

    def __init__(
        self,
        journal: BindingStore,
        outbox: RecordStore,
        trace: Trace,
        *,
        say: Say,
        perf: Callable[[], float],
        saved: Callable[[float], None],
        records_waiting: Callable[[], None],
        begin: Callable[[], object] = lambda: None,
        trunks: Flushes | None = None,
    ) -> None:
        """``begin`` is called in the thread before anything else: it sets the thread's priority.
        ``trunks`` is written last: no call needs it.
        """
        self._journal = journal
        self._outbox = outbox
        self._trace = trace
        self._say = say
        self._perf = perf
        self._saved = saved
        self._records_waiting = records_waiting
        self._begin = begin
        self._trunks = trunks
        self._oldest: float | None = None
        self._failing: set[str] = set()
        self._wake = threading.Event()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._work, name="clerk", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def stop(self, patience_s: float = 2.0) -> None:
        """Write what there is, within ``patience_s``, and let go."""
        self._ending.set()
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join(patience_s)

    def remember(self, binding: Binding) -> None:
        """Keep the binding."""
        self._journal.remember(binding)
        self._note()

    def forget(self, call: str) -> None:
        """The binding of ``call`` is withdrawn."""
        self._journal.forget(call)
        self._note()

    def saw(self, utc: datetime) -> None:
        """Keep how far the clock has come."""
        self._journal.saw(utc)
        self._note()

    def put(self, record: Record) -> None:
        """Keep the record for the cloud."""
        self._outbox.put(record)
        self._note()

    def wake(self) -> None:
        """There is something to write: the trace has lines, or a trunk has a result."""
        self._wake.set()

    @property
    def waiting(self) -> int:
        """Rows and records that are not safe yet."""
        return self._journal.pending + self._outbox.pending

    def late_s(self) -> float:
        """How long the oldest row has been waiting for the disk."""
        oldest = self._oldest
        return 0.0 if oldest is None else self._perf() - oldest

    def _note(self) -> None:
        if self._oldest is None:
            self._oldest = self._perf()
        self._wake.set()

    def _work(self) -> None:
        self._begin()
        while not self._ending.is_set():
            self._wake.wait()
            self._ending.wait(GROUP_S)
            self._wake.clear()
            if not self._flush_all():
                self._ending.wait(RETRY_S)
                self._wake.set()
        self._flush_all()
        for name, store in self._stores():
            self._guarded(name, store.close)

    def _flush_all(self) -> bool:
        began, self._oldest = self._oldest, None
        written = self._guarded("journal-failed", self._journal.flush)
        if written and began is not None:
            self._saved(self._perf() - began)
        sent = self._guarded("outbox-failed", self._outbox.flush)
        self._trace.flush()
        if self._trunks is not None:
            self._guarded("trunk-files-failed", self._trunks.flush)
        if sent:
            self._records_waiting()
        if written is None or sent is None:
            self._still_waiting(began)
            return False
        return True

    def _still_waiting(self, since: float | None) -> None:
        newer = self._oldest
        self._oldest = newer if since is None else since

    def _stores(self) -> tuple[tuple[str, Flushes], ...]:
        return (("journal-failed", self._journal), ("outbox-failed", self._outbox))

    def _guarded(self, slug: str, do: Callable[[], int | None]) -> int | None:
        """What ``do`` says, or ``None`` where the disk did not take it."""
        try:
            done = do() or 0
        except OSError as error:
            if slug not in self._failing:
                self._failing.add(slug)
                self._say(slug, True, error.strerror or type(error).__name__)
            return None
        if slug in self._failing:
            self._failing.discard(slug)
            self._say(slug, False, "")
        return done
