"""The sections of ``edge.toml`` as values: every key with its limit and its meaning beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from e911.numbers import Elin
from edge_agent.limits import (
    ADDRESS,
    CAMA_TIMERS,
    CHANNELS,
    ELIN,
    FLAG,
    HOST,
    ID,
    NETWORKS,
    NPD,
    OPTIONAL_HOST,
    OPTIONAL_PORT,
    OPTIONAL_URL,
    PARTY_URI,
    PATH,
    PATHS,
    PORT,
    TIMERS,
    URL,
    decimal,
    text,
    whole,
    word,
)

TONS = ("unknown", "international", "national", "network", "subscriber")
NPIS = ("unknown", "e164", "national", "private")
SCREENINGS = ("user-not-screened", "user-passed", "user-failed", "network")
"""Code points of Q.931 numbers by name, in the words of the standard."""
FLASH_FORMS = ("broadsoft", "hook-flash", "dtmf-relay", "sscc")
"""What an INFO with a hook flash may carry, as AudioCodes' gateways list them."""
CAMA_FORMATS = (
    "kp-0-nxx-xxxx-st",
    "kp-0-npa-nxx-xxxx-st",
    "kp-npd-nxx-xxxx-st",
    "kp-0-npa-nxx-xxxx-st-kp-yyy-yyy-yyyy-st",
    "kp-2-st",
    "fgc",
    "fgd",
    "emf-10",
    "emf-20",
)
"""What a CAMA trunk may pulse; the first five by the names of Cisco's ``signal cama``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeSection:
    """``[edge]``: who this edge is, and where it keeps what must survive."""

    id: str = field(metadata=ID)
    deployment: str = field(metadata=ID)
    branch: str = field(metadata=ID)
    state_dir: Path = field(metadata=PATH)
    admin_socket: Path = field(metadata=PATH)
    log: str = field(default="", metadata=text(r"[^\0]*", "a path, or empty for standard error"))
    log_level: str = field(default="info", metadata=word("debug", "info", "warning", "error"))
    media: bool = field(default=True, metadata=FLAG)
    """Start the media process; without it calls are signalled but carry no voice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SipSection:
    """``[sip]``: where the agent listens, and which ports its voice uses."""

    host: str = field(metadata=ADDRESS)
    port: int = field(default=5060, metadata=PORT)
    tcp: bool = field(default=True, metadata=FLAG)
    domain: str = field(metadata=HOST)
    """Host part of the URIs that the agent writes; never a caller's domain."""
    rtp_first: int = field(default=20000, metadata=whole(1024, 65534))
    rtp_count: int = field(default=256, metadata=whole(4, 20000))
    """How many ports from ``rtp_first`` on; each leg takes two."""
    flash: str = field(default="info", metadata=word("info", "event"))
    """How a PSAP's hook flash on a CAMA trunk is passed on: SIP INFO, or RFC 4733 event 16."""
    flash_form: str = field(default="broadsoft", metadata=word(*FLASH_FORMS))
    """``info``: how the platform's maker spells it."""
    trunk_ping_s: int = field(default=30, metadata=whole(0, 3600))
    """How often a SIP trunk is asked by OPTIONS whether it is there; 0 is never."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanSection:
    """``[[span]]``: one line and its driver."""

    id: str = field(metadata=ID)
    trunk: str = field(metadata=ID)
    """The trunk that the line is part of; several spans may share one."""
    driver: str = field(metadata=word("loop", "dahdi"))
    line: str = field(default="t1", metadata=word("t1", "e1", "bri", "analog"))
    """``analog``: the ports of a card, as many as ``channels`` names."""
    signalling: str = field(default="isdn", metadata=word("isdn", "em", "loop", "bits"))
    """``isdn`` has a D channel. The others are for a ``[[cama]]`` trunk, channel by channel: ``em``
    hook signals (E&M, or robbed bits that the driver reads), ``loop`` a loop that is closed and
    whose battery the far end reverses, ``bits`` bare ABCD bits."""
    switch: str = field(default="ni2", metadata=word("ni2", "5ess", "4ess", "dms100", "euro"))
    law: str = field(default="", metadata=word("", "mu", "a"))
    """G.711 law; empty is the line's own: mu on a T1, A on an E1 and a BRI."""
    channels: tuple[int, ...] = field(default=(), metadata=CHANNELS)
    """B channels that the carrier has ordered; empty is all that the line has."""
    tei: str = field(default="point-to-point", metadata=word("point-to-point", "multipoint"))
    """``bri``: how the terminal is addressed."""
    host: str = field(default="127.0.0.1", metadata=ADDRESS)
    """``loop``: where both ends are."""
    d_local: int = field(default=0, metadata=OPTIONAL_PORT)
    d_remote: int = field(default=0, metadata=OPTIONAL_PORT)
    b_local: int = field(default=0, metadata=OPTIONAL_PORT)
    b_remote: int = field(default=0, metadata=OPTIONAL_PORT)
    dahdi_span: int = field(default=0, metadata=whole(0, 255))
    """``dahdi``: the span's number, as in ``/proc/dahdi``."""
    echo_cancel: bool = field(default=False, metadata=FLAG)
    """``dahdi``: a linear echo canceller; off, because a TTY must pass."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrunkSection:
    """``[[trunk]]``: what the carrier of a trunk wants, and when an operator wants to hear of it.

    A trunk that has no table takes these defaults.
    """

    id: str = field(metadata=ID)
    order: str = field(default="descending", metadata=word("descending", "ascending", "rotating"))
    """Which idle channel is taken first; networks hunt from the bottom."""
    called_ton: str = field(default="", metadata=word("", *TONS))
    """Type of the called number; empty, here and below: what the switch's own row says."""
    called_npi: str = field(default="", metadata=word("", *NPIS))
    calling_ton: str = field(default="", metadata=word("", *TONS))
    calling_npi: str = field(default="", metadata=word("", *NPIS))
    presentation: str = field(default="allowed", metadata=word("allowed", "restricted"))
    screening: str = field(default="user-not-screened", metadata=word(*SCREENINGS))
    speech: str = field(default="speech", metadata=word("speech", "3.1k"))
    """The bearer that a call asks for."""
    exclusive: bool = field(default=True, metadata=FLAG)
    """Whether an ordinary call insists on its channel; an emergency call never does."""
    bearer_layer1: bool = field(default=True, metadata=FLAG)
    """Whether the bearer says the law; some 4ESS trunks want nothing after the rate."""
    network_facility: str = field(
        default="", metadata=text(r"([0-9a-f]{2}){0,20}", "octets in hex, or empty")
    )
    """Content of Network-specific facilities in SETUP, where the carrier's service asks for one."""
    logical_channels: bool = field(default=False, metadata=FLAG)
    """E1 whose switch numbers its channels 1 to 30 without a gap."""
    overlap: bool = field(default=False, metadata=FLAG)
    """SETUP goes without digits and INFORMATION brings them, where a switch wants it so."""
    overlap_digits: int = field(default=0, metadata=whole(0, 15))
    """Called digits that make a number of a call coming in digit by digit; 0: none do."""
    restart: bool = field(default=True, metadata=FLAG)
    """RESTART the idle channels when the link comes up for the first time."""
    timers: Mapping[str, float] = field(default_factory=dict, metadata=TIMERS)
    """Seconds by name (``T303``) that differ, for ordinary calls and the link."""
    emergency_timers: Mapping[str, float] = field(default_factory=dict, metadata=TIMERS)
    """The same for emergency calls."""
    least_free: int = field(default=0, metadata=whole(0, 1000))
    """Fewer free channels than this are an alarm; 0: never."""
    proof_days: int = field(default=0, metadata=whole(0, 365))
    """Days without a good call or test that are an alarm; 0: never."""
    test_number: str = field(default="", metadata=text(r"\d{0,15}", "digits, or empty"))
    """The carrier's number that reads the calling number back."""
    test_at: str = field(
        default="", metadata=text(r"(([01]\d|2[0-3]):[0-5]\d)?", "a time of day (03:30), or empty")
    )
    """When it is called each day, in branch time; empty: only when an operator asks."""
    test_all: bool = field(default=False, metadata=FLAG)
    """Every ELIN each day, and not one a day in turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CamaSection:
    """``[[cama]]``: a trunk that says the number in MF, as its carrier's interface sheet has it.

    No two carriers have the same: whatever the sheet says can be said here, and the defaults are
    what is best known.
    """

    id: str = field(metadata=ID)
    format: str = field(metadata=word(*CAMA_FORMATS))
    """What is pulsed, by the names that Cisco gave; ``fgc`` KP 911 ST, ANI request, KP I number
    ST; ``fgd`` KP II number ST KP 911 ST; ``emf-10`` and ``emf-20`` enhanced MF (NENA 03-002)."""
    called: str = field(default="route", metadata=word("route", "911", "11", "none"))
    """``fgc`` and ``fgd``: the called digits; ``route``: what the route step says."""
    ani_digits: int = field(default=7, metadata=whole(7, 10))
    """``fgc``: how much of the number is asked for, 7 or 10 digits."""
    info: str = field(default="", metadata=text(r"\d{0,2}", "one or two digits, or empty"))
    """I or II digits of a call with its number; empty: the format's own (0; 00; 40)."""
    info_failed: str = field(default="", metadata=text(r"\d{0,2}", "one or two digits, or empty"))
    """The same where the number cannot be sent; empty: the format's own (2; 02)."""
    terminator: str = field(default="", metadata=word("", "st", "stp", "st2p", "st3p"))
    """How the group with the number ends; empty: as the format has it."""
    called_terminator: str = field(default="", metadata=word("", "st", "stp", "st2p", "st3p"))
    home_area: str = field(default="", metadata=text(r"([2-9]\d\d)?", "an area code, or empty"))
    """The area code that a format of seven digits leaves out."""
    npd: Mapping[str, int] = field(default_factory=dict, metadata=NPD)
    """Area code to its numbering plan digit (``"425" = 0``)."""
    start: str = field(default="wink", metadata=word("wink", "immediate", "delay-dial"))
    """How the far end says that it is ready for digits."""
    answer: str = field(default="", metadata=word("", "supervision", "cut-through", "delay"))
    """When the caller's call counts as answered; empty: by supervision where the format has it,
    else as soon as the digits are out."""
    answer_delay_ms: int = field(default=8000, metadata=whole(0, 60_000))
    """``delay``: so long after the digits."""
    kp_ms: int = field(default=100, metadata=whole(60, 150))
    digit_ms: int = field(default=68, metadata=whole(50, 120))
    st_ms: int = field(default=68, metadata=whole(50, 150))
    gap_ms: int = field(default=68, metadata=whole(40, 120))
    level_dbm0: float = field(default=-7.0, metadata=decimal(-20.0, -3.0))
    """Of each of a signal's two frequencies."""
    wink_least_ms: int = field(default=100, metadata=whole(20, 300))
    wink_most_ms: int = field(default=350, metadata=whole(100, 1000))
    """An off-hook between these is a wink; longer it is steady."""
    flash_least_ms: int = field(default=300, metadata=whole(50, 1000))
    flash_most_ms: int = field(default=1100, metadata=whole(0, 2000))
    """An on-hook of an answered far end between these is a hook flash, longer it has hung up; 0:
    each is a hang-up, and is taken for one at once."""
    timers: Mapping[str, float] = field(default_factory=dict, metadata=CAMA_TIMERS)
    """Seconds by name (``start_wait``) that differ from the core's."""
    order: str = field(default="rotating", metadata=word("descending", "ascending", "rotating"))
    least_free: int = field(default=0, metadata=whole(0, 1000))
    """Fewer free channels than this are an alarm; 0: never."""
    proof_days: int = field(default=0, metadata=whole(0, 365))
    """Days without a good call or test that are an alarm; 0: never."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncSection:
    """``[sync]``: how the sync process reaches the cloud, and whose signature it believes."""

    api: str = field(metadata=URL)
    bucket: str = field(metadata=text(r"[a-z0-9][a-z0-9.-]{1,62}", "the name of a bucket"))
    region: str = field(metadata=text(r"[a-z]{2}(-[a-z]+)+-\d", "a region (us-east-1)"))
    aws_endpoint: str = field(default="", metadata=OPTIONAL_URL)
    """Where S3 is, when it is not AWS's own."""
    credential_endpoint: str = field(metadata=URL)
    role_alias: str = field(metadata=text(r"[\w=,@-]{1,128}", "the name of a role alias"))
    thing: str = field(metadata=text(r"[\w:-]{1,128}", "the name of a thing"))
    ca: Path = field(metadata=PATH)
    certificate: Path = field(metadata=PATH)
    key: Path = field(metadata=PATH)
    trust: tuple[Path, ...] = field(default=(), metadata=PATHS)
    """PEM files of the keys whose signed manifests are believed."""
    poll_s: int = field(default=60, metadata=whole(1, 900))
    """How often to ask before the first manifest says it (and the most that it may say)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerSection:
    """``[[last_resort.peer]]``: a platform that is served while no snapshot can be used."""

    id: str = field(metadata=ID)
    host: str = field(metadata=HOST)
    port: int = field(default=5060, metadata=PORT)
    transport: str = field(default="udp", metadata=word("udp", "tcp"))
    networks: tuple[str, ...] = field(default=(), metadata=NETWORKS)


@dataclass(frozen=True, slots=True, kw_only=True)
class LastResortSection:
    """``[last_resort]``: how a 911 call goes out with no usable snapshot at all (R1)."""

    elin: Elin = field(metadata=ELIN)
    trunk: str = field(metadata=ID)
    called: str = field(default="911", metadata=text(r"\d{1,15}", "digits"))
    desk: str = field(default="", metadata=PARTY_URI)
    host: str = field(default="", metadata=OPTIONAL_HOST)
    """Where a ``sip`` trunk is; a trunk of a ``[[span]]`` needs none."""
    port: int = field(default=5060, metadata=PORT)
    transport: str = field(default="udp", metadata=word("udp", "tcp"))
    peers: tuple[PeerSection, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceSection:
    """``[trace]``: the local call trace."""

    numbers: bool = field(default=False, metadata=FLAG)
    """Write numbers and names as they are; without it they are masked."""
    kilobytes: int = field(default=8192, metadata=whole(64, 1_000_000))
    """Size at which the trace begins anew; one earlier file is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricsSection:
    """``[metrics]``: a port on loopback for a scraper; 0 leaves only the admin socket."""

    port: int = field(default=0, metadata=whole(0, 65535))
