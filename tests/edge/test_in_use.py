"""A snapshot comes into use between calls, newer ones only, and its names are looked up (R10)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from e911.numbers import Elin
from e911.rows import TrunkKind
from e911.snapshot import Snapshot
from edge_agent.config import Config
from edge_agent.gateway.exchange import LastResort
from edge_agent.gateway.gateway import Gateway
from edge_agent.gateway.requests import GatewayRequest
from edge_agent.in_use import SnapshotInUse
from edge_agent.messages import Message, PrepareVoice
from edge_agent.ops.calltrace import CallTrace
from edge_agent.ops.health import Health, Vitals
from edge_agent.ops.storage import Storage
from edge_agent.sip.config import Remote
from edge_agent.store.disk import RealDisk
from tests.edge.office import Office
from tests.flows.springfield import START, SeededIds

LAST = LastResort(Elin("4255550100"), "spf-pri", "911", "sip:desk@127.0.0.1")


class Branch:
    """What of an agent a snapshot changes."""

    def __init__(self, office: Office) -> None:
        self.config: Config = office.config()
        self.told: list[Message] = []
        self.alarms: list[tuple[str, str]] = []
        self.remotes: tuple[Remote, ...] = ()
        self.health = Health(
            "e", "b", "1", "", utc=lambda: START, vitals=Vitals, put=lambda record: None
        )
        self.storage = Storage(
            office.state,
            RealDisk(),
            CallTrace(office.state / "trace", kilobytes=64, numbers=False),
            alarm=lambda slug, why: self.alarms.append((slug, why)),
            say=lambda *_: None,
            perf=lambda: 0.0,
            saved=lambda seconds: None,
            records_waiting=lambda: None,
        )
        self.gateway = Gateway("edge-1", "b1", SeededIds(), LAST)
        self.in_use = SnapshotInUse(
            self, lambda slug, why: self.alarms.append((slug, why)), self.told.append
        )

    def ask(self, request: GatewayRequest, now: float) -> None:
        self.gateway.handle(request, now)

    def adopt_remotes(self, remotes: tuple[Remote, ...], now: float) -> None:
        self.remotes = remotes

    @property
    def serial(self) -> int:
        snapshot: Snapshot | None = self.gateway.snapshot
        return snapshot.header.serial if snapshot else 0

    async def read(self, path: Path) -> None:
        """Sync has staged this one; returns when it is in use, or was refused."""
        self.in_use.read(path)
        task = self.in_use._adopter._task
        assert task is not None
        await asyncio.wait_for(task, 10.0)


def play(folder: Path, story: Callable[[Office, Branch], Awaitable[None]], held: int = 0) -> None:
    async def run() -> None:
        office = Office(folder)
        office.state.mkdir()
        if held:
            office.stage(held)
        branch = Branch(office)
        await story(office, branch)
        branch.in_use.cancel()

    asyncio.run(run())


def test_the_snapshot_on_disk_is_in_use_at_once_with_its_voices_and_peers(tmp_path: Path) -> None:
    async def story(office: Office, branch: Branch) -> None:
        assert branch.in_use.adopt_held() is None
        assert branch.serial == 100
        assert [type(message) for message in branch.told] == [PrepareVoice]
        assert [remote.id for remote in branch.remotes] == ["pbx"]
        assert branch.alarms == []

    play(tmp_path, story, held=100)


def test_where_there_is_none_the_last_resort_serves_and_that_is_an_alarm_r1(
    tmp_path: Path,
) -> None:
    async def story(office: Office, branch: Branch) -> None:
        rest = branch.in_use.adopt_held()
        branch.in_use.go_on(rest)
        assert (rest, branch.serial) == (None, 0)
        assert branch.alarms == [("no-snapshot", "")]

    play(tmp_path, story)


def test_a_newer_one_takes_its_place_and_an_older_one_does_not_r10(tmp_path: Path) -> None:
    async def story(office: Office, branch: Branch) -> None:
        branch.in_use.adopt_held()
        older, newer = office.stage(99), office.stage(101)
        branch.told.clear()
        await branch.read(older.path)
        assert (branch.serial, branch.told) == (100, [])
        await branch.read(newer.path)
        assert (branch.serial, len(branch.told)) == (101, 1)

    play(tmp_path, story, held=100)


def test_a_branch_that_no_callback_can_reach_is_an_alarm_until_it_has_a_way_in(
    tmp_path: Path,
) -> None:
    async def story(office: Office, branch: Branch) -> None:
        branch.in_use.adopt_held()
        assert not branch.health.active
        office.trunk = TrunkKind.CAMA
        await branch.read(office.stage(101).path)
        assert [alarm.slug for alarm in branch.health.active] == ["no-callback-path"]
        office.trunk = TrunkKind.ISDN
        await branch.read(office.stage(102).path)
        assert not branch.health.active

    play(tmp_path, story, held=100)


def test_a_body_that_cannot_be_read_is_an_alarm_and_what_is_held_stays(tmp_path: Path) -> None:
    async def story(office: Office, branch: Branch) -> None:
        branch.in_use.adopt_held()
        await branch.read(tmp_path / "nothing-here")
        assert branch.serial == 100
        assert [slug for slug, _ in branch.alarms] == ["snapshot-damaged"]

    play(tmp_path, story, held=100)
