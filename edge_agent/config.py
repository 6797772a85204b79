"""What stands in ``edge.toml``: every value with its limit beside it, every fault listed at once.

Device paths, keys and the last resort live here; who may call, what to dial and where people are
come in the snapshot.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar, cast

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

S = TypeVar("S")
GOOD_COPY = "edge.toml.good"


@dataclass(frozen=True, slots=True)
class Fault:
    """One value that cannot be used: its key (``sip.port``) and what is wrong with it."""

    key: str
    reason: str


class ConfigFaults(Exception):
    """Everything that is wrong with a configuration file, at once."""

    def __init__(self, path: Path, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(f"{path}: {fault.key}: {fault.reason}" for fault in faults))
        self.path = path
        self.faults = faults


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The whole of ``edge.toml``, checked."""

    path: Path
    edge: EdgeSection
    sip: SipSection
    last_resort: LastResortSection
    spans: tuple[SpanSection, ...] = ()
    sync: SyncSection | None = None
    trace: TraceSection = TraceSection()
    metrics: MetricsSection = MetricsSection()

    def missing_files(self) -> tuple[Fault, ...]:
        """Files named here that nobody can read: sync fails without them, calls do not."""
        if self.sync is None:
            return ()
        named = [
            ("ca", self.sync.ca),
            ("certificate", self.sync.certificate),
            ("key", self.sync.key),
        ]
        named += [(f"trust[{n}]", path) for n, path in enumerate(self.sync.trust)]
        return tuple(
            Fault(f"sync.{key}", f"cannot be read: {path}")
            for key, path in named
            if not os.access(path, os.R_OK)
        )


def load(path: Path) -> Config:
    """Read and check a configuration file.

    Raises:
        ConfigFaults: something in the file cannot be used; holds all faults at once.
    """
    try:
        body = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigFaults(path, (Fault("file", f"cannot be read: {error}"),)) from error
    return parse(body, path)


def parse(body: str, path: Path) -> Config:
    """Check the text of a configuration file; ``path`` is named in errors, anchors relative paths.

    Raises:
        ConfigFaults: as for :func:`load`.
    """
    try:
        document = tomllib.loads(body)
    except tomllib.TOMLDecodeError as error:
        raise ConfigFaults(path, (Fault("file", f"is not TOML: {error}"),)) from error
    return _Sections(path, document).config()


def load_or_last_good(path: Path) -> tuple[Config, ConfigFaults | None]:
    """The configuration to start with: the file, else the last one that was good and what is wrong.

    Raises:
        ConfigFaults: the file is bad and there never was a good one.
    """
    try:
        return load(path), None
    except ConfigFaults as faults:
        for folder in _state_dirs(path):
            copy = folder / GOOD_COPY
            if copy.is_file():
                return parse(copy.read_text("utf-8"), path), faults
        raise


def keep_good_copy(config: Config) -> None:
    """Keep the file that the agent started with: a bad edit then costs an alarm, not the branch."""
    copy = config.edge.state_dir / GOOD_COPY
    staged = copy.with_suffix(".new")
    descriptor = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(config.path.read_bytes())
        out.flush()
        os.fsync(out.fileno())
    staged.replace(copy)


def _state_dirs(path: Path) -> list[Path]:
    """Where the good copy may be when the file is broken: its own line, then systemd's variable."""
    found = []
    try:
        line = re.search(
            r'^\s*state_dir\s*=\s*["\']([^"\'\n]+)', path.read_text("utf-8", "replace"), re.M
        )
    except OSError:
        line = None
    if line is not None:
        found.append(path.parent / line[1])
    if "STATE_DIRECTORY" in os.environ:
        found.append(Path(os.environ["STATE_DIRECTORY"]))
    return found


