"""What we add on a CAMA trunk from the INVITE to the end of the digits, format by format, beside
what the format itself takes; and 24 trunks that pulse at once, each tone measured.

The agent and its media are the real processes. The tandem is a process of its own; spandsp, in
another, makes the same spill, and reads what was pulsed.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
import time
from base64 import b64encode
from dataclasses import dataclass
from statistics import median
from typing import Any

from bench.rig.agent import ROOT
from bench.rig.branch import EM_CHANNELS, Branch, elin_of
from bench.rig.measures import Limit, Row, Run, ratio, spread
from bench.rig.scene import Scene, scene
from bench.rig.tandem_process import TandemProcess
from bench.rig.tones import decoded, faults, tones, worst
from bench.rig.turns import Turns, blocks_of, late, sound, turns
from edge_agent.drivers.priority import SIGNALLING, go_real_time
from edge_agent.media.mf import spill

PATIENCE_S = 20.0
APART_S = 0.05
"""Between the calls of one round, each in another format."""
ROUND_S = 1.5
MOST_MS, LATE_MS = 60.0, 7.0
"""What we may add in a turn; how long a tone may be off, and so how late a block may come."""
GUARD_S = 1.2
"""A channel that was hung up less than a second ago is seized later."""
AT_ONCE = "fgd"
MAKE = 200
PATH = (
    "INVITE handed to the kernel -> last sample of the spill at the tandem, without what is the"
    " tandem's, the format's minimum, and telling a request from a wink"
)
HOME = 'home_area = "425"'


@dataclass(frozen=True, slots=True)
class Format:
    """What a branch says of it, and what is pulsed: one text for each turn."""

    says: str
    spills: tuple[str, ...]

    def signals(self, elin: str) -> list[str]:
        """What is pulsed for this ELIN."""
        return [each.format(seven=elin[3:], ten=elin) for each in self.spills]


FORMATS = {
    "kp-0-nxx-xxxx-st": Format(HOME, ("*0{seven}#",)),
    "kp-0-npa-nxx-xxxx-st": Format("", ("*0{ten}#",)),
    "kp-npd-nxx-xxxx-st": Format('npd = { "425" = 1 }', ("*1{seven}#",)),
    "kp-0-npa-nxx-xxxx-st-kp-yyy-yyy-yyyy-st": Format("", ("*0{ten}#*{ten}#",)),
    "kp-2-st": Format("", ("*2#",)),
    "fgc": Format(HOME, ("*911#", "*0{seven}#")),
    "fgd": Format("", ("*00{ten}#*911#",)),
    "emf-10": Format("", ("*40{ten}A",)),
    "emf-20": Format("", ("*40{ten}#*{ten}#",)),
}
"""A trunk for each, by the format's name."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A call of ours."""

    format: str
    elin: str
    sent_at: float


@dataclass(frozen=True, slots=True)
class Heard:
    """A call as the tandem saw it."""

    format: str
    signals: str
    """What is to be pulsed, all of it."""
    turns: Turns
    spills: list[dict[str, Any]]

    @property
    def sound(self) -> bytes:
        """All that was pulsed."""
        return b"".join(sound(each) for each in self.spills)


async def measure(run: Run) -> list[Row]:
    """Rounds of one call in each format, then 24 calls in one."""
    rounds = run.many(6, 2)
    branch = Branch(
        run.folder,
        route=(AT_ONCE,),
        lines=tuple((name, EM_CHANNELS) for name in FORMATS),
        floors=rounds * len(FORMATS) + len(EM_CHANNELS),  # a caller on each: no ELIN is taken
        camas={name: f'format = "{name}"\n{each.says}' for name, each in FORMATS.items()},
    )
    branch.write_config()
    branch.stage(100)
    blocks = [[blocks_of(each) for each in row.signals(elin_of(1))] for row in FORMATS.values()]
    async with TandemProcess(branch, blocks) as tandem, scene(branch) as on:
        await _until_media_is_ready(on)
        alone = await _rounds(on, rounds)
        crowd = await _crowd(on)
        seen = await tandem.over()
    heard = _heard(alone + crowd, seen)
    peer = await _spandsp(heard[-1].signals, [call.sound for call in heard])
    known = list(zip(heard, peer["read"], strict=True))
    by_format = {
        name: [each for each in known[: len(alone)] if each[0].format == name] for name in FORMATS
    }
    return [
        *(_format_row(name, calls) for name, calls in by_format.items()),
        *_together_rows(known[len(alone) :]),
        *_made_rows(heard[-1].signals, peer["made"]),
    ]


