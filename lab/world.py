"""The whole world on loopback: cloud, two branches with their agents, a PSTN, phones and a desk.

Started in the order in which each part needs the one before, and ended in reverse. What the agents
and the cloud know, they are told by the cloud's HTTP API and by enrolment, never by this code.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lab import configuration
from lab.administrator import Administrator
from lab.cast import Cast, Office, Person, cast
from lab.cloud import LocalCloud
from lab.desk.desk_phone import DeskPhone
from lab.desk.webhook_receiver import WebhookReceiver
from lab.edge_process import ROOT, CamaWiring, EdgeProcess, EdgeSettings, SpanWiring
from lab.phones.bulletin import Bulletin, Unmet
from lab.phones.location import LocationService
from lab.phones.platform import Phone, Platform
from lab.ports import HOST, free_port, free_range
from lab.pstn.ali import Ali
from lab.pstn.circuit import TrunkLine
from lab.pstn.dialled import TrunkGroup
from lab.pstn.did_line import DidLine
from lab.pstn.psap import Psap
from lab.pstn.selective_router import SelectiveRouter
from lab.pstn.sip_trunk import SipProvider
from lab.pstn.span import NetworkSpan, SpanPorts
from lab.pstn.tandem import Tandem

RTP_PORTS = 64
LOOK_EVERY_S = 0.1
FORM = "fgc"
"""What Springfield's CAMA trunk pulses: the called number first, the number when it is asked for,
seven digits of it."""
CAMA_TRUNKS = 2
"""The channels 1 and 2 of its span, as a small office orders them."""


@dataclass(slots=True)
class Branch:
    """One branch of the world."""

    office: Office
    edge: EdgeProcess
    platform: Platform
    line: TrunkLine
    service: LocationService | None = None

    def phone(self, n: int) -> Phone:
        """The phone of the branch's n-th person."""
        return self.platform.phones[self.office.people[n].user]


