"""How this edge is: its alarms, and the record that tells the cloud of them.

A record goes out when a snapshot is adopted, when an alarm comes or goes, and as a heartbeat.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from e911.alarms import Alarm, AlarmBoard
from e911.records import HealthRecord

HEARTBEAT_S = 60.0
GATHER_S = 1.0
"""Changes within this are told in one record: a storm of alarms must not be a storm of records."""


@dataclass(frozen=True, slots=True)
class Vitals:
    """What a health record says beside the alarms."""

    serial: int = 0
    generation: int = 0
    trunks_down: tuple[str, ...] = ()
    bindings: int = 0
    calls: int = 0
    outbox: int = 0


class Health:
    """The alarm board of the agent, and when the cloud is told of it."""

    def __init__(
        self,
        edge: str,
        branch: str,
        boot: str,
        version: str,
        *,
        utc: Callable[[], datetime],
        vitals: Callable[[], Vitals],
        put: Callable[[HealthRecord], None],
    ) -> None:
        self._edge = edge
        self._branch = branch
        self._boot = boot
        self._version = version
        self._utc = utc
        self._vitals = vitals
        self._put = put
        self._board = AlarmBoard()
        self._number = 0
        self._due: float | None = None

    def raise_alarm(self, slug: str, now: float, subject: str = "", detail: str = "") -> None:
        """An operator must see this."""
        alarm = self._board.raise_(slug, self._utc(), subject, detail)
        if alarm.count == 1:
            self._tell_by(now + GATHER_S)

    def clear_alarm(self, slug: str, now: float, subject: str = "") -> None:
        """The condition is over."""
        if self._board.clear(slug, self._utc(), subject) is not None:
            self._tell_by(now + GATHER_S)

    def tell_now(self, now: float) -> None:
        """Something else changed that the cloud should know: a snapshot was adopted."""
        self._tell_by(now)

    @property
    def active(self) -> tuple[Alarm, ...]:
        """Alarms that hold now, newest first."""
        return self._board.active()

    def alarms(self) -> tuple[Alarm, ...]:
        """All alarms of this run, cleared ones too."""
        return tuple(self._board)

    def handle_timeout(self, now: float) -> None:
        """Tell the cloud if that is due."""
        if self._due is None or self._due > now:
            return
        self._due = now + HEARTBEAT_S
        self._put(self.record())

    def next_deadline(self) -> float | None:
        """When :meth:`handle_timeout` is due."""
        return self._due

    def record(self) -> HealthRecord:
        """A record of how things are."""
        self._number += 1
        vitals = self._vitals()
        return HealthRecord(
            id=f"{self._edge}-{self._boot}-h{self._number}",
            edge=self._edge,
            branch=self._branch,
            at=self._utc(),
            serial=vitals.serial,
            generation=vitals.generation,
            version=self._version,
            alarms=self.active,
            trunks_down=vitals.trunks_down,
            bindings=vitals.bindings,
            calls=vitals.calls,
            outbox=vitals.outbox,
        )

    def _tell_by(self, at: float) -> None:
        self._due = at if self._due is None else min(self._due, at)
