"""No log of the story may hold a caller's number, name or street; this looks into every one."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from lab.phones.bulletin import Unmet


def look_through(logs: Iterable[Path], secrets: Iterable[str]) -> tuple[int, int]:
    """Number of logs and of their bytes.

    Raises:
        Unmet: one of them holds one of the secrets, or there are no logs to look through.
    """
    words = [secret.casefold().encode() for secret in secrets]
    files = size = 0
    for log in logs:
        if not log.is_file():
            continue
        content = log.read_bytes()
        files, size = files + 1, size + len(content)
        folded = content.lower()
        for word in words:
            if word in folded:
                raise Unmet("no log to name a caller", _where(log, folded, word))
    if not size:
        raise Unmet("logs to look through", f"{files} empty files")
    return files, size


def _where(log: Path, folded: bytes, word: bytes) -> str:
    """The file and the line, with what it must not hold left out."""
    number = folded[: folded.index(word)].count(b"\n")
    line = folded.splitlines()[number].replace(word, b"<caller>")
    return f"{log.name}:{number + 1}: {line[:200].decode(errors='replace')}"
