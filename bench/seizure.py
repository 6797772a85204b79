"""One emergency call at a time: from the INVITE's datagram to the SETUP's.

The same phones with the same stopwatch then call sipp, which only answers: what a plain SIP program
needs on this machine at this moment is the floor.
"""

from __future__ import annotations

import asyncio

from bench.rig import sipp
from bench.rig.branch import Branch, elin_of
from bench.rig.measures import Limit, Row, Run, ratio, spread
from bench.rig.phone import Phones
from bench.rig.scene import APART_S, scene
from lab.ports import free_port

WARM_UP = 20


async def measure(run: Run) -> list[Row]:
    """Outside by the kernel's stamps, inside by the agent's own histogram."""
    branch = Branch(run.folder)
    branch.write_config()
    branch.stage(100)
    async with scene(branch) as on:
        await on.seizures(WARM_UP)
        outside = await on.seizures(run.many(400, 80))
        status = await on.agent.status()
    floor = spread(await _floor(branch, run.many(200, 50)))
    inside = status["invite_to_seizure"]
    values = spread(outside)
    limits = (Limit("p50", 1.0), Limit("p99", 3.0))
    return [
        Row(
            "INVITE to SETUP, one call",
            "datagram handed to the kernel -> SETUP arrived at the exchange's socket",
            "ms",
            values,
            limits,
            "p50 < 1, p99 < 3",
            ratio(values, floor),
        ),
        Row(
            "INVITE to SETUP, one call, inside",
            "datagram read by the agent -> SETUP handed to the kernel (its own histogram)",
            "ms",
            {"n": inside["count"], "p50": inside["p50_ms"], "p99": inside["p99_ms"]},
            limits,
            "p50 < 1, p99 < 3",
        ),
        Row(
            "peer: sipp answers an INVITE",
            "datagram handed to the kernel -> sipp's 180 arrived at the phone",
            "ms",
            floor,
            note="the same INVITEs and the same stopwatch: what the machine itself costs just now",
        ),
    ]


async def _floor(branch: Branch, count: int) -> list[float]:
    peer = await sipp.start(branch.folder, "provider", branch.provider)
    phones = Phones(free_port(), branch.provider)
    taken = []
    try:
        await _first_answer(phones)
        for _ in range(count):
            call = phones.dial("floor", elin_of(1), 1)
            await call.answered()
            taken.append(call.statuses[0][1] - call.sent_at)
            phones.hang_up(call)
            await call.over()
            await asyncio.sleep(APART_S)
    finally:
        phones.close()
        await peer.stop()
    return taken


async def _first_answer(phones: Phones) -> None:
    """sipp needs a moment before it listens."""
    call = phones.dial("floor", elin_of(1), 1)
    while not call.asked.done():
        await asyncio.sleep(0.1)
        if not call.statuses:
            phones.again(call)
    phones.hang_up(call)
    await call.over()
