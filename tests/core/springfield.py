"""A small organisation that the tests of the domain share: Springfield with two floors, Shelbyville
with one.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from e911.bindings import Binding, CallKind, How
from e911.hints import ElementKind
from e911.numbers import Caller, Did, Elin
from e911.places import CivicAddress, Point
from e911.rows import (
    AliState,
    BranchRow,
    CallerRow,
    ElementRow,
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
    TestNumberRow,
    TrunkKind,
    TrunkRow,
)
from e911.snapshot import SCHEMA, Header, Snapshot

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

HEADER = Header(SCHEMA, SCHEMA, "springfield", 7, 3)

E1 = Elin("4255550101")
E2 = Elin("4255550102")
E3 = Elin("4255550103")
"""Floor 2, first to third of its pool."""
LOBBY = Elin("4255550100")
FAR = Elin("3605550100")
"""Shelbyville's only ELIN."""

HARBOR = CivicAddress(
    A1="WA", A3="Springfield", RD="Harbor", STS="Ave", POD="NE", HNO="1200", LOC="Flr 1", PC="98000"
)
SHELBY = CivicAddress(A1="WA", A3="Shelbyville", RD="Mill", STS="Rd", HNO="7", PC="98500")
NOBODYS = CivicAddress(A1="WA", A3="Capital City", RD="Elm", STS="St", HNO="40")

ANA = Caller("sip:ana@contoso.example", Did("4255551001"), "1001", "Ana B", "lync")
BEN = Caller("sip:ben@contoso.example", Did("4255551002"), "1002", "Ben C", "lync")
CAM = Caller("sip:cam@contoso.example", None, "1003", "Cam D", "lync")

BRANCH = BranchRow(
    id="springfield",
    name="Springfield",
    zone="America/Los_Angeles",
    main_number=Did("4255551000"),
    default_erl="spf-f1",
    desk=("sip:desk@contoso.example",),
)
POLICY = PolicyRow(
    id="everybody",
    scope=Scope.GLOBAL,
    numbers=(EmergencyNumber("911", ("9911", "112", "999")),),
    usage="spf-911",
    targets=("spf-desk",),
)
READBACK = TestNumberRow("readback", "springfield", "spf-pri", "4255559333")


def after(minutes: float) -> datetime:
    """So many minutes after noon."""
    return NOON + timedelta(minutes=minutes)


def floor2() -> tuple[ElinRow, ...]:
    """The pool of floor 2; only its second ELIN is confirmed in ALI."""
    return (
        ElinRow(E1, "springfield", "spf-f2", 0),
        ElinRow(E2, "springfield", "spf-f2", 1, AliState.CONFIRMED),
        ElinRow(E3, "springfield", "spf-f2", 2),
    )


def rows() -> list[Row]:
    """Every row of the organisation; publishing finds no fault in them."""
    return [
        BRANCH,
        replace(
            BRANCH,
            id="shelbyville",
            name="Shelbyville",
            main_number=Did("3605551000"),
            default_erl="shv-f1",
        ),
        ErlRow("spf-f1", "springfield", "Lobby", HARBOR, "harbor", Point(47.6, -122.3)),
        ErlRow("spf-f2", "springfield", "Floor 2", replace(HARBOR, LOC="Flr 2"), "harbor"),
        ErlRow("shv-f1", "shelbyville", "Mill", SHELBY, "mill", Point(46.6, -122.9)),
        ElinRow(LOBBY, "springfield", "spf-f1", 0, AliState.CONFIRMED),
        *floor2(),
        ElinRow(FAR, "shelbyville", "shv-f1", 0, AliState.CONFIRMED),
        *elements(),
        OutsideNetworkRow("vpn", "springfield", "10.99.0.0/16", "dial-in"),
        CallerRow(CAM.contact, "springfield", "Cam D", None, "1003", "spf-f2"),
        POLICY,
        RouteRow("spf-911", "springfield", (RouteStep("spf-pri"), RouteStep("spf-sip"))),
        TrunkRow("spf-pri", "springfield", TrunkKind.ISDN),
        TrunkRow("spf-sip", "springfield", TrunkKind.SIP, host="sbc.example"),
        TrunkRow("shv-sip", "shelbyville", TrunkKind.SIP, host="sbc.example"),
        PeerRow("lync", "springfield", "10.1.0.5"),
        TargetRow("spf-desk", "springfield", TargetKind.SIP_MESSAGE, "sip:desk@contoso.example"),
        READBACK,
    ]


def elements() -> list[Row]:
    """The wiremap: a subnet per floor, one inside the other; an access point, a switch, a port."""
    subnet, branch = ElementKind.SUBNET, "springfield"
    return [
        ElementRow("n1", branch, subnet, "10.1.0.0/16", "spf-f1"),
        ElementRow("n2", branch, subnet, "10.1.2.0/24", "spf-f2"),
        ElementRow("n6", branch, subnet, "2001:db8:1::/48", "spf-f1"),
        ElementRow("n7", branch, subnet, "2001:db8:1:2::/64", "spf-f2"),
        ElementRow("ap", branch, ElementKind.BSSID, "0A:1B:2C:3D:4E:5F", "spf-f2"),
        ElementRow("sw", branch, ElementKind.SWITCH, "00-11-22-33-44-55", "spf-f1"),
        ElementRow("p7", branch, ElementKind.PORT, "00-11-22-33-44-55|Gi1/0/7", "spf-f2"),
    ]


def snapshot(*more: Row) -> Snapshot:
    """Springfield's snapshot; ``more`` rows replace those of the same kind and id."""
    return Snapshot.build(HEADER, [*rows(), *more])


def binding(
    call: str, caller: Caller = ANA, elin: Elin = E1, at: float = 0, end: float | None = None
) -> Binding:
    """A binding of floor 2, begun and ended so many minutes after noon."""
    return Binding(
        call=call,
        elin=elin,
        caller=caller,
        erl="spf-f2",
        how=How.PIDF_ELIN,
        kind=CallKind.EMERGENCY,
        bound_at=after(at),
        ended_at=None if end is None else after(end),
    )
