"""Media and sync are real processes here: what is wanted is started, and started again."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

from edge_agent.config import load
from edge_agent.messages import MediaReady, Message
from edge_agent.processes import Processes
from tests.edge.office import Office

PATIENCE_S = 20.0

Story = Callable[[Processes, "Ear"], Awaitable[None]]


class Ear:
    """What the processes said, and which alarms came and went."""

    def __init__(self) -> None:
        self.said: asyncio.Queue[Message] = asyncio.Queue()
        self.conditions: list[tuple[str, bool]] = []

    def hear(self, message: Message, _: list[int]) -> None:
        self.said.put_nowait(message)

    def condition(self, slug: str, active: bool, _: str) -> None:
        self.conditions.append((slug, active))


def play(folder: Path, story: Story, *, media: bool) -> None:
    config = load(Office(folder).write_config(media=media))

    async def run() -> None:
        ear = Ear()
        processes = Processes(config, ear.hear, ear.hear, ear.condition)
        processes.start()
        try:
            await asyncio.wait_for(story(processes, ear), PATIENCE_S)
        finally:
            processes.stop()

    asyncio.run(run())


def test_media_that_dies_is_an_alarm_until_the_next_one_is_there(tmp_path: Path) -> None:
    async def story(processes: Processes, ear: Ear) -> None:
        while not isinstance(await ear.said.get(), MediaReady):
            pass
        first = processes.children["media"].pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        while not isinstance(await ear.said.get(), MediaReady):
            pass
        assert processes.children["media"].pid not in (None, first)
        assert ear.conditions == [
            ("media-down", False),
            ("media-down", True),
            ("media-down", False),
        ]

    play(tmp_path, story, media=True)


def test_what_is_not_configured_is_not_started(tmp_path: Path) -> None:
    async def story(processes: Processes, ear: Ear) -> None:
        assert processes.children == {}
        assert ear.conditions == []

    play(tmp_path, story, media=False)
