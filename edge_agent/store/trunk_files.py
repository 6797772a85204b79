"""What is known of each trunk beside its calls: what test calls heard, and when it last proved
itself.

Two small files, each written whole by one worker thread; whoever asks is answered from memory.
Losing either costs no call: a line that cannot be read is left out and told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from e911.errors import InvalidDocument
from e911.numbers import Elin
from e911.wire import from_document, from_line, to_document, to_line
from edge_agent.store.disk import Disk, write_whole

MOST_RESULTS = 1000
MOST_RECORDINGS = 100
"""Of so many of the latest tests the recording is kept; a minute of voice has 480 kB."""

L = TypeVar("L")


class Verdict(StrEnum):
    """Whether the carrier passes on the ELIN that it was sent."""

    UNKNOWN = "unknown"
    """Nobody has listened to the recording yet."""
    MATCHES = "matches"
    REPLACED = "replaced"
    """Another number arrived: a PSAP would be shown another place, and nothing would say so."""


@dataclass(frozen=True, slots=True)
class ReadbackResult:
    """One test call and what came of it; ``id`` is its call id."""

    id: str
    at: datetime
    trunk: str
    elin: Elin
    number: str
    asked_by: str
    """``operator`` or ``schedule``."""
    channel: int | None = None
    answered_s: float | None = None
    """How long it rang before it was answered."""
    cause: int | None = None
    recording: str = ""
    """Where the far end's voice is."""
    recorded_s: float = 0.0
    connected: str = ""
    heard: str = ""
    """The number that was read back, as an operator heard it."""
    verdict: Verdict = Verdict.UNKNOWN
    remark: str = ""
    """Why no call was placed, or why there is no recording."""

    @property
    def was_placed(self) -> bool:
        """Whether a call went out; one that did was answered, or ended by a cause."""
        return self.answered_s is not None or self.cause is not None


@dataclass(frozen=True, slots=True)
class TrunkProof:
    """When a call or a test on a trunk was last answered."""

    trunk: str
    since: datetime
    """When this edge first had the trunk: from then on it has to prove itself."""
    good: datetime | None = None


class TrunkFiles:
    """Both files in a folder; a store as the clerk knows them."""

    def __init__(self, folder: Path, disk: Disk) -> None:
        self._disk = disk
        self._tests, self._proved = folder / "tests.jsonl", folder / "proved.jsonl"
        self.recordings = folder / "tests"
        """Folder of the recordings."""
        self.results: tuple[ReadbackResult, ...] = ()
        """Oldest first."""
        self.proofs: Mapping[str, TrunkProof] = {}
        self._unsaved: set[Path] = set()
        self._doomed: list[str] = []

    def load(self) -> int:
        """Read both files; returns how many lines could not be used. Raises OSError."""
        self._disk.make_folder(self.recordings)
        results, bad_results = self._read(self._tests, ReadbackResult)
        proofs, bad_proofs = self._read(self._proved, TrunkProof)
        self.results = tuple(results[-MOST_RESULTS:])
        self.proofs = {proof.trunk: proof for proof in proofs}
        if results and not bad_results:
            self._doom_strays()
        return bad_results + bad_proofs

    def put(self, result: ReadbackResult) -> None:
        """Keep the result, in the place of the one with its id where there is one."""
        others = [result if held.id == result.id else held for held in self.results]
        if result not in others:
            others.append(result)
        self.results = tuple(self._within_bounds(others[-MOST_RESULTS:]))
        self._unsaved.add(self._tests)

    def discard(self, recording: str) -> None:
        """Nobody needs this recording; it is removed at the next flush."""
        self._doomed.append(recording)

    def prove(self, proof: TrunkProof) -> None:
        """The trunk has proved itself, or begins to have to."""
        self.proofs = {**self.proofs, proof.trunk: proof}
        self._unsaved.add(self._proved)

    @property
    def pending(self) -> int:
        """Files that are not written yet."""
        return len(self._unsaved)

    def flush(self) -> int:
        """Write what has changed. Raises OSError; what was not written is tried again."""
        written = 0
        for path, rows in ((self._tests, self.results), (self._proved, self.proofs.values())):
            if path not in self._unsaved:
                continue
            self._unsaved.discard(path)
            try:
                write_whole(self._disk, path, *(to_line(to_document(row)) for row in rows))
            except OSError:
                self._unsaved.add(path)
                raise
            written += 1
        while self._doomed:
            self._disk.remove(Path(self._doomed.pop()))
        return written

    def close(self) -> None:
        """Nothing is held open."""

    def _within_bounds(self, results: list[ReadbackResult]) -> list[ReadbackResult]:
        """The results with only the latest recordings; the others are removed at the next flush."""
        recorded = [n for n, result in enumerate(results) if result.recording]
        for n in recorded[:-MOST_RECORDINGS]:
            self.discard(results[n].recording)
            results[n] = replace(results[n], recording="")
        return results

    def _doom_strays(self) -> None:
        """A recording that no result names: the agent ended between the two."""
        named = {each.recording for each in self.results}
        found = (str(self.recordings / name) for name in self._disk.list(self.recordings))
        self._doomed += [path for path in found if path not in named]

    def _read(self, path: Path, kind: type[L]) -> tuple[list[L], int]:
        found, bad = [], 0
        for line in (self._disk.read(path) or b"").splitlines():
            try:
                found.append(from_document(kind, from_line(line)))
            except InvalidDocument:
                bad += 1
        return found, bad
