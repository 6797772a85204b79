"""Logs hold ids and places in the code; what an exception says may name a caller: it stays out."""

from __future__ import annotations

import logging
import traceback
from pathlib import Path


def open_log(path: str, level: str) -> None:
    """Send all logs of this process to ``path``, or to standard error where it is empty."""
    if path:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    handler: logging.Handler = logging.FileHandler(path) if path else logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    handler.addFilter(hush)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())


def hush(record: logging.LogRecord) -> bool:
    """Write an exception as its type and where it was, never its text (a filter of handlers)."""
    if record.exc_info and record.exc_info[0] is not None:
        kind, _, trail = record.exc_info
        frames = [f"  {f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(trail)]
        record.exc_text = "\n".join([*frames, f"  {kind.__name__}"])
    return True
