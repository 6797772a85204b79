"""The sync process as the agent sees it: a socket, a folder, and a cloud that may be away."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from moto.server import ThreadedMotoServer

from e911.bindings import CallKind
from e911.records import CallRecord, CallStep
from edge_agent.messages import (
    FrameReader,
    Message,
    OutboxDrained,
    RecordsWaiting,
    SnapshotStaged,
    SyncCondition,
    encode,
)
from edge_agent.store.disk import RealDisk
from edge_agent.store.outbox import OutboxWriter
from edge_agent.store.snapshots import SnapshotStore
from tests.edge.sync.cloud import (
    BUCKET,
    EDGE,
    Api,
    Bucket,
    Credentials,
    Signer,
    published,
    serving,
)

PATIENCE_S = 20.0
ROOT = Path(__file__).parents[2]


@dataclass
class World:
    """One edge and its cloud."""

    folder: Path
    api: Api
    bucket: Bucket
    credentials: Credentials
    signer: Signer

    @property
    def state(self) -> Path:
        return self.folder / "state"

    def write_config(self, thing: str = EDGE) -> Path:
        self.state.mkdir(exist_ok=True)
        (self.folder / "signing.pem").write_text(self.signer.pem)
        path = self.folder / "edge.toml"
        path.write_text(
            f"""
            [edge]
            id = "{EDGE}"
            deployment = "lab"
            branch = "springfield"
            state_dir = "state"
            admin_socket = "state/admin.sock"
            [sip]
            host = "127.0.0.1"
            domain = "gateway.example"
            [last_resort]
            elin = "4255550100"
            trunk = "carrier"
            host = "127.0.0.1"
            [sync]
            api = "{self.api.url}"
            bucket = "{BUCKET}"
            region = "us-east-1"
            aws_endpoint = "{self.bucket.endpoint}"
            credential_endpoint = "{self.credentials.url}"
            role_alias = "elingate-edge"
            thing = "{thing}"
            ca = "{self.credentials.ca}"
            certificate = "{self.credentials.certificate}"
            key = "{self.credentials.key}"
            trust = ["signing.pem"]
            poll_s = 1
            """
        )
        return path


class SyncAgent:
    """The agent's end: starts the process and hears what it says."""

    def __init__(self, config: Path) -> None:
        self._sock, theirs = socket.socketpair()
        self._sock.settimeout(PATIENCE_S)
        self._reader = FrameReader()
        self._heard: list[Message] = []
        paths = os.pathsep.join(str(ROOT / part) for part in (".", "layers/core"))
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "edge_agent.sync_process"]
                + ["--fd", str(theirs.fileno()), "--config", str(config)],
                pass_fds=(theirs.fileno(),),
                env={**os.environ, "PYTHONPATH": paths},
                stderr=subprocess.DEVNULL,
            )

    def hear(self) -> Message:
        """The next message, or the test fails."""
        while not self._heard:
            data = self._sock.recv(65536)
            assert data, "the sync process ended"
            self._heard += self._reader.feed(data)
        return self._heard.pop(0)

    def hear_until(self, kind: type[Message]) -> Message:
        """The next message of a kind; others are passed over."""
        while not isinstance(message := self.hear(), kind):
            pass
        return message

    def hear_alarm(self) -> SyncCondition:
        """The next condition that is active."""
        while True:
            message = self.hear_until(SyncCondition)
            assert isinstance(message, SyncCondition)
            if message.active:
                return message

    def say(self, message: Message) -> None:
        self._sock.sendall(encode(message))

    def leave(self) -> int:
        """The agent is gone; the exit code of the process."""
        self._sock.close()
        return self.process.wait(PATIENCE_S)


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def world(tmp_path: Path, s3: str) -> Iterator[World]:
    bucket = Bucket(s3)
    bucket.clear()
    api, credentials = Api(), Credentials(tmp_path)
    with serving(api), serving(credentials):
        yield World(tmp_path, api, bucket, credentials, Signer())


@pytest.fixture
def started(world: World) -> Iterator[list[SyncAgent]]:
    """Processes that the test started; none outlives it."""
    agents: list[SyncAgent] = []
    yield agents
    for agent in agents:
        agent.process.kill()
        agent.process.wait()
        agent._sock.close()


def record(n: int) -> CallRecord:
    return CallRecord(
        f"{EDGE}-b-{n}",
        f"{EDGE}-b",
        "i-1",
        CallStep.STARTED,
        CallKind.EMERGENCY,
        datetime(2026, 1, 1, tzinfo=UTC),
        EDGE,
        "springfield",
    )


def start(world: World, started: list[SyncAgent], thing: str = EDGE) -> SyncAgent:
    started.append(SyncAgent(world.write_config(thing)))
    return started[-1]


def serial_held(world: World) -> int | None:
    held = SnapshotStore(world.state / "snapshots", RealDisk()).open_current().held
    return held.serial if held else None


def test_what_is_published_is_staged_and_told_and_a_newer_one_follows(
    world: World, started: list[SyncAgent]
) -> None:
    world.bucket.publish(*published(world.signer, 100))
    agent = start(world, started)
    staged = agent.hear_until(SnapshotStaged)
    assert isinstance(staged, SnapshotStaged)
    assert (staged.serial, staged.generation) == (100, 7)
    assert serial_held(world) == 100

    world.bucket.publish(*published(world.signer, 101))
    assert agent.hear_until(SnapshotStaged) == SnapshotStaged(
        str(next((world.state / "snapshots").glob("*101.7.*.jsonl"))), 101, 7
    )
    assert agent.leave() == 0


