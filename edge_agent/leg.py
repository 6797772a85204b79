"""The language between wires: what any leg of a call can say, and what it can be asked to do.

A call is a set of legs by id: the caller's, a trunk's, the desk's, a ring target's. SIP, ISDN and
CAMA speak these words and no others, so that the gateway knows none of them and a new wire changes
no call. Words in the past tense are events (wire to gateway); imperatives are requests (gateway to
wire).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from e911.hints import IpAddress
from e911.numbers import Caller, Elin
from e911.pidf import PidfLocation

LegId = NewType("LegId", str)


class Law(StrEnum):
    """G.711 companding of a voice path."""

    MU = "mu"
    A = "a"


@dataclass(frozen=True, slots=True)
class RtpMedia:
    """Voice as RTP: we listen on ``local_port``; ``remote`` is ``None`` until the far end has said
    where."""

    local_port: int
    remote: tuple[str, int] | None
    law: Law = Law.MU
    """PCMU (payload type 0) or PCMA (8)."""
    event_payload: int | None = None
    """Payload type of RFC 4733 telephone-event, where agreed."""


@dataclass(frozen=True, slots=True)
class BearerMedia:
    """Voice on a B channel of a span."""

    span: str
    channel: int
    law: Law = Law.MU


Media = RtpMedia | BearerMedia


# ---- events: a wire tells the gateway ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Offered:
    """Somebody calls us: said once per leg and always first."""

    leg: LegId
    source: str
    """Id of the peer (platform side) or of the trunk that the call came in on."""
    dialled: str
    """As received: user part or URN of the Request-URI, or the called digits of a SETUP."""
    caller: Caller
    from_trunk: bool = False
    """True where ``source`` is a trunk: a PSAP's callback or any other call from the PSTN."""
    marked_emergency: bool = False
    """``Priority: emergency`` was present."""
    location: PidfLocation | None = None
    location_fault: str = ""
    """Why a location that was sent could not be read; the call goes on without it."""
    address: IpAddress | None = None
    """The phone's own address where the wire shows it (X-headers, Via of a phone that is itself the
    peer)."""
    channel: int | None = None
    """On a trunk: the B channel that the network offers."""
    platform_call_id: str = ""
    replaces: LegId | None = None
    """The leg that this one takes over (RFC 3891), where it names one of ours."""


@dataclass(frozen=True, slots=True)
class Proceeding:
    """The far end has the call in hand: CALL PROCEEDING, wink, 100 from a trunk does not count."""

    leg: LegId
    channel: int | None = None
    """The B channel that the network chose, where it says so; may differ from the one asked for."""


@dataclass(frozen=True, slots=True)
class ChannelMoved:
    """A trunk seizes another channel than the one that was reserved, which it could not have; the
    network has not agreed to either yet."""

    leg: LegId
    channel: int


@dataclass(frozen=True, slots=True)
class Progress:
    """Tones or speech before answer; ``cause`` is set where the network says that the call has
    failed."""

    leg: LegId
    in_band: bool
    cause: int | None = None


@dataclass(frozen=True, slots=True)
class Alerting:
    """The far end rings."""

    leg: LegId
    in_band: bool = False


@dataclass(frozen=True, slots=True)
class Answered:
    """The far end answered."""

    leg: LegId
    connected: str = ""
    """The number that the network says has answered (Connected Number), where it says so."""
    assumed: bool = False
    """The trunk has no signal for it: the call counts as answered so that voice passes, and whether
    anybody has answered is not known (CAMA)."""


@dataclass(frozen=True, slots=True)
class MediaChanged:
    """Where this leg's voice is now; said at least once before voice can pass.

    ``party`` is set where a re-INVITE, UPDATE or Replaces shows another person on the leg: media
    moves, the binding keeps the first caller and gains an alternate.
    """

    leg: LegId
    media: Media
    party: Caller | None = None


@dataclass(frozen=True, slots=True)
class Digits:
    """Digits keyed during the call, or further called digits of an overlap call."""

    leg: LegId
    digits: str


@dataclass(frozen=True, slots=True)
class Flash:
    """A hook flash of the PSAP on a CAMA trunk: it wants to transfer, or the caller's attention."""

    leg: LegId


@dataclass(frozen=True, slots=True)
class Silence:
    """The leg's B channel has carried nothing for so long; 0 when it is heard again."""

    leg: LegId
    seconds: float


@dataclass(frozen=True, slots=True)
class Cleared:
    """The leg is over; said exactly once per leg, always last. ``cause`` is a Q.850 value."""

    leg: LegId
    cause: int
    location: int = 0
    """Q.850 location: 0 user, 1 private network local, 2 public network local, 4 public network
    remote …"""
    text: str = ""
    """For the operator's trace only; never a number or a name."""
    sent: bool = True
    """False where no byte of this leg ever reached its wire: the binding may be withdrawn (R6)."""
    lost: bool = False
    """Nobody ended the call: the line was lost, or the network no longer knows it. Who was in a
    PSAP's queue is not there any more."""
    uncarried: bool = False
    """The trunk's format cannot carry the calling number, and nothing was sent: it is asked again,
    ``without_number``, when no other trunk is left."""
    faulty: bool = False
    """It failed on the line of this one channel (CAMA: no wink, torn digits): another channel of
    the same trunk may be sound."""


