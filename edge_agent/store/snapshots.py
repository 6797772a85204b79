"""Verified snapshots on disk: the current one and the one before, each whole or not there at all.

The name of a body carries its serial and its digest, so that the folder needs no index: current
is the highest serial whose bytes are still those that were staged. Signature, branch and serial
rules are checked before anything is staged (R10); here only damage is looked for, and a damaged
file means the previous one and a fault, never no snapshot.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from edge_agent.store.disk import Disk, write_whole

KEPT = 2
"""Current and previous."""


@dataclass(frozen=True, slots=True)
class HeldSnapshot:
    """One staged snapshot whose bytes are intact; ``path`` is its body, a row per line."""

    serial: int
    generation: int
    path: Path
    manifest: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Opened:
    """What the folder has to offer; ``faults`` say what was passed over, for an alarm."""

    held: HeldSnapshot | None
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Name:
    serial: int
    generation: int
    digest: str

    @property
    def text(self) -> str:
        return f"{self.serial:012d}.{self.generation}.{self.digest}.jsonl"

    @classmethod
    def read(cls, text: str) -> _Name | None:
        parts = text.split(".")
        if len(parts) != 4 or parts[3] != "jsonl" or not (parts[0] + parts[1]).isdecimal():
            return None
        return cls(int(parts[0]), int(parts[1]), parts[2])


class SnapshotStore:
    """The snapshots in ``folder``. The sync process stages, the agent opens; only files pass
    between them.
    """

    def __init__(self, folder: Path, disk: Disk) -> None:
        self._folder = folder
        self._disk = disk

    def stage(
        self, serial: int, generation: int, body: bytes, manifest: bytes, signature: bytes
    ) -> HeldSnapshot:
        """Keep a verified snapshot as the current one, and the last one as previous.

        The body goes last: its name is what makes the snapshot exist.

        Raises:
            OSError: nothing was staged; what was current still is.
        """
        self._disk.make_folder(self._folder)
        name = _Name(serial, generation, sha256(body).hexdigest())
        write_whole(self._disk, self._beside(name, "manifest"), manifest)
        write_whole(self._disk, self._beside(name, "signature"), signature)
        path = self._folder / name.text
        write_whole(self._disk, path, body)
        self._drop_older()
        return HeldSnapshot(serial, generation, path, manifest, signature)

    def open_current(self) -> Opened:
        """The newest snapshot that is intact. Reads its body once, to check it. Raises OSError."""
        faults: list[str] = []
        for name in self._names():
            held = self._intact(name)
            if held is not None:
                return Opened(held, tuple(faults))
            faults.append(f"snapshot {name.serial} is damaged")
        return Opened(None, tuple(faults))

    def lines(self, held: HeldSnapshot) -> Iterator[bytes]:
        """The lines of the body, one by one: the header's first. Raises OSError."""
        return self._disk.lines(held.path)

    def _intact(self, name: _Name) -> HeldSnapshot | None:
        path = self._folder / name.text
        manifest = self._disk.read(self._beside(name, "manifest"))
        signature = self._disk.read(self._beside(name, "signature"))
        if manifest is None or signature is None or self._digest(path) != name.digest:
            return None
        return HeldSnapshot(name.serial, name.generation, path, manifest, signature)

    def _digest(self, path: Path) -> str:
        seen = sha256()
        for line in self._disk.lines(path):
            seen.update(line)
        return seen.hexdigest()

    def _names(self) -> list[_Name]:
        """Newest first."""
        names = [_Name.read(text) for text in self._disk.list(self._folder)]
        found = [name for name in names if name is not None]
        return sorted(found, key=lambda name: name.serial, reverse=True)

    def _drop_older(self) -> None:
        for name in self._names()[KEPT:]:
            self._disk.remove(self._folder / name.text)
            self._disk.remove(self._beside(name, "manifest"))
            self._disk.remove(self._beside(name, "signature"))

    def _beside(self, name: _Name, kind: str) -> Path:
        return self._folder / f"{name.serial:012d}.{kind}"
