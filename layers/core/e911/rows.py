"""The rows of a snapshot: everything that one branch's edge must know to place a call without
asking anybody.

Each row is one JSON line ``{"kind": …, "id": …, …fields}``. The same rows are the drafts that an
administrator edits; the limits are checked by ``rows_check``. Device paths, keys and the last
resort are not here: they stay in ``edge.toml``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from e911.hints import ElementKind
from e911.numbers import Did, Elin
from e911.places import CivicAddress, Point


class AliState(StrEnum):
    """How far an ELIN's record has come in the carrier's ALI database."""

    PENDING = "pending"
    SENT = "sent"
    CONFIRMED = "confirmed"


class OutsidePolicy(StrEnum):
    """What happens to a call from outside the organisation (R9)."""

    REFUSE = "refuse"
    RELAY = "relay"


class SharedElinPolicy(StrEnum):
    """Who is rung by a callback to an ELIN that two callers share (R4)."""

    NEWEST = "newest"
    DESK = "desk"


class TrunkKind(StrEnum):
    """What a trunk is made of."""

    ISDN = "isdn"
    CAMA = "cama"
    SIP = "sip"


class Identity(StrEnum):
    """Which number a trunk is given: the ELIN, or (a SIP provider that takes PIDF-LO) the caller's
    own.
    """

    ELIN = "elin"
    CALLER = "caller"


class Scope(StrEnum):
    """Where a location policy applies, narrowest first."""

    NETWORK_SITE = "network-site"
    USER = "user"
    BRANCH = "branch"
    GLOBAL = "global"


class TargetKind(StrEnum):
    """How a security desk is told."""

    SIP_MESSAGE = "sip-message"
    WEBHOOK = "webhook"
    SMS = "sms"


class Transport(StrEnum):
    """Transport of a SIP peer."""

    UDP = "udp"
    TCP = "tcp"


@dataclass(frozen=True, slots=True)
class RouteStep:
    """One try: a trunk, the digits it is sent, the form of the calling number, how long it may stay
    silent.
    """

    trunk: str
    called: str = "911"
    calling_form: str = "national"
    """``national`` (4255550100), ``e164`` (+14255550100) or ``subscriber`` (5550100)."""
    seconds: int = 10
    """How long the trunk may show no sign of life before the next step is taken (2 to 60)."""


@dataclass(frozen=True, slots=True)
class DeliveredDigits:
    """How a trunk delivers the called number: ``count`` digits, after which ``prefix`` is put in
    front.
    """

    count: int = 10
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class BranchRow:
    """The branch itself: its zone, its main number, and the times that its calls live by."""

    id: str
    name: str
    zone: str
    """IANA name, e.g. ``America/Los_Angeles``."""
    main_number: Did
    default_erl: str
    """ERL of a call whose location is unknown."""
    window_minutes: int = 180
    """How long after its end a call may be called back (1 to 1440)."""
    guard_minutes: int = 30
    """An ELIN idle for less than this is not handed to another caller while any other will do (RFC
    6881).
    """
    shared_elin: SharedElinPolicy = SharedElinPolicy.NEWEST
    outside: OutsidePolicy = OutsidePolicy.REFUSE
    relay_number: str = ""
    """Where an outside call is relayed; needed when ``outside`` is ``relay``."""
    relay_trunk: str = ""
    leg_hold_s: int = 5
    """R13: how long after seizure the trunk leg of an abandoned call is kept (0 to 20)."""
    psap_hold_s: int = 0
    """How long the trunk leg of an answered call outlives its caller, so that the PSAP decides when
    the call ends (0 to 1800); 0: not at all.
    """
    reserve: int = 1
    """Channels that only the first rank may take (R8)."""
    desk: tuple[str, ...] = ()
    """Where callbacks end that reach nobody: SIP URIs (``sip:desk@…``) or numbers over a trunk
    (``tel:+1…;trunk=id``).
    """
    alternates_s: int = 20
    """R7: alternates join after this many seconds of ringing."""
    desk_s: int = 40
    """R7: the desk joins after this many seconds of ringing."""
    give_up_s: int = 90
    """R7: after this many seconds the PSAP hears the recorded voice."""


@dataclass(frozen=True, slots=True)
class ErlRow:
    """An emergency response location: what responders are sent to. Rows of other branches are here
    too (R9).
    """

    id: str
    branch: str
    name: str
    civic: CivicAddress
    building: str = ""
    point: Point | None = None
    steps: tuple[RouteStep, ...] = ()
    """Route of this ERL where it differs from its policy's: another PSAP, or a ten-digit number as
    last step.
    """
    desk: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ElinRow:
    """One ELIN of an ERL; ``rank`` orders the pool."""

    id: Elin
    branch: str
    erl: str
    rank: int = 0
    ali: AliState = AliState.PENDING
    overflow_group: str = ""
    """ELINs of one group (one building) may stand in for each other when a pool is used up (R3,
    step 4).
    """


@dataclass(frozen=True, slots=True)
class ElementRow:
    """A network element and the ERL it stands in. ``value``: CIDR, BSSID, ``chassis|port`` or
    chassis.
    """

    id: str
    branch: str
    element: ElementKind
    value: str
    erl: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class CallerRow:
    """What is on record of one caller, by contact URI."""

    id: str
    branch: str
    name: str = ""
    number: Did | None = None
    extension: str = ""
    erl: str = ""
    alternates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EmergencyNumber:
    """A number that is an emergency call, and the masks that are turned into it."""

    dial: str
    masks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """A location policy with every setting of Lync's (New-CsLocationPolicy), whatever part is in
    effect.
    """

    id: str
    scope: Scope
    branch: str = ""
    subjects: tuple[str, ...] = ()
    """Networks (CIDR) of a network site, or contacts of users."""
    description: str = ""
    enhanced: bool = True
    """EnhancedEmergencyServicesEnabled."""
    location_required: str = "no"
    """``no``, ``yes`` or ``disclaimer``."""
    disclaimer: str = ""
    location_for_911_only: bool = True
    numbers: tuple[EmergencyNumber, ...] = (EmergencyNumber("911"),)
    usage: str = ""
    """Id of the route that calls under this policy take."""
    targets: tuple[str, ...] = ()
    """Ids of the targets that are told."""
    conference_uri: str = ""
    conference_mode: str = ""
    """``oneway`` or ``twoway``."""
    refresh_hours: int = 4
    """LocationRefreshInterval, 1 to 12."""


@dataclass(frozen=True, slots=True)
class RouteRow:
    """A usage: the steps that an emergency call tries, in order."""

    id: str
    branch: str
    steps: tuple[RouteStep, ...]


@dataclass(frozen=True, slots=True)
class TrunkRow:
    """A group of circuits, or a SIP gateway or provider."""

    id: str
    branch: str
    trunk: TrunkKind
    identity: Identity = Identity.ELIN
    delivered: DeliveredDigits = DeliveredDigits()
    """Of calls in, so it means nothing on a CAMA trunk."""
    erls: tuple[str, ...] = ()
    """ERLs of other branches whose ELINs this trunk may carry (R9)."""
    host: str = ""
    """``sip``: where INVITEs go and come from."""
    port: int = 5060
    transport: Transport = Transport.UDP
    capacity: int = 0
    """``sip``: calls at once, 0 for no limit. ISDN and CAMA take it from their spans in
    ``edge.toml``.
    """


@dataclass(frozen=True, slots=True)
class PeerRow:
    """A platform that may send us calls and takes our callbacks: Lync, Teams' SBC, any SIP PBX."""

    id: str
    branch: str
    host: str
    port: int = 5060
    transport: Transport = Transport.UDP
    networks: tuple[str, ...] = ()
    """Further networks (CIDR) that its requests come from."""
    every_call_is_911: bool = False
    outside: bool = False
    """Calls of this peer come from outside the organisation (R9)."""
    strip_prefix: str = ""
    """Branch prefix that is removed from dialled digits (``9`` of 9911)."""
    domain: str = ""
    """Domain of the addresses there (``contoso.example``), where it is not ``host``."""
    phones: bool = False
    """The phones themselves send to us: the source of a call is its own address."""
    address_header: str = ""
    """Header in which this platform tells the phone's own address, where it does."""
    delivers_callbacks: bool = False
    """It hands us calls from the PSTN to our ELINs: a PSAP's callback that came in on the
    platform's own trunks, where ours carry calls out only (CAMA).
    """


