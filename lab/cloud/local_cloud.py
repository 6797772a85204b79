"""A local cloud as its own process, for the story and the tests: start, addresses, keys, stop."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self

from lab.cloud.assembly import Addresses
from lab.cloud.control import CloudControl
from lab.cloud.errors import LabCloudError
from lab.cloud.identity import CertificateFiles


@dataclass(frozen=True, slots=True)
class LocalCloud:
    """A running local cloud; leaving the ``with`` block stops it.

    It stops by itself when the process that started it ends, however that ends.
    """

    addresses: Addresses
    control: CloudControl
    _process: "subprocess.Popen[str]"

    @classmethod
    def start(
        cls,
        template: Path,
        *,
        port: int = 0,
        folder: Path | None = None,
        parameters: Mapping[str, str] | None = None,
        credential_lifetime_s: float | None = None,
    ) -> Self:
        """Start one and wait until every function is ready; raises LabCloudError."""
        command = [sys.executable, "-m", "lab.cloud", "--supervised"]
        command += ["--template", str(template), "--port", str(port)]
        if credential_lifetime_s is not None:
            command += ["--credential-lifetime", str(credential_lifetime_s)]
        if folder is not None:
            command += ["--folder", str(folder)]
        for name, value in (parameters or {}).items():
            command += ["--parameter", f"{name}={value}"]
        with _own_log(folder) as complaints:
            process = subprocess.Popen(
                command,
                cwd=Path(__file__).parents[2],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=complaints,
                text=True,
                start_new_session=True,  # it ends when told or when its input does
            )
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line:
                _end(process)
                complaints.seek(0)
                raise LabCloudError(complaints.read().strip())
        addresses = Addresses(**json.loads(line))
        return cls(addresses, CloudControl(addresses.control), process)

    def admin_token(self, roles: Sequence[str] = ("admin",)) -> str:
        """A token for a person with these roles, for the header Authorization: Bearer."""
        return self.control.token(self.addresses.audience, "operator", roles)

    def edge_certificate(self, thing: str) -> CertificateFiles:
        """The PEM files of an edge's identity, for edge.toml."""
        return self.control.edge_certificate(thing)

    def stop(self) -> None:
        """End it and everything that it started."""
        _end(self._process)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()


def _own_log(folder: Path | None) -> IO[str]:
    """Where the cloud's own words go: beside the logs of its functions, where there is a folder."""
    if folder is None:
        return tempfile.TemporaryFile("w+")
    (folder / "logs").mkdir(parents=True, exist_ok=True)
    return (folder / "logs" / "cloud.log").open("w+")


def _end(process: "subprocess.Popen[str]") -> None:
    if process.stdin is not None:
        process.stdin.close()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()
