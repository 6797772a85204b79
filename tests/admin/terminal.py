"""Somebody at a terminal: runs the command as the entry point does, and keeps what it printed."""

from __future__ import annotations

import io
import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from elingate_admin.__main__ import main

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """Its JSON."""
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class Terminal:
    """Where every command begins with the same options."""

    options: tuple[str, ...] = ()

    def run(self, *arguments: str | Path, stdin: bytes = b"") -> Ran:
        """Run one command to its end."""
        out, err = _stream(), _stream()
        kept, sys.stdin = sys.stdin, io.TextIOWrapper(io.BytesIO(stdin))
        try:
            with redirect_stdout(out), redirect_stderr(err):
                code = main([*self.options, *map(str, arguments)])
        finally:
            sys.stdin = kept
        return Ran(code, _text(out), _text(err))

    def did(self, *arguments: str | Path, stdin: bytes = b"") -> Ran:
        """Run one command that must not fail."""
        ran = self.run(*arguments, stdin=stdin)
        assert ran.code == 0, ran.err
        return ran


def _stream() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)


def _text(stream: io.TextIOWrapper) -> str:
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue().decode()
