"""One branch on loopback for the tests of the agent: its file, snapshot, phone and exchange."""

from __future__ import annotations

import asyncio
import random
import re
import socket
from collections.abc import Callable
from pathlib import Path
from socket import SOCK_DGRAM, SOCK_STREAM

from e911.manifest import render
from e911.numbers import Did, Elin
from e911.places import CivicAddress
from e911.rows import (
    BranchRow,
    ElementRow,
    ElinRow,
    ErlRow,
    PeerRow,
    PolicyRow,
    RouteRow,
    RouteStep,
    Row,
    Scope,
    TrunkKind,
    TrunkRow,
)
from e911.snapshot import Header
from edge_agent.config import Config, load
from edge_agent.store.disk import RealDisk
from edge_agent.store.snapshots import HeldSnapshot, SnapshotStore
from lab.phones.bulletin import Bulletin
from lab.pstn.circuit import Circuit
from lab.pstn.span import NetworkSpan, SpanPorts

ELIN, LAST_ELIN = Elin("4255550102"), Elin("4255550100")
PATIENCE_S = 10.0


def free_ports(count: int) -> list[int]:
    """Ports that nobody has now, on both transports, below those that clients are given."""
    found: list[int] = []
    while len(found) < count:
        port = random.randrange(12_000, 32_000)
        if port not in found and all(_is_free(kind, port) for kind in (SOCK_DGRAM, SOCK_STREAM)):
            found.append(port)
    return found


def _is_free(kind: socket.SocketKind, port: int) -> bool:
    with socket.socket(socket.AF_INET, kind) as sock:
        try:
            sock.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


class Office:
    """Ports and files of one branch."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.state = folder / "state"
        self.sip, self.phone, *span = free_ports(6)
        self.d_local, self.d_remote, self.b_local, self.b_remote = span
        self.trunk = TrunkKind.ISDN
        self.news = Bulletin()
        self.calls: list[Circuit] = []

    def write_config(self, more: str = "", *, media: bool = False) -> Path:
        """``edge.toml`` of this branch."""
        path = self.folder / "edge.toml"
        path.write_text(
            f"""
            [edge]
            id = "edge-1"
            deployment = "lab"
            branch = "springfield"
            state_dir = "state"
            admin_socket = "admin.sock"
            media = {str(media).lower()}
            [sip]
            host = "127.0.0.1"
            port = {self.sip}
            domain = "gateway.example"
            [[span]]
            id = "pri-1"
            trunk = "spf-pri"
            driver = "loop"
            d_local = {self.d_local}
            d_remote = {self.d_remote}
            b_local = {self.b_local}
            b_remote = {self.b_remote}
            [last_resort]
            elin = "{LAST_ELIN.digits}"
            trunk = "spf-pri"
            desk = "sip:desk@127.0.0.1"
            [[last_resort.peer]]
            id = "pbx"
            host = "127.0.0.1"
            port = {self.phone}
            {more}
            """
        )
        return path

    def config(self) -> Config:
        """The same, read."""
        return load(self.write_config())

    def rows(self) -> list[Row]:
        """The smallest branch that can place a call and take it back."""
        civic = CivicAddress(A1="IL", A3="Springfield", RD="Main", STS="St", HNO="1", FLR="2")
        return [
            BranchRow(
                "springfield", "Springfield", "America/Chicago", Did("4255550199"), "floor-2"
            ),
            ErlRow("floor-2", "springfield", "Floor 2", civic),
            ElinRow(ELIN, "springfield", "floor-2"),
            PeerRow("pbx", "springfield", "127.0.0.1", self.phone),
            TrunkRow("spf-pri", "springfield", self.trunk),
            RouteRow("out", "springfield", (RouteStep("spf-pri"),)),
            PolicyRow("all", Scope.BRANCH, "springfield", usage="out"),
        ]

    def stage(self, serial: int, more: tuple[ElementRow, ...] = ()) -> HeldSnapshot:
        """A snapshot as the sync process leaves it."""
        header = Header(1, 1, "springfield", serial, 7)
        key = f"edges/edge-1/body-{serial}.jsonl"
        body, manifest = render(
            header,
            [*self.rows(), *more],
            deployment="lab",
            edge="edge-1",
            key_id="k",
            poll_s=60,
            body_key=key,
        )
        self.state.mkdir(exist_ok=True)
        store = SnapshotStore(self.state / "snapshots", RealDisk())
        return store.stage(serial, 7, body, manifest, b"verified")

    def exchange(self) -> NetworkSpan:
        """The other end of the span; every call that we place is answered for by the test."""
        ports = SpanPorts(self.d_remote, self.d_local, self.b_remote, self.b_local)
        return NetworkSpan("spf-pri", ports, self.news, self._offered)

    def _offered(self, call: Circuit) -> None:
        self.calls.append(call)
        self.news.post()


class Phone(asyncio.DatagramProtocol):
    """A SIP phone written as text: it says what a test says and keeps what it hears."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self.heard: list[str] = []
        self._changed = asyncio.Event()
        self._sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._sock.setblocking(False)
        self._sock.bind(("127.0.0.1", office.phone))
        asyncio.get_running_loop().add_reader(self._sock, self._read)

    def invite(self, dialled: str = "911", call: str = "c1", source: str = "ana") -> None:
        """An INVITE with SDP and no location."""
        port = self._office.phone
        sdp = (
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            "m=audio 40000 RTP/AVP 0\r\n"
        )
        head = (
            f"INVITE sip:{dialled}@127.0.0.1 SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK{call}\r\n"
            "Max-Forwards: 70\r\n"
            f'From: "Ana" <sip:{source}@pbx.example>;tag={call}\r\n'
            f"To: <sip:{dialled}@127.0.0.1>\r\n"
            f"Call-ID: {call}\r\nCSeq: 1 INVITE\r\n"
            f"Contact: <sip:{source}@127.0.0.1:{port}>\r\n"
            f"Content-Type: application/sdp\r\nContent-Length: {len(sdp)}\r\n\r\n"
        )
        self.send(head + sdp)

    def send(self, text: str) -> None:
        """Anything at all."""
        self._sock.sendto(text.encode(), ("127.0.0.1", self._office.sip))

    async def hear(self, pattern: str) -> str:
        """The first message that matches; the test fails where none comes."""

        def found() -> str | None:
            return next((text for text in self.heard if re.search(pattern, text)), None)

        async with asyncio.timeout(PATIENCE_S):
            while (text := found()) is None:
                self._changed.clear()
                await self._changed.wait()
        return text

    def close(self) -> None:
        """Hang up on everybody."""
        asyncio.get_running_loop().remove_reader(self._sock)
        self._sock.close()

    def _read(self) -> None:
        self.heard.append(self._sock.recv(65536).decode())
        self._changed.set()


async def until(news: Bulletin, met: Callable[[], bool]) -> None:
    """Wait for something that the exchange's end posts."""
    await news.until(met, "what the test waits for", PATIENCE_S)