async def _until_media_is_ready(on: Scene) -> None:
    until = time.monotonic() + PATIENCE_S
    while not (await on.agent.status())["counts"].get("media-ready"):
        if time.monotonic() > until:
            raise ConnectionError("media did not begin")
        await asyncio.sleep(0.05)


# ---- calls --------------------------------------------------------------------------------------


async def _rounds(on: Scene, count: int) -> list[Placed]:
    """A call in each format, one soon after the other; the next round does not wait for the end of
    the last."""
    placed: list[Placed] = []
    calls: list[asyncio.Future[None]] = []
    begin = time.monotonic()
    for n in range(count):
        await asyncio.sleep(max(0.0, begin + n * ROUND_S - time.monotonic()))
        for name in FORMATS:
            calls.append(asyncio.ensure_future(_talk(on, name, len(placed) + 1, placed)))
            await asyncio.sleep(APART_S)
    await asyncio.gather(*calls)
    return placed


async def _crowd(on: Scene) -> list[Placed]:
    """As many at once as there are channels, once each can be seized."""
    await asyncio.sleep(GUARD_S)
    placed: list[Placed] = []
    floors = range(on.branch.floors - len(EM_CHANNELS) + 1, on.branch.floors + 1)
    await asyncio.gather(*(_talk(on, AT_ONCE, floor, placed) for floor in floors))
    return placed


async def _talk(on: Scene, name: str, floor: int, placed: list[Placed]) -> None:
    """A call from its INVITE to its end, which comes as soon as it is answered."""
    call = on.phones.dial(name, elin_of(floor), floor)
    placed.append(Placed(name, elin_of(floor), call.sent_at))
    status = await call.answered(PATIENCE_S)
    if status != 200:
        raise ConnectionError(f"a call of {call.user} got {status}")
    await on.clear(call)


def _heard(placed: list[Placed], seen: list[dict[str, Any]]) -> list[Heard]:
    """Calls on a trunk are seized in the order in which they are dialled."""
    names = list(FORMATS)
    by_format = {
        name: iter([each for each in seen if names[each["span"]] == name]) for name in names
    }
    heard = []
    for each in placed:
        call, signals = next(by_format[each.format]), FORMATS[each.format].signals(each.elin)
        told = turns(call, signals, each.sent_at)
        heard.append(Heard(each.format, "".join(signals), told, call["spills"]))
    return heard


# ---- rows ---------------------------------------------------------------------------------------


def _format_row(name: str, calls: list[tuple[Heard, str]]) -> Row:
    told = [call.turns for call, _ in calls]
    parts = ("total", "seizing", "far_end", "minimum", "discrimination")
    apart = {part: median(getattr(each, part) for each in told) for part in parts}
    return Row(
        f"digits: {name}",
        PATH,
        "ms",
        {
            **spread(each for turn in told for each in turn.ours),
            **{part.replace("_", " "): round(s * 1000, 1) for part, s in apart.items()},
            "read": _read(calls),
        },
        (Limit("max", MOST_MS), Limit("read", len(calls), least=True)),
        f"max < {MOST_MS:g} a turn",
        f"{' then '.join(FORMATS[name].spills)}; n counts turns, of which the first has the seizing"
        " in it; what is told of whole calls are medians",
    )


