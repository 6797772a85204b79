"""Trunks and their tests on a terminal: what an operator looks for first, within a hundred columns.

Programs read the JSON; here channels are ranges, instants are minutes of UTC, and what is the same
for all spans of a trunk stands once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from edge_agent.ops.views import table

Row = Mapping[str, Any]

_RANGES = re.compile(r"\d{1,4}(-\d{1,4})?(,\d{1,4}(-\d{1,4})?)*", re.ASCII)

MINUTE = len("2026-03-01T11:30")


def trunks_shown(rows: Sequence[Row]) -> str:
    """A line for each span, then one for each trunk; suspect channels where there are any."""
    if not rows:
        return table(())
    trunks = {row["trunk"]: row for row in rows}
    idle = {name: sum(row["idle"] for row in rows if row["trunk"] == name) for name in trunks}
    of_trunks = [_trunk_line(row, idle[name]) for name, row in trunks.items()]
    of_spans = [_span_line(row) for row in rows]
    if not any(row["suspect"] for row in rows):
        of_spans = [{k: cell for k, cell in line.items() if k != "suspect"} for line in of_spans]
    return f"{table(of_spans)}\n\n{table(of_trunks)}"


def results_shown(results: Iterable[Row]) -> str:
    """A line for each test, then what was called, on which channel, and where the recording is."""
    held = list(results)
    details = [line for result in held for line in _details(result)]
    return "\n".join([table(map(_result_line, held)), *details])


def ranges(channels: Iterable[int]) -> str:
    """``1-3,23`` for 1, 2, 3 and 23."""
    runs: list[list[int]] = []
    for channel in sorted(channels):
        if runs and channel == runs[-1][-1] + 1:
            runs[-1][1:] = [channel]
        else:
            runs.append([channel])
    return ",".join("-".join(map(str, run)) for run in runs)


def channels_in(text: object) -> frozenset[int]:
    """The channels of ``1-3,23``.

    Raises:
        ValueError: ``text`` names no channels.
    """
    whole = isinstance(text, str) and _RANGES.fullmatch(text)
    runs = [list(map(int, run.split("-"))) for run in whole[0].split(",")] if whole else [[1, 0]]
    if any(run[-1] < run[0] for run in runs):
        raise ValueError("channels must be numbers and ranges: 1-4,7")
    return frozenset(n for run in runs for n in range(run[0], run[-1] + 1))


def _span_line(row: Row) -> dict[str, Any]:
    size = f" of {row['channels']}" if row["channels"] else ""
    return {
        "trunk": row["trunk"],
        "span": row["span"],
        "link": "up" if row["up"] else f"down: {row['why']}".rstrip(": "),
        "alarms": row["alarms"],
        "slips": row["slips"],
        "calls": f"{row['calls']}{size}",
        "busy": ranges(row["busy"]),
        "reserved": ranges(row["reserved"]),
        "suspect": ranges(row["suspect"]),
        "out of service": ranges(row["out_of_service"]),
    }


def _trunk_line(row: Row, idle: int) -> Row:
    return {
        "trunk": row["trunk"],
        "idle": idle if row["span"] else None,
        "reserve": row["reserve"],
        "last good (UTC)": row["last_good"],
        "last test (UTC)": row["last_test"],
    }


def _result_line(result: Row) -> Row:
    return {
        "id": result["id"],
        "at (UTC)": result["at"][:MINUTE],
        "trunk": result["trunk"],
        "elin": result["elin"],
        "outcome": result["outcome"],
        "heard": result["heard"],
        "verdict": result["verdict"],
    }


def _details(result: Row) -> Iterator[str]:
    channel = "" if result["channel"] is None else f" on channel {result['channel']}"
    yield f"{result['id']}: {result['number']}{channel}, asked by {result['by']}"
    if result["connected"]:
        yield f"{result['id']}: the network says that {result['connected']} answered"
    if result["recording"]:
        yield f"{result['id']}: recorded {result['recorded_s']:g} s: {result['recording']}"
    if result["remark"]:
        yield f"{result['id']}: {result['remark']}"
