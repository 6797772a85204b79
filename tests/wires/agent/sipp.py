"""sipp, run on a scenario of ``tests/wires/sipp``; its own checks decide whether it ends well."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from tests.wires.agent.ports import HOST, free_run, until_taken

SCENARIOS = Path(__file__).parents[1] / "sipp"
MODES = {"udp": "u1", "tcp": "t1"}
GIVE_UP_S = 15
"""sipp's own deadline; the test's is a little later, so that sipp can say why."""


class Sipp:
    """One sipp process that plays one scenario ``calls`` times."""

    def __init__(
        self,
        folder: Path,
        scenario: str,
        port: int,
        *,
        to: int | None = None,
        transport: str = "udp",
        host: str = HOST,
        calls: int = 1,
        keys: dict[str, str] | None = None,
    ) -> None:
        self.name = f"{scenario}-{port}"
        self._folder = folder
        self._output = folder / f"{self.name}.out"
        complete = folder / f"{self.name}.xml"
        complete.write_text(_with_parts(scenario))
        words = ["sipp", "-sf", str(complete), "-i", host, "-p", str(port)]
        words += ["-t", MODES[transport], "-nostdin", "-m", str(calls), "-mp", str(free_run(4))]
        words += ["-timeout", str(GIVE_UP_S), "-timeout_error"]
        words += ["-trace_err", "-error_file", str(folder / f"{self.name}.err")]
        for key, value in (keys or {}).items():
            words += ["-key", key, value]
        words += [f"{HOST}:{to}"] if to else []
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                words,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        if to is None:
            until_taken(port, transport)

    def ends_well(self) -> None:
        """Wait until every call of the scenario has succeeded."""
        status = self._process.wait(GIVE_UP_S + 5)
        assert status == 0, f"{self.name} ended with {status}\n{self._story()}"

    def end(self) -> None:
        """End it whatever it is doing."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait(5)

    def _story(self) -> str:
        errors = self._folder / f"{self.name}.err"
        said = self._output.read_text("utf-8", "replace")[-1500:]
        return (errors.read_text("utf-8", "replace") if errors.exists() else "") + said


def _with_parts(scenario: str) -> str:
    """The scenario with each ``@part@`` in its place: sipp itself cannot include a template."""

    def part(named: re.Match[str]) -> str:
        return (SCENARIOS / f"{named[1]}.part").read_text().rstrip("\n")

    text = (SCENARIOS / f"{scenario}.xml").read_text()
    return re.sub(r"^@([a-z_]+)@$", part, text, flags=re.MULTILINE)
