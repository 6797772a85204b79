"""Records wait here while the cloud is away, and nothing is lost (R12): three lanes of segment
files and a cursor each.

The agent writes (:class:`OutboxWriter`), the sync process reads (:class:`OutboxReader`); only
files pass between them, so either may be killed at any moment. Lanes drain in order: ``started``
first, then the other steps of calls, then health. A record arrives at least once; its id makes a
repeat harmless. Within a lane the order is that of writing. When the box is full health records
go, oldest first; records of calls never do.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from pathlib import Path

from e911.errors import InvalidDocument
from e911.records import CallRecord, CallStep, Record
from e911.wire import Document, from_document, to_document
from edge_agent.store.disk import AppendFile, Disk, write_whole
from edge_agent.store.lines import seal, unseal

STARTED, CALLS, HEALTH = "started", "calls", "health"
LANES = (STARTED, CALLS, HEALTH)
"""In the order in which they drain."""


@dataclass(frozen=True, slots=True)
class OutboxLimits:
    """``most_bytes`` counts all lanes; ``segment_bytes`` is when a new file begins."""

    most_bytes: int = 256 << 20
    segment_bytes: int = 256 << 10


@dataclass(frozen=True, slots=True)
class Position:
    """How far a lane has been read: everything before ``offset`` of ``segment``."""

    lane: str
    segment: int
    offset: int


@dataclass(frozen=True, slots=True)
class Batch:
    """Records of one lane, oldest first; after their delivery say ``done(upto)``. Empty:
    nothing waits.
    """

    records: tuple[Document, ...]
    upto: Position | None
    faults: int = 0
    """Lines that no longer hold a record: torn by a power cut, or damaged on the disk."""


def lane_of(record: Record) -> str:
    """Where a record waits."""
    if not isinstance(record, CallRecord):
        return HEALTH
    return STARTED if record.step is CallStep.STARTED else CALLS


def record_document(record: Record) -> Document:
    """The document of a record, with its ``type``: what ``POST /v1/edges/{edge}/records`` takes."""
    kind = "call" if isinstance(record, CallRecord) else "health"
    return {"type": kind, **to_document(record)}


class OutboxWriter:
    """The agent's half. :meth:`put` is for the loop and touches no disk; :meth:`flush` is for
    one worker thread.
    """

    def __init__(self, folder: Path, disk: Disk, limits: OutboxLimits | None = None) -> None:
        self._folder = folder
        self._disk = disk
        self._limits = limits or OutboxLimits()
        self._pending: deque[tuple[str, bytes]] = deque()
        self._lanes = {lane: _LaneWriter(lane, folder, disk) for lane in LANES}
        self.dropped = 0
        """Health records that went because the box was full."""

    @property
    def pending(self) -> int:
        """Records that are not yet known to be on disk."""
        return len(self._pending)

    def put(self, record: Record) -> None:
        """Have ``record`` on disk after the next flush."""
        self._pending.append((lane_of(record), seal(record_document(record))))

    def flush(self) -> int:
        """Write and sync what is pending; how many records that were. For one thread at a time.

        Raises:
            OSError: the disk is full or dead; what did not get out stays pending for the next
            flush.
        """
        taken = [self._pending.popleft() for _ in range(len(self._pending))]
        if not taken:
            return 0
        count = len(taken)
        try:
            self._disk.make_folder(self._folder)
            self._make_room(sum(len(line) for _, line in taken))
            for lane in LANES:
                lines = [line for where, line in taken if where == lane]
                if lines and not (lane == HEALTH and self._is_full()):
                    self._lanes[lane].write(b"".join(lines), self._limits.segment_bytes)
                elif lines:
                    self.dropped += len(lines)
                taken = [(where, line) for where, line in taken if where != lane]
        except OSError:
            self._put_back(taken)
            raise
        return count

    def close(self) -> None:
        """Flush and let go of the files. Raises OSError."""
        try:
            self.flush()
        finally:
            for lane in self._lanes.values():
                lane.close()

    def _put_back(self, taken: list[tuple[str, bytes]]) -> None:
        """Records of calls wait for a disk that works again; health records are the first to go."""
        kept = [(lane, line) for lane, line in taken if lane != HEALTH]
        self.dropped += len(taken) - len(kept)
        self._pending.extendleft(reversed(kept))

    def _is_full(self) -> bool:
        return _bytes_in(self._disk, self._folder) >= self._limits.most_bytes

    def _make_room(self, needed: int) -> None:
        """Remove the oldest health segments until ``needed`` bytes fit, or none are left."""
        excess = _bytes_in(self._disk, self._folder) + needed - self._limits.most_bytes
        if excess <= 0:
            return
        self._lanes[HEALTH].close()
        for segment in _segments(self._disk, self._folder, HEALTH):
            path = _segment_path(self._folder, HEALTH, segment)
            data = self._disk.read(path) or b""
            self.dropped += data.count(b"\n")
            excess -= len(data)
            self._lanes[HEALTH].skip_past(segment)
            self._disk.remove(path)
            if excess <= 0:
                return


class _LaneWriter:
    """Appends to the newest segment of one lane; every start and every failure begins a new one."""

    def __init__(self, lane: str, folder: Path, disk: Disk) -> None:
        self._lane = lane
        self._folder = folder
        self._disk = disk
        self._file: AppendFile | None = None
        self._written = 0
        self._newest = 0

    def write(self, data: bytes, segment_bytes: int) -> None:
        try:
            if self._file is None or self._written >= segment_bytes:
                self._begin()
            assert self._file is not None
            self._file.append(data)
            self._file.sync()
            self._written += len(data)
        except OSError:
            # What got out may be torn: nothing is appended behind it, and the reader passes over
            # it.
            self.close()
            raise

    def skip_past(self, segment: int) -> None:
        """Never use the number of a removed segment again: a cursor may point behind it."""
        self._newest = max(self._newest, segment)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _begin(self) -> None:
        self.close()
        segments = _segments(self._disk, self._folder, self._lane)
        cursor = _read_cursor(self._disk, self._folder, self._lane)
        self._newest = max(self._newest, cursor.segment, *segments, 0) + 1
        path = _segment_path(self._folder, self._lane, self._newest)
        self._file = self._disk.open_append(path)
        self._disk.sync_folder(self._folder)
        self._written = 0


class OutboxReader:
    """The sync process's half: reads batches and moves the cursors. It never writes into a
    segment.
    """

    def __init__(self, folder: Path, disk: Disk) -> None:
        self._folder = folder
        self._disk = disk

    def next_batch(self, most: int) -> Batch:
        """Up to ``most`` records of the first lane that has any. Raises OSError."""
        for lane in LANES:
            batch = self._batch_of(lane, most)
            if batch.upto is not None:
                return batch
        return Batch((), None)

    def done(self, upto: Position) -> None:
        """Everything up to ``upto`` has been delivered, and will not be read again. Raises
        OSError.
        """
        write_whole(
            self._disk,
            _cursor_path(self._folder, upto.lane),
            seal({"segment": upto.segment, "offset": upto.offset}),
        )
        for segment in _segments(self._disk, self._folder, upto.lane):
            if segment < upto.segment:
                self._disk.remove(_segment_path(self._folder, upto.lane, segment))

    def waiting(self) -> int:
        """How many records wait, whole ones only. Reads what is not yet delivered. Raises
        OSError.
        """
        count = 0
        for lane in LANES:
            cursor = _read_cursor(self._disk, self._folder, lane)
            for segment in _segments(self._disk, self._folder, lane):
                if segment >= cursor.segment:
                    offset = cursor.offset if segment == cursor.segment else 0
                    path = _segment_path(self._folder, lane, segment)
                    count += (self._disk.read(path, offset) or b"").count(b"\n")
        return count

    def _batch_of(self, lane: str, most: int) -> Batch:
        cursor = _read_cursor(self._disk, self._folder, lane)
        segments = [n for n in _segments(self._disk, self._folder, lane) if n >= cursor.segment]
        faults = 0
        for segment in segments:
            offset = cursor.offset if segment == cursor.segment else 0
            data = self._disk.read(_segment_path(self._folder, lane, segment), offset) or b""
            records, used, bad = _records(data, most)
            faults += bad
            if records:
                return Batch(tuple(records), Position(lane, segment, offset + used), faults)
            # No whole record here: the end of a finished segment, or one that is still being
            # written.
        return Batch((), None, faults)


def _records(data: bytes, most: int) -> tuple[list[Document], int, int]:
    """Whole records from the front of ``data``, how many bytes they took, and lines that hold
    none.
    """
    records: list[Document] = []
    used = bad = at = 0
    while len(records) < most:
        end = data.find(b"\n", at) + 1
        if end == 0:
            break
        try:
            records.append(unseal(data[at:end]))
            used = end
        except InvalidDocument:
            bad += 1
        at = end
    return records, used, bad


def _segments(disk: Disk, folder: Path, lane: str) -> list[int]:
    found = []
    for name in disk.list(folder):
        where, _, number = name.removesuffix(".seg").partition("-")
        if where == lane and name.endswith(".seg") and number.isdecimal():
            found.append(int(number))
    return sorted(found)


def _segment_path(folder: Path, lane: str, segment: int) -> Path:
    return folder / f"{lane}-{segment:010d}.seg"


def _cursor_path(folder: Path, lane: str) -> Path:
    return folder / f"{lane}.cursor"


@dataclass(frozen=True, slots=True)
class _Cursor:
    segment: int = 0
    offset: int = 0


def _read_cursor(disk: Disk, folder: Path, lane: str) -> _Cursor:
    """A damaged cursor reads as the beginning: records then arrive twice, which changes nothing."""
    line = disk.read(_cursor_path(folder, lane))
    if line is None:
        return _Cursor()
    try:
        return from_document(_Cursor, unseal(line))
    except InvalidDocument:
        return _Cursor()


def _bytes_in(disk: Disk, folder: Path) -> int:
    return sum(disk.size(folder / name) or 0 for name in disk.list(folder) if name.endswith(".seg"))
