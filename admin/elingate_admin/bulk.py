"""A whole organisation as JSON Lines: what is there already is left alone, and a bad line stops
nothing.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from e911.wire import to_line
from elingate_admin import files
from elingate_admin.api import Cloud, path_of
from elingate_admin.documents import (
    ALL_KINDS,
    DraftLine,
    Fields,
    Key,
    LineFault,
    canonical,
    faults_of,
    held,
    read_lines,
)
from elingate_admin.errors import BadInput, CloudRefused, NotAuthorised, Refusal, Unreachable
from elingate_admin.screen import count, progress, say, show_json, show_table
from elingate_admin.session import AsJson, cloud_of


class _Import:
    """The lines of one file on their way into the cloud."""

    def __init__(self, cloud: Cloud, there: dict[Key, Fields]) -> None:
        self._cloud = cloud
        self._there = there
        self.written: list[DraftLine] = []
        self.unchanged = 0
        self.failed: list[LineFault] = []
        self.ended_by: Refusal | None = None

    def take(self, draft: DraftLine, *, is_trial: bool) -> None:
        """Write one draft, unless it is there as it is; what fails is kept with its reason."""
        faults = faults_of(draft)
        if faults:
            self.failed.extend(faults)
        elif self.ended_by is not None:
            self.failed.append(_fault(draft, "was not sent"))
        elif self._is_there(draft):
            self.unchanged += 1
        elif is_trial or self._put(draft):
            self.written.append(draft)

    def _is_there(self, draft: DraftLine) -> bool:
        found = self._there.get((draft.kind, draft.id))
        return found == canonical(draft.kind, draft.id, draft.fields)

    def _put(self, draft: DraftLine) -> bool:
        try:
            self._cloud.ask("PUT", path_of("draft", draft.kind, draft.id), draft.fields)
        except CloudRefused as refusal:
            reasons = [f"{loc}: {msg}" if loc else msg for loc, msg in refusal.details]
            self.failed.append(_fault(draft, "; ".join(reasons) or refusal.message))
            return False
        except (NotAuthorised, Unreachable) as end:
            self.ended_by = end
            self.failed.append(_fault(draft, "was not sent"))
            return False
        return True


def import_drafts(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="JSON Lines; - reads stdin.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be written.")] = False,
    rest: Annotated[
        Path | None, typer.Option(help="Where to write the lines that failed, to mend and import.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Write many drafts: one JSON object a line, {"kind": …, "id": …, …fields}.

    Every line is tried; what fails is listed with its line number, and the exit code is 1. What the
    cloud already holds is left alone, so an import that was cut short is simply run again.

    \b
    Examples:
      elingate draft import organisation.jsonl --dry-run
      elingate draft import organisation.jsonl --rest failed.jsonl
      elingate --api https://old… draft export | elingate --api https://new… draft import -
    """
    content = files.read(file)
    drafts, faults = read_lines(content)
    if not drafts and not faults:
        raise BadInput(f"{file} holds no draft")
    cloud = cloud_of(context)
    work = _Import(cloud, held(cloud, sorted({draft.kind for draft in drafts})))
    work.failed.extend(faults)
    for draft in progress(drafts, "importing"):
        work.take(draft, is_trial=dry_run)
    work.failed.sort(key=lambda fault: fault.line)
    if rest is not None and work.failed:
        _write_rest(rest, content, work.failed)
    _report(work, dry_run=dry_run, as_json=json)


def export(
    context: typer.Context,
    output: Annotated[Path, typer.Option("--output", "-o", help="File; - is stdout.")] = (
        files.STREAM
    ),
    kind: Annotated[list[str] | None, typer.Option(help="Only this kind; may be repeated.")] = None,
    json: AsJson = False,
) -> None:
    """Write all drafts as JSON Lines, sorted: the same drafts give the same file.

    \b
    Examples:
      elingate draft export -o organisation.jsonl
      elingate draft export --kind erl --kind elin > places.jsonl
    """
    drafts = held(cloud_of(context), kind or ALL_KINDS)
    lines = [{"kind": kind_, "id": id_, **body} for (kind_, id_), body in sorted(drafts.items())]
    if json and output == files.STREAM:
        show_json(lines)
        return
    files.write(output, b"".join(to_line(line) for line in lines))
    if output != files.STREAM:
        say(f"{len(lines)} drafts are in {output}")
        if json:
            show_json({"drafts": len(lines), "file": str(output)})


def _report(work: _Import, *, dry_run: bool, as_json: bool) -> None:
    written, failed = len(work.written), len({fault.line for fault in work.failed})
    if as_json:
        show_json(
            {
                "dry_run": dry_run,
                "written": [{"kind": each.kind, "id": each.id} for each in work.written],
                "unchanged": work.unchanged,
                "failed": [asdict(fault) for fault in work.failed],
            }
        )
    elif work.failed:
        show_table(("line", "draft", "reason"), [(f.line, f.draft, f.reason) for f in work.failed])
    word = "would be written" if dry_run else "written"
    say(f"{written} {word}, {work.unchanged} unchanged, {count(failed, 'line')} failed")
    if work.ended_by is not None:
        raise work.ended_by
    if work.failed:
        raise CloudRefused(
            f"not in the drafts: {count(failed, 'line')}",
            "mend them and import again: what is in is left alone",
        )


def _write_rest(rest: Path, content: bytes, failed: list[LineFault]) -> None:
    wanted = {fault.line for fault in failed}
    kept = [line for n, line in enumerate(content.splitlines(), 1) if n in wanted]
    files.write(rest, b"".join(line + b"\n" for line in kept))


def _fault(draft: DraftLine, reason: str) -> LineFault:
    return LineFault(draft.number, f"{draft.kind}/{draft.id}", reason)
