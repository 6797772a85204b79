"""Files given and made: read whole, written whole or not at all, ``-`` is the terminal's own."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from elingate_admin.errors import BadInput

STREAM = Path("-")


def read(path: Path) -> bytes:
    """The bytes of a file, or of stdin for ``-``; BadInput where there are none to read."""
    if path == STREAM:
        return sys.stdin.buffer.read()
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}") from error


def write(path: Path, content: bytes, *, replace: bool = True) -> None:
    """Write a file in one step, or stdout for ``-``; BadInput where it cannot be.

    With ``replace`` false a file that is there stays.
    """
    if path == STREAM:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    if not replace and path.exists():
        raise BadInput(f"{path} is there already", "give another name, or --force to replace it")
    try:
        handle, staged = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            os.replace(staged, path)
        finally:
            Path(staged).unlink(missing_ok=True)
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror}") from error
