"""What stands in ``edge.toml``: every value with its limit beside it, every fault listed at once.

Device paths, keys and the last resort live here; who may call, what to dial and where people are
come in the snapshot.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar, cast

from edge_agent.sections import (
    CamaSection,
    EdgeSection,
    LastResortSection,
    MetricsSection,
    PeerSection,
    SipSection,
    SpanSection,
    SyncSection,
    TraceSection,
    TrunkSection,
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
class Config:
    """The whole of ``edge.toml``, checked."""

    path: Path
    edge: EdgeSection
    sip: SipSection
    last_resort: LastResortSection
    spans: tuple[SpanSection, ...] = ()
    trunks: tuple[TrunkSection, ...] = ()
    camas: tuple[CamaSection, ...] = ()
    sync: SyncSection | None = None
    trace: TraceSection = field(default_factory=TraceSection)
    metrics: MetricsSection = field(default_factory=MetricsSection)

    def trunk(self, name: str) -> TrunkSection:
        """What is said of a trunk; the defaults where there is no ``[[trunk]]`` for it."""
        return next((each for each in self.trunks if each.id == name), TrunkSection(id=name))

    def cama(self, name: str) -> CamaSection | None:
        """What is said of a CAMA trunk; ``None`` where the trunk is none."""
        return next((each for each in self.camas if each.id == name), None)

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


Check = Callable[[Config], tuple[Fault, ...]]
"""What only the cores can say of a configuration: the limits of a timer, what a line can carry."""


def nothing_more(config: Config) -> tuple[Fault, ...]:
    """The file's own limits are all that is checked."""
    return ()


def load(path: Path, check: Check = nothing_more) -> Config:
    """Read and check a configuration file.

    Raises:
        ConfigFaults: something in the file cannot be used; holds all faults at once.
    """
    try:
        body = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigFaults(path, (Fault("file", f"cannot be read: {error}"),)) from error
    config = parse(body, path)
    faults = check(config)
    if faults:
        raise ConfigFaults(path, faults)
    return config


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


def load_or_last_good(
    path: Path, check: Check = nothing_more
) -> tuple[Config, ConfigFaults | None]:
    """The configuration to start with: the file, else the last one that was good and what is wrong.

    Raises:
        ConfigFaults: the file is bad and there never was a good one.
    """
    try:
        return load(path, check), None
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

    KNOWN = ("edge", "sip", "span", "trunk", "cama", "sync", "last_resort", "trace", "metrics")

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
        trunks = self._list(TrunkSection, "trunk", self._document.get("trunk", []))
        camas = self._list(CamaSection, "cama", self._document.get("cama", []))
        sync = self._section(SyncSection, "sync") if "sync" in self._document else None
        last_resort = self._last_resort()
        trace = self._section(TraceSection, "trace", {})
        metrics = self._section(MetricsSection, "metrics", {})
        self._check_whole(spans, sip, last_resort)
        self._check_trunks(spans, trunks)
        self._check_camas(spans, trunks, camas)
        if self._faults:
            raise ConfigFaults(self._path, tuple(self._faults))
        return Config(
            path=self._path,
            edge=cast(EdgeSection, edge),
            sip=cast(SipSection, sip),
            spans=spans,
            trunks=trunks,
            camas=camas,
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
            self._check_driver(f"span[{n}]", span, taken)
        if last is not None and not last.host and last.trunk not in {s.trunk for s in spans}:
            self._blame(
                "last_resort.trunk", f"no [[span]] has trunk {last.trunk!r}, and no host is given"
            )

    def _check_driver(
        self, name: str, span: SpanSection, taken: dict[tuple[str, int], str]
    ) -> None:
        """Each driver needs its own keys, and two spans cannot have the same place."""
        if span.driver == "dahdi":
            if not span.dahdi_span:
                self._blame(f"{name}.dahdi_span", "is missing: the span's number in /proc/dahdi")
            elif ("dahdi", span.dahdi_span) in taken:
                other = taken["dahdi", span.dahdi_span]
                self._blame(f"{name}.dahdi_span", f"is the span of {other} too")
            taken["dahdi", span.dahdi_span] = name
            return
        for key in ("d_local", "d_remote", "b_local", "b_remote"):
            port = getattr(span, key)
            if not port:
                self._blame(f"{name}.{key}", "is missing: a loop span has four ports")
            elif key.endswith("local"):
                if (span.host, port) in taken:
                    self._blame(f"{name}.{key}", f"is the port of {taken[span.host, port]} too")
                taken[span.host, port] = f"{name}.{key}"

    def _check_trunks(
        self, spans: tuple[SpanSection, ...], trunks: tuple[TrunkSection, ...]
    ) -> None:
        for n, trunk in enumerate(trunks):
            if trunk.id in {other.id for other in trunks[:n]}:
                self._blame(f"trunk[{n}].id", f"is used twice: {trunk.id}")
            if trunk.id not in {span.trunk for span in spans}:
                self._blame(f"trunk[{n}].id", f"no [[span]] is of trunk {trunk.id!r}")
            if trunk.test_at and not trunk.test_number:
                self._blame(f"trunk[{n}].test_at", "needs a test_number to call")

    def _check_camas(
        self,
        spans: tuple[SpanSection, ...],
        trunks: tuple[TrunkSection, ...],
        camas: tuple[CamaSection, ...],
    ) -> None:
        """A trunk is of one kind: that of its spans, and of the one table that describes it."""
        names = [cama.id for cama in camas]
        for n, cama in enumerate(camas):
            if cama.id in names[:n]:
                self._blame(f"cama[{n}].id", f"is used twice: {cama.id}")
            if cama.id not in {span.trunk for span in spans}:
                self._blame(f"cama[{n}].id", f"no [[span]] is of trunk {cama.id!r}")
            if cama.id in {trunk.id for trunk in trunks}:
                self._blame(f"cama[{n}].id", f"is a [[trunk]] too, which is for ISDN: {cama.id!r}")
        for n, span in enumerate(spans):
            is_isdn = span.signalling == "isdn"
            if not is_isdn and span.trunk not in names:
                self._blame(f"span[{n}].trunk", f"no [[cama]] describes trunk {span.trunk!r}")
            if is_isdn and span.trunk in names:
                self._blame(f"span[{n}].signalling", "must be em, loop or bits on a [[cama]] trunk")
            if is_isdn and span.line == "analog":
                self._blame(f"span[{n}].signalling", "must be em, loop or bits on an analog line")
            if not is_isdn and span.line == "bri":
                self._blame(f"span[{n}].line", "must be t1, e1 or analog without a D channel")
            if span.line == "analog" and not span.channels:
                self._blame(f"span[{n}].channels", "is missing: the ports of the card")

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
                if each.default is MISSING and each.default_factory is MISSING:
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
