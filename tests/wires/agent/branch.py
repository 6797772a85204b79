"""Springfield on loopback as an edge finds it on its disk: ``edge.toml`` and a signed snapshot.

Two floors with an ELIN each, a PRI and, where a test wants it, a ``sip`` trunk; Lync and a desk.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from e911.manifest import render
from e911.numbers import Did, Elin
from e911.places import CivicAddress
from e911.rows import (
    AliState,
    BranchRow,
    ElinRow,
    EmergencyNumber,
    ErlRow,
    OutsideNetworkRow,
    PeerRow,
    PolicyRow,
    RouteRow,
    RouteStep,
    Row,
    Scope,
    TargetKind,
    TargetRow,
    Transport,
    TrunkKind,
    TrunkRow,
)
from e911.rows_check import check_rows
from e911.snapshot import SCHEMA, Header
from edge_agent.store.disk import RealDisk
from edge_agent.store.snapshots import SnapshotStore
from tests.wires.agent.ports import HOST, free_ports, free_run

LOBBY, FLOOR_2 = Elin("4255550100"), Elin("4255550102")
LAST = Elin("4255550109")
CALLER_NUMBER = "4255557788"
CALLER_NAME = "Philippa Strand"
CALLER_URI = "sip:philippa@contoso.example"
PSAP = "2065550911"
HARBOR = CivicAddress(
    A1="WA", A3="Springfield", RD="Harbor", STS="Ave", POD="NE", HNO="1200", LOC="Flr 1", PC="98000"
)
NUMBERS = (EmergencyNumber("911", ("112",)),)
TOLD = ("security",)
LEG_HOLD_S = 2
STEP_S = 2
"""Seconds that a trunk may be silent before the next step."""
RTP_PORTS = 64


class Branch:
    """Ports, file and rows of one edge; everything lives in ``folder``."""

    def __init__(
        self,
        folder: Path,
        *,
        transport: str = "udp",
        route: tuple[str, ...] = ("pri",),
        cama: str = "",
    ) -> None:
        """``cama`` is what ``[[cama]]`` says of the trunk ``cama``, where a route uses it."""
        self.folder = folder
        self.cama = cama
        self.transport = transport
        self.route = route
        self.psap_hold_s = 0
        self.state = folder / "state"
        self.config = folder / "edge.toml"
        self.admin_socket = folder / "admin.sock"
        self.sip, self.lync, self.desk, self.security, *rest = free_ports(13)
        self.trunk, *spans = rest
        self.d_local, self.d_remote, self.b_local, self.b_remote = spans[:4]
        self.em_ports = spans[4:]
        """As those of the PRI, of a span of E&M channels."""
        self.rtp = free_run(RTP_PORTS)

    def write(self) -> None:
        """``edge.toml`` and the snapshot, as the sync process would have left it."""
        self.config.write_text(self._toml())
        rows = self.rows()
        assert check_rows(rows) == [], "publishing would refuse these rows"
        header = Header(SCHEMA, SCHEMA, "springfield", 1_700_000_000, 3)
        body, manifest = render(
            header,
            rows,
            deployment="lab",
            edge="edge-1",
            key_id="throwaway",
            poll_s=60,
            body_key="edges/edge-1/body-1700000000.jsonl",
        )
        key = ec.generate_private_key(ec.SECP256R1())
        signature = key.sign(manifest, ec.ECDSA(hashes.SHA256()))
        self.state.mkdir(exist_ok=True)
        store = SnapshotStore(self.state / "snapshots", RealDisk())
        store.stage(header.serial, header.generation, body, manifest, signature)

    def rows(self) -> list[Row]:
        """The branch."""
        branch, confirmed = "springfield", AliState.CONFIRMED
        security = f"sip:security@{HOST}:{self.security}"
        steps = tuple(RouteStep(trunk, seconds=STEP_S) for trunk in self.route)
        return [
            BranchRow(
                branch,
                "Springfield",
                "America/Los_Angeles",
                Did("4255551000"),
                "lobby",
                leg_hold_s=LEG_HOLD_S,
                psap_hold_s=self.psap_hold_s,
                desk=(f"sip:desk@{HOST}:{self.desk}",),
            ),
            ErlRow("lobby", branch, "Lobby", HARBOR, "harbor"),
            ErlRow("floor-2", branch, "Floor 2", replace(HARBOR, LOC="Flr 2 1200"), "harbor"),
            ElinRow(LOBBY, branch, "lobby", 0, confirmed),
            ElinRow(FLOOR_2, branch, "floor-2", 0, confirmed),
            OutsideNetworkRow("vpn", branch, "10.99.0.0/16"),
            PeerRow("lync", branch, HOST, self.lync, Transport(self.transport)),
            PeerRow("desk", branch, HOST, self.desk),
            PeerRow("security", branch, HOST, self.security),
            TargetRow("security", branch, TargetKind.SIP_MESSAGE, security),
            PolicyRow("everybody", Scope.GLOBAL, numbers=NUMBERS, usage="out", targets=TOLD),
            RouteRow("out", branch, steps),
            TrunkRow("pri", branch, TrunkKind.ISDN),
            *self._sip_trunk(),
            *self._cama_rows(),
        ]

    def _sip_trunk(self) -> list[Row]:
        if "provider" not in self.route:
            return []
        return [TrunkRow("provider", "springfield", TrunkKind.SIP, host=HOST, port=self.trunk)]

    def _cama_rows(self) -> list[Row]:
        """The trunk, and the peer by which its callbacks come."""
        if not self.cama:
            return []
        branch = "springfield"
        sbc = PeerRow("sbc", branch, HOST, self.trunk, delivers_callbacks=True)
        return [TrunkRow("cama", branch, TrunkKind.CAMA), sbc]

    def _toml(self) -> str:
        return f"""
[edge]
id = "edge-1"
deployment = "lab"
branch = "springfield"
state_dir = "state"
admin_socket = "admin.sock"

[sip]
host = "{HOST}"
port = {self.sip}
domain = "springfield.gateway.example"
rtp_first = {self.rtp}
rtp_count = {RTP_PORTS}

[[span]]
id = "pri-1"
trunk = "pri"
driver = "loop"
line = "t1"
switch = "ni2"
d_local = {self.d_local}
d_remote = {self.d_remote}
b_local = {self.b_local}
b_remote = {self.b_remote}

[last_resort]
elin = "{LAST.digits}"
trunk = "pri"
desk = "sip:desk@{HOST}:{self.desk}"
{self._cama_toml() if self.cama else ""}"""

    def _cama_toml(self) -> str:
        d_local, d_remote, b_local, b_remote = self.em_ports
        return f"""
[[span]]
id = "em-1"
trunk = "cama"
driver = "loop"
line = "t1"
signalling = "em"
d_local = {d_local}
d_remote = {d_remote}
b_local = {b_local}
b_remote = {b_remote}

[[cama]]
id = "cama"
{self.cama}
"""
