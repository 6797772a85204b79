"""A binding is on disk within 100 ms of its seizure (R6): the agent's own measure, and the journal
read back after the agent was killed.
"""

from __future__ import annotations

import asyncio

from bench.rig.branch import Branch
from bench.rig.measures import Limit, Row, Run
from bench.rig.scene import scene
from edge_agent.store.disk import RealDisk
from edge_agent.store.journal import replay

TARGET_S = 0.1


async def measure(run: Run) -> list[Row]:
    """Calls, then SIGKILL within the budget of the last one's SETUP."""
    branch = Branch(run.folder)
    branch.write_config()
    branch.stage(100)
    count = run.many(150, 40)
    async with scene(branch) as on:
        await on.seizures(count - 1)
        saved = (await on.agent.status())["binding_saved"]
        await on.seizure(count - 1)
        await asyncio.sleep(TARGET_S)
        on.agent.kill()
    kept = len(replay(branch.state / "journal", RealDisk()).bindings)
    return [
        Row(
            "seizure to binding on disk",
            "end of the step that seized -> the journal's fsync returned (the agent's histogram)",
            "ms",
            {"n": saved["count"], "p50": saved["p50_ms"], "p99": saved["p99_ms"]},
            (Limit("p99", TARGET_S * 1000),),
            "p99 < 100",
            f"killed 100 ms after the last SETUP: {kept} of {count} bindings read back",
        ),
        Row(
            "bindings that survive SIGKILL 100 ms after the seizure",
            "SETUP arrived -> SIGKILL 100 ms later -> journal read back",
            "share",
            {"share": kept / count},
            (Limit("share", 1.0, least=True),),
            "all",
        ),
    ]
