"""The journal is why a binding survives power loss (R6): rows are appended, synced in groups,
replayed at start.

A row is a fact about one call, and a later row of the same call replaces an earlier one, so
writing a row twice changes nothing. Appending is for the loop and touches no disk;
:meth:`Journal.flush` is for one worker thread.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from e911.bindings import Binding
from e911.errors import InvalidDocument
from e911.wire import Document, from_document, read_stamp, stamp, to_document
from edge_agent.store.disk import AppendFile, Disk, write_whole
from edge_agent.store.lines import seal, unseal

SPARE_ROWS = 1_000
"""Rows of no more use that a start leaves in the file without writing it anew."""
MOST_PENDING = 100_000
"""Rows kept in memory while the disk takes none; the oldest are then let go, and counted."""


@dataclass(frozen=True, slots=True)
class JournalFault:
    """A row that could not be read back; ``line`` counts from 1."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Replay:
    """What a journal remembers: the last row of each call, and how far the clock had come."""

    bindings: tuple[Binding, ...]
    highest_utc: datetime | None
    faults: tuple[JournalFault, ...]
    """Bad rows in the middle. A torn last row is no fault: power went away while it was written."""
    rows: int
    torn: bool = False
    """The last row has no end: nothing may be appended to it."""

    def may_go_on(self, live: int) -> bool:
        """Whether the file is whole and mostly of use, with ``live`` bindings that still answer: a
        start then need not write it anew.
        """
        return not self.torn and not self.faults and self.rows <= 2 * live + SPARE_ROWS


class Journal:
    """Rows on their way to the file at ``path``, whose folder must exist."""

    def __init__(self, path: Path, disk: Disk) -> None:
        self._path = path
        self._disk = disk
        self._file: AppendFile | None = None
        self._pending: deque[bytes] = deque(maxlen=MOST_PENDING)
        self.lost = 0
        """Rows given up because the disk took none for too long."""

    @property
    def pending(self) -> int:
        """Rows that are not yet known to be on disk."""
        return len(self._pending)

    def remember(self, binding: Binding) -> None:
        """Keep ``binding``, as it is now, at the next flush."""
        self._append({"k": "bind", **to_document(binding)})

    def forget(self, call: str) -> None:
        """The binding of ``call`` is withdrawn: no trunk was sent a byte."""
        self._append({"k": "forget", "call": call})

    def saw(self, utc: datetime) -> None:
        """Keep that the clock has come as far as ``utc``."""
        self._append({"k": "clock", "utc": stamp(utc)})

    def flush(self) -> int:
        """Write and sync what is pending; how many rows that were. For one thread at a time.

        Raises:
            OSError: the disk is full, dead or read-only; the rows stay pending and the next flush
            writes them
                again to a fresh line, whatever part of them got out.
        """
        rows = [self._pending.popleft() for _ in range(len(self._pending))]
        if not rows:
            return 0
        try:
            self._write(b"".join(rows))
        except OSError:
            self._close()
            self._put_back(rows)
            raise
        return len(rows)

    def compact(self, bindings: Iterable[Binding], highest_utc: datetime | None) -> None:
        """Start over with only what is still of use; done at start, before the first call is taken.

        Raises:
            OSError: the old journal is untouched and is still appended to.
        """
        rows = [seal({"k": "bind", **to_document(binding)}) for binding in bindings]
        if highest_utc is not None:
            rows.append(seal({"k": "clock", "utc": stamp(highest_utc)}))
        write_whole(self._disk, self._path, b"".join(rows))
        self._close()

    def close(self) -> None:
        """Flush and let go of the file. Raises OSError."""
        self.flush()
        self._close()

    def _append(self, document: Document) -> None:
        if len(self._pending) == MOST_PENDING:
            self.lost += 1
        self._pending.append(seal(document))

    def _put_back(self, rows: list[bytes]) -> None:
        room = MOST_PENDING - len(self._pending)
        kept = rows[-room:] if room > 0 else []
        self.lost += len(rows) - len(kept)
        self._pending.extendleft(reversed(kept))

    def _write(self, data: bytes) -> None:
        if self._file is None:
            self._file = self._disk.open_append(self._path)
            self._disk.sync_folder(self._path.parent)
            # A line that was torn by a crash or a full disk ends here, and spoils no row after it.
            self._file.append(b"\n")
        self._file.append(data)
        self._file.sync()

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def replay(path: Path, disk: Disk) -> Replay:
    """Read a journal back; a missing file is an empty journal, a bad row is a fault and never an
    end.

    Raises:
        OSError: the disk cannot be read at all.
    """
    data = disk.read(path) or b""
    held: dict[str, tuple[int, Document]] = {}
    clocks: list[datetime] = []
    faults: list[JournalFault] = []
    lines = data.splitlines(keepends=True)
    for number, line in enumerate(lines, 1):
        try:
            _replay_row(number, line, held, clocks)
        except InvalidDocument as error:
            if number < len(lines) or line.endswith(b"\n"):
                faults.append(JournalFault(number, error.reason))
    torn = bool(data) and not data.endswith(b"\n")
    bindings = []
    for number, document in held.values():
        try:
            bindings.append(from_document(Binding, document))
        except InvalidDocument as error:
            faults.append(JournalFault(number, str(error)))
    return Replay(tuple(bindings), max(clocks, default=None), tuple(faults), len(lines), torn)


def _replay_row(
    number: int, line: bytes, held: dict[str, tuple[int, Document]], clocks: list[datetime]
) -> None:
    if line == b"\n":
        return
    document = unseal(line)
    match document.get("k"):
        case "bind":
            held[str(document.get("call"))] = (number, document)
        case "forget":
            held.pop(str(document.get("call")), None)
        case "clock":
            clocks.append(read_stamp(document.get("utc")))
        case _:
            raise InvalidDocument("k", "names no kind of row")
