"""Lync's location files into drafts: shown first, written when asked, faults by file and line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from e911.hints import ElementKind
from elingate_admin import files
from elingate_admin.api import Cloud, path_of
from elingate_admin.documents import held
from elingate_admin.errors import BadInput, CloudRefused
from elingate_admin.lync_csv import Finding, Row, headers, read_sheet
from elingate_admin.lync_rows import Line, read_row
from elingate_admin.places_plan import Change, Plan, plan
from elingate_admin.screen import count, progress, say, show_json, show_table
from elingate_admin.session import AsJson, cloud_of

Csv = Annotated[list[Path] | None, typer.Option(help="CSV file; may be repeated.")]


@dataclass(slots=True)
class _Read:
    """What the files say, before anything is compared."""

    lines: list[Line] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    faults: list[Finding] = field(default_factory=list)


def import_locations(
    context: typer.Context,
    branch: Annotated[str, typer.Option(help="Branch in which all these locations are.")],
    subnets: Csv = None,
    waps: Csv = None,
    ports: Csv = None,
    switches: Csv = None,
    prefix: Annotated[
        int | None,
        typer.Option(min=8, max=32, help="Prefix length of subnets written without one."),
    ] = None,
    where: Annotated[
        list[str] | None,
        typer.Option(help="Only lines with FIELD=VALUE, like City=Springfield; may be repeated."),
    ] = None,
    apply: Annotated[
        bool, typer.Option("--apply", help="Write the drafts; else only show.")
    ] = False,
    skip_faults: Annotated[
        bool, typer.Option("--skip-faults", help="Write what is good although there are faults.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Make ERLs, ELINs and elements of the CSV files of Lync and Skype for Business.

    The files are those that are piped to Set-CsLisSubnet, -WirelessAccessPoint, -Port and -Switch,
    with the ELINs in CompanyName. Nothing is written without --apply, nothing is ever deleted, and
    with a fault nothing is written at all (but see --skip-faults); the exit code is then 1.

    \b
    Examples:
      elingate locations import --branch spf --subnets subnets.csv --prefix 24
      elingate locations import --branch spf --subnets subnets.csv --waps waps.csv \\
          --ports ports.csv --switches switches.csv --where City=Springfield --apply
    """
    given = {
        ElementKind.SUBNET: subnets or [],
        ElementKind.BSSID: waps or [],
        ElementKind.PORT: ports or [],
        ElementKind.SWITCH: switches or [],
    }
    if not any(given.values()):
        raise BadInput("no file", "give --subnets, --waps, --ports or --switches")
    wanted = [_condition(text) for text in where or ()]
    read = _Read()
    for kind, paths in given.items():
        for path in paths:
            _read_file(read, kind, path, wanted, prefix)
    cloud = cloud_of(context)
    cloud.ask("GET", path_of("draft", "branch", branch))
    made = plan(read.lines, branch, held(cloud, ("erl", "elin", "element")))
    made.warnings[:0] = read.warnings
    made.faults[:0] = read.faults
    is_written = apply and (skip_faults or not made.faults)
    failed = _write(cloud, made.changes) if is_written else []
    _report(made, failed, is_written=is_written, as_json=json)


def _read_file(
    read: _Read,
    kind: ElementKind,
    path: Path,
    wanted: Sequence[tuple[str, str]],
    prefix: int | None,
) -> None:
    sheet = read_sheet(path.name, kind, files.read(path))
    read.warnings.extend(sheet.warnings)
    read.faults.extend(sheet.faults)
    for row in sheet.rows:
        if not _is_wanted(row, wanted):
            continue
        line, faults = read_row(row, prefix)
        read.faults.extend(faults)
        if line is not None:
            read.lines.append(line)
        elif not faults:
            read.warnings.append(row.finding("", "has no location: left out"))


def _condition(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    known = {header.casefold(): header for kind in ElementKind for header in headers(kind)}
    if name.casefold() not in known:
        raise BadInput(f"--where {text}: there is no field {name!r}", f"one of {', '.join(known)}")
    return known[name.casefold()], value.strip().casefold()


def _is_wanted(row: Row, wanted: Iterable[tuple[str, str]]) -> bool:
    return all(row.values.get(name, "").casefold() == value for name, value in wanted)


def _write(cloud: Cloud, changes: Sequence[Change]) -> list[tuple[Change, str]]:
    """What the cloud refused, with its reason; everything else is written."""
    failed = []
    for change in progress(changes, "importing"):
        try:
            cloud.ask("PUT", path_of("draft", change.kind, change.id), change.fields)
        except CloudRefused as refusal:
            reasons = [f"{loc}: {msg}" if loc else msg for loc, msg in refusal.details]
            failed.append((change, "; ".join(reasons) or refusal.message))
    return failed


def _report(
    made: Plan, failed: list[tuple[Change, str]], *, is_written: bool, as_json: bool
) -> None:
    if as_json:
        show_json(_document(made, failed, is_written=is_written))
    else:
        _tables(made, failed)
    done = len(made.changes) - len(failed)
    word = "written" if is_written else "would change"
    say(
        f"{count(done, 'draft')} {word}, {made.unchanged} unchanged,"
        f" {count(len(made.warnings), 'warning')}, {count(len(made.faults), 'fault')}"
    )
    if made.faults:
        mend = "mend the files, then run it again"
        raise CloudRefused(
            count(len(made.faults), "fault")
            + ("; what is not concerned is written" if is_written else "; nothing is written"),
            mend if is_written else f"{mend}; or write the rest with --apply --skip-faults",
        )
    if failed:
        raise CloudRefused(f"{count(len(failed), 'draft')} refused", "run it again when mended")
    if not is_written and made.changes:
        say("nothing is written: do it with --apply")


def _tables(made: Plan, failed: list[tuple[Change, str]]) -> None:
    if made.changes:
        columns = ("change", "draft", "fields", "because of")
        show_table(columns, [_change_row(change) for change in made.changes])
    for word, findings in (("warning", made.warnings), ("fault", made.faults)):
        if findings:
            columns = (f"{word} in", "line", "field", "reason")
            show_table(columns, [(f.file, f.line, f.field, f.reason) for f in findings])
    if failed:
        show_table(
            ("refused", "because of", "reason"),
            [(f"{each.kind}/{each.id}", each.where, why) for each, why in failed],
        )


def _change_row(change: Change) -> tuple[str, ...]:
    word = "new" if change.before is None else "change"
    return word, f"{change.kind}/{change.id}", " ".join(change.differing), change.where


def _document(
    made: Plan, failed: list[tuple[Change, str]], *, is_written: bool
) -> dict[str, object]:
    return {
        "applied": is_written,
        "changes": [asdict(change) for change in made.changes],
        "unchanged": made.unchanged,
        "warnings": [asdict(each) for each in made.warnings],
        "faults": [asdict(each) for each in made.faults],
        "failed": [{"kind": c.kind, "id": c.id, "reason": why} for c, why in failed],
    }
