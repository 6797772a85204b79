"""One draft at a time: list, show, put, delete."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from e911.places import CivicAddress
from e911.wire import from_document
from elingate_admin import files
from elingate_admin.api import path_of
from elingate_admin.documents import ALL_KINDS, drafts_of
from elingate_admin.errors import BadInput
from elingate_admin.screen import say, show_json, show_table
from elingate_admin.session import AsJson, cloud_of

Kind = Annotated[str, typer.Argument(help=f"One of {', '.join(ALL_KINDS)}.")]
Id = Annotated[str, typer.Argument(help="The draft's id.")]
IfMatch = Annotated[
    int | None, typer.Option(help="Only if this is its version now (0: only if there is none).")
]
_WIDEST = 48


def list_drafts(context: typer.Context, kind: Kind, json: AsJson = False) -> None:
    """List the drafts of a kind.

    \b
    Examples:
      elingate draft list erl
      elingate draft list elin --json | jq -r '.[].id'
    """
    drafts = drafts_of(cloud_of(context), kind)
    if json:
        show_json(drafts)
        return
    names = list(dict.fromkeys(name for draft in drafts for name in draft["body"]))
    rows = [
        [draft["id"], draft["version"], *(_cell(name, draft["body"].get(name)) for name in names)]
        for draft in drafts
    ]
    show_table(["id", "version", *names], rows)


def show(context: typer.Context, kind: Kind, id_: Id, json: AsJson = False) -> None:
    """Show a draft's fields, as `draft put` takes them; --json adds kind, id and version.

    \b
    Examples:
      elingate draft show erl springfield-f2
      elingate draft show erl springfield-f2 > f2.json; edit f2.json
      elingate draft put erl springfield-f2 -f f2.json
    """
    draft = cloud_of(context).ask("GET", path_of("draft", kind, id_))
    if json:
        show_json(draft)
        return
    show_json(draft["body"])
    say(f"version {draft['version']}")


def put(
    context: typer.Context,
    kind: Kind,
    id_: Id,
    file: Annotated[Path, typer.Option("--file", "-f", help="JSON object; - reads stdin.")],
    if_match: IfMatch = None,
    json: AsJson = False,
) -> None:
    """Write a draft. Nobody sees it before `elingate publish`.

    \b
    Examples:
      elingate draft put elin 4255550100 -f elin.json
      echo '{"branch": "spf", "erl": "f2"}' | elingate draft put elin 4255550100 -f -
      elingate draft put erl f2 -f f2.json --if-match 3
    """
    fields = _read_fields(file, kind, id_)
    path = path_of("draft", kind, id_)
    version = cloud_of(context).ask("PUT", path, fields, if_match=if_match)["version"]
    if json:
        show_json({"kind": kind, "id": id_, "version": version})
    else:
        say(f"{kind} {id_} is at version {version}; `elingate publish` makes it known")


def delete(
    context: typer.Context, kind: Kind, id_: Id, if_match: IfMatch = None, json: AsJson = False
) -> None:
    """Delete a draft. What is published stays until the next `elingate publish`.

    \b
    Example:
      elingate draft delete element springfield-subnet-10.1.2.0-24
    """
    cloud_of(context).ask("DELETE", path_of("draft", kind, id_), if_match=if_match)
    if json:
        show_json({"kind": kind, "id": id_, "deleted": True})
    else:
        say(f"{kind} {id_} is deleted from the drafts")


def _read_fields(file: Path, kind: str, id_: str) -> dict[str, Any]:
    try:
        fields = json.loads(files.read(file))
    except ValueError as error:
        raise BadInput(f"{file} is no JSON: {error}") from error
    if not isinstance(fields, dict):
        raise BadInput(f"{file} must hold one JSON object: the fields of the draft")
    for name, said in (("kind", kind), ("id", id_)):
        if fields.pop(name, said) != said:
            raise BadInput(f"{file} holds another {name} than {said}")
    return fields


def _cell(name: str, value: object) -> str:
    if name == "civic":
        return from_document(CivicAddress, value).one_line()
    text = value if isinstance(value, str) else "" if value is None else json.dumps(value)
    return text if len(text) <= _WIDEST else text[: _WIDEST - 1] + "…"
