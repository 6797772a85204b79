"""Drafts as documents: what a line of a file says, and whether the cloud holds just that."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from e911.errors import E911Error, InvalidDocument
from e911.row_limits import check_row
from e911.rows import KINDS
from e911.wire import from_document, from_line, to_document
from elingate_admin.api import Cloud, Document, path_of

Fields = dict[str, Any]
Key = tuple[str, str]
"""Kind and id."""

EDGE = "edge"
ALL_KINDS = (*KINDS, EDGE)
"""``edge`` is the cloud's own kind: which agent serves which branch."""
HEADER = "header"
"""The first line of a snapshot's body; it is no draft."""


@dataclass(frozen=True, slots=True)
class DraftLine:
    """One line of a JSON Lines file that is a draft."""

    number: int
    kind: str
    id: str
    fields: Fields


@dataclass(frozen=True, slots=True)
class LineFault:
    """What is wrong with a line, and which draft it would have been."""

    line: int
    draft: str
    reason: str


def canonical(kind: str, id_: str, fields: Fields) -> Fields:
    """The fields as the cloud keeps them: numbers in one spelling, defaults left out.

    Raises:
        E911Error: they make no such row.
    """
    shape = KINDS.get(kind)
    if shape is None:
        return {name: value for name, value in fields.items() if (name, value) != ("poll_s", 60)}
    document = to_document(from_document(shape, {**fields, "id": id_}))
    document.pop("id")
    return document


def canonical_id(kind: str, id_: str) -> str:
    """An id as the cloud spells it: a caller's contact folded, an ELIN by its ten digits."""
    if kind == "caller":
        return id_.casefold()
    if kind == "elin":
        document = to_document(from_document(KINDS["elin"], {"id": id_, "branch": "", "erl": ""}))
        return str(document["id"])
    return id_


def read_lines(content: bytes) -> tuple[list[DraftLine], list[LineFault]]:
    """The drafts in a JSON Lines file, and the lines that are none; blank lines are passed over."""
    drafts: list[DraftLine] = []
    faults: list[LineFault] = []
    first_seen: dict[Key, int] = {}
    for number, line in enumerate(content.splitlines(), 1):
        if not line.strip():
            continue
        try:
            draft = _read_line(number, line.removeprefix(b"\xef\xbb\xbf"))
            if draft is None:
                continue
            seen = first_seen.setdefault((draft.kind, draft.id), number)
            if seen != number:
                raise InvalidDocument("id", f"is already on line {seen}")
            drafts.append(draft)
        except InvalidDocument as error:
            faults.append(LineFault(number, error.field, error.reason))
        except E911Error as error:
            faults.append(LineFault(number, "id", str(error)))
    return drafts, faults


def faults_of(draft: DraftLine) -> list[LineFault]:
    """What the domain finds wrong with one draft, before anything is sent."""
    shape = KINDS.get(draft.kind)
    if shape is None:
        return []
    name = f"{draft.kind}/{draft.id}"
    strange = sorted(set(draft.fields) - set(shape.__dataclass_fields__))
    if strange:
        return [
            LineFault(draft.number, f"{name}.{each}", "is no field of this kind")
            for each in strange
        ]
    try:
        row = from_document(shape, {**draft.fields, "id": draft.id}, name)
    except InvalidDocument as error:
        return [LineFault(draft.number, error.field, error.reason)]
    return [LineFault(draft.number, fault.path, fault.reason) for fault in check_row(row)]


def held(cloud: Cloud, kinds: Iterable[str]) -> dict[Key, Fields]:
    """The drafts that the cloud holds of these kinds."""
    return {
        (kind, str(draft["id"])): draft["body"]
        for kind in kinds
        for draft in drafts_of(cloud, kind)
    }


def drafts_of(cloud: Cloud, kind: str) -> list[Document]:
    """Every draft of a kind, however many answers it takes."""
    found: list[Document] = []
    after = ""
    while True:
        query = {"after": after} if after else None
        page = cloud.ask("GET", path_of("draft", kind), query=query)
        found += page["drafts"]
        after = page.get("next", "")
        if not after:
            return found


def _read_line(number: int, line: bytes) -> DraftLine | None:
    document = from_line(line)
    kind, id_ = document.pop("kind", None), document.pop("id", None)
    if kind == HEADER:
        return None
    if kind not in ALL_KINDS:
        raise InvalidDocument("kind", f"must be one of {', '.join(ALL_KINDS)}")
    if not isinstance(id_, str) or not id_:
        raise InvalidDocument("id", "is missing")
    return DraftLine(number, kind, canonical_id(kind, id_), document)
