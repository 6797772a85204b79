"""Springfield and its gateway, for every story here: two floors, a PRI, a platform, a desk."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from e911.hints import ElementKind, read_address
from e911.numbers import Caller, Did, Elin
from e911.pidf import PidfLocation
from e911.places import CivicAddress
from e911.rows import (
    AliState,
    BranchRow,
    ElementRow,
    ElinRow,
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
    TrunkKind,
    TrunkRow,
)
from e911.snapshot import Header, Snapshot
from edge_agent.gateway.exchange import LastResort
from edge_agent.gateway.gateway import Gateway
from edge_agent.gateway.requests import Adopt, ClockReading, Equip
from edge_agent.leg import (
    BearerMedia,
    Law,
    LegEvent,
    LegId,
    MediaChanged,
    Offered,
    RtpMedia,
    SeizeTrunk,
)

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
FLOOR_1 = CivicAddress(
    A1="WA", A3="Springfield", RD="Harbor", STS="Ave", HNO="1200", LOC="Flr 1", PC="98000"
)
FLOOR_2 = replace(FLOOR_1, LOC="Flr 2")
SHELBYVILLE = CivicAddress(
    A1="WA", A3="Shelbyville", RD="Mill", STS="St", HNO="7", LOC="Hall", PC="98001"
)
ELIN_1, ELIN_2, ELIN_2B = Elin("4255550101"), Elin("4255550102"), Elin("4255550103")
ANA = Caller("sip:ana@contoso.example", Did("4255551234"), name="Ana B", peer="lync")
BOB = Caller("sip:bob@contoso.example", Did("4255555678"), name="Bob C", peer="lync")
PSAP = Caller("", Did("2065550911"))
DESK = "sip:desk@127.0.0.1:5090"
CHANNELS = tuple(range(1, 24))


class SeededIds:
    """Leg ids in order: L1, L2 …"""

    def __init__(self) -> None:
        self._n = 0

    def leg(self) -> LegId:
        """The next leg id."""
        self._n += 1
        return LegId(f"L{self._n}")


def rows() -> list[Row]:
    """Springfield's snapshot, and what it must know of Shelbyville."""
    return [
        BranchRow(
            "springfield",
            "Springfield",
            "America/Los_Angeles",
            Did("4255550000"),
            "spf-f1",
            desk=(DESK,),
            relay_number="8005550199",
            relay_trunk="pri",
        ),
        ErlRow("spf-f1", "springfield", "Floor 1", FLOOR_1, "harbor"),
        ErlRow("spf-f2", "springfield", "Floor 2", FLOOR_2, "harbor"),
        ErlRow("shv-f1", "shelbyville", "Hall", SHELBYVILLE, "mill"),
        ElinRow(ELIN_1, "springfield", "spf-f1", 0, AliState.CONFIRMED, "harbor"),
        ElinRow(ELIN_2, "springfield", "spf-f2", 0, AliState.CONFIRMED, "harbor"),
        ElinRow(ELIN_2B, "springfield", "spf-f2", 1, AliState.CONFIRMED, "harbor"),
        ElinRow(Elin("4255550201"), "shelbyville", "shv-f1", 0, AliState.CONFIRMED, "mill"),
        ElementRow("net-2", "springfield", ElementKind.SUBNET, "10.20.2.0/24", "spf-f2"),
        OutsideNetworkRow("vpn", "springfield", "10.99.0.0/16"),
        PeerRow("lync", "springfield", "127.0.0.1", 5070),
        PeerRow("desk", "springfield", "127.0.0.1", 5090),
        PolicyRow("global", Scope.GLOBAL, usage="911", targets=("desk",)),
        RouteRow("911", "springfield", (RouteStep("pri"), RouteStep("gateway", seconds=6))),
        TargetRow("desk", "springfield", TargetKind.SIP_MESSAGE, DESK),
        TrunkRow("pri", "springfield", TrunkKind.ISDN),
        TrunkRow("gateway", "springfield", TrunkKind.SIP, host="127.0.0.1", port=5095),
    ]


