"""What happened: the calls of a day, the steps of one, whom an ELIN rings, the carrier's file."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from elingate_admin import files
from elingate_admin.api import path_of
from elingate_admin.errors import BadInput
from elingate_admin.screen import say, show_json, show_table
from elingate_admin.session import AsJson, cloud_of

Branch = Annotated[str, typer.Option(help="Id of the branch.")]
_STEPS = ("at", "call", "step", "kind", "erl", "elin", "caller", "trunk", "cause")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def calls(
    context: typer.Context,
    branch: Branch,
    day: Annotated[str, typer.Option(help="Like 2026-11-22, UTC; today if left out.")] = "",
    json: AsJson = False,
) -> None:
    """List every step of a branch's calls on a day.

    \b
    Examples:
      elingate calls --branch springfield
      elingate calls --branch springfield --day 2026-11-22 --json
    """
    day = day or datetime.now(UTC).date().isoformat()
    if not _DAY.fullmatch(day):
        raise BadInput(f"{day!r} is no day", "give it like 2026-11-22")
    query = {"branch": branch, "day": day}
    _show(cloud_of(context).ask("GET", "/v1/calls", query=query)["records"], json)


def call(
    context: typer.Context,
    call_id: Annotated[str, typer.Argument(help="Id of the call.")],
    json: AsJson = False,
) -> None:
    """Show the steps of one call.

    \b
    Example:
      elingate call edge-springfield-1f3a-7
    """
    _show(cloud_of(context).ask("GET", path_of("calls", call_id))["records"], json)


def callbacks(
    context: typer.Context,
    elin: Annotated[str, typer.Argument(help="The ten digits.")],
    json: AsJson = False,
) -> None:
    """List whom a callback to an ELIN would ring now, newest first.

    \b
    Example:
      elingate callbacks 4255550100
    """
    found = cloud_of(context).ask("GET", path_of("callbacks", elin))["callers"]
    if json:
        show_json(found)
        return
    columns = ("bound_at", "ended_at", "expires_at", "erl", "caller", "call")
    show_table(columns, [[_cell(name, row.get(name)) for name in columns] for row in found])


def export_ali(
    context: typer.Context,
    branch: Branch,
    output: Annotated[Path, typer.Option("--output", "-o", help="File; - is stdout.")],
    cycle: Annotated[int, typer.Option(min=1, max=999_999, help="The file's cycle counter.")] = 1,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    json: AsJson = False,
) -> None:
    """Write the file that the carrier loads into ALI (NENA 2.1), from what is published.

    \b
    Example:
      elingate ali export --branch springfield --cycle 7 -o springfield-7.ali
    """
    query = {"branch": branch, "cycle": str(cycle)}
    content = cloud_of(context).text("/v1/ali/export", query)
    files.write(output, content, replace=force)
    lines = len(content.splitlines())
    if output != files.STREAM:
        say(f"{lines} lines, header and trailer included, are in {output}")
        if json:
            show_json({"file": str(output), "lines": lines})


def _show(records: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        show_json(records)
        return
    show_table(_STEPS, [[_cell(name, record.get(name)) for name in _STEPS] for record in records])


def _cell(name: str, value: Any) -> object:
    if name == "caller" and isinstance(value, dict):
        number = value.get("number") or value.get("extension") or value.get("contact", "")
        return f"{value.get('name', '')} {number}".strip()
    return value
