"""sipp as load and as the far end: an independent program places the calls and counts them."""

from __future__ import annotations

import asyncio
import contextlib
import csv
from dataclasses import dataclass
from pathlib import Path

from bench.rig.branch import FLOORS, elin_of
from bench.rig.wire import HOST

SCENARIOS = Path(__file__).resolve().parents[1] / "sipp"
USERS = 200


@dataclass(frozen=True, slots=True)
class Counts:
    """What sipp says at its end."""

    created: int
    successful: int
    failed: int
    retransmissions: int


class Sipp:
    """One sipp process."""

    def __init__(self, process: asyncio.subprocess.Process, statistics: Path) -> None:
        self._process = process
        self._statistics = statistics

    async def counts(self, timeout: float) -> Counts:
        """Wait for its end, and read what it counted."""
        await asyncio.wait_for(self._process.wait(), timeout)
        return read_counts(self._statistics.read_text())

    async def stop(self) -> None:
        """End it."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()


async def start(folder: Path, scenario: str, port: int, *options: str) -> Sipp:
    """Start sipp with one of our scenarios, its own port and further options."""
    statistics = folder / f"{scenario}.csv"
    path = SCENARIOS / f"{scenario}.xml"
    process = await asyncio.create_subprocess_exec(
        *("sipp", "-sf", str(path), "-i", HOST, "-mi", HOST, "-p", str(port), "-nostdin"),
        *("-trace_stat", "-stf", str(statistics), "-fd", "1", "-buff_size", "4194304"),
        *options,
        cwd=folder,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    return Sipp(process, statistics)


def write_users(path: Path) -> None:
    """Who calls from where: sipp takes the lines in turn."""
    lines = [
        f"caller{n};{elin_of(n % FLOORS + 1, n // FLOORS)};{n % FLOORS + 1}" for n in range(USERS)
    ]
    path.write_text("\n".join(["SEQUENTIAL", *lines]) + "\n")


def read_counts(text: str) -> Counts:
    """The last line of sipp's statistics."""
    last = list(csv.DictReader(text.splitlines(), delimiter=";"))[-1]

    def cumulative(name: str) -> int:
        return int(last[f"{name}(C)"])

    return Counts(
        int(last["TotalCallCreated"]),
        cumulative("SuccessfulCall"),
        cumulative("FailedCall"),
        cumulative("Retransmissions"),
    )
