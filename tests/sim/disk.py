"""A disk that behaves like a bad one: it forgets what was not synced, tears the last write,
fills up and stalls.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random


@dataclass
class _File:
    data: bytearray = field(default_factory=bytearray)
    synced: int = 0


class SimDisk:
    """Implements ``edge_agent.store.disk.Disk`` in memory; a power cut is :meth:`cut_power`.

    ``capacity`` is in bytes (writing beyond it puts down what fits and raises ENOSPC), ``dead``
    makes every write raise EIO. A stalled disk adds to ``waited_s`` what the caller would have
    waited: the simulation moves its clock.
    """

    def __init__(self, seed: int = 0, capacity: int | None = None) -> None:
        self._rng = Random(seed)
        self._names: dict[Path, _File] = {}
        self._durable: dict[Path, _File] = {}
        self.capacity = capacity
        self.dead = False
        self.stall_s = 0.0
        self.waited_s = 0.0
        self.syncs = 0

    # ---- faults --------------------------------------------------------------------------------

    def cut_power(self, *, tear: bool = True) -> None:
        """Names and bytes that were not synced are gone; with ``tear`` a random part of the
        last write stays.
        """
        for file in {id(f): f for f in (*self._names.values(), *self._durable.values())}.values():
            kept = file.synced
            if tear and len(file.data) > kept:
                kept += self._rng.randrange(len(file.data) - kept + 1)
            del file.data[kept:]
            file.synced = kept
        self._names = dict(self._durable)

    def damage(self, path: Path, at: int) -> None:
        """Flip the bits of one byte."""
        self._names[path].data[at] ^= 0xFF

    def used(self) -> int:
        """Bytes in all files."""
        return sum(len(file.data) for file in self._names.values())

    # ---- what a store asks for -----------------------------------------------------------------

    def make_folder(self, folder: Path) -> None:
        self._check()

    def open_append(self, path: Path) -> SimAppendFile:
        self._check()
        return SimAppendFile(self, self._names.setdefault(path, _File()))

    def read(self, path: Path, offset: int = 0) -> bytes | None:
        file = self._names.get(path)
        return None if file is None else bytes(file.data[offset:])

    def lines(self, path: Path) -> Iterator[bytes]:
        if path not in self._names:
            raise FileNotFoundError(errno.ENOENT, "no such file", str(path))
        return iter(bytes(self._names[path].data).splitlines(keepends=True))

    def size(self, path: Path) -> int | None:
        file = self._names.get(path)
        return None if file is None else len(file.data)

    def replace(self, source: Path, target: Path) -> None:
        self._check()
        self._names[target] = self._names.pop(source)

    def sync_folder(self, folder: Path) -> None:
        self._check()
        for path in [path for path in self._durable if path.parent == folder]:
            del self._durable[path]
        self._durable |= {path: f for path, f in self._names.items() if path.parent == folder}

    def list(self, folder: Path) -> tuple[str, ...]:
        return tuple(sorted(path.name for path in self._names if path.parent == folder))

    def remove(self, path: Path) -> None:
        self._check()
        self._names.pop(path, None)

    # ---- for its files -------------------------------------------------------------------------

    def room_for(self, data: bytes) -> int:
        """How many bytes of ``data`` still fit."""
        self._check()
        if self.capacity is None:
            return len(data)
        return max(0, min(len(data), self.capacity - self.used()))

    def wait_for_sync(self) -> None:
        self._check()
        self.syncs += 1
        self.waited_s += self.stall_s

    def _check(self) -> None:
        if self.dead:
            raise OSError(errno.EIO, "the disk is dead")


class SimAppendFile:
    """A file of a :class:`SimDisk`."""

    def __init__(self, disk: SimDisk, file: _File) -> None:
        self._disk = disk
        self._file = file

    def append(self, data: bytes) -> None:
        fits = self._disk.room_for(data)
        self._file.data += data[:fits]
        if fits < len(data):
            raise OSError(errno.ENOSPC, "the disk is full")

    def sync(self) -> None:
        self._disk.wait_for_sync()
        self._file.synced = len(self._file.data)

    def close(self) -> None:
        """Nothing to let go of."""
