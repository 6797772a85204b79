"""The two processes beside the agent: media carries the voice, sync talks to the cloud.

Calls are signalled without either (R1); one that dies raises its alarm and is started again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

from edge_agent.config import Config
from edge_agent.drivers.ipc import MediaLink
from edge_agent.messages import Message
from edge_agent.ops.children import Child

Hear = Callable[[Message, list[int]], None]
"""A message, and the descriptors that ride beside it."""
Condition = Callable[[str, bool, str], None]
"""Alarm slug, whether it is active, detail."""


class Processes:
    """Starts what the configuration wants, and keeps it running."""

    def __init__(
        self, config: Config, hear_media: Hear, hear_sync: Hear, condition: Condition
    ) -> None:
        loop = asyncio.get_running_loop()
        self._config = config
        self._condition = condition
        self.media = MediaLink(loop, hear_media, partial(self._lose, "media"))
        self.sync = MediaLink(loop, hear_sync, partial(self._lose, "sync"))
        self.children: dict[str, Child] = {}
        """Those that were started, by name."""

    def start(self) -> None:
        """Start them; neither is waited for."""
        edge = self._config.edge
        if edge.media:
            cache = str(edge.state_dir / "voices")
            host = ("--host", self._config.sip.host, "--cache", cache)
            self._start("media", self.media, "edge_agent.media_process", *host)
        if self._config.sync is not None:
            path = str(self._config.path)
            self._start("sync", self.sync, "edge_agent.sync_process", "--config", path)

    def stop(self) -> None:
        """End them now."""
        for child in self.children.values():
            child.stop()

    def _start(self, name: str, pipe: MediaLink, *argv: str) -> None:
        def changed(up: bool) -> None:
            self._condition(f"{name}-down", not up, "")

        self.children[name] = Child(name, argv, pipe, changed)
        self.children[name].start()

    def _lose(self, name: str, why: str) -> None:
        self.children[name].gone(why)
