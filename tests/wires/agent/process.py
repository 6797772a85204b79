"""The agent as its operator has it: a process, a log, an admin socket and a command."""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from edge_agent.ops.admin import AdminRefused, ask
from tests.wires.agent.branch import Branch
from tests.wires.agent.ports import until_taken
from tests.wires.agent.pump import PATIENCE_S, Pump

ROOT = Path(__file__).resolve().parents[3]
TAKES_CALLS = "takes calls"
ENDED = "(the log ended)"
ASK_AGAIN_S = 0.02
"""Where there is one processor, asking without a pause would leave none for what is waited for."""


def environment() -> dict[str, str]:
    """Where the product's packages are, wherever it is run from."""
    return {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'layers' / 'core'}"}


class AgentProcess:
    """``python -m edge_agent``, from its start until it has ended."""

    def __init__(self, branch: Branch, pump: Pump) -> None:
        self.branch = branch
        self._pump = pump
        self.log: list[str] = []
        self.boot = ""
        self._rest = b""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "edge_agent", "--config", str(branch.config)],
            cwd=branch.folder,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        assert self._process.stderr is not None
        self._stderr = self._process.stderr
        os.set_blocking(self._stderr.fileno(), False)
        pump.watch(self._stderr, self._read)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def until_ready(self) -> None:
        """Wait until it says that it takes calls, and its voice is there."""
        self._pump.until(lambda: self._is_up() or ENDED in self.log, lambda: self.log, 20.0)
        assert self._is_up(), "\n".join(self.log)
        until_taken(self.branch.sip, "udp")
        self.boot = self.ask("status")["boot"]
        self.until(lambda: bool(self.ask("status")["counts"].get("media-ready")))

    def ask(self, do: str, **more: Any) -> Any:
        """An operator's question."""
        return ask(self.branch.admin_socket, {"do": do, **more})

    def alarms(self) -> set[str]:
        """Slugs of the alarms that are active."""
        return {alarm["slug"] for alarm in self.ask("alarms") if alarm["active"]}

    def raised(self, slug: str) -> int:
        """How often an alarm was raised, about anything."""
        return sum(alarm["count"] for alarm in self.ask("alarms") if alarm["slug"] == slug)

    def media_pid(self) -> int | None:
        """The process id of its voice."""
        pid: int | None = self.ask("status")["children"].get("media")
        return pid

    def until(self, met: Callable[[], bool], within_s: float = PATIENCE_S) -> None:
        """Ask until ``met``; each question is a round trip to the agent."""
        limit = time.monotonic() + within_s
        while not met():
            assert time.monotonic() < limit, f"waited {within_s} s; status {self.ask('status')}"
            select.select([], [], [], ASK_AGAIN_S)

    def command(self, *words: str, status: int = 0) -> str:
        """``elingate-edge WORDS --config …`` as a process; what it prints."""
        done = self.command_begins(*words)
        printed, _ = done.communicate(timeout=PATIENCE_S)
        assert done.returncode == status, (done.returncode, printed)
        return printed

    def command_begins(self, *words: str) -> subprocess.Popen[str]:
        """The same, not waited for."""
        line = [sys.executable, "-m", "edge_agent", *words, "--config", str(self.branch.config)]
        return subprocess.Popen(line, env=environment(), stdout=subprocess.PIPE, text=True)

    def says(self, word: str) -> Any:
        """The command's answer to one word, as JSON."""
        return json.loads(self.command(word, "--json"))

    def fill_disk(self) -> None:
        """From now on every write to a file fails, as on a full disk."""
        _, hard = resource.prlimit(self.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (0, hard))

    def make_room_on_disk(self) -> None:
        """Writes succeed again."""
        _, hard = resource.prlimit(self.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (hard, hard))

    def kill(self) -> None:
        """Power is gone: SIGKILL."""
        self._process.send_signal(signal.SIGKILL)
        self.wait()

    def kill_media(self, pid: int) -> None:
        """Voice crashes."""
        assert pid == self.media_pid()
        os.kill(pid, signal.SIGKILL)

    def until_gone(self, pid: int) -> None:
        """Wait until a process of this agent's has ended."""
        try:
            descriptor = os.pidfd_open(pid)
        except ProcessLookupError:
            return
        ended, _, _ = select.select([descriptor], [], [], PATIENCE_S)
        os.close(descriptor)
        assert ended, f"process {pid} goes on"

    def wait(self) -> int:
        """Until it has ended; its exit code."""
        return self._process.wait(PATIENCE_S)

    def terminate(self) -> int:
        """As systemd stops it: SIGTERM; its exit code."""
        self._process.terminate()
        return self.wait()

    def end(self) -> None:
        """End it and its voice whatever they are doing, and let go; no call is waited for."""
        voice = self._voice_or_none()
        if self._process.poll() is None:
            self._process.kill()
        self.wait()
        if voice is not None:
            os.kill(voice, signal.SIGKILL)  # it lingers for 2 s after its agent
            self.until_gone(voice)
        if not self._stderr.closed:
            self._pump.drop(self._stderr)
            self._stderr.close()

    def _is_up(self) -> bool:
        return any(TAKES_CALLS in line for line in self.log)

    def _voice_or_none(self) -> int | None:
        try:
            return self.media_pid() if self._process.poll() is None else None
        except (OSError, AdminRefused):
            return None

    def _read(self) -> None:
        data = os.read(self._stderr.fileno(), 1 << 16)
        if not data:
            self._pump.drop(self._stderr)
            self.log.append(ENDED)
            return
        *lines, self._rest = (self._rest + data).split(b"\n")
        self.log += [line.decode(errors="replace") for line in lines]
