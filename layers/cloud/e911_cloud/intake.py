"""Records come up from an edge: the notice goes out first, then the call is kept, then the callback
row.

Every step may be repeated: the notice is de-duplicated where it is told (R11), the rows by their
own keys (R12).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from e911.bindings import LONGEST
from e911.errors import InvalidDocument
from e911.records import CallRecord, CallStep, HealthRecord
from e911.wire import Document, from_document, stamp, to_document
from e911_cloud.callbacks import Callbacks
from e911_cloud.calls import Calls
from e911_cloud.edges import Edges
from e911_cloud.lookups import Published
from e911_cloud.notices import LATE
from e911_cloud.tables import EdgeRow

R = TypeVar("R", CallRecord, HealthRecord)

MOST_BYTES = 65_536
"""Of one record as JSON: what a queue and a table surely take."""
MOST_TARGETS = 100
_ID = re.compile(r"[!-~]{1,256}")
"""An id becomes a key and a header."""
_EPOCH, _FAR = datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
_SILENT = {CallStep.SEIZED, CallStep.ALERTING}
"""Steps that nobody is told of."""


class Refusal(Exception):
    """A record that is not taken, and why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(slots=True)
class Taken:
    """What became of one request's records."""

    taken: list[str]
    refused: list[dict[str, str]]


class NoticeQueue:
    """Where notices wait for the function that tells them; one message per target, so that one
    cannot hold up another.
    """

    def __init__(self, sqs: Any, url: str) -> None:
        self._sqs = sqs
        self._url = url

    def send(self, record: CallRecord, targets: Iterable[str], received: datetime) -> None:
        """Queue the notice of ``record`` for each target."""
        message = {
            "schema": 1,
            "record": to_document(record),
            "received": stamp(received),
            "late": received - record.at > LATE,
        }
        for target in targets:
            body = json.dumps({**message, "target": target})
            self._sqs.send_message(QueueUrl=self._url, MessageBody=body)


class Intake:
    """Takes the records of edges."""

    def __init__(
        self,
        edges: Edges,
        published: Published,
        queue: NoticeQueue,
        calls: Calls,
        callbacks: Callbacks,
    ) -> None:
        self._edges = edges
        self._published = published
        self._queue = queue
        self._calls = calls
        self._callbacks = callbacks

    def take(self, edge: str, documents: Sequence[Document], utc: datetime) -> Taken:
        """Take what ``edge`` sent; each record is taken or refused by itself.

        Raises:
            NotFound: no edge of that name was published.
        """
        known = self._edges.get(edge)
        outcome = Taken([], [])
        for n, document in enumerate(documents):
            try:
                outcome.taken.append(self._take(known, document, f"records[{n}]", utc))
            except Refusal as refusal:
                id_ = document.get("id", "")
                outcome.refused.append({"id": str(id_), "reason": refusal.reason})
        return outcome

    def _take(self, edge: EdgeRow, document: Document, path: str, utc: datetime) -> str:
        if len(json.dumps(document)) > MOST_BYTES:
            raise Refusal(f"{path}: has more than {MOST_BYTES} bytes")
        if document.get("type") == "health":
            return self._take_health(edge, _read(HealthRecord, document, path), utc)
        if document.get("type") != "call":
            raise Refusal(f"{path}.type: must be call or health")
        return self._take_call(edge, _read(CallRecord, document, path), utc)

    def _take_health(self, edge: EdgeRow, health: HealthRecord, utc: datetime) -> str:
        self._edges.heard(replace(health, edge=edge.edge, branch=edge.branch), utc)
        return health.id

    def _take_call(self, edge: EdgeRow, record: CallRecord, utc: datetime) -> str:
        _check_ids(edge.edge, record)
        _check_limits(record)
        # Whatever the body says: the edge is the one whose credentials signed, the branch the one
        # it serves.
        record = replace(record, edge=edge.edge, branch=edge.branch)
        is_ours = self._is_elin_of(edge.branch, record, utc)
        if record.step not in _SILENT:
            self._queue.send(record, record.targets, utc)
        self._calls.keep(record, utc)
        if is_ours:
            self._callbacks.take(record, utc)
        return record.id

    def _is_elin_of(self, branch: str, record: CallRecord, utc: datetime) -> bool:
        """Whether the ELIN is one that this branch may use; one that nobody owns is kept, but rings
        nobody.

        Raises:
            Refusal: it is another branch's.
        """
        if record.elin is None:
            return False
        key = f"ELIN#{record.elin.digits}"
        owner = self._published.get([key], utc).get(key)
        if owner is None:
            return False
        if branch != owner["branch"] and branch not in owner["lent"]:
            raise Refusal("elin: is another branch's")
        return True


def _read(shape: type[R], document: Document, path: str) -> R:
    try:
        return from_document(shape, document, path)
    except InvalidDocument as error:
        raise Refusal(str(error)) from error


def _check_ids(edge: str, record: CallRecord) -> None:
    """Ids begin with the edge that made them, so that no edge can take another's."""
    for name, id_ in (("id", record.id), ("call", record.call)):
        if not id_.startswith(f"{edge}-"):
            raise Refusal(f"{name}: is not one of this edge")
    for name, id_ in (("id", record.id), ("call", record.call), ("incident", record.incident)):
        if id_ and not _ID.fullmatch(id_):
            raise Refusal(f"{name}: must be 1 to 256 visible characters")


def _check_limits(record: CallRecord) -> None:
    """What no table could take must be refused: an error would bring it again and again, and hold
    up every record behind it (R12).
    """
    if not 0 <= record.window_s <= LONGEST.total_seconds():
        raise Refusal("window_s: must be 0 to 86400")
    for name in ("at", "bound_at", "ended_at"):
        instant = getattr(record, name)
        if instant is not None and not _EPOCH <= instant <= _FAR:
            raise Refusal(f"{name}: is no instant of this age")
    if len(record.targets) > MOST_TARGETS:
        raise Refusal(f"targets: are more than {MOST_TARGETS}")
