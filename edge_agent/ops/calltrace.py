"""The local call trace: what each step heard and asked, in a bounded file only its owner may read.

Callers' numbers, names and addresses are masked unless ``trace.numbers`` says otherwise. Noting is
for the loop and touches no disk; :meth:`CallTrace.flush` is for one worker thread.
"""

from __future__ import annotations

import json
import os
import traceback
from collections import deque
from dataclasses import is_dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from e911.wire import stamp, to_document

MOST_PENDING = 20_000
PERSONAL = frozenset(
    {"contact", "name", "number", "extension", "alternates", "address", "body", "calling", "text"}
    | {"remote", "digit", "digits", "connected"}
)
"""Fields that say who or where somebody is, or what they keyed, wherever they stand."""
LONGEST_DIALLED = 4
"""``911`` and its masks may be seen; a longer number is somebody's. Of the signals of a spill the
digits count: ``*911#`` and ``*2#`` are nobody's."""


class CallTrace:
    """Lines ``{"at", "what", "wire", "kind", …}`` at ``path``; one earlier file is kept. A field of
    the value that is called like one of these is written as ``own_at``: it hides none."""

    def __init__(self, path: Path, *, kilobytes: int, numbers: bool) -> None:
        self._path = path
        self._most = kilobytes * 1024
        self._numbers = numbers
        self._pending: deque[tuple[datetime, str, str, object]] = deque(maxlen=MOST_PENDING)
        self.lost = 0
        """Lines that the disk did not take."""

    def note(self, at: datetime, what: str, wire: str, value: object) -> None:
        """Have a line written at the next flush."""
        self._pending.append((at, what, wire, value))

    def flush(self) -> None:
        """Write what is pending; a disk that does not take it costs the lines and nothing else."""
        taken = [self._pending.popleft() for _ in range(len(self._pending))]
        if not taken:
            return
        lines = [self._line(*each) for each in taken]
        try:
            self._rotate()
            descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            with os.fdopen(descriptor, "wb") as out:
                out.write(b"".join(lines))
        except OSError:
            self.lost += len(lines)

    def tail(self, lines: int) -> list[dict[str, Any]]:
        """The last lines written."""
        try:
            data = self._path.read_bytes()
        except OSError:
            return []
        return [json.loads(line) for line in data.splitlines()[-lines:]] if lines > 0 else []

    def _rotate(self) -> None:
        if self._path.exists() and self._path.stat().st_size >= self._most // 2:
            self._path.replace(self._path.with_suffix(self._path.suffix + ".1"))

    def _line(self, at: datetime, what: str, wire: str, value: object) -> bytes:
        line = {"at": stamp(at), "what": what, "wire": wire, "kind": type(value).__name__}
        if isinstance(value, BaseException):
            line |= self._error(value)
        elif is_dataclass(value):
            document = to_document(value)
            said = document if self._numbers else masked(document)
            line |= {f"own_{key}" if key in line else key: said[key] for key in said}
        return json.dumps(line, default=str, separators=(",", ":")).encode() + b"\n"

    def _error(self, error: BaseException) -> dict[str, Any]:
        frames = traceback.extract_tb(error.__traceback__)
        where = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        return {"where": where, "error": str(error) if self._numbers else ""}


def masked(document: dict[str, Any]) -> dict[str, Any]:
    """The document without who and where anybody is."""
    return {key: _masked(key, value) for key, value in document.items()}


def _masked(key: str, value: Any) -> Any:
    if key == "location":
        return "masked"
    if key in PERSONAL:
        return "masked" if value else value
    if key in ("dialled", "called") and len(str(value)) > LONGEST_DIALLED:
        return f"masked ({len(str(value))})"
    if key == "signals" and sum(each.isdigit() for each in str(value)) > LONGEST_DIALLED:
        return f"masked ({len(str(value))})"
    if isinstance(value, list):
        return [_masked("", each) for each in value]
    return masked(value) if isinstance(value, dict) else value
