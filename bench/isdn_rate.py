"""New emergency calls on one span: 20 a second; beyond its 23 channels 503 at once."""

from __future__ import annotations

import asyncio
import time

from bench.rig.branch import FLOORS, Branch, elin_of
from bench.rig.measures import Limit, Row, Run, spread
from bench.rig.phone import Call
from bench.rig.scene import PATIENCE_S, Scene, scene

RATE, SECONDS = 20, 10
TALK_S = 0.5
BEYOND = 30
"""Calls at once, of which the span can carry 23."""


async def measure(run: Run) -> list[Row]:
    """A steady rate first, then more calls at once than there are channels."""
    branch = Branch(run.folder, route=("pri-one",))
    branch.write_config()
    branch.stage(100)
    async with scene(branch) as on:
        calls = await _steadily(on, RATE * run.many(SECONDS, 3))
        crowd = [_dial(on, n) for n in range(BEYOND)]
        statuses = [await call.answered(PATIENCE_S) for call in crowd]
        refused = [_first_final(call) for call in crowd if call.asked.result() == 503]
    answered = sum(call.asked.result() == 200 for call in calls)
    taken = [_first_final(call) for call in calls]
    return [
        Row(
            f"new calls on one span, {RATE} a second",
            "INVITE handed to the kernel -> 200 arrived (the exchange answers at once)",
            "calls, ms",
            {"placed": len(calls), "answered": answered, **spread(taken)},
            (Limit("answered", len(calls), least=True),),
            "none lost",
            f"each up for {TALK_S:g} s",
        ),
        Row(
            f"{BEYOND} calls at once on one span",
            "INVITE handed to the kernel -> 503 arrived, for those beyond the 23 channels",
            "calls, ms",
            {"up": statuses.count(200), "refused": statuses.count(503), **spread(refused)},
            (Limit("up", 23, least=True), Limit("refused", BEYOND - 23, least=True)),
            "23 up, the others 503",
            "the datagrams leave in one burst: the last one waits for all steps before its own",
        ),
    ]


async def _steadily(on: Scene, count: int) -> list[Call]:
    begin = time.monotonic()
    talks = []
    for n in range(count):
        await asyncio.sleep(max(0.0, begin + n / RATE - time.monotonic()))
        talks.append(asyncio.ensure_future(_talk(on, n)))
    return await asyncio.gather(*talks)


async def _talk(on: Scene, n: int) -> Call:
    call = _dial(on, n)
    if await call.answered(PATIENCE_S) == 200:
        await asyncio.sleep(TALK_S)
        await on.clear(call)
    return call


def _dial(on: Scene, n: int) -> Call:
    floor = n % FLOORS + 1
    return on.phones.dial(f"user{n % FLOORS}", elin_of(floor), floor)


def _first_final(call: Call) -> float:
    return next(at for status, at in call.statuses if status >= 200) - call.sent_at
