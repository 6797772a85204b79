"""What media and sync tell the agent: each message is brought to whoever it is for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from edge_agent.in_use import SnapshotInUse
from edge_agent.messages import (
    LegDigit,
    LegHeard,
    LegSilent,
    MediaReady,
    Message,
    OutboxDrained,
    SnapshotStaged,
    SpanSlips,
    SpillPlayed,
    SyncCondition,
    VoiceKept,
)
from edge_agent.ops.upkeep import Upkeep
from edge_agent.ops.voice import words_of
from edge_agent.spills import Spills
from edge_agent.switchboard import Switchboard


class Agent(Protocol):
    """The agent, as far as another process can concern it."""

    board: Switchboard
    spills: Spills
    upkeep: Upkeep
    in_use: SnapshotInUse
    outbox_waiting: int

    def rearm(self) -> None: ...
    def trace(self, what: str, wire: str, value: object) -> None: ...


class Dispatches:
    """Hears both processes for one agent. ``condition`` is told slug, whether it is active, and a
    detail."""

    def __init__(self, agent: Agent, condition: Callable[[str, bool, str], None]) -> None:
        self._agent, self._condition = agent, condition
        self._loop = asyncio.get_running_loop()

    def hear_media(self, message: Message, _: list[int]) -> None:
        """The media process says something."""
        agent, now = self._agent, self._loop.time()
        match message:
            case MediaReady():
                agent.board.counts["media-ready"] += 1
                self._condition("media-down", False, "")
            case LegDigit() | LegSilent() | LegHeard():
                for word in words_of(message):
                    agent.board.hear_event(word, now)
                agent.rearm()
            case SpillPlayed():
                agent.spills.hear(message)
            case VoiceKept() | SpanSlips():
                agent.upkeep.hear_media(message, now)
            case SyncCondition(slug, active, detail):
                self._condition(slug, active, detail)
            case _:
                agent.trace("media", "media", message)

    def hear_sync(self, message: Message, _: list[int]) -> None:
        """The sync process says something."""
        match message:
            case SnapshotStaged(path):
                self._agent.in_use.read(Path(path))
            case SyncCondition(slug, active, detail):
                self._condition(slug, active, detail)
            case OutboxDrained(waiting):
                self._agent.outbox_waiting = waiting
            case _:
                self._agent.trace("sync", "sync", message)
