"""The branch that is measured: spans and a ``sip`` trunk, fifty floors or more, and a snapshot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from bench.rig.signing import Signer
from e911.hints import ElementKind
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
from e911.snapshot import SCHEMA, Header
from edge_agent.store.disk import RealDisk
from edge_agent.store.snapshots import SnapshotStore
from lab.ports import free_port, free_range

BRANCH, EDGE, DEPLOYMENT = "bench", "edge-bench", "bench"
FLOORS, ELINS_A_FLOOR = 50, 5
RTP_PORTS = 1200
LAST_ELIN = "4255559999"
T1_CHANNELS = tuple(range(1, 24))
EM_CHANNELS = tuple(range(1, 25))
"""A T1 whose channels signal for themselves has no D channel."""
E1_OF_24 = (*range(1, 16), *range(17, 26))
"""24 of an E1's channels: four such spans are 96 channels."""


Line = tuple[str, tuple[int, ...]]
"""The trunk that a span is part of, and its channels."""


@dataclass(frozen=True, slots=True)
class Span:
    """One span of the branch; ports as the agent sees them."""

    trunk: str
    channels: tuple[int, ...]
    d_local: int = field(default_factory=free_port)
    d_remote: int = field(default_factory=free_port)
    b_local: int = field(default_factory=free_port)
    b_remote: int = field(default_factory=free_port)


def elin_of(floor: int, rank: int = 0) -> str:
    """An ELIN of a floor (1 to 50)."""
    return f"425555{floor * ELINS_A_FLOOR + rank:04d}"


