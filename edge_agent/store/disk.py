"""The few things a store asks of a disk, so that a disk that loses, tears, fills or stalls can
stand in for it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Protocol


class AppendFile(Protocol):
    """A file that only grows. What was appended is safe only after :meth:`sync`."""

    def append(self, data: bytes) -> None:
        """Write all of ``data`` at the end. Raises OSError; a part may then be in the file."""

    def sync(self) -> None:
        """Return when everything appended survives a power cut. Raises OSError."""

    def close(self) -> None:
        """Let go of the file; what was not synced is not safe."""


class Disk(Protocol):
    """What journal, outbox and snapshot store do with files. Every method may raise OSError."""

    def make_folder(self, folder: Path) -> None:
        """Make ``folder`` and its parents where they are missing; mode 0700."""

    def open_append(self, path: Path) -> AppendFile:
        """Open ``path`` to append, making it (mode 0600) where it is missing."""

    def read(self, path: Path, offset: int = 0) -> bytes | None:
        """The file from ``offset`` on; ``None`` where there is no such file."""

    def lines(self, path: Path) -> Iterator[bytes]:
        """The lines of the file one by one, with their line ends. Raises FileNotFoundError."""

    def size(self, path: Path) -> int | None:
        """Length in bytes; ``None`` where there is no such file."""

    def replace(self, source: Path, target: Path) -> None:
        """Give ``source`` the name ``target`` in one step, in place of any file there."""

    def sync_folder(self, folder: Path) -> None:
        """Return when the names in ``folder`` survive a power cut."""

    def list(self, folder: Path) -> tuple[str, ...]:
        """Names in ``folder``, sorted; empty where there is none."""

    def remove(self, path: Path) -> None:
        """Remove the file; one that is gone already is no error."""


def write_whole(disk: Disk, path: Path, *parts: bytes) -> None:
    """All or nothing: a power cut leaves the old file or the new one. Raises OSError."""
    staged = path.with_name(f".{path.name}.staged")
    disk.remove(staged)
    file = disk.open_append(staged)
    try:
        for part in parts:
            file.append(part)
        file.sync()
    finally:
        file.close()
    disk.replace(staged, path)
    disk.sync_folder(path.parent)


class RealDisk:
    """The machine's own file system."""

    def make_folder(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def open_append(self, path: Path) -> RealAppendFile:
        return RealAppendFile(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600))

    def read(self, path: Path, offset: int = 0) -> bytes | None:
        try:
            with path.open("rb") as file:
                file.seek(offset)
                return file.read()
        except FileNotFoundError:
            return None

    def lines(self, path: Path) -> Iterator[bytes]:
        with path.open("rb") as file:
            yield from file

    def size(self, path: Path) -> int | None:
        try:
            return path.stat().st_size
        except FileNotFoundError:
            return None

    def replace(self, source: Path, target: Path) -> None:
        os.replace(source, target)

    def sync_folder(self, folder: Path) -> None:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def list(self, folder: Path) -> tuple[str, ...]:
        try:
            return tuple(sorted(os.listdir(folder)))
        except FileNotFoundError:
            return ()

    def remove(self, path: Path) -> None:
        with suppress(FileNotFoundError):
            os.unlink(path)


class RealAppendFile:
    """A descriptor opened with O_APPEND."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def append(self, data: bytes) -> None:
        left = memoryview(data)
        while left:
            left = left[os.write(self._descriptor, left) :]

    def sync(self) -> None:
        os.fsync(self._descriptor)

    def close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
