"""The table: for a terminal, for a reader of the repository, for a machine."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from bench.rig.measures import Row


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Where and when it was measured."""

    at: str
    machine: str
    python: str
    load_before: float
    """Average number of busy processes of the minute before: others were at work, or not."""
    took_s: float
    quick: bool


def circumstances(at: datetime, load: float, took_s: float, *, quick: bool) -> Circumstances:
    """Of this run."""
    machine = f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}"
    stamp = at.strftime("%Y-%m-%d %H:%M UTC")
    python = platform.python_version()
    return Circumstances(stamp, machine, python, round(load, 2), round(took_s, 1), quick)


def verdict(row: Row) -> str:
    """One word for the last column."""
    if row.unmeasured:
        return "not measured"
    return {True: "ok", False: "MISSED", None: "-"}[row.ok]


def measured(row: Row) -> str:
    """The values as one reads them."""
    if row.unmeasured:
        return row.unmeasured
    return ", ".join(f"{name} {value:g}" for name, value in row.values.items())


def plain(rows: Iterable[Row], about: Circumstances) -> str:
    """For a terminal."""
    lines = [_heading(about)]
    for row in rows:
        lines += [
            "",
            f"{verdict(row):>12}  {row.budget} ({row.unit}); target: {row.target or 'none'}",
            f"{'':14}{measured(row)}",
            f"{'':14}{row.path}",
        ]
        if row.note:
            lines.append(f"{'':14}{row.note}")
    return "\n".join(lines)


def markdown(rows: Iterable[Row], about: Circumstances) -> str:
    """For a reader of the repository."""
    lines = [
        "# The budgets, as last measured",
        "",
        _heading(about),
        "",
        "| budget | from -> to | unit | target | measured | |",
        "|---|---|---|---|---|---|",
    ]
    notes = []
    for row in rows:
        cells = [row.budget, row.path, row.unit, row.target, measured(row), verdict(row)]
        lines.append("| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |")
        if row.note:
            notes.append(f"- {row.budget}: {row.note}")
    return "\n".join([*lines, "", *notes]).rstrip() + "\n"


def document(rows: Iterable[Row], about: Circumstances) -> str:
    """For a machine."""
    found = [{**asdict(row), "limits": None, "ok": row.ok} for row in rows]
    return json.dumps({"about": asdict(about), "rows": found}, indent=1) + "\n"


def keep(folder: Path, rows: list[Row], about: Circumstances) -> None:
    """Write ``latest.md`` and ``latest.json``."""
    folder.mkdir(exist_ok=True)
    (folder / "latest.md").write_text(markdown(rows, about))
    (folder / "latest.json").write_text(document(rows, about))


def _heading(about: Circumstances) -> str:
    length = "a quick run" if about.quick else "a full run"
    return (
        f"{about.at}, {about.machine}, Python {about.python}; load average before"
        f" {about.load_before:g}; {length} of {about.took_s:g} s."
    )