def test_before_anything_is_published_that_is_an_alarm_and_then_it_is_over(
    world: World, started: list[SyncAgent]
) -> None:
    agent = start(world, started)
    assert agent.hear_alarm().slug == "snapshot-missing"
    world.bucket.publish(*published(world.signer, 100))
    agent.hear_until(SnapshotStaged)
    cleared = agent.hear_until(SyncCondition)
    while cleared != SyncCondition("snapshot-missing", False):
        cleared = agent.hear_until(SyncCondition)


STRANGER = Signer()


@pytest.mark.parametrize(
    ("slug", "changed"),
    [
        ("snapshot-signature", {"signer": STRANGER}),
        ("snapshot-branch", {"branch": "shelbyville"}),
        ("snapshot-deployment", {"deployment": "another"}),
        ("snapshot-edge", {"edge": "edge-shelbyville"}),
        ("snapshot-serial", {"serial": 99}),
        ("snapshot-body", {"cut": 10}),
        ("snapshot-schema", {"min_reader": 9, "schema": 9}),
    ],
)
def test_what_is_not_signed_whole_ours_and_newer_is_refused_and_the_held_one_stays_r10(
    world: World, started: list[SyncAgent], slug: str, changed: dict[str, Any]
) -> None:
    world.bucket.publish(*published(world.signer, 100))
    agent = start(world, started)
    agent.hear_until(SnapshotStaged)

    options = dict(changed)
    signer, serial = options.pop("signer", world.signer), options.pop("serial", 101)
    cut = options.pop("cut", 0)
    manifest, signature, body = published(signer, serial, **options)
    world.bucket.publish(manifest, signature, body[: len(body) - cut])

    assert agent.hear_alarm().slug == slug
    assert serial_held(world) == 100

    # It is not the end: the next good one is adopted, and the alarm is over.
    world.bucket.publish(*published(world.signer, 200))
    staged = agent.hear_until(SnapshotStaged)
    assert isinstance(staged, SnapshotStaged)
    assert staged.serial == 200


def test_a_signed_manifest_announces_the_next_key_and_a_restart_remembers_it(
    world: World, started: list[SyncAgent]
) -> None:
    successor = Signer()
    world.bucket.publish(*published(world.signer, 100, next_key=successor.pem))
    first = start(world, started)
    first.hear_until(SnapshotStaged)
    assert first.leave() == 0
    world.bucket.publish(*published(successor, 101))
    second = start(world, started)
    staged = second.hear_until(SnapshotStaged)
    assert isinstance(staged, SnapshotStaged)
    assert staged.serial == 101


def test_a_restart_does_not_mistake_the_held_snapshot_for_an_old_one(
    world: World, started: list[SyncAgent]
) -> None:
    world.bucket.publish(*published(world.signer, 100))
    first = start(world, started)
    first.hear_until(SnapshotStaged)
    first.leave()
    second = start(world, started)
    told = second.hear_until(SyncCondition)
    while told != SyncCondition("snapshot-serial", False):
        assert isinstance(told, SyncCondition)
        assert not told.active, told
        told = second.hear_until(SyncCondition)


def test_records_arrive_once_each_although_replies_are_lost_r12(
    world: World, started: list[SyncAgent]
) -> None:
    writer = OutboxWriter(world.state / "outbox", RealDisk())
    world.api.drop_replies = 1
    agent = start(world, started)
    for n in range(40):
        writer.put(record(n))
    writer.flush()
    agent.say(RecordsWaiting(40))
    world.api.wait_for(40)
    drained = agent.hear_until(OutboxDrained)
    while drained != OutboxDrained(0):
        drained = agent.hear_until(OutboxDrained)
    assert world.api.ids() == {f"{EDGE}-b-{n}" for n in range(40)}
    assert all(each.startswith("AWS4-HMAC-SHA256 ") for each in world.api.signed)
    assert all("execute-api" in each for each in world.api.signed)


def test_a_record_that_the_cloud_refuses_is_kept_aside_with_an_alarm_r12(
    world: World, started: list[SyncAgent]
) -> None:
    writer = OutboxWriter(world.state / "outbox", RealDisk())
    for n in range(3):
        writer.put(record(n))
    writer.flush()
    world.api.refuse = {f"{EDGE}-b-1": "ELIN of another branch"}
    agent = start(world, started)
    alarm = agent.hear_alarm()
    while alarm.slug != "records-refused":
        alarm = agent.hear_alarm()
    agent.hear_until(OutboxDrained)
    assert world.api.ids() == {f"{EDGE}-b-0", f"{EDGE}-b-2"}
    kept = (world.state / "refused" / f"{EDGE}-b-1.json").read_text()
    assert "ELIN of another branch" in kept


def test_an_edge_whose_certificate_is_not_its_own_gets_nothing(
    world: World, started: list[SyncAgent]
) -> None:
    writer = OutboxWriter(world.state / "outbox", RealDisk())
    writer.put(record(1))
    writer.flush()
    agent = start(world, started, thing="edge-shelbyville")
    heard = {agent.hear_alarm().slug, agent.hear_alarm().slug}
    assert heard == {"records-waiting", "snapshot-unreachable"}
    assert world.api.requests == 0
