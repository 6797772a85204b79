"""What keeps trunks proved: tests and watches, and what both hear of the gateway and of media."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from e911.records import CallRecord, Record
from e911.snapshot import Snapshot
from edge_agent.messages import SpanSlips, VoiceKept
from edge_agent.ops.health import Health
from edge_agent.ops.readbacks import Place, Readbacks
from edge_agent.ops.timetable import Timetable
from edge_agent.ops.trunk_watch import Limits, Trunk, TrunkWatch
from edge_agent.store.trunk_files import TrunkFiles


class Upkeep:
    """The readbacks and the watch of one agent."""

    def __init__(
        self,
        files: TrunkFiles,
        health: Health,
        place: Place,
        utc: Callable[[], datetime],
        limits: Mapping[str, Limits],
        timetables: tuple[Timetable, ...],
    ) -> None:
        self.readbacks = Readbacks(files, health, place, utc, timetables)
        self.watch = TrunkWatch(limits, files, health, utc)
        self._restored = False

    def hear_record(self, record: Record) -> None:
        """A record of a call went to the cloud."""
        if isinstance(record, CallRecord):
            self.watch.hear(record)

    def hear_media(self, message: VoiceKept | SpanSlips, now: float) -> None:
        """Media says something about a recording or a span."""
        match message:
            case VoiceKept():
                self.readbacks.kept(message)
            case SpanSlips(span, slips):
                self.watch.slipped(span, slips, now)

    def look(self, trunks: Iterable[Trunk], snapshot: Snapshot | None, now: float) -> None:
        """Once a second."""
        if not self._restored:
            self._restored = True
            self.readbacks.restore(now)
        self.watch.look(trunks, now)
        self.readbacks.look(snapshot, now)