def snapshot_of(changed: Iterable[Row] = (), dropped: Iterable[Any] = ()) -> Snapshot:
    """Springfield's snapshot with rows replaced (same type and id) or dropped (by id)."""
    by_key: dict[Any, Row] = {(type(row), row.id): row for row in rows()}
    by_key.update({(type(row), row.id): row for row in changed})
    kept = [row for key, row in by_key.items() if key[1] not in set(dropped)]
    return Snapshot.build(Header(1, 1, "springfield", 7, 3), kept)


def psap_holds(seconds: int) -> Snapshot:
    """Springfield's snapshot, where the PSAP keeps an answered call for so long."""
    (branch,) = (row for row in rows() if isinstance(row, BranchRow))
    return snapshot_of([replace(branch, psap_hold_s=seconds)])


def gateway(
    snapshot: Snapshot | None = None, channels: tuple[int, ...] = CHANNELS, boot: str = "b1"
) -> Gateway:
    """Springfield's gateway at :data:`START`, with its snapshot adopted and its PRI up."""
    made = Gateway("edge-1", boot, SeededIds(), LastResort(Elin("4255550100"), "pri", "911", DESK))
    made.handle(ClockReading(START), 0.0)
    made.handle(Equip("pri", channels), 0.0)
    made.handle(Adopt(snapshot or snapshot_of()), 0.0)
    return made


def at(now: float) -> datetime:
    """The wall clock at ``now``."""
    return START + timedelta(seconds=now)


def dials(
    leg: str, caller: Caller = ANA, dialled: str = "+911", location: Any = FLOOR_2, **more: Any
) -> Offered:
    """A phone dials; ``location`` is a civic address, a PIDF-LO or nothing."""
    if isinstance(location, CivicAddress):
        location = PidfLocation(civic=location)
    return Offered(LegId(leg), "lync", dialled, caller, location=location, **more)


def calls_back(leg: str, elin: Elin = ELIN_2, channel: int = 1, caller: Caller = PSAP) -> Offered:
    """The PSAP dials an ELIN."""
    return Offered(LegId(leg), "pri", elin.digits, caller, from_trunk=True, channel=channel)


def rtp(leg: str, port: int = 20000) -> MediaChanged:
    """The leg's voice is RTP on ``port``."""
    return MediaChanged(LegId(leg), RtpMedia(port, ("127.0.0.1", 30000), Law.MU))


def bearer(leg: str, channel: int) -> MediaChanged:
    """The leg's voice is on a B channel of the PRI."""
    return MediaChanged(LegId(leg), BearerMedia("pri-1", channel))


class Story:
    """A gateway and a clock: what is said goes in, what was decided can be asked for."""

    def __init__(self, core: Gateway | None = None) -> None:
        self.gateway = core or gateway()
        self.now = 0.0
        self.last: list[Any] = []
        self.heard: list[Any] = []

    def say(self, *events: LegEvent | Any) -> list[Any]:
        """A wire says these, one after the other."""
        self.last = []
        for event in events:
            self.last += self.gateway.receive(event, self.now)
        self.heard += self.last
        return self.last

    def ask(self, request: Any) -> list[Any]:
        """The agent asks the gateway."""
        self.last = self.gateway.handle(request, self.now)
        self.heard += self.last
        return self.last

    def wait(self, seconds: float) -> list[Any]:
        """The clock moves; timers on the way fire, each at its own time."""
        until, self.last = self.now + seconds, []
        while (due := self.gateway.next_deadline()) is not None and due <= until:
            self.now = max(self.now, due)
            self.last += self.gateway.handle_timeout(self.now)
        self.now = until
        self.heard += self.last
        return self.last

    def said(self, kind: type, **fields: Any) -> list[Any]:
        """What of the last step is of ``kind`` with these fields."""
        return _matching(self.last, kind, fields)

    def ever(self, kind: type, **fields: Any) -> list[Any]:
        """The same over the whole story."""
        return _matching(self.heard, kind, fields)

    def seized(self) -> SeizeTrunk:
        """The one seizure of the last step."""
        (seize,) = self.said(SeizeTrunk)
        assert isinstance(seize, SeizeTrunk)
        return seize


def phone_address(text: str) -> Any:
    """An address as the wire gives it."""
    return read_address(text)


def _matching(outputs: list[Any], kind: type, fields: dict[str, Any]) -> list[Any]:
    return [
        output
        for output in outputs
        if isinstance(output, kind)
        and all(getattr(output, name) == value for name, value in fields.items())
    ]
