"""Tells the story as it happens: what was done, what was shown, how long it took."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field
from typing import TextIO

from lab.phones.bulletin import Unmet

WIDTH = 84


@dataclass(frozen=True, slots=True)
class Measured:
    """One row of the table at the end."""

    step: int
    what: str
    seconds: float


@dataclass(slots=True)
class Narrator:
    """Prints the story; ``expect`` ends it where something does not hold."""

    out: TextIO = sys.stdout
    step: int = 0
    held: int = 0
    measured: list[Measured] = field(default_factory=list)
    _began: float = field(default_factory=time.monotonic)
    _step_began: float = field(default_factory=time.monotonic)

    def begin(self, title: str) -> None:
        """The next step begins."""
        self.step += 1
        self._step_began = time.monotonic()
        self._say(f"\n{self.step}. {title}")

    def ok(self, text: str, seconds: float | None = None) -> None:
        """Something held."""
        self.held += 1
        took = "" if seconds is None else f"  [{spoken(seconds)}]"
        self._say(f"   ✓ {text}{took}")

    def show(self, what: str, text: str) -> None:
        """What somebody sees on a screen."""
        for line in text.splitlines():
            self._say(f"     {what} │ {line}")

    def measure(self, what: str, seconds: float) -> float:
        """Note a time for the table; returns it."""
        self.measured.append(Measured(self.step, what, seconds))
        return seconds

    def end_step(self) -> None:
        """The step is over."""
        self._say(f"     ({time.monotonic() - self._step_began:.1f} s)")

    def expect(self, holds: object, expected: str, seen: object) -> None:
        """Go on only if this holds.

        Raises:
            Unmet: it does not.
        """
        if not holds:
            raise Unmet(expected, seen)

    def failed(self, why: str) -> None:
        """The story ends here."""
        self._say(f"   ✗ {why}\n\nThe story ended in step {self.step}.")

    def table(self) -> None:
        """All measured times."""
        self._say(f"\n{'what was measured':<70}{'time':>14}\n{'─' * WIDTH}")
        for row in self.measured:
            what = f"{row.step}. {row.what}"
            self._say(f"{what:<70}{spoken(row.seconds):>14}")
        self._say("─" * WIDTH)
        total = time.monotonic() - self._began
        self._say(f"{self.held} things held in {self.step} steps, {total:.1f} s in all")

    def _say(self, text: str) -> None:
        print(text, file=self.out, flush=True)


def spoken(seconds: float) -> str:
    """A duration as one reads it."""
    return f"{seconds * 1000:.1f} ms" if seconds < 1 else f"{seconds:.2f} s"