@dataclass(frozen=True, slots=True)
class TargetRow:
    """Somebody to tell. ``address`` is a SIP URI, an https URL or a number; the secret that signs a
    webhook is never in a row.
    """

    id: str
    branch: str
    target: TargetKind
    address: str


@dataclass(frozen=True, slots=True)
class OutsideNetworkRow:
    """A network whose addresses prove that a call is from outside (VPN, guest, home): R9."""

    id: str
    branch: str
    network: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class TestNumberRow:
    """A carrier's number that reads back what it was sent; never a 9-1-1 route."""

    id: str
    branch: str
    trunk: str
    number: str


Row = (
    BranchRow
    | ErlRow
    | ElinRow
    | ElementRow
    | CallerRow
    | PolicyRow
    | RouteRow
    | TrunkRow
    | PeerRow
    | TargetRow
    | OutsideNetworkRow
    | TestNumberRow
)

KINDS: dict[str, type[Row]] = {
    "branch": BranchRow,
    "caller": CallerRow,
    "element": ElementRow,
    "elin": ElinRow,
    "erl": ErlRow,
    "outside-network": OutsideNetworkRow,
    "peer": PeerRow,
    "policy": PolicyRow,
    "route": RouteRow,
    "target": TargetRow,
    "test-number": TestNumberRow,
    "trunk": TrunkRow,
}
"""Kind word to row type; a snapshot is sorted by (kind, id)."""
