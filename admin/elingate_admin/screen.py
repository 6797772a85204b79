"""What is shown: results on stdout (a table for people, JSON for programs), all else on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from rich.console import Console
from rich.progress import track
from rich.table import Table
from rich.text import Text

from elingate_admin.errors import Refusal

_Item = TypeVar("_Item")
_WIDE = 10_000
"""Where nobody looks at a terminal, a table must not be folded: each row stays one line."""


def show_json(document: object) -> None:
    """One JSON document on stdout."""
    print(json.dumps(document, indent=2, ensure_ascii=False))


def show_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table on stdout; ``None`` is an empty cell."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")  # an id that is cut short is no id
    for row in rows:
        table.add_row(*(Text(plain(cell)) for cell in row))
    _console().print(table)


def say(text: str) -> None:
    """A line to the person at the terminal, apart from the result."""
    print(plain(text), file=sys.stderr)


def tell(refusal: Refusal) -> None:
    """Why a command ended, where each fault is, and what to do next."""
    say(f"elingate: {refusal.message}")
    for where, what in refusal.details:
        say(f"  {where}: {what}" if where else f"  {what}")
    if refusal.advice:
        say(f"elingate: {refusal.advice}")


def progress(each: Sequence[_Item], doing: str) -> Iterator[_Item]:
    """The items, with a bar on stderr where that is a terminal."""
    console = Console(stderr=True)
    yield from track(
        each, description=doing, console=console, transient=True, disable=not console.is_terminal
    )


def count(number: int, thing: str) -> str:
    """``1 fault``, ``2 faults``."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def plain(value: object) -> str:
    """Text that cannot move a terminal's cursor, whatever somebody put into a name."""
    text = "" if value is None else str(value)
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def _console() -> Console:
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=_WIDE)
