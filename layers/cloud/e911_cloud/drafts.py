"""Drafts are edited one at a time: each edit is one transaction of the row, its log row and the
log's head.

The head orders all edits of a stack: whoever reads it before a row and writes both on condition
that it has not moved
has also proved that the row has not. So the log has no gap, and replaying it gives the rows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pynamodb.exceptions import TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite

from e911.errors import InvalidDocument
from e911.numbers import Elin
from e911.rows import KINDS, Row, TargetKind, TargetRow
from e911.rows_check import check_row
from e911.snapshot import key_of
from e911.wire import from_document, to_document
from e911_cloud.errors import Busy, Conflict, Detail, Invalid, NotFound, VersionMismatch
from e911_cloud.tables import DRAFTS, AuditRow, DraftRow, ElinDrafts, transactions
from e911_cloud.webhook import WebhookRefused, split_url

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@+|-]{0,127}")
_PLAIN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}")
MOST_BYTES = 262_144
"""Of one draft as JSON: more than that no table takes."""
_TRIES = 20
"""Administrators are few: so many edits at once mean that something else is wrong."""
_CONTENDED = {"ConditionalCheckFailed", "TransactionConflict"}


@dataclass(frozen=True, slots=True)
class EdgeDraft:
    """One agent box: the branch it serves, and how often it asks for news."""

    id: str
    branch: str
    poll_s: int = 60
    """Seconds between two looks at the manifest (30 to 900)."""


Drafted = Row | EdgeDraft
DRAFT_KINDS: dict[str, type[Drafted]] = {**KINDS, "edge": EdgeDraft}


@dataclass(frozen=True, slots=True)
class Draft:
    """One row under edit, with the version that ``If-Match`` names."""

    kind: str
    id: str
    version: int
    body: dict[str, Any]


def read_draft(kind: str, id_: str, fields: dict[str, Any]) -> Drafted:
    """The row that ``fields`` describe, checked alone.

    Raises:
        NotFound: there is no such kind.
        Invalid: with the path of every fault.
    """
    shape = _shape(kind)
    pattern = _PLAIN_ID if kind in ("branch", "edge") else _ID
    if not pattern.fullmatch(id_):
        raise Invalid([Detail("id", f"must be like {pattern.pattern}")])
    known = {name for name in shape.__dataclass_fields__ if name != "id"}
    strange = [Detail(name, "is no field of this kind") for name in fields if name not in known]
    if strange:
        raise Invalid(strange)
    try:
        row = from_document(shape, {**fields, "id": id_})
    except InvalidDocument as error:
        raise Invalid([Detail(error.field, error.reason)]) from error
    if len(json.dumps(fields)) > MOST_BYTES:
        raise Invalid([Detail("", f"the draft has more than {MOST_BYTES} bytes")])
    faults = _check_edge(row) if isinstance(row, EdgeDraft) else _check_row(row)
    if faults:
        raise Invalid(faults)
    return row


def is_branch_id(text: str) -> bool:
    """Whether a branch may be called so."""
    return _PLAIN_ID.fullmatch(text) is not None


PAGE = 1000
"""Drafts in one answer: a Lambda may answer 6 MB, and a draft has a few hundred bytes."""


class Drafts:
    """The drafts of one stack."""

    def get(self, kind: str, id_: str) -> Draft:
        """One draft; :class:`NotFound` where there is none."""
        _shape(kind)
        row = _read(kind, _canonical(kind, id_))
        if row is None:
            raise NotFound(f"{kind} {id_}")
        return _draft(row)

    def head(self) -> int:
        """How many edits there have been: where it has not moved, neither has any draft."""
        return _head()

    def all_of(self, kind: str) -> list[Draft]:
        """All drafts of a kind, by id."""
        _shape(kind)
        return [_draft(row) for row in DRAFTS[kind].query(kind, consistent_read=True)]

    def page(self, kind: str, after: str = "", most: int = PAGE) -> tuple[list[Draft], str]:
        """The drafts of a kind that follow ``after``, and where to go on (empty: nowhere)."""
        _shape(kind)
        table = DRAFTS[kind]
        condition = table.id > after if after else None
        rows = list(table.query(kind, condition, consistent_read=True, limit=most))
        return [_draft(row) for row in rows], rows[-1].id if len(rows) == most else ""

    def rows(self) -> Iterator[Drafted]:
        """Every draft as its value: what a publish validates and freezes."""
        for kind, shape in DRAFT_KINDS.items():
            for draft in self.all_of(kind):
                yield from_document(shape, {**draft.body, "id": draft.id}, f"{kind}/{draft.id}")

    def put(
        self,
        kind: str,
        id_: str,
        fields: dict[str, Any],
        *,
        who: str,
        utc: datetime,
        if_match: int | None = None,
    ) -> int:
        """Write a draft; returns its new version.

        Raises:
            Invalid: the fields do not make such a row.
            VersionMismatch: ``if_match`` is not the version that is there (0: none is there).
            Conflict: the number is another ERL's ELIN; an ELIN moves by being deleted first.
        """
        id_ = _canonical(kind, id_)
        row = read_draft(kind, id_, fields)
        body = to_document(row)
        body.pop("id")
        edit = _Edit(kind, id_, "put", body, who, utc, if_match)
        return edit.apply()

    def delete(
        self, kind: str, id_: str, *, who: str, utc: datetime, if_match: int | None = None
    ) -> None:
        """Remove a draft; what is published stays until the next publish."""
        _shape(kind)
        _Edit(kind, _canonical(kind, id_), "delete", None, who, utc, if_match).apply()


@dataclass(frozen=True, slots=True)
class _Edit:
    kind: str
    id: str
    action: str
    body: dict[str, Any] | None
    who: str
    utc: datetime
    if_match: int | None

    def apply(self) -> int:
        """Try until the head stands still for the length of one transaction."""
        for _ in range(_TRIES):
            head = _head()
            held = _read(self.kind, self.id)
            version = self._next_version(held)
            try:
                self._write(head, held, version)
            except TransactWriteError as error:
                if not is_contended(error):
                    raise
            else:
                return version
        raise Busy("the drafts are being edited by many at once")

    def _next_version(self, held: DraftRow | None) -> int:
        there = int(held.version) if held else 0
        if self.if_match is not None and self.if_match != there:
            raise VersionMismatch(f"the version is {there}")
        if self.body is None and held is None:
            raise NotFound(f"{self.kind} {self.id}")
        if self.kind == "elin" and self.body is not None:
            self._own(held)
        return there + 1

    def _own(self, held: DraftRow | None) -> None:
        if held is not None and self.body is not None and held.body["erl"] != self.body["erl"]:
            raise Conflict("the number is the ELIN of another ERL; delete it there first")

    def _write(self, head: int, held: DraftRow | None, version: int) -> None:
        table = DRAFTS[self.kind]
        head_row, log = AuditRow("head", 0), AuditRow("log", head + 1)
        log.at, log.who, log.action, log.body = self.utc, self.who, self.action, self.body
        log.kind, log.id, log.version = self.kind, self.id, version
        with TransactWrite(connection=transactions()) as write:
            write.update(head_row, actions=[AuditRow.head.set(head + 1)], condition=head_is(head))
            write.save(log, condition=AuditRow.pk.does_not_exist())
            if self.body is None:
                write.delete(table(self.kind, self.id))
            else:
                write.save(table(self.kind, self.id, version=version, body=self.body))
            if self.kind == "elin":
                self._claim(write, held)

    def _claim(self, write: TransactWrite, held: DraftRow | None) -> None:
        claim = ElinDrafts(f"ELIN#{self.id}", "claim", body={"log": self.who})
        if self.body is None:
            write.delete(claim)
        elif held is None:
            write.save(claim, condition=ElinDrafts.kind.does_not_exist())


def head_is(head: int) -> Condition:
    """The condition that there have been ``head`` edits and no more."""
    return AuditRow.head.does_not_exist() if head == 0 else AuditRow.head == head


def is_contended(error: TransactWriteError) -> bool:
    """Whether a transaction was refused by its conditions or by another one at this moment."""
    reasons = {reason.code for reason in error.cancellation_reasons if reason}
    return bool(reasons & _CONTENDED) or error.cause_response_code == "TransactionConflictException"


def _head() -> int:
    try:
        return int(AuditRow.get("head", 0, consistent_read=True).head or 0)
    except AuditRow.DoesNotExist:
        return 0


def _read(kind: str, id_: str) -> DraftRow | None:
    table = DRAFTS[kind]
    try:
        return table.get(kind, id_, consistent_read=True)
    except table.DoesNotExist:
        return None


def _shape(kind: str) -> type[Drafted]:
    if kind not in DRAFT_KINDS:
        raise NotFound(f"there is no kind {kind!r}; there are {', '.join(sorted(DRAFT_KINDS))}")
    return DRAFT_KINDS[kind]


def _canonical(kind: str, id_: str) -> str:
    """One spelling per thing: ELINs by their ten digits, contacts folded as the edge folds them."""
    if kind == "elin":
        elin = Elin.read(id_)
        return id_ if elin is None else elin.digits
    return id_.casefold() if kind == "caller" else id_


def _draft(row: DraftRow) -> Draft:
    return Draft(row.kind, row.id, int(row.version), dict(row.body))


def _check_row(row: Row) -> list[Detail]:
    kind, id_ = key_of(row)
    here = f"{kind}/{id_}."
    faults = [Detail(fault.path.removeprefix(here), fault.reason) for fault in check_row(row)]
    return faults or _check_address(row)


def _check_address(row: Row) -> list[Detail]:
    """A URL that no webhook would be sent to is found now, not during an emergency."""
    if not isinstance(row, TargetRow) or row.target is not TargetKind.WEBHOOK:
        return []
    try:
        split_url(row.address)
    except WebhookRefused as error:
        return [Detail("address", str(error))]
    return []


def _check_edge(row: EdgeDraft) -> list[Detail]:
    return [] if 30 <= row.poll_s <= 900 else [Detail("poll_s", "must be 30 to 900")]
