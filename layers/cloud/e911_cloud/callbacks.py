"""The callback table: whom an ELIN rings, one row per call, each with an end that only ever moves
later.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from pynamodb.exceptions import PutError, UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from e911.bindings import LONGEST, CallKind
from e911.numbers import Elin
from e911.records import CallRecord
from e911.wire import stamp, to_document
from e911_cloud.tables import CONDITION_FAILED, CallbackRow


class Callbacks:
    """Bindings as the cloud knows them; the edge's ledger is the truth on the call path."""

    def take(self, record: CallRecord, received: datetime) -> None:
        """Put what a record says of its binding into the table; late and repeated records are
        harmless.
        """
        if record.elin is None or record.bound_at is None or record.caller is None:
            return
        if record.kind is CallKind.CALLBACK:
            self._renew(record, received)
        else:
            self._bind(record)
            if record.ended_at is not None:
                key = _key(record.bound_at, record.call)
                self._end(record.elin, key, record, received)

    def callers_of(self, elin: Elin, utc: datetime) -> list[CallbackRow]:
        """Who a callback at ``utc`` rings, newest first. TTL deletes late, so expiry is checked
        here.
        """
        rows = CallbackRow.query(elin.digits, scan_index_forward=False, consistent_read=True)
        return [row for row in rows if answers(row, utc)]

    def _bind(self, record: CallRecord) -> None:
        assert record.elin is not None
        assert record.bound_at is not None
        row = CallbackRow(record.elin.digits, _key(record.bound_at, record.call))
        row.call, row.edge, row.branch, row.erl = (
            record.call,
            record.edge,
            record.branch,
            record.erl,
        )
        row.caller, row.bound_at, row.window_s = _caller(record), record.bound_at, record.window_s
        never_bound = CallbackRow.elin.does_not_exist()
        try:
            row.save(condition=never_bound)
        except PutError as error:
            if error.cause_response_code != CONDITION_FAILED:
                raise

    def _renew(self, record: CallRecord, received: datetime) -> None:
        """A callback holds the binding that it found, and its end restarts the window (R5)."""
        assert record.elin is not None
        assert record.bound_at is not None
        if not record.bound_call:
            return
        key = _key(record.bound_at, record.bound_call)
        if record.ended_at is None:
            self._hold(record.elin, key, record, received)
        else:
            self._end(record.elin, key, record, received)

    def _hold(self, elin: Elin, key: str, record: CallRecord, received: datetime) -> None:
        """While the callback lasts the row must neither expire nor be deleted; a step that comes
        after a later end changes nothing.
        """
        assert record.bound_at is not None
        expires = min(record.bound_at, received) + LONGEST
        ended_before = CallbackRow.ended_at < record.at
        _update(CallbackRow(elin.digits, key), [CallbackRow.expires_at.set(expires)], ended_before)

    def _end(self, elin: Elin, key: str, record: CallRecord, received: datetime) -> None:
        assert record.ended_at is not None
        assert record.bound_at is not None
        window = timedelta(seconds=record.window_s)
        expires = min(record.ended_at + window, record.bound_at + LONGEST, received + LONGEST)
        is_bound = CallbackRow.elin.exists()
        never_ended = CallbackRow.ended_at.does_not_exist()
        ended_earlier = CallbackRow.ended_at < record.ended_at
        actions: list[Action] = [
            CallbackRow.ended_at.set(record.ended_at),
            CallbackRow.expires_at.set(expires),
        ]
        condition = is_bound & (never_ended | ended_earlier)
        _update(CallbackRow(elin.digits, key), actions, condition)


def answers(row: CallbackRow, utc: datetime) -> bool:
    """Whether a row still rings its caller; one whose end was never told does for 24 h from its
    beginning.
    """
    expires = row.expires_at or row.bound_at + LONGEST
    return utc < expires


def _update(row: CallbackRow, actions: list[Action], condition: Condition) -> None:
    try:
        row.update(actions=actions, condition=condition)
    except UpdateError as error:
        if error.cause_response_code != CONDITION_FAILED:
            raise


def _key(bound_at: datetime, call: str) -> str:
    return f"{stamp(bound_at)}#{call}"


def _caller(record: CallRecord) -> dict[str, Any]:
    return to_document(record.caller) if record.caller else {}
