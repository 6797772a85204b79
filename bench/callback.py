"""The PSAP calls back: from the SETUP's datagram to the INVITE at the caller's phone."""

from __future__ import annotations

import asyncio

from bench.rig.branch import FLOORS, Branch, elin_of
from bench.rig.measures import Limit, Row, Run, spread
from bench.rig.scene import APART_S, PATIENCE_S, Scene, scene


async def measure(run: Run) -> list[Row]:
    """Outside by the kernel's stamps, inside by the agent's own histogram."""
    branch = Branch(run.folder)
    branch.write_config()
    branch.stage(100)
    async with scene(branch) as on:
        await on.seizures(FLOORS)  # everybody has called once, and can be called back
        for n in range(10):
            await _callback(on, n)
        outside = [await _callback(on, n) for n in range(run.many(200, 50))]
        inside = (await on.agent.status())["setup_to_invite"]
    limits = (Limit("p99", 3.0),)
    return [
        Row(
            "callback: SETUP to INVITE",
            "frame handed to the kernel -> INVITE arrived at the platform's socket",
            "ms",
            spread(outside),
            limits,
            "p99 < 3",
        ),
        Row(
            "callback: SETUP to INVITE, inside",
            "frame read by the agent -> INVITE handed to the kernel (its own histogram)",
            "ms",
            {"n": inside["count"], "p50": inside["p50_ms"], "p99": inside["p99_ms"]},
            limits,
            "p99 < 3",
        ),
    ]


async def _callback(on: Scene, n: int) -> float:
    floor = n % FLOORS + 1
    rung = on.phones.expect_ring(f"user{n % FLOORS}")
    reference, sent_at = on.first.place(elin_of(floor))
    async with asyncio.timeout(PATIENCE_S):
        arrived = await rung
        await on.first.connected(reference)
        await on.first.hang_up(reference)
    await asyncio.sleep(APART_S)
    return arrived - sent_at
