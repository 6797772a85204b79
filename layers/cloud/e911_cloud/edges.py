"""What is known of each edge: its branch as published, the serial last handed out, how it said it
was.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta

from pynamodb.exceptions import UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from e911.manifest import next_serial
from e911.records import HealthRecord
from e911.wire import to_document
from e911_cloud.errors import Conflict, NotFound
from e911_cloud.tables import CONDITION_FAILED, EdgeRow

STALE = timedelta(minutes=10)
"""An edge that has said nothing for so long is one that an operator must look at."""


class Edges:
    """The edges of one stack."""

    def get(self, edge: str) -> EdgeRow:
        """One edge; :class:`NotFound` where none of that name was ever published."""
        try:
            return EdgeRow.get(edge, consistent_read=True)
        except EdgeRow.DoesNotExist as error:
            raise NotFound(f"edge {edge}") from error

    def register(self, edge: str, branch: str) -> None:
        """Write down which branch an edge serves, as published."""
        EdgeRow(edge).update(
            actions=[
                EdgeRow.branch.set(branch),
                EdgeRow.serial.set(EdgeRow.serial | 0),
                EdgeRow.rendered.set(EdgeRow.rendered | 0),
                EdgeRow.schema.set(1),
            ]
        )

    def forget(self, edge: str) -> None:
        """An edge that is published no more: its records are taken no more, nobody waits for it.

        Should it come back, its serial goes on from the clock, which is above any it was given.
        """
        EdgeRow(edge).delete()

    def take_serial(self, edge: str, utc: datetime) -> int:
        """The next serial of an edge, never handed out before (R10).

        Raises:
            Conflict: somebody else took one at this moment; ask again.
        """
        held = int(self.get(edge).serial)
        serial = next_serial(held, utc)
        _update(EdgeRow(edge), [EdgeRow.serial.set(serial)], EdgeRow.serial == held)
        return serial

    def waits_for(self, edge: str, branch: str, generation: int) -> bool:
        """Whether an edge still serves ``branch`` and has not ``generation`` or a later one."""
        try:
            row = self.get(edge)
        except NotFound:
            return False
        return bool(row.branch == branch and row.rendered < generation)

    def rendered(self, edge: str, generation: int) -> None:
        """Write down that the manifest of ``generation`` is in the bucket; nothing of an edge that
        was forgotten meanwhile, nor where a later one is there.
        """
        is_newer = EdgeRow.edge.exists() & (EdgeRow.rendered < generation)
        with suppress(Conflict):
            _update(EdgeRow(edge), [EdgeRow.rendered.set(generation)], is_newer)

    def heard(self, health: HealthRecord, received: datetime) -> bool:
        """Keep a heartbeat unless a newer one is kept, or the edge was forgotten; whether it was
        kept. One from the future counts as of now: a clock that is put right must not go unheard.
        """
        at = min(health.at, received)
        never_heard = EdgeRow.health_at.does_not_exist()
        heard_earlier = EdgeRow.health_at <= at
        actions: list[Action] = [
            EdgeRow.health.set(to_document(health)),
            EdgeRow.health_at.set(at),
        ]
        try:
            is_known = EdgeRow.edge.exists()
            _update(EdgeRow(health.edge), actions, is_known & (never_heard | heard_earlier))
        except Conflict:
            return False
        return True

    def stale(self, utc: datetime) -> list[str]:
        """Edges that have said nothing for ten minutes, or never."""
        return sorted(
            row.edge
            for row in _all()
            if row.rendered and (row.health_at is None or utc - row.health_at > STALE)
        )


def _all() -> Iterable[EdgeRow]:
    return EdgeRow.scan()


def _update(row: EdgeRow, actions: list[Action], condition: Condition) -> None:
    try:
        row.update(actions=actions, condition=condition)
    except UpdateError as error:
        if error.cause_response_code != CONDITION_FAILED:
            raise
        raise Conflict("another writer was first") from error
