"""One more emergency call while 23 are up and talking: it goes out on the second span."""

from __future__ import annotations

from bench.rig.branch import T1_CHANNELS, Branch
from bench.rig.measures import Limit, Row, Run, spread
from bench.rig.scene import scene
from bench.rig.talking import talking

SECONDS = 30


async def measure(run: Run) -> list[Row]:
    """Every channel of the first span is taken, so each call takes the next route step."""
    branch = Branch(run.folder)
    branch.write_config()
    branch.stage(100)
    async with scene(branch) as on:
        await on.seizures(10)
        async with talking(on, SECONDS):
            taken = await on.seizures(run.many(150, 40), on.second)
    return [
        Row(
            f"INVITE to SETUP with {len(T1_CHANNELS)} calls up, RTP flowing",
            "datagram handed to the kernel -> SETUP arrived at the exchange's socket",
            "ms",
            spread(taken),
            (Limit("p99", 10.0),),
            "p99 < 10",
            "the first span is full: each call is placed on the second in the same step",
        )
    ]
