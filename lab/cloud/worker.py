"""One Lambda function: its process under Lambda's own runtime client, and the Runtime API it polls.

A function runs one event at a time, as one Lambda instance does. A thread starts the process,
waits for its end and starts it again; a timeout ends the process, as on Lambda.
"""

import json
import os
import subprocess
import sys
import threading
import time
import uuid
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotInTime
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from lab.cloud.errors import LabCloudError
from lab.cloud.resources import REGION, ROOT_KEY, ROOT_SECRET, function_arn
from lab.cloud.template import FunctionSpec
from lab.cloud.web import Dropped, LoopbackServer, Reply, Request

_RUNTIME: Final = "/2018-06-01/runtime"
_QUEUED_S: Final = 30.0  # how long an event may wait for the one instance
_MAX_RESTARTS: Final = 3  # in a row without becoming ready


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a function returned, or the error document of its failure."""

    ok: bool
    document: Any


@dataclass(slots=True)
class _Job:
    payload: bytes
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    taken: threading.Event = field(default_factory=threading.Event)
    outcome: Future[Outcome] = field(default_factory=Future)


class Worker:
    """Starts a function's process and hands it events."""

    def __init__(
        self,
        spec: FunctionSpec,
        environment: Mapping[str, str],
        import_path: Sequence[Path],
        log: Path,
    ) -> None:
        self.spec = spec
        self._log = log
        self._jobs: deque[_Job] = deque()
        self._running: dict[str, _Job] = {}
        self._changed = threading.Condition()
        self._ready = threading.Event()
        self._life = 0  # counts processes, so that a poll of a dead one takes no event
        self._stopping = False
        self._failure = ""
        self._process: subprocess.Popen[bytes] | None = None
        self._api = LoopbackServer(self._runtime_api).start()
        self._environment = _environment(spec, environment, import_path, self._api.server_port)
        self._keeper = threading.Thread(target=self._keep_alive, daemon=True)

    def start(self) -> None:
        """Start the process; `wait_ready` tells when it takes events."""
        self._keeper.start()

    def wait_ready(self, deadline: float) -> None:
        """Wait until monotonic ``deadline``; raises LabCloudError with the function's own error."""
        if not self._ready.wait(max(0.0, deadline - time.monotonic())) or self._failure:
            raise LabCloudError(f"{self.spec.name} did not start: {self._failure or self._tail()}")

    def invoke(self, event: Any) -> Outcome:
        """Run the function on one event and wait for what it returns."""
        job = _Job(json.dumps(event).encode())
        with self._changed:
            self._jobs.append(job)
            self._changed.notify_all()
        if not job.taken.wait(_QUEUED_S):
            return _error("Lab.Busy", f"{self.spec.name} took no event for {_QUEUED_S:.0f} s")
        try:
            return job.outcome.result(self.spec.timeout_s)
        except NotInTime:
            self._kill()
            return _error("Sandbox.Timedout", f"Task timed out after {self.spec.timeout_s} seconds")

    def stop(self) -> None:
        """End the process and its Runtime API."""
        self._stopping = True
        self._kill()  # before its poll is let go, so that it has nothing to complain of
        with self._changed:
            self._changed.notify_all()
        if self._keeper.is_alive():
            self._keeper.join(5)
        self._api.stop()

    def _kill(self) -> None:
        process = self._process
        if process is not None and process.poll() is None:
            process.kill()

    def _keep_alive(self) -> None:
        failures = 0
        while not self._stopping and failures < _MAX_RESTARTS:
            before = self._ready.is_set()
            self._ready.clear()
            self._run_once()
            failures = 0 if self._ready.is_set() and before else failures + 1
        if not self._stopping:
            self._failure = self._failure or self._tail()
            self._ready.set()

    def _run_once(self) -> None:
        # -S -s: no site-packages, neither the environment's nor the machine's.
        command = [sys.executable, "-S", "-s", "-m", "awslambdaric", self.spec.handler]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                cwd=self.spec.code,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # a Ctrl-C is for the cloud, which ends its functions
            )
            if self._stopping:
                self._kill()
            self._process.wait()
        with self._changed:
            self._life += 1
            lost, self._running = self._running, {}
            self._changed.notify_all()
        for job in lost.values():
            _settle(
                job, _error("Runtime.ExitError", "the runtime exited in the middle of an event")
            )

    def _runtime_api(self, request: Request) -> Reply | Dropped:
        match request.path.removeprefix(_RUNTIME).split("/")[1:]:
            case ["invocation", "next"]:
                return self._next()
            case ["invocation", job_id, ("response" | "error") as kind]:
                job = self._running.pop(job_id, None)
                if job is not None:
                    document = json.loads(request.body or b"null")
                    _settle(job, Outcome(kind == "response", document))
            case ["init", "error"]:
                self._failure = _brief(request.body)
        return Reply(202)

    def _next(self) -> Reply | Dropped:
        with self._changed:
            life = self._life
            self._failure = ""
            self._ready.set()
            self._changed.wait_for(lambda: self._jobs or self._stopping or self._life != life)
            if self._stopping or self._life != life:
                return Dropped()
            job = self._jobs.popleft()
            self._running[job.id] = job
        job.taken.set()
        deadline_ms = int((time.time() + self.spec.timeout_s) * 1000)
        headers = {
            "Content-Type": "application/json",
            "Lambda-Runtime-Aws-Request-Id": job.id,
            "Lambda-Runtime-Deadline-Ms": str(deadline_ms),
            "Lambda-Runtime-Invoked-Function-Arn": function_arn(self.spec.name),
        }
        return Reply(200, job.payload, tuple(headers.items()))

    def _tail(self) -> str:
        lines = self._log.read_text(errors="replace").splitlines() if self._log.exists() else []
        return " | ".join(lines[-8:]) or "its process said nothing"


def _settle(job: _Job, outcome: Outcome) -> None:
    if not job.outcome.done():
        job.outcome.set_result(outcome)


def _error(kind: str, message: str) -> Outcome:
    return Outcome(False, {"errorType": kind, "errorMessage": message})


def _brief(body: bytes) -> str:
    document = json.loads(body or b"{}")
    return f"{document.get('errorType')}: {document.get('errorMessage')}"


def _environment(
    spec: FunctionSpec,
    variables: Mapping[str, str],
    import_path: Sequence[Path],
    runtime_port: int,
) -> dict[str, str]:
    lambda_own = {
        "PATH": os.environ.get("PATH", ""),
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "PYTHONPATH": os.pathsep.join(map(str, import_path)),
        "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{runtime_port}",
        "AWS_LAMBDA_FUNCTION_NAME": spec.name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(spec.memory_mb),
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{spec.name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": "lab",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "LAMBDA_TASK_ROOT": str(spec.code),
        "_HANDLER": spec.handler,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": ROOT_KEY,
        "AWS_SECRET_ACCESS_KEY": ROOT_SECRET,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled",
    }
    return {**lambda_own, **variables}