def _together_rows(calls: list[tuple[Heard, str]]) -> list[Row]:
    budget = f"{len(calls)} trunks pulsing at once"
    blocks = [each for call, _ in calls for spilled in call.spills for each in late(spilled["at"])]
    seized = spread(call.turns.seizing for call, _ in calls)
    return [
        _tones_row(budget, calls),
        Row(
            f"{budget}: the pace",
            "time of a block by the first of its spill -> arrived at the tandem's socket",
            "ms",
            spread(blocks),
            (Limit("p99", LATE_MS),),
            f"p99 < {LATE_MS:g}",
            "where a block comes late a line without a buffer makes a tone or a gap so much longer",
        ),
        Row(
            f"{budget}: the turns",
            PATH,
            "ms",
            {
                **spread(each for call, _ in calls for each in call.turns.ours),
                "seized p50": seized["p50"],
                "seized max": seized["max"],
            },
            (Limit("p99", MOST_MS),),
            f"p99 < {MOST_MS:g}",
            "the INVITEs leave in one burst: the last one waits for all steps before its own, and"
            " is seized so much later",
        ),
    ]


def _tones_row(budget: str, calls: list[tuple[Heard, str]]) -> Row:
    pulsed = [(tones(decoded(call.sound)), call.signals) for call, _ in calls]
    wrong = [fault for found, signals in pulsed for fault in faults(found, signals)]
    off = {name: max(worst(found)[name] for found, _ in pulsed) for name in worst([])}
    return Row(
        f"{budget}: the tones",
        "samples of each channel at the tandem, by sines fitted to them; digits by spandsp",
        "calls, tones, ms, dB",
        {
            "read": _read(calls),
            "tones": sum(len(found) for found, _ in pulsed),
            "faults": len(wrong),
            **{name: round(each, 2) for name, each in off.items()},
        },
        (
            Limit("read", len(EM_CHANNELS), least=True),
            Limit("tones", sum(len(signals) for _, signals in pulsed), least=True),
            Limit("faults", 1),
        ),
        "KP 100 ms, others and gaps 68, each within 7; -7 dBm0 within 1; 1.5% of a frequency",
        wrong[0] if wrong else "",
    )


def _read(calls: list[tuple[Heard, str]]) -> int:
    """Of how many calls spandsp has read exactly what was to be pulsed."""
    return sum(digits == call.signals for call, digits in calls)


def _made_rows(signals: str, theirs: list[float]) -> list[Row]:
    first, again, peer = *(spread(each) for each in _made(signals)), spread(theirs)
    path = f"{signals} -> all samples of the spill in mu-law"
    return [
        Row("a spill is made, first", path, "ms", first, note=ratio(first, peer)),
        Row("a spill is made, again", path, "ms", again, note=ratio(again, peer)),
        Row("peer: spandsp makes the same spill", path, "ms", peer, note="in C, called by cffi"),
    ]


# ---- who makes it, and who reads it -------------------------------------------------------------


def _made(signals: str) -> tuple[list[float], list[float]]:
    """Seconds to make a spill whose tones were not made before, and then once more."""
    first: list[float] = []
    again: list[float] = []
    gc.collect()
    go_real_time(SIGNALLING)
    try:
        for n in range(MAKE):
            for taken in (first, again):
                begun = time.perf_counter()
                spill(signals, level_dbm0=-7.0 - n / 1e6)  # a level of its own: nothing is kept
                taken.append(time.perf_counter() - begun)
    finally:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    return first, again


async def _spandsp(signals: str, sounds: list[bytes]) -> dict[str, Any]:
    wanted = {
        "make": signals,
        "times": MAKE,
        "read": [b64encode(each).decode("ascii") for each in sounds],
    }
    peer = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.rig.spandsp_spill"),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        talk = peer.communicate(json.dumps(wanted).encode())
        out, _ = await asyncio.wait_for(talk, PATIENCE_S)
    finally:
        if peer.returncode is None:
            peer.kill()
    found: dict[str, Any] = json.loads(out)
    return found
