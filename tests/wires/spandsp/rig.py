"""The spandsp process at the end of a pipe: samples go in as they come, and its digits come out.

Only the standard library is needed, so that it serves inside the virtual machine too.
"""

from __future__ import annotations

import json
import subprocess
import sys
from base64 import b64decode, b64encode
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

ROOT = Path(__file__).resolve().parents[3]
RATE = 8000


class Digit(NamedTuple):
    """A digit, and how long its receiver had been listening when it told of it."""

    digit: str
    at_s: float


class Spandsp:
    """One process; any number of receivers."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.wires.spandsp.peer"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._numbers = count(1)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.communicate(timeout=10)

    def receiver(self, law: str) -> Receiver:
        """A new receiver of ``mu``, ``a`` or ``linear`` (16 bits, little-endian)."""
        return Receiver(self, next(self._numbers), law)

    def decoded(self, data: bytes, law: str) -> str:
        """The digits of all of ``data``, by a receiver that heard nothing before."""
        return "".join(each.digit for each in self.receiver(law).hear(data))

    def sends(self, signals: str, law: str) -> bytes:
        """``signals`` as spandsp sends them."""
        *_, sent = self.ask("sent", do="send", signals=signals, law=law)
        return b64decode(sent["data"])

    def ask(self, last: str, **command: Any) -> list[dict[str, Any]]:
        """Give a command and wait for its events up to the one named ``last``."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        events: list[dict[str, Any]] = []
        while not events or events[-1]["event"] != last:
            line = self._process.stdout.readline()
            assert line, "the spandsp process has ended"
            events.append(json.loads(line))
        return events


class Receiver:
    """One direction of one channel; give it everything that is heard there, in order."""

    def __init__(self, spandsp: Spandsp, number: int, law: str) -> None:
        self._spandsp, self._number, self._law = spandsp, number, law

    def hear(self, data: bytes) -> list[Digit]:
        """The digits that came while ``data`` was heard."""
        coded = b64encode(data).decode("ascii")
        events = self._spandsp.ask(
            "heard", do="hear", receiver=self._number, law=self._law, data=coded
        )
        return [Digit(each["digit"], each["at"] / RATE) for each in events[:-1]]
