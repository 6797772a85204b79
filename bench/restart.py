"""Restart with 10,000 bindings and 50,000 network elements: until the first call, and what it
weighs.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta

from bench.rig.agent import AgentFailed, memory_mb
from bench.rig.branch import ELINS_A_FLOOR, FLOORS, Branch, elin_of
from bench.rig.measures import Limit, Row, Run, spread
from bench.rig.scene import Scene
from e911.bindings import Binding, CallKind, How
from e911.numbers import Caller, Did, Elin
from edge_agent.store.disk import RealDisk
from edge_agent.store.journal import Journal

BINDINGS, ELEMENTS = 10_000, 50_000
EVERY_S = 0.01
"""How often the INVITE is sent again until a SETUP comes."""
PATIENCE_S = 15.0
SETTLED_S = 3.0


async def measure(run: Run) -> list[Row]:
    """Start the process again and again on the same journal and snapshot."""
    branch = Branch(run.folder)
    branch.write_config()
    branch.stage(100, ELEMENTS)
    _remember(branch)
    taken, own = [], 0
    on = Scene(branch)
    try:
        for exchange in on.exchanges:
            exchange.start()
        for n in range(run.many(5, 2)):
            taken.append(await _first_call(on, n))
            pool = [elin_of(n + 1, rank) for rank in range(ELINS_A_FLOOR)]
            own += on.first.setups[-1][0] in pool
        await on.agent.ready()
        await asyncio.sleep(SETTLED_S)
        status = await on.agent.status()
        children = {
            name: memory_mb(pid) for name, pid in status["children"].items() if pid is not None
        }
        weight = memory_mb(on.agent.pid)
    finally:
        on.close()
    others = ", ".join(f"{name} {size:.0f} MB" for name, size in children.items())
    return [
        Row(
            f"restart with {BINDINGS:,} bindings and {ELEMENTS:,} elements",
            "exec of the agent -> SETUP of the first call arrived (INVITE repeated every 10 ms)",
            "ms",
            spread(taken),
            (Limit("max", 2000.0),),
            "max < 2000",
            f"{own} of {len(taken)} first calls went out with an ELIN of their floor",
        ),
        Row(
            "memory with the same",
            "resident size of the agent process, 3 s after it began to answer",
            "MB",
            {"agent": round(weight, 1), "bindings": status["bindings"]},
            (Limit("agent", 150.0), Limit("bindings", BINDINGS, least=True)),
            "agent < 150",
            f"beside it: {others}",
        ),
    ]


async def _first_call(on: Scene, n: int) -> float:
    """Start the agent; seconds until the first SETUP."""
    on.agent.stop()
    setup = on.first.expect()
    begun = time.time()
    on.agent.start()
    call = on.phones.dial(f"late{n}", elin_of(n + 1), n + 1)
    until = begun + PATIENCE_S
    while not setup.done():
        if time.time() > until:
            raise AgentFailed(f"no call was taken within {PATIENCE_S:g} s")
        await asyncio.sleep(EVERY_S)
        on.phones.again(call)
    await call.answered()
    await on.clear(call)
    return setup.result() - begun


def _remember(branch: Branch) -> None:
    """A journal as a busy day leaves it: every ELIN called from many times, all within windows."""
    journal = Journal(branch.state / "journal", RealDisk())
    utc = datetime.now(UTC) - timedelta(minutes=60)
    for n in range(BINDINGS):
        at = utc + timedelta(milliseconds=100 * n)
        floor = n % FLOORS + 1
        number = Did(f"312555{n:04d}")
        journal.remember(
            Binding(
                call=f"edge-bench-old-{n}",
                elin=Elin(elin_of(floor, n % ELINS_A_FLOOR)),
                caller=Caller(f"sip:user{n}@bench.example", number, "", f"User {n}", "pbx"),
                erl=f"floor-{floor}",
                how=How.PIDF_ELIN,
                kind=CallKind.EMERGENCY,
                bound_at=at,
                ended_at=at + timedelta(minutes=2),
                trunk="pri-one",
                channel=n % 23 + 1,
            )
        )
    journal.close()
