"""A new index is built between calls: a slice of at most half a millisecond per turn of the loop.

Parsing 50,000 elements at once, or in a thread, stalls signalling by tens of milliseconds; a slice
costs an INVITE that arrives meanwhile at most its own length.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path

from e911.errors import InvalidDocument
from e911.snapshot import Header, Snapshot, SnapshotBuilder, read_line

SLICE_S = 0.0005


class Adoption:
    """Builds the snapshot of ``lines``: a body that was verified before it was staged."""

    def __init__(self, lines: Iterator[bytes], perf: Callable[[], float]) -> None:
        self._lines = lines
        self._perf = perf
        self._builder: SnapshotBuilder | None = None
        self._number = 0

    def work(self, seconds: float) -> Snapshot | None:
        """Build for that long; the snapshot once it is whole.

        Raises:
            InvalidDocument: the body is not what was staged.
            OSError: it cannot be read.
        """
        until = self._perf() + seconds
        for line in self._lines:
            self._take(line)
            if self._perf() >= until:
                return None
        if self._builder is None:
            raise InvalidDocument("line 1", "must be the header")
        return self._builder.finish()

    async def in_slices(self) -> Snapshot:
        """Build in slices, letting the loop turn between any two. Raises as :meth:`work` does."""
        with no_collections():
            while True:
                snapshot = self.work(SLICE_S)
                if snapshot is not None:
                    return snapshot
                await asyncio.sleep(0)

    def _take(self, line: bytes) -> None:
        self._number += 1
        read = read_line(line, self._number)
        if isinstance(read, Header):
            if self._builder is not None:
                raise InvalidDocument(f"line {self._number}", "is a second header")
            self._builder = SnapshotBuilder(read)
        elif self._builder is None:
            raise InvalidDocument("line 1", "must be the header")
        else:
            self._builder.add(read)


class Adopter:
    """Brings in one snapshot at a time; a newer one takes the place of one still being built.

    ``swap`` is called with the snapshot, between two calls.
    """

    def __init__(
        self,
        perf: Callable[[], float],
        swap: Callable[[Snapshot], None],
        alarm: Callable[[str, str], None],
    ) -> None:
        self._perf = perf
        self._swap = swap
        self._alarm = alarm
        self._task: asyncio.Task[None] | None = None

    def at_once(self, lines: Iterator[bytes], seconds: float) -> Adoption | None:
        """Adopt within ``seconds``, without the loop; returns what is left to be built then."""
        adoption = Adoption(lines, self._perf)
        try:
            with no_collections():
                snapshot = adoption.work(seconds)
        except (OSError, InvalidDocument) as error:
            self._alarm("snapshot-damaged", type(error).__name__)
            return None
        if snapshot is None:
            return adoption
        self._swap(snapshot)
        return None

    def go_on(self, adoption: Adoption) -> None:
        """Build what is left in slices."""
        self._begin(self._adopt(adoption))

    def read(self, path: Path) -> None:
        """Adopt the body at ``path``, which was verified and staged a moment ago."""
        self._begin(self._open(path))

    def cancel(self) -> None:
        """Build no more."""
        if self._task is not None:
            self._task.cancel()

    def _begin(self, work: Coroutine[None, None, None]) -> None:
        self.cancel()
        self._task = asyncio.get_running_loop().create_task(work)

    async def _open(self, path: Path) -> None:
        try:
            with path.open("rb") as lines:
                await self._adopt(Adoption(lines, self._perf))
        except OSError as error:
            self._alarm("snapshot-damaged", error.strerror or type(error).__name__)

    async def _adopt(self, adoption: Adoption) -> None:
        try:
            snapshot = await adoption.in_slices()
        except InvalidDocument as error:
            self._alarm("snapshot-damaged", error.field)
            return
        self._swap(snapshot)


@contextmanager
def no_collections() -> Iterator[None]:
    """No garbage collection while many lasting objects are made; then they are left out of it.

    A full collection over an index of 50,000 rows would stop the loop for tens of milliseconds.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
