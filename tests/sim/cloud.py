"""The cloud of the simulation: it comes and goes, loses replies, and counts what it took."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from random import Random
from typing import Any

from edge_agent.store.disk import Disk
from edge_agent.store.outbox import OutboxReader
from tests.sim.office import STATE


class Cloud:
    """Takes records by their own id, so that a repeat changes nothing (R12)."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self.up = True
        self.rows: dict[str, dict[str, Any]] = {}
        self.received: Counter[str] = Counter()

    def drain(self, disk: Disk) -> None:
        """One turn of the sync process: a batch, and perhaps no answer to it."""
        if not self.up:
            return
        with suppress(OSError):
            self._take(OutboxReader(STATE / "outbox", disk))

    def _take(self, reader: OutboxReader) -> None:
        batch = reader.next_batch(50)
        for record in batch.records:
            self.received[record["id"]] += 1
            self.rows.setdefault(record["id"], record)
        if batch.upto is not None and self._rng.random() >= 0.2:
            reader.done(batch.upto)
