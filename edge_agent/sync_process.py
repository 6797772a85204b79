"""The sync process: fetches and stages snapshots, sends records up; the agent never waits for it.

``python -m edge_agent.sync_process --fd N --config edge.toml``, where N is a socket to the agent.
It ends when that socket closes.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import socket
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from e911.manifest import Held
from e911.wire import Document, to_line
from edge_agent.config import Config, ConfigFaults, load_or_last_good
from edge_agent.drivers.ids import RandomIds
from edge_agent.drivers.ipc import IpcLink
from edge_agent.messages import (
    Message,
    OutboxDrained,
    RecordsWaiting,
    SnapshotStaged,
    SyncCondition,
)
from edge_agent.ops.logs import open_log
from edge_agent.sections import SyncSection
from edge_agent.store.disk import Disk, RealDisk, write_whole
from edge_agent.store.outbox import Batch, OutboxReader
from edge_agent.store.snapshots import SnapshotStore
from edge_agent.sync import puller, pusher
from edge_agent.sync.client import Cloud, DeviceCertificate
from edge_agent.sync.puller import Puller
from edge_agent.sync.pusher import Pusher
from edge_agent.sync.verify import KeyRefused, KeyRing

log = logging.getLogger(__name__)

BAD_CONFIG = 78
NO_KEYS = "trust-missing"
Tell = Callable[[Message], None]


class Sync:
    """Both halves of the process: each drives its own core, one slow call at a time."""

    def __init__(self, config: Config, section: SyncSection, tell: Tell, disk: Disk) -> None:
        self._state = config.edge.state_dir
        self._tell = tell
        self._disk = disk
        self._said: dict[str, bool] = {}
        self._ring = KeyRing()
        self._snapshots = SnapshotStore(self._state / "snapshots", disk)
        self._outbox = OutboxReader(self._state / "outbox", disk)
        self._cloud = Cloud(
            DeviceCertificate(
                section.credential_endpoint,
                section.role_alias,
                section.thing,
                section.ca,
                section.certificate,
                section.key,
            ),
            region=section.region,
            bucket=section.bucket,
            api=section.api,
            edge=config.edge.id,
            aws_endpoint=section.aws_endpoint,
        )
        self._trust(section.trust)
        jitter = RandomIds().jitter
        held = self._snapshots.open_current().held
        self._puller = Puller(
            deployment=config.edge.deployment,
            branch=config.edge.branch,
            edge=config.edge.id,
            verify=self._ring,
            jitter=jitter,
            poll_s=section.poll_s,
            held=Held(held.serial, held.generation) if held else None,
            held_manifest=held.manifest if held else b"",
        )
        self._pusher = Pusher(jitter)
        self._records = asyncio.Event()

    def hear(self, message: Message, descriptors: list[int]) -> None:
        """The agent says something."""
        if isinstance(message, RecordsWaiting):
            self._records.set()

    async def pull(self) -> None:
        """Snapshots down, for ever."""
        while True:
            await asyncio.sleep(_until(self._puller.next_deadline()))
            for output in self._puller.handle_timeout(time.monotonic()):
                await self._pull_step(output)

    async def push(self) -> None:
        """Records up, for ever."""
        while True:
            await self._woken(_until(self._pusher.next_deadline()))
            now = time.monotonic()
            outputs = self._pusher.handle(None, now) if self._records.is_set() else []
            self._records.clear()
            for output in outputs or self._pusher.handle_timeout(now):
                await self._push_step(output)

    # ---- down ----------------------------------------------------------------------------------

    async def _pull_step(self, output: puller.Output) -> None:
        match output:
            case puller.Fetch(_, key, etag):
                reply: puller.Reply = await asyncio.to_thread(self._cloud.get, key, etag)
                await self._pulled(reply)
            case puller.Stage():
                await self._pulled(await asyncio.to_thread(self._stage, output))
            case puller.TrustKey(pem):
                self._keep_announced(pem)
            case puller.Condition(slug, active, detail):
                self._say(slug, active, detail)

    async def _pulled(self, reply: puller.Reply) -> None:
        for output in self._puller.receive(reply, time.monotonic()):
            await self._pull_step(output)

    def _stage(self, stage: puller.Stage) -> puller.Reply:
        manifest = stage.manifest
        try:
            staged = self._snapshots.stage(
                manifest.serial,
                manifest.generation,
                stage.body,
                stage.manifest_bytes,
                stage.signature,
            )
        except OSError as error:
            return puller.NotStaged(error.strerror or type(error).__name__)
        log.info("serial %d is staged", staged.serial)
        self._tell(SnapshotStaged(str(staged.path), staged.serial, staged.generation))
        return puller.Staged()

    # ---- up ------------------------------------------------------------------------------------

    async def _push_step(self, output: pusher.Output) -> None:
        match output:
            case pusher.ReadBatch(most):
                await self._pushed(await asyncio.to_thread(self._read, most))
            case pusher.Post(records):
                await self._pushed(await asyncio.to_thread(self._cloud.post, records))
            case pusher.SetAside(records):
                await asyncio.to_thread(self._set_aside, records)
            case pusher.Settle(upto):
                await asyncio.to_thread(self._outbox.done, upto)
                self._tell(OutboxDrained(await asyncio.to_thread(self._outbox.waiting)))
            case pusher.Condition(slug, active, detail):
                self._say(slug, active, detail)

    async def _pushed(self, reply: pusher.Reply) -> None:
        for output in self._pusher.receive(reply, time.monotonic()):
            await self._push_step(output)

    def _read(self, most: int) -> Batch | pusher.Unposted:
        try:
            return self._outbox.next_batch(most)
        except OSError as error:
            return pusher.Unposted(error.strerror or type(error).__name__)

    def _set_aside(self, records: Iterable[Document]) -> None:
        """One file per record, named by its id: what the cloud refused is not lost (R12)."""
        folder = self._state / "refused"
        self._disk.make_folder(folder)
        for record in records:
            name = "".join(c if c.isalnum() or c in "-_." else "_" for c in str(record.get("id")))
            write_whole(self._disk, folder / f"{name}.json", to_line(record))

    async def _woken(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._records.wait()
        except TimeoutError:
            return

    # ---- keys and alarms -----------------------------------------------------------------------

    def _trust(self, paths: Iterable[Path]) -> None:
        """Keys of enrolment, and those announced since by manifests that they signed."""
        folder = self._state / "trust"
        announced = [folder / name for name in self._disk.list(folder) if name.endswith(".pem")]
        for path in (*paths, *announced):
            try:
                self._ring.trust((self._disk.read(path) or b"").decode())
            except (OSError, UnicodeDecodeError, KeyRefused):
                log.warning("%s holds no key", path.name)
        self._say(NO_KEYS, len(self._ring) == 0, "no signing key can be read")

    def _keep_announced(self, pem: str) -> None:
        known = len(self._ring)
        try:
            self._ring.trust(pem)
        except KeyRefused:
            self._say("next-key-bad", True, "a manifest announces what is no key")
            return
        if len(self._ring) == known:
            return
        folder = self._state / "trust"
        self._disk.make_folder(folder)
        write_whole(self._disk, folder / f"announced-{known:03d}.pem", pem.encode())
        log.info("a further signing key is trusted")

    def _say(self, slug: str, active: bool, detail: str = "") -> None:
        """Tell the agent of a condition once, not at every poll."""
        if self._said.get(slug) is not active:
            self._said[slug] = active
            self._tell(SyncCondition(slug, active, detail if active else ""))


def main(argv: Sequence[str] | None = None) -> int:
    """The process; returns its exit code."""
    parser = argparse.ArgumentParser(
        prog="elingate-sync", description="the edge's link to its cloud"
    )
    parser.add_argument("--fd", type=int, required=True, help="a socket to the agent, inherited")
    parser.add_argument("--config", type=Path, required=True, help="edge.toml")
    chosen = parser.parse_args(argv)
    try:
        config, _ = load_or_last_good(chosen.config)
    except ConfigFaults as faults:
        print(faults, file=sys.stderr)
        return BAD_CONFIG
    if config.sync is None:
        print(f"{config.path}: sync: is missing", file=sys.stderr)
        return BAD_CONFIG
    open_log(config.edge.log, config.edge.log_level)
    asyncio.run(_serve(config, config.sync, socket.socket(fileno=chosen.fd)))
    return 0


async def _serve(config: Config, section: SyncSection, sock: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    closed = asyncio.Event()
    heard: list[Sync] = []

    def hear(message: Message, descriptors: list[int]) -> None:
        for sync in heard:
            sync.hear(message, descriptors)

    link = IpcLink(sock, loop, hear, lambda why: closed.set())

    def tell(message: Message) -> None:
        loop.call_soon_threadsafe(link.send, message)

    sync = Sync(config, section, tell, RealDisk())
    heard.append(sync)
    halves = [loop.create_task(sync.pull()), loop.create_task(sync.push())]
    ended = loop.create_task(closed.wait())
    done, rest = await asyncio.wait([*halves, ended], return_when=asyncio.FIRST_COMPLETED)
    for task in rest:
        task.cancel()
    link.close()
    for task in done:
        task.result()


def _until(deadline: float | None) -> float:
    """Seconds from now; a core that waits for nothing is looked at again soon."""
    return 1.0 if deadline is None else max(0.0, deadline - time.monotonic())


if __name__ == "__main__":
    sys.exit(main())
