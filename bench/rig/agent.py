"""The real agent, as its own process, and what it says of itself."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bench.rig.branch import Branch
from edge_agent.ops.admin import AdminRefused, ask

ROOT = Path(__file__).resolve().parents[2]
START_S, STOP_S = 20.0, 3.0


class AgentFailed(RuntimeError):
    """The agent did not start, or ended by itself."""


class AgentProcess:
    """One agent; use as a context."""

    def __init__(self, branch: Branch) -> None:
        self._branch = branch
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; returns at once."""
        with (self._branch.folder / "stderr.log").open("ab") as stderr:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "edge_agent", "--config", str(self._branch.config)],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=stderr,
                stderr=stderr,
            )

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._process is not None, "it was not started"
        return self._process.pid

    async def ready(self, *, media: bool = True) -> None:
        """Wait until it answers, and its media process too.

        Raises:
            AgentFailed: it does not.
        """
        until = time.monotonic() + START_S
        while time.monotonic() < until:
            with contextlib.suppress(OSError, AdminRefused):
                status = await self.status()
                if not media or status["children"].get("media"):
                    return
            if self._process is None or self._process.poll() is not None:
                break
            await asyncio.sleep(0.05)
        raise AgentFailed(f"the agent did not start: {self._branch.folder}/edge.log")

    async def status(self) -> dict[str, Any]:
        """What ``elingate-edge status --json`` prints."""
        found: dict[str, Any] = await asyncio.to_thread(ask, self._branch.admin, {"do": "status"})
        return found

    def kill(self) -> None:
        """SIGKILL."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop(self) -> None:
        """SIGTERM twice, so that calls that are up do not hold it, then SIGKILL."""
        if self._process is None:
            return
        for _ in range(2):
            self._process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_S)
                return
        self.kill()


def cpu_s(pid: int) -> float:
    """Seconds of processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100.0


def memory_mb(pid: int) -> float:
    """Resident memory of a process in megabytes (10^6 bytes)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024 / 1e6
    return 0.0
