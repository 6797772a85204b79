"""``python -m bench``: measures the budgets; exit code 0 only if every one of them is held."""

from __future__ import annotations

import argparse
import asyncio
import importlib
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench.rig import report
from bench.rig.measures import Row, Run
from lab.administrator import ApiRefused
from lab.cloud.errors import LabCloudError
from lab.phones.bulletin import Unmet

BUDGETS = (
    "seizure",
    "seizure_adopting",
    "seizure_voice",
    "callback",
    "sip_rate",
    "isdn_setup",
    "isdn_rate",
    "isdn_spans",
    "cama_spill",
    "saved",
    "restart",
    "voice",
    "told",
    "location_lookup",
)
"""One module each, in the order in which they run."""
MOST_S = 75.0
"""For one budget; all of them together end within five minutes."""
ALL_S = 300.0
RESULTS = Path(__file__).parent / "results"


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print, keep; returns the exit code."""
    options = _parser().parse_args(argv)
    load, at, begun = os.getloadavg()[0], datetime.now(UTC), time.monotonic()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="elingate-bench-") as folder:
        for name in options.only or BUDGETS:
            left = ALL_S - (time.monotonic() - begun)
            rows += _measured(name, Run(Path(folder) / name, options.quick), left, options.json)
    about = report.circumstances(at, load, time.monotonic() - begun, quick=options.quick)
    print(report.document(rows, about) if options.json else report.plain(rows, about))
    if not options.only and not options.quick:
        report.keep(RESULTS, rows, about)
    return 1 if any(row.ok is False or row.unmeasured for row in rows) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON, not a table")
    parser.add_argument("--quick", action="store_true", help="fewer repetitions; nothing is kept")
    parser.add_argument(
        "--only", action="append", choices=BUDGETS, metavar="NAME", help=", ".join(BUDGETS)
    )
    return parser


def _measured(name: str, run: Run, left: float, silent: bool) -> list[Row]:
    """The rows of one budget; what went wrong is a row too, so that nothing looks measured."""
    if not silent:
        print(f"measuring {name} ...", file=sys.stderr, flush=True)
    module = importlib.import_module(f"bench.{name}")
    try:
        rows: list[Row] = asyncio.run(_within(module.measure(run), min(MOST_S, left)))
    except TimeoutError as error:
        rows = [Row(name, "", "", {}, unmeasured=f"out of time: {error}")]
    except (OSError, RuntimeError, Unmet, LabCloudError, ApiRefused) as error:
        rows = [Row(name, "", "", {}, unmeasured=f"{type(error).__name__}: {error}")]
    return rows


async def _within(work: object, seconds: float) -> list[Row]:
    assert asyncio.iscoroutine(work)
    async with asyncio.timeout(max(seconds, 0.0)):
        rows: list[Row] = await work
        return rows


if __name__ == "__main__":
    sys.exit(main())