class World:
    """Everything; `open` starts all but configuration, `close` ends it all."""

    def __init__(self, seed: int, folder: Path, kind: str = "isdn") -> None:
        """``kind`` is of Springfield's trunk: ``isdn``, or ``cama`` and callbacks by DID."""
        self.folder, self.kind = folder, kind
        self.cast: Cast = cast(seed)
        self.news = Bulletin()
        self.dice = random.Random(seed)
        self.hooks = WebhookReceiver(self.news)
        self.ali = Ali()
        self.psap = Psap(self.news, self.cast.tones)
        self.router = SelectiveRouter(self.ali, self.psap)
        self.cloud: LocalCloud
        self.admin: Administrator
        self.desk: DeskPhone
        self.span: NetworkSpan
        """Of Springfield, where its trunk is ISDN."""
        self.tandem: Tandem
        """At the other end of Springfield's trunk, where that is CAMA."""
        self.provider: SipProvider
        self.springfield: Branch
        self.shelbyville: Branch
        self._hooks_url = ""
        self._undo = AsyncExitStack()

    @property
    def branches(self) -> tuple[Branch, Branch]:
        """Both branches."""
        return self.springfield, self.shelbyville

    async def open(self, cloud_port: int = 0) -> None:
        """Start everything; on failure everything is ended again.

        Raises:
            LabCloudError, OSError, ApiRefused: a part did not start.
        """
        async with self._undo as guard:
            await self._open(cloud_port)
            self._undo = guard.pop_all()

    async def close(self) -> None:
        """End everything."""
        await self._undo.aclose()

    async def _open(self, cloud_port: int) -> None:
        self._hooks_url = self.hooks.open(self.folder / "desk")
        self._undo.callback(self.hooks.close)
        self.cloud = await asyncio.to_thread(self._start_cloud, cloud_port)
        self._undo.callback(self.cloud.stop)
        self.admin = Administrator(self.cloud.addresses.http, self.cloud.admin_token())
        self.desk = await DeskPhone.open(self.news, self.dice, next(self.cast.tones))
        self._undo.callback(self.desk.agent.close)
        self.springfield = await self._branch(self.cast.springfield)
        self.shelbyville = await self._branch(self.cast.shelbyville)
        key = await asyncio.to_thread(self.admin.signing_key)
        for branch in self.branches:
            name = branch.edge.settings.edge
            identity = await asyncio.to_thread(self.cloud.edge_certificate, name)
            branch.edge.enrol(self.cloud.addresses, identity, key)
            branch.edge.start()
            self._undo.callback(branch.edge.stop)
            supervisor = asyncio.get_running_loop().create_task(branch.edge.supervise())
            self._undo.callback(supervisor.cancel)

    def _start_cloud(self, port: int) -> LocalCloud:
        return LocalCloud.start(
            ROOT / "template.yaml",
            port=port,
            folder=self.folder / "cloud",
            parameters={"WebhookCaBundle": self.hooks.ca_pem},
        )

    async def _branch(self, office: Office) -> Branch:
        gateway = (HOST, free_port())
        domain = f"{office.id}.example"
        platform = await Platform.open(office.id, domain, gateway, self.news, self.dice)
        self._undo.callback(platform.agent.close)
        for person in office.people:
            add_phone(platform, person, self.cast.tones)
        line, wired = await self._line(office, platform)
        settings = EdgeSettings(
            edge=configuration.edge_of(office.id),
            branch=office.id,
            sip_port=gateway[1],
            rtp_first=free_range(RTP_PORTS),
            rtp_count=RTP_PORTS,
            last_elin=office.floors[0].elins[0],
            trunk=configuration.trunk_of(office.id, self.kind),
            **wired,
        )
        edge = EdgeProcess(settings, self.folder / settings.edge)
        if settings.span is not None and settings.span.cama is not None:
            edge.on_end = self.tandem.hang_up_all
        return Branch(office, edge, platform, line)

    async def _line(self, office: Office, platform: Platform) -> tuple[TrunkLine, dict[str, Any]]:
        """How the network calls a branch, and what the agent is told of its trunk."""
        trunk = configuration.trunk_of(office.id, self.kind)
        if office.id == "shelbyville":
            gateway, offered = platform.gateway, self.router.offered
            self.provider = await SipProvider.open(trunk, gateway, self.news, self.dice, offered)
            self._undo.callback(self.provider.agent.close)
            return self.provider, {"provider_port": self.provider.agent.address[1]}
        d_net, d_edge, b_net, b_edge = (free_port() for _ in range(4))
        ports = SpanPorts(d_net, d_edge, b_net, b_edge)
        wiring = SpanWiring(trunk, d_edge, d_net, b_edge, b_net)
        if self.kind == "cama":
            area = office.main_number[:3]
            self._tandem(trunk, ports, TrunkGroup(FORM, area))
            cama = replace(wiring, cama=CamaWiring(FORM, area, f"1-{CAMA_TRUNKS}"))
            return DidLine("spf-did", platform), {"span": cama}
        self.span = NetworkSpan(trunk, ports, self.news, self.router.offered)
        self.span.start()
        self._undo.callback(self.span.close)
        return self.span, {"span": wiring}

    def _tandem(self, trunk: str, ports: SpanPorts, group: TrunkGroup) -> None:
        self.tandem = Tandem(trunk, ports, self.news, self.router.offered, group)
        self.tandem.start()
        self._undo.callback(self.tandem.close)

    # ---- configuration ---------------------------------------------------------------------------

    async def write_drafts(self) -> int:
        """Type everything in, and make the tokens and secrets; how many drafts there are."""
        platforms = {b.office.id: b.platform.agent.address[1] for b in self.branches}
        reached = configuration.Reached(
            platforms,
            self.provider.agent.address[1],
            self.desk.agent.address[1],
            self._hooks_url,
            self.kind,
        )
        rows = list(configuration.drafts(self.cast, reached))
        await asyncio.to_thread(self._write, rows)
        return len(rows)

    def _write(self, rows: list[configuration.Draft]) -> None:
        for kind, id_, fields in rows:
            self.admin.put(kind, id_, fields)
        for branch in self.branches:
            name = branch.office.id
            token = self.admin.client_token(name)
            branch.service = LocationService(self.cloud.addresses.http, name, token)
            target = configuration.hook_of(name)
            self.hooks.secrets[target] = self.admin.webhook_secret(target)

    async def published(self) -> int:
        """Publish, and wait until the job is done; its generation."""
        job, generation = await asyncio.to_thread(self.admin.publish)

        def is_done() -> dict[str, Any] | None:
            found = self.admin.job(job)
            return found if found["state"] == "done" else None

        await self.eventually(is_done, "the publish to be done", 20)
        return generation

    async def adopted(self, generation: int) -> dict[str, int]:
        """Wait until both agents report the generation; their serials."""
        serials: dict[str, int] = {}
        for branch in self.branches:
            name = branch.edge.settings.edge

            def reported(name: str = name) -> int | None:
                found = self.admin.edge(name)
                return int(found["serial"]) if found["generation"] >= generation else None

            serials[name] = await self.eventually(reported, f"{name} to report its serial", 20)
        return serials

    async def load_ali(self) -> int:
        """Give the carrier the exported files; how many numbers ALI then holds."""
        files = [await asyncio.to_thread(self.admin.ali_file, b.office.id) for b in self.branches]
        return sum(self.ali.load(text) for text in files)

    async def eventually(self, look: Any, expected: str, timeout: float = 20.0) -> Any:
        """What ``look``, which may block, returns once it is true: for the world beyond an API.

        Raises:
            Unmet: it did not come about in time.
        """
        deadline = self.news.now + timeout
        while not (found := await asyncio.to_thread(look)):
            if self.news.now > deadline:
                raise Unmet(f"{expected} within {timeout:g} s")
            await asyncio.sleep(LOOK_EVERY_S)
        return found

    # ---- afterwards ------------------------------------------------------------------------------

    def logs(self) -> Iterator[Path]:
        """Every log of the world."""
        yield from sorted(Path(self.cloud.addresses.logs).rglob("*"))
        for branch in self.branches:
            yield from branch.edge.logs()


def add_phone(platform: Platform, person: Person, tones: Iterator[int]) -> Phone:
    """Put a phone on somebody's table."""
    return platform.add(person.user, person.name, person.number, person.address, tones)
