"""One emergency call at a time: from the INVITE's datagram to the SETUP's."""

from __future__ import annotations

from bench.rig.branch import Branch
from bench.rig.measures import Limit, Row, Run, spread
from bench.rig.scene import scene

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
        ),
        Row(
            "INVITE to SETUP, one call, inside",
            "datagram read by the agent -> SETUP handed to the kernel (its own histogram)",
            "ms",
            {"n": inside["count"], "p50": inside["p50_ms"], "p99": inside["p99_ms"]},
            limits,
            "p50 < 1, p99 < 3",
        ),
    ]
