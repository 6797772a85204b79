"""The calls table: every step of every call, each kept once under the id that its edge gave it."""

from __future__ import annotations

from datetime import date, datetime
from zlib import crc32

from pynamodb.exceptions import PutError

from e911.records import CallRecord
from e911.wire import Document, stamp, to_document
from e911_cloud.errors import NotFound
from e911_cloud.tables import CONDITION_FAILED, CallRow

SHARDS = 4
"""A day of one branch is spread over so many index keys."""


class Calls:
    """The record of what happened."""

    def keep(self, record: CallRecord, received: datetime) -> bool:
        """Keep a step unless it is kept already; whether it was new (R12)."""
        row = CallRow(record.call, record.id)
        row.day = _day(record.branch, record.at.date(), crc32(record.call.encode()) % SHARDS)
        row.at, row.edge, row.branch = stamp(record.at), record.edge, record.branch
        row.body, row.received = to_document(record), received
        never_kept = CallRow.call.does_not_exist()
        try:
            row.save(condition=never_kept)
        except PutError as error:
            if error.cause_response_code != CONDITION_FAILED:
                raise
            return False
        return True

    def of_day(self, branch: str, day: date) -> list[Document]:
        """The steps of a branch's calls on one UTC day, in order of time."""
        rows = [
            row for shard in range(SHARDS) for row in CallRow.by_day.query(_day(branch, day, shard))
        ]
        return [dict(row.body) for row in sorted(rows, key=lambda row: (row.at, row.record))]

    def steps(self, call: str) -> list[Document]:
        """The steps of one call, in order of time; :class:`NotFound` where there are none."""
        rows = sorted(CallRow.query(call, consistent_read=True), key=lambda row: row.at)
        if not rows:
            raise NotFound(f"call {call}")
        return [dict(row.body) for row in rows]


def _day(branch: str, day: date, shard: int) -> str:
    return f"{branch}#{day.isoformat()}#{shard}"