@dataclass(frozen=True, slots=True)
class LinkChanged:
    """A trunk's signalling link came up or went down. It reorders route steps and never removes one
    (R1)."""

    trunk: str
    up: bool
    why: str = ""
    span: str = ""
    """Which span of the trunk; empty where the trunk has none (sip)."""


@dataclass(frozen=True, slots=True)
class ChannelsChanged:
    """Which channels of a span should be tried last: taken out of service by the network (SERVICE),
    left in doubt by a RELEASE or a RESTART that nobody answered, suspect after a failure, or
    resting. None is ever removed (R1)."""

    trunk: str
    span: str
    out_of_service: frozenset[int]
    """All of them, as they are now: it replaces what was said before."""
    suspect: frozenset[int] = frozenset()
    """All channels whose last call failed on the line (CAMA), whatever the network says of them."""
    resting: frozenset[int] = frozenset()
    """All channels that were hung up so lately that the far end may not see a new seizure yet."""
    why: str = ""
    """What the last suspect channel did; for the operator."""


@dataclass(frozen=True, slots=True)
class WireAlarm:
    """A wire has something that an operator must see, or no longer has it."""

    slug: str
    subject: str
    active: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Discarded:
    """A wire passed over something that means nothing to it: counted by its slug, and nothing that
    the gateway hears."""

    reason: str


LegEvent = (
    Offered
    | Proceeding
    | ChannelMoved
    | Progress
    | Alerting
    | Answered
    | MediaChanged
    | Digits
    | Flash
    | Silence
    | Cleared
)


# ---- requests: the gateway asks a wire -----------------------------------------------------------


class ExemptReason(StrEnum):
    """The three exceptions to R2, by name."""

    RELAY = "relay"
    DESK = "desk"
    IDENTITY_CALLER = "identity-caller"


@dataclass(frozen=True, slots=True)
class Exempt:
    """A calling number that is not an ELIN, with the exception to R2 that allows it."""

    number: str
    reason: ExemptReason


@dataclass(frozen=True, slots=True)
class SeizeTrunk:
    """Place a call: SETUP, off-hook or INVITE is handed to a driver in this very step (R1)."""

    leg: LegId
    trunk: str
    channel: int | None
    """The channel that the gateway reserved; ``None`` on a trunk without channels (sip)."""
    calling: Elin | Exempt
    called: str
    """Digits from the route step or the desk's number, never from the INVITE."""
    emergency: bool = True
    call: str = ""
    """Call id, for the trace and for ``X-Elingate-Call`` on sip trunks."""
    location: PidfLocation | None = None
    """Only on a trunk configured ``identity=caller``."""
    calling_form: str = "national"
    """How the calling number is written: ``national``, ``e164`` or ``subscriber`` (route step)."""
    without_number: bool = False
    """No other trunk is left: one whose format cannot carry the calling number goes without it
    (CAMA: ``KP 2 ST``), rather than refuse the call."""


@dataclass(frozen=True, slots=True)
class RingParty:
    """Ring a phone or a desk through a peer."""

    leg: LegId
    peer: str
    contact: str
    """SIP URI to ring."""
    calling: str
    """Number shown to the person rung: the PSAP's, or the ELIN where the PSAP sent none."""
    name: str = ""
    psap_callback: bool = True
    """Mark ``Priority: psap-callback`` (RFC 7090) so that forwarding, DND and voicemail leave it
    alone."""
    call: str = ""


@dataclass(frozen=True, slots=True)
class ShowProgress:
    """Tell the leg that its call is going on, with tones: 183, or PROGRESS on a trunk."""

    leg: LegId


@dataclass(frozen=True, slots=True)
class Ring:
    """Tell the leg that the far end rings: 180 (183 when ``in_band``), or ALERTING."""

    leg: LegId
    in_band: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer the leg: 200, or CONNECT."""

    leg: LegId


@dataclass(frozen=True, slots=True)
class Clear:
    """End the leg in whatever state it is: BYE, CANCEL, a final response, DISCONNECT, RELEASE
    COMPLETE."""

    leg: LegId
    cause: int
    failover: bool = False
    """Answer 503 whatever the cause, with ``Reason: Q.850``, so that the platform tries its own
    next route (R1)."""
    why: str = ""
    """Said to the platform as a Warning (RFC 3261 §20.43); never a number or a name."""


@dataclass(frozen=True, slots=True)
class SendFlash:
    """Pass the PSAP's hook flash on to the leg: SIP INFO, or RFC 4733 event 16."""

    leg: LegId


@dataclass(frozen=True, slots=True)
class SendText:
    """Send a SIP MESSAGE to a desk; the outcome comes back as :class:`TextSettled`."""

    notice: str
    """Notice id."""
    peer: str
    contact: str
    body: str


@dataclass(frozen=True, slots=True)
class TextSettled:
    """A SIP MESSAGE was taken (``delivered``) or given up; that is no acknowledgement (R11)."""

    notice: str
    delivered: bool
    text: str = ""


LegRequest = SeizeTrunk | RingParty | ShowProgress | Ring | Answer | Clear | SendFlash | SendText
WireEvent = LegEvent | LinkChanged | ChannelsChanged | WireAlarm | TextSettled
"""Everything that the gateway hears from wires."""
