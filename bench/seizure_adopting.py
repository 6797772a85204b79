"""Emergency calls while 50,000 network elements are being adopted: published, fetched by the sync
process, verified, staged, indexed in slices beside the calls.
"""

from __future__ import annotations

import asyncio
import time

from bench.rig.branch import Branch
from bench.rig.cloud import BenchCloud
from bench.rig.measures import Limit, Row, Run, spread
from bench.rig.scene import Scene, scene

ELEMENTS = 50_000
PATIENCE_S = 30.0
HELD = 100


async def measure(run: Run) -> list[Row]:
    """Calls one after the other; those count whose INVITE fell between fetch and use."""
    branch = Branch(run.folder)
    during: list[float] = []
    took: list[float] = []
    with BenchCloud() as cloud:
        branch.write_config(cloud.section(branch))
        branch.stage(HELD)
        async with scene(branch) as on:
            await on.seizures(10)
            for serial in range(HELD + 1, HELD + 1 + run.many(3, 1)):
                await asyncio.to_thread(
                    lambda n: cloud.publish(n, *branch.rendered(n, ELEMENTS)), serial
                )
                calls = await _until_in_use(on, serial)
                begun = cloud.served_at(serial)
                assert begun is not None, "in use, so it was fetched"
                ended = time.time()
                took.append(ended - begun)
                during += [seconds for at, seconds in calls if begun <= at <= ended]
    return [
        Row(
            "INVITE to SETUP while adopting 50,000 elements",
            "datagram handed to the kernel -> SETUP arrived, between the body's fetch and its use",
            "ms",
            spread(during),
            (Limit("p99", 10.0),),
            "p99 < 10",
            f"from fetch to use {sum(took) / len(took):.1f} s, over {len(took)} publishes",
        )
    ]


async def _until_in_use(on: Scene, serial: int) -> list[tuple[float, float]]:
    """Call until the agent logs that the serial is in use; when each INVITE left, and its time."""
    calls: list[tuple[float, float]] = []
    until = time.monotonic() + PATIENCE_S
    sign = f"serial {serial} is in use"
    while sign not in on.branch.log.read_text():
        if time.monotonic() > until:
            raise TimeoutError(f"serial {serial} was not adopted within {PATIENCE_S:g} s")
        seconds, call = await on.seizure(len(calls))
        calls.append((call.sent_at, seconds))
        await on.clear(call)
    return calls
