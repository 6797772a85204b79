"""Which snapshot is in use: the one found at start or staged since, and the addresses that the
names in it stand for.

A swap is one assignment in the gateway and one in the endpoint, between two calls (R10).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from e911.callback_path import has_callback_path
from e911.snapshot import Snapshot
from edge_agent import equipment
from edge_agent.config import Config
from edge_agent.drivers.adoption import Adopter, Adoption
from edge_agent.drivers.names import NameBook
from edge_agent.gateway.requests import Adopt, GatewayRequest
from edge_agent.messages import Message
from edge_agent.ops.health import Health
from edge_agent.ops.storage import Storage
from edge_agent.ops.voice import voices_of
from edge_agent.sip.config import Remote

log = logging.getLogger(__name__)

INDEX_AT_START_S = 1.2
"""The index may hold back the sockets for so long; after that calls begin with the last resort."""


class Gateway(Protocol):
    """Who works with the snapshot."""

    @property
    def snapshot(self) -> Snapshot | None: ...


class Agent(Protocol):
    """The agent, as far as a snapshot changes it."""

    config: Config
    health: Health
    storage: Storage

    @property
    def gateway(self) -> Gateway: ...
    def ask(self, request: GatewayRequest, now: float) -> None: ...
    def adopt_remotes(self, remotes: tuple[Remote, ...], now: float) -> None: ...


class SnapshotInUse:
    """Adopts what is newer than what is in use."""

    def __init__(
        self,
        agent: Agent,
        alarm: Callable[[str, str], None],
        tell_media: Callable[[Message], None],
    ) -> None:
        self._agent = agent
        self._alarm = alarm
        self._tell_media = tell_media
        self._loop = asyncio.get_running_loop()
        self._adopter = Adopter(time.perf_counter, self._swap, alarm)
        addresses = agent.config.edge.state_dir / "addresses.json"
        self._names = NameBook(addresses, self._adopt_remotes)

    def adopt_held(self) -> Adoption | None:
        """Adopt the snapshot on disk before the first call; what takes too long is returned."""
        storage = self._agent.storage
        held = storage.snapshot()
        if held is None:
            self._alarm("no-snapshot", "")
            return None
        rest = self._adopter.at_once(storage.lines(held), INDEX_AT_START_S)
        if rest is not None:
            self._alarm("no-snapshot", "the index is still being built")
        return rest

    def go_on(self, rest: Adoption | None) -> None:
        """Build in slices what was too long for the start."""
        if rest is not None:
            self._adopter.go_on(rest)

    def read(self, path: Path) -> None:
        """Adopt the body that sync has verified and staged at ``path``."""
        self._adopter.read(path)

    def look_up_names(self) -> None:
        """Ask which addresses the names of peers and trunks stand for now."""
        self._names.look_up(remote.host for remote in self._remotes())

    def cancel(self) -> None:
        """Adopt and ask no more."""
        self._adopter.cancel()
        self._names.cancel()

    def _swap(self, snapshot: Snapshot) -> None:
        agent, now = self._agent, self._loop.time()
        held = agent.gateway.snapshot
        if held is not None and held.header.serial >= snapshot.header.serial:
            return
        agent.ask(Adopt(snapshot), now)
        self._adopt_remotes()
        self.look_up_names()
        if has_callback_path(snapshot):
            agent.health.clear_alarm("no-callback-path", now)
        else:
            agent.health.raise_alarm("no-callback-path", now)
        for voice in voices_of(snapshot):
            self._tell_media(voice)
        agent.health.tell_now(now)
        log.info("serial %d is in use", snapshot.header.serial)

    def _adopt_remotes(self) -> None:
        known = equipment.with_addresses(self._remotes(), self._names.known)
        self._agent.adopt_remotes(known, self._loop.time())

    def _remotes(self) -> tuple[Remote, ...]:
        return equipment.remotes_of(self._agent.config, self._agent.gateway.snapshot)
