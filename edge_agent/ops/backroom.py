"""What a step leaves behind: rows for the disk, rooms for media, alarms, lines of the trace."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from edge_agent.gateway.outputs import (
    Announce,
    ClearAlarm,
    CloseRoom,
    Forget,
    GatewayOutput,
    Listen,
    RaiseAlarm,
    ReadbackNews,
    Remember,
    Report,
    Room,
)
from edge_agent.messages import Message
from edge_agent.ops.calltrace import CallTrace
from edge_agent.ops.clerk import SLOW_S, Clerk
from edge_agent.ops.health import Health
from edge_agent.ops.metrics import Metrics
from edge_agent.ops.upkeep import Upkeep
from edge_agent.ops.voice import order_of


class Backroom:
    """Performs what no wire waits for, in the order in which the gateway said it."""

    def __init__(
        self,
        clerk: Clerk,
        health: Health,
        trace: CallTrace,
        metrics: Metrics,
        tell_media: Callable[[Message], None],
        utc: Callable[[], datetime],
        upkeep: Upkeep,
    ) -> None:
        self._clerk = clerk
        self._health = health
        self._trace = trace
        self._metrics = metrics
        self._tell_media = tell_media
        self._utc = utc
        self._upkeep = upkeep

    def afterwards(self, outputs: list[GatewayOutput], now: float) -> None:
        """Everything of one step."""
        for output in outputs:
            match output:
                case Remember(binding):
                    self._clerk.remember(binding)
                case Forget(call):
                    self._clerk.forget(call)
                case Report(record):
                    self._metrics.records.inc()
                    self._clerk.put(record)
                    self._upkeep.hear_record(record)
                case Room() | CloseRoom() | Announce():
                    self._tell_media(order_of(output))
                case Listen():
                    self._tell_media(self._upkeep.readbacks.listen(output))
                case ReadbackNews():
                    self._upkeep.readbacks.hear(output, now)
                case RaiseAlarm(slug, subject, detail):
                    self._health.raise_alarm(slug, now, subject, detail)
                case ClearAlarm(slug, subject):
                    self._health.clear_alarm(slug, now, subject)
                case _:
                    raise AssertionError(f"{type(output).__name__} is for a wire")

    def note(self, what: str, wire: str, value: object) -> None:
        """A line of the call trace, written by the clerk when it is next awake."""
        self._trace.note(self._utc(), what, wire, value)

    def look(self, now: float) -> None:
        """Once a second: is the disk keeping up, is the cloud due to be told?"""
        self._clerk.wake()
        if self._clerk.late_s() > SLOW_S:
            self._health.raise_alarm("disk-slow", now)
        else:
            self._health.clear_alarm("disk-slow", now)
        self._health.handle_timeout(now)