class _Sections:
    """Reads a parsed TOML document section by section and collects the faults."""

    KNOWN = ("edge", "sip", "span", "sync", "last_resort", "trace", "metrics")

    def __init__(self, path: Path, document: Mapping[str, Any]) -> None:
        self._path = path
        self._document = document
        self._faults: list[Fault] = []

    def config(self) -> Config:
        for name in self._document.keys() - set(self.KNOWN):
            self._blame(name, "is not a section that is known here")
        edge = self._section(EdgeSection, "edge")
        sip = self._section(SipSection, "sip")
        spans = self._list(SpanSection, "span", self._document.get("span", []))
        sync = self._section(SyncSection, "sync") if "sync" in self._document else None
        last_resort = self._last_resort()
        trace = self._section(TraceSection, "trace", {})
        metrics = self._section(MetricsSection, "metrics", {})
        self._check_whole(spans, sip, last_resort)
        if self._faults:
            raise ConfigFaults(self._path, tuple(self._faults))
        return Config(
            path=self._path,
            edge=cast(EdgeSection, edge),
            sip=cast(SipSection, sip),
            spans=spans,
            sync=sync,
            last_resort=cast(LastResortSection, last_resort),
            trace=cast(TraceSection, trace),
            metrics=cast(MetricsSection, metrics),
        )

    def _last_resort(self) -> LastResortSection | None:
        raw = self._document.get("last_resort")
        if raw is None:
            self._blame(
                "last_resort", "is missing: without it a 911 call could fail for want of a snapshot"
            )
            return None
        peers: tuple[PeerSection, ...] = ()
        if isinstance(raw, dict):
            peers = self._list(PeerSection, "last_resort.peer", raw.get("peer", []))
            raw = {key: each for key, each in raw.items() if key != "peer"}
        return self._read(LastResortSection, "last_resort", raw, peers=peers)

    def _check_whole(
        self, spans: tuple[SpanSection, ...], sip: SipSection | None, last: LastResortSection | None
    ) -> None:
        taken: dict[tuple[str, int], str] = {}
        if sip is not None:
            taken[sip.host, sip.port] = "sip.port"
            if sip.rtp_first + sip.rtp_count > 65536:
                self._blame("sip.rtp_count", "goes past port 65535")
        for n, span in enumerate(spans):
            if span.id in {other.id for other in spans[:n]}:
                self._blame(f"span[{n}].id", f"is used twice: {span.id}")
            for key in ("d_local", "b_local"):
                port = (span.host, getattr(span, key))
                if port in taken:
                    self._blame(f"span[{n}].{key}", f"is the port of {taken[port]} too")
                taken[port] = f"span[{n}].{key}"
        if last is not None and not last.host and last.trunk not in {s.trunk for s in spans}:
            self._blame(
                "last_resort.trunk", f"no [[span]] has trunk {last.trunk!r}, and no host is given"
            )

    def _section(self, kind: type[S], name: str, absent: object = None) -> S | None:
        raw = self._document.get(name, absent)
        if raw is None:
            self._blame(name, "is missing")
            return None
        return self._read(kind, name, raw)

    def _list(self, kind: type[S], name: str, raw: object) -> tuple[S, ...]:
        if not isinstance(raw, list):
            self._blame(name, f"must be a list of tables: write [[{name}]]")
            return ()
        read = (self._read(kind, f"{name}[{n}]", each) for n, each in enumerate(raw))
        return tuple(each for each in read if each is not None)

    def _read(self, kind: type[S], name: str, raw: object, **made: object) -> S | None:
        if not isinstance(raw, dict):
            self._blame(name, "must be a table")
            return None
        faults = len(self._faults)
        given = dict(made)
        known = {each.name: each for each in fields(cast(Any, kind)) if each.name not in made}
        for key in raw.keys() - known.keys():
            self._blame(f"{name}.{key}", "is not a key that is known here")
        for key, each in known.items():
            if key not in raw:
                if each.default is MISSING:
                    self._blame(f"{name}.{key}", "is missing")
                continue
            try:
                given[key] = self._anchored(each.metadata["read"](raw[key]))
            except ValueError as error:
                self._blame(f"{name}.{key}", str(error))
        return kind(**given) if len(self._faults) == faults else None

    def _anchored(self, value: object) -> object:
        if isinstance(value, Path):
            return self._path.parent / value
        if isinstance(value, tuple):
            return tuple(self._anchored(each) for each in value)
        return value

    def _blame(self, key: str, reason: str) -> None:
        self._faults.append(Fault(key, reason))