class Branch:
    """Ports, files and rows."""

    def __init__(
        self,
        folder: Path,
        *,
        route: tuple[str, ...] = ("pri-one", "pri-two"),
        lines: tuple[Line, ...] = (("pri-one", T1_CHANNELS), ("pri-two", T1_CHANNELS)),
        floors: int = FLOORS,
        camas: Mapping[str, str] | None = None,
    ) -> None:
        """``camas`` is what ``[[cama]]`` says of those trunks that say the number in MF, on E&M
        channels; a user of a trunk's name has a policy by which its calls go there."""
        self.folder = folder
        self.floors = floors
        self.camas = camas or {}
        self.state = folder / "state"
        self.state.mkdir(parents=True)
        self.rtp = _rtp_first()  # before others take single ports out of every long range
        self.sip, self.phones, self.provider = free_port(), free_port(), free_port()
        self.spans = tuple(Span(trunk, channels) for trunk, channels in lines)
        self.signer = Signer()
        self._route = route

    @property
    def config(self) -> Path:
        """``edge.toml``."""
        return self.folder / "edge.toml"

    @property
    def admin(self) -> Path:
        """The socket at which the agent answers."""
        return self.folder / "admin.sock"

    @property
    def log(self) -> Path:
        """What the agent logs."""
        return self.folder / "edge.log"

    def write_config(self, sync: str = "", *, media: bool = True) -> None:
        """Write ``edge.toml``; ``sync`` is its ``[sync]`` section."""
        spans = "".join(self._span_toml(n, span) for n, span in enumerate(self.spans))
        camas = "".join(f'[[cama]]\nid = "{trunk}"\n{says}\n' for trunk, says in self.camas.items())
        self.config.write_text(
            f'[edge]\nid = "{EDGE}"\ndeployment = "{DEPLOYMENT}"\nbranch = "{BRANCH}"\n'
            f'state_dir = "state"\nadmin_socket = "admin.sock"\nlog = "{self.log}"\n'
            f"media = {str(media).lower()}\n"
            f'[sip]\nhost = "127.0.0.1"\nport = {self.sip}\ndomain = "bench.gateway.example"\n'
            f"rtp_first = {self.rtp}\nrtp_count = {RTP_PORTS}\n"
            f"{spans}{camas}{sync}"
            f'[last_resort]\nelin = "{LAST_ELIN}"\ntrunk = "{self.spans[0].trunk}"\n'
            f'[[last_resort.peer]]\nid = "pbx"\nhost = "127.0.0.1"\nport = {self.phones}\n'
        )

    def _span_toml(self, n: int, span: Span) -> str:
        has_hooks = span.trunk in self.camas
        is_t1 = span.channels[-1] <= (EM_CHANNELS if has_hooks else T1_CHANNELS)[-1]
        return (
            f'[[span]]\nid = "s{n}"\ntrunk = "{span.trunk}"\ndriver = "loop"\nlaw = "mu"\n'
            f'line = "{"t1" if is_t1 else "e1"}"\n'
            f'signalling = "{"em" if has_hooks else "isdn"}"\n'
            f'channels = "{", ".join(map(str, span.channels))}"\n'
            f"d_local = {span.d_local}\nd_remote = {span.d_remote}\n"
            f"b_local = {span.b_local}\nb_remote = {span.b_remote}\n"
        )

    def rows(self, elements: int = 0) -> Iterator[Row]:
        """Everything that the snapshot holds."""
        civic = CivicAddress(A1="IL", A3="Springfield", RD="Main", STS="St", HNO="1200", PC="62701")
        main = Did("4255550999")
        yield BranchRow(BRANCH, "Bench", "America/Chicago", main, "floor-1", leg_hold_s=0)
        for floor in range(1, self.floors + 1):
            erl, place = f"floor-{floor}", _on(civic, floor)
            yield ErlRow(erl, BRANCH, f"Floor {floor}", place, "main")
            for rank in range(ELINS_A_FLOOR):
                yield ElinRow(Elin(elin_of(floor, rank)), BRANCH, erl, rank)
        yield PeerRow("pbx", BRANCH, "127.0.0.1", self.phones)
        for trunk in dict.fromkeys(span.trunk for span in self.spans):
            kind = TrunkKind.CAMA if trunk in self.camas else TrunkKind.ISDN
            yield TrunkRow(trunk, BRANCH, kind)
        yield TrunkRow("sip-one", BRANCH, TrunkKind.SIP, host="127.0.0.1", port=self.provider)
        yield RouteRow("out", BRANCH, tuple(RouteStep(trunk) for trunk in self._route))
        yield PolicyRow("all", Scope.BRANCH, BRANCH, usage="out")
        for trunk in self.camas:
            yield RouteRow(f"by-{trunk}", BRANCH, (RouteStep(trunk),))
            caller = (f"sip:{trunk}@bench.example",)
            yield PolicyRow(f"of-{trunk}", Scope.USER, BRANCH, caller, usage=f"by-{trunk}")
        for n in range(elements):
            mac = n.to_bytes(6).hex("-")
            erl = f"floor-{n % FLOORS + 1}"
            yield ElementRow(f"e{n:06d}", BRANCH, ElementKind.BSSID, mac, erl)

    def rendered(self, serial: int, elements: int = 0) -> tuple[bytes, bytes, bytes]:
        """Body, manifest and signature as the publisher makes them."""
        header = Header(SCHEMA, SCHEMA, BRANCH, serial, serial)
        body, manifest = render(
            header,
            self.rows(elements),
            deployment=DEPLOYMENT,
            edge=EDGE,
            key_id=self.signer.key_id,
            poll_s=30,
            body_key=f"edges/{EDGE}/body-{serial}.jsonl",
        )
        return body, manifest, self.signer.sign(manifest)

    def stage(self, serial: int, elements: int = 0) -> None:
        """Leave a snapshot on disk as the sync process does."""
        body, manifest, signature = self.rendered(serial, elements)
        store = SnapshotStore(self.state / "snapshots", RealDisk())
        store.stage(serial, serial, body, manifest, signature)


def _on(civic: CivicAddress, floor: int) -> CivicAddress:
    return CivicAddress(
        A1=civic.A1,
        A3=civic.A3,
        RD=civic.RD,
        STS=civic.STS,
        HNO=civic.HNO,
        PC=civic.PC,
        LOC=f"Flr {floor}",
    )


@cache
def _rtp_first() -> int:
    """One range for every branch of a run: they live one after the other."""
    return free_range(RTP_PORTS)
