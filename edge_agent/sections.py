"""The sections of ``edge.toml`` as values: every key with its limit and its meaning beside it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from e911.numbers import Elin
from edge_agent.limits import (
    ADDRESS,
    ELIN,
    FLAG,
    HOST,
    ID,
    NETWORKS,
    OPTIONAL_HOST,
    OPTIONAL_URL,
    PARTY_URI,
    PATH,
    PATHS,
    PORT,
    URL,
    text,
    whole,
    word,
)


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
    trunk_ping_s: int = field(default=30, metadata=whole(0, 3600))
    """How often a SIP trunk is asked by OPTIONS whether it is there; 0 is never."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanSection:
    """``[[span]]``: one line and its driver; the ports are those of the ``loop`` driver."""

    id: str = field(metadata=ID)
    trunk: str = field(metadata=ID)
    driver: str = field(metadata=word("loop"))
    line: str = field(default="t1", metadata=word("t1", "e1"))
    switch: str = field(default="ni2", metadata=word("ni2", "5ess", "4ess", "dms100", "euro"))
    host: str = field(default="127.0.0.1", metadata=ADDRESS)
    d_local: int = field(metadata=PORT)
    d_remote: int = field(metadata=PORT)
    b_local: int = field(metadata=PORT)
    b_remote: int = field(metadata=PORT)


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
