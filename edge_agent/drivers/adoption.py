"""A new index is built between calls: a slice of at most half a millisecond per turn of the loop.

Parsing 50,000 elements at once, or in a thread, stalls signalling by tens of milliseconds; a slice
costs an INVITE that arrives meanwhile at most its own length.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager

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
