"""New emergency calls on the ``sip`` trunk: 200 a second for ten seconds, none lost.

sipp is both ends: the platform that dials and the provider that answers.
"""

from __future__ import annotations

from contextlib import AsyncExitStack

from bench.rig import sipp
from bench.rig.agent import AgentProcess, cpu_s
from bench.rig.branch import Branch
from bench.rig.measures import Limit, Row, Run
from bench.rig.sipp import Counts
from lab.ports import free_port

RATE, SECONDS = 200, 10
PATIENCE_S = 40.0


async def measure(run: Run) -> list[Row]:
    """Through the agent, then sipp to sipp as the floor."""
    branch = Branch(run.folder, route=("sip-one",))
    branch.write_config()
    branch.stage(100)
    sipp.write_users(branch.folder / "users.csv")
    calls = RATE * run.many(SECONDS, 3)
    async with AsyncExitStack() as ending:
        agent = AgentProcess(branch)
        ending.callback(agent.stop)
        agent.start()
        await agent.ready()
        used = cpu_s(agent.pid)
        counts = await _load(branch, branch.sip, calls, ending)
        share = (cpu_s(agent.pid) - used) / (calls / RATE)
        seizure = (await agent.status())["invite_to_seizure"]
    async with AsyncExitStack() as ending:
        floor = await _load(branch, branch.provider, calls, ending)
    row = _row("new calls on the sip trunk", counts, calls)
    note = (
        f"{counts.retransmissions} retransmissions; agent {share:.0%} of a core; INVITE to INVITE"
        f" inside p50 {seizure['p50_ms']} ms, p99 {seizure['p99_ms']} ms; peer: sipp to sipp alone"
        f" answers {floor.successful} of {calls} with {floor.retransmissions} retransmissions"
    )
    return [Row(row.budget, row.path, row.unit, row.values, row.limits, row.target, note)]


async def _load(branch: Branch, gateway: int, calls: int, ending: AsyncExitStack) -> Counts:
    provider = await sipp.start(branch.folder, "provider", branch.provider)
    ending.push_async_callback(provider.stop)
    users = str(branch.folder / "users.csv")
    load = await sipp.start(
        branch.folder,
        "emergency",
        branch.phones if gateway == branch.sip else free_port(),
        *("-r", str(RATE), "-m", str(calls), "-l", str(calls), "-inf", users),
        *("-timeout", str(int(PATIENCE_S) - 5), f"127.0.0.1:{gateway}"),
    )
    ending.push_async_callback(load.stop)
    return await load.counts(PATIENCE_S)


def _row(budget: str, counts: Counts, calls: int) -> Row:
    return Row(
        budget,
        f"{RATE} INVITEs a second for {calls // RATE} s -> each answered and hung up, as sipp saw",
        "calls",
        {"placed": counts.created, "answered": counts.successful, "lost": counts.failed},
        (Limit("answered", calls, least=True), Limit("lost", 1)),
        "none lost",
    )
