"""An edge agent as its own process: its ``edge.toml``, its start, its sudden end, its logs."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lab.cloud.assembly import Addresses
from lab.cloud.identity import CertificateFiles

ROOT = Path(__file__).resolve().parents[1]
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class CamaWiring:
    """What a CAMA trunk pulses; ``home_area`` is left out of it. ``channels`` as
    ordered: ``1-2``."""

    form: str
    home_area: str
    channels: str


@dataclass(frozen=True, slots=True)
class SpanWiring:
    """A span as the agent is told of it; ISDN where ``cama`` is none."""

    trunk: str
    d_local: int
    d_remote: int
    b_local: int
    b_remote: int
    cama: CamaWiring | None = None


@dataclass(frozen=True, slots=True)
class EdgeSettings:
    """What differs from one edge to another."""

    edge: str
    branch: str
    sip_port: int
    rtp_first: int
    rtp_count: int
    last_elin: str
    trunk: str
    span: SpanWiring | None = None
    provider_port: int = 0
    """Of a ``sip`` trunk, for the last resort."""


@dataclass(slots=True)
class EdgeProcess:
    """One agent; ``folder`` holds everything that it is given and that it writes."""

    settings: EdgeSettings
    folder: Path
    starts: int = 0
    wanted: bool = False
    """Whether it should be running: whoever supervises it starts it again if it is not."""
    on_end: Callable[[], None] = lambda: None
    """What the kernel does with the cards of a process that has ended."""
    _process: subprocess.Popen[bytes] | None = field(default=None)

    def enrol(self, cloud: Addresses, identity: CertificateFiles, signing_key: str) -> None:
        """Write what enrolment leaves on a box: the key that it trusts, and ``edge.toml``."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "signing-key.pem").write_text(signing_key)
        document = toml(self.settings, self.folder, cloud, identity)
        (self.folder / "edge.toml").write_text(document)

    def start(self) -> None:
        """Start the agent; it ends with the lab."""
        self.starts, self.wanted = self.starts + 1, True
        command = [sys.executable, "-m", "edge_agent", "--config", str(self.folder / "edge.toml")]
        with (self.folder / f"stderr-{self.starts}.log").open("wb") as stderr:
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=stderr,
                stderr=stderr,
                preexec_fn=_end_with_parent,
            )

    def ask(self, question: str) -> str:
        """What an operator is answered on the box: ``trunks``, ``calls``, ``alarms``."""
        config = str(self.folder / "edge.toml")
        command = [sys.executable, "-m", "edge_agent", question, "--config", config]
        answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        return answer.stdout or answer.stderr

    def kill(self) -> None:
        """SIGKILL: no goodbye."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop(self) -> None:
        """SIGTERM, twice where calls are still up, then SIGKILL."""
        self.wanted = False
        if self._process is None:
            return
        for _ in range(2):
            self._process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(2)
                return
        self.kill()

    async def supervise(self, every_s: float = 0.2) -> None:
        """Start it again whenever it has ended, as systemd does with ``Restart=always``."""
        while True:
            await asyncio.sleep(every_s)
            if self.wanted and not self.is_running:
                self.on_end()
                self.start()

    @property
    def is_running(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.poll() is None

    def logs(self) -> Iterator[Path]:
        """Every file that is a log; the journal and the outbox hold callers, and must."""
        yield from sorted(self.folder.glob("*.log"))
        yield from sorted(self.folder.glob("state/trace*"))


def toml(settings: EdgeSettings, folder: Path, cloud: Addresses, identity: CertificateFiles) -> str:
    """``edge.toml`` of an edge."""
    # A JSON string is a TOML basic string for everything that stands here.
    sections: list[tuple[str, dict[str, object]]] = [
        (
            "[edge]",
            {
                "id": settings.edge,
                "deployment": cloud.resources["Deployment"],
                "branch": settings.branch,
                "state_dir": str(folder / "state"),
                "admin_socket": str(folder / "admin.sock"),
                "log": str(folder / "edge.log"),
            },
        ),
        (
            "[sip]",
            {
                "host": "127.0.0.1",
                "port": settings.sip_port,
                "domain": f"{settings.branch}.gateway.example",
                "rtp_first": settings.rtp_first,
                "rtp_count": settings.rtp_count,
            },
        ),
    ]
    if settings.span is not None:
        sections.extend(_span(settings.span))
    sections.append(("[sync]", _sync(settings, folder, cloud, identity)))
    last: dict[str, object] = {"elin": settings.last_elin, "trunk": settings.trunk}
    if settings.span is None:
        last |= {"host": "127.0.0.1", "port": settings.provider_port}
    sections.append(("[last_resort]", last))
    return "\n".join(
        f"{title}\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items())
        for title, values in sections
    )


def _span(span: SpanWiring) -> Iterator[tuple[str, dict[str, object]]]:
    ports: dict[str, object] = {
        name: getattr(span, name) for name in ("d_local", "d_remote", "b_local", "b_remote")
    }
    line = {"trunk": span.trunk, "driver": "loop", **ports}
    if span.cama is None:
        yield "[[span]]", {"id": "pri-1", **line}
        return
    channels = {"channels": span.cama.channels, "signalling": "em"}
    yield "[[span]]", {"id": "t1-1", **channels, **line}
    trunk: dict[str, object] = {
        "id": span.trunk,
        "format": span.cama.form,
        "home_area": span.cama.home_area,
    }
    yield "[[cama]]", trunk


def _sync(
    settings: EdgeSettings, folder: Path, cloud: Addresses, identity: CertificateFiles
) -> dict[str, object]:
    return {
        "api": cloud.http,
        "bucket": cloud.outputs["BucketName"],
        "region": cloud.region,
        "aws_endpoint": cloud.s3,
        "credential_endpoint": cloud.credentials,
        "role_alias": cloud.role_aliases[0],
        "thing": settings.edge,
        "ca": str(identity.ca),
        "certificate": str(identity.certificate),
        "key": str(identity.key),
        "trust": [str(folder / "signing-key.pem")],
        "poll_s": 1,
    }


def _end_with_parent() -> None:
    """Between fork and exec: whatever ends the lab, even SIGKILL, ends the agent."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() == 1:
        os.kill(os.getpid(), signal.SIGTERM)
