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

from edge_agent.sections import (
    EdgeSection,
    LastResortSection,
    MetricsSection,
    PeerSection,
    SipSection,
    SpanSection,
    SyncSection,
    TraceSection,
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
    sync: SyncSection | None = None
    trace: TraceSection = field(default_factory=TraceSection)
    metrics: MetricsSection = field(default_factory=MetricsSection)

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
