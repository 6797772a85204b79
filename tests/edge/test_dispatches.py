"""Each message of a child reaches the part that it is for."""

from __future__ import annotations

import asyncio
from collections import Counter
from types import SimpleNamespace
from typing import Any

from edge_agent.dispatches import Dispatches
from edge_agent.leg import Digits, LegId
from edge_agent.messages import (
    LegDigit,
    MediaReady,
    Message,
    OutboxDrained,
    RecordsWaiting,
    SnapshotStaged,
    SpanSlips,
    SpillPlayed,
    SyncCondition,
)


class Agent:
    """Every part of an agent as one list of what it was told."""

    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []
        self.outbox_waiting = 0
        say = self._say
        self.counts: Counter[str] = Counter()
        self.board: Any = SimpleNamespace(
            hear_event=lambda event, now: say("board", event), counts=self.counts
        )
        self.spills: Any = SimpleNamespace(hear=lambda played: say("spills", played))
        self.upkeep: Any = SimpleNamespace(hear_media=lambda message, now: say("upkeep", message))
        self.in_use: Any = SimpleNamespace(read=lambda path: say("in use", str(path)))

    def _say(self, *what: object) -> None:
        self.told.append(what)

    def rearm(self) -> None:
        self._say("rearm")

    def trace(self, what: str, wire: str, value: object) -> None:
        self._say("trace", wire, value)


def after(*messages: Message, sync: bool = False) -> Agent:
    """An agent that was told these."""

    async def story() -> Agent:
        agent = Agent()
        heard = Dispatches(agent, lambda *said: agent.told.append(("condition", *said)))
        for message in messages:
            (heard.hear_sync if sync else heard.hear_media)(message, [])
        return agent

    return asyncio.run(story())


def test_media_is_heard_by_the_wires_the_spills_and_the_upkeep() -> None:
    played, slips = SpillPlayed("em-1", 3, 7), SpanSlips("pri-1", 2)
    agent = after(MediaReady(7), LegDigit("leg-1", "5"), played, slips, RecordsWaiting(1))
    assert agent.told == [
        ("condition", "media-down", False, ""),
        ("board", Digits(LegId("leg-1"), "5")),
        ("rearm",),
        ("spills", played),
        ("upkeep", slips),
        ("trace", "media", RecordsWaiting(1)),
    ]
    assert agent.counts == {"media-ready": 1}, "how often it has begun"


def test_sync_brings_snapshots_conditions_and_what_still_waits() -> None:
    agent = after(
        SnapshotStaged("staged.jsonl", 7, 3),
        SyncCondition("snapshot-serial", True, "serial 7"),
        OutboxDrained(4),
        MediaReady(7),
        sync=True,
    )
    assert agent.told == [
        ("in use", "staged.jsonl"),
        ("condition", "snapshot-serial", True, "serial 7"),
        ("trace", "sync", MediaReady(7)),
    ]
    assert agent.outbox_waiting == 4
