"""Sixteen spans in one agent: 368 channels on one trunk, most of them in a call, five new calls a
second; what signalling costs.
"""

from __future__ import annotations

import asyncio
import time

from bench.rig.agent import cpu_s
from bench.rig.branch import T1_CHANNELS, Branch, elin_of
from bench.rig.measures import Limit, Row, Run, spread
from bench.rig.phone import Call
from bench.rig.scene import PATIENCE_S, Scene, scene

SPANS = 16
CHANNELS = SPANS * len(T1_CHANNELS)
RATE, TALK_S = 5, 3.0
UP = 270
"""Calls that are up all the time; with those that come and go every call has an ELIN of its own."""
UP_RATE = 20
IDLE_S = 3.0
FLOORS = 60


async def measure(run: Run) -> list[Row]:
    """Calls are put up, left alone for a moment, and then more come and go."""
    branch = Branch(
        run.folder,
        route=("pri-one",),
        lines=(("pri-one", T1_CHANNELS),) * SPANS,
        floors=FLOORS,
    )
    branch.write_config()
    branch.stage(100)
    seconds, up = run.many(20, 6), run.many(UP, 60)
    async with scene(branch) as on:
        pid = on.agent.pid
        held = await _placed(on, up, UP_RATE)
        alone = await _share(pid, asyncio.sleep(IDLE_S))
        calls: list[Call] = []
        share = await _share(pid, _coming_and_going(on, RATE * seconds, calls))
        taken = [call.statuses[-1][1] - call.sent_at for call in calls if call.asked.done()]
        seizure = (await on.agent.status())["invite_to_seizure"]
    answered = sum(call.asked.done() and call.asked.result() == 200 for call in calls)
    still = sum(call.asked.result() == 200 and not call.gone.done() for call in held)
    return [
        Row(
            f"{RATE} calls a second on {SPANS} spans, processor",
            "agent process (signalling), user and system time over elapsed",
            "share of a core",
            {"share": round(share, 3), "without new calls": round(alone, 3)},
            (Limit("share", 0.25),),
            "< 0.25",
            f"{up} calls are up meanwhile on {CHANNELS} channels, each new one for {TALK_S:g} s",
        ),
        Row(
            f"{RATE} calls a second on {SPANS} spans, answered",
            "INVITE handed to the kernel -> 200 arrived (the exchange answers at once)",
            "calls, ms",
            {"placed": len(calls), "answered": answered, "still up": still, **spread(taken)},
            (Limit("answered", len(calls), least=True), Limit("still up", up, least=True)),
            "none lost",
            f"INVITE to SETUP inside p50 {seizure['p50_ms']} ms, p99 {seizure['p99_ms']} ms",
        ),
    ]


async def _share(pid: int, work: object) -> float:
    """Processor time that a process uses while ``work`` runs, over its duration."""
    assert asyncio.iscoroutine(work)
    begun, used = time.monotonic(), cpu_s(pid)
    await work
    return (cpu_s(pid) - used) / (time.monotonic() - begun)


async def _placed(on: Scene, count: int, rate: int) -> list[Call]:
    begin, calls = time.monotonic(), []
    for n in range(count):
        await asyncio.sleep(max(0.0, begin + n / rate - time.monotonic()))
        calls.append(_dial(on, n))
    for call in calls:
        status = await call.answered(PATIENCE_S)
        if status != 200:
            raise ConnectionError(f"a call that should be up got {status}")
    return calls


async def _coming_and_going(on: Scene, count: int, calls: list[Call]) -> None:
    begin, talks = time.monotonic(), []
    for n in range(count):
        await asyncio.sleep(max(0.0, begin + n / RATE - time.monotonic()))
        calls.append(_dial(on, UP + n))
        talks.append(asyncio.ensure_future(_talk(on, calls[-1])))
    await asyncio.gather(*talks)


async def _talk(on: Scene, call: Call) -> None:
    if await call.answered(PATIENCE_S) == 200:
        await asyncio.sleep(TALK_S)
        await on.clear(call)


def _dial(on: Scene, n: int) -> Call:
    floor, rank = n % FLOORS + 1, n // FLOORS % 5
    return on.phones.dial(f"user{n}", elin_of(floor, rank), floor)
