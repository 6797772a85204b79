"""One request to one SETUP: what Q.931 and Q.921 themselves take, without SIP and gateway around.

The core and the driver run inside the bench, at the priority of the agent's loop, so that nothing
but them is between the two looks at the clock. libpri, in a process of its own, then calls the same
exchange: what a program in C needs for the same step.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
import time
from itertools import count

from bench.rig.branch import T1_CHANNELS, elin_of
from bench.rig.exchange import Exchange
from bench.rig.measures import Limit, Row, Run, ratio, spread
from bench.rig.wire import HOST
from e911.numbers import Elin
from edge_agent.drivers.driver import OneTimer
from edge_agent.drivers.loop_span import LoopDChannel, connected_socket
from edge_agent.drivers.priority import SIGNALLING, go_real_time
from edge_agent.drivers.span import SpanAlarm
from edge_agent.isdn.config import IsdnTrunkConfig
from edge_agent.isdn.group import GroupOutput, SpanFrame, TrunkGroup
from edge_agent.isdn.trunk import Trunk
from edge_agent.leg import Answered, Clear, Cleared, LegId, LinkChanged, SeizeTrunk
from lab.ports import free_port

PATIENCE_S = 30.0
NORMAL = 16
WARM_UP = 50


async def measure(run: Run) -> list[Row]:
    """So many emergency calls one after the other while 22 others are up, then libpri's."""
    calls = run.many(2000, 300)
    local, remote = free_port(), free_port()
    exchange = Exchange(local, remote)
    try:
        ours = spread(await _ours(exchange, remote, local, calls))
        theirs = spread(await _theirs(remote, local, calls))
    finally:
        exchange.close()
    return [
        Row(
            "request to SETUP, one span with 22 calls up",
            "SeizeTrunk handed to the trunk -> SETUP handed to the kernel by the driver",
            "ms",
            ours,
            (Limit("p99", 0.2),),
            "p99 < 0.2",
            ratio(ours, theirs),
        ),
        Row(
            "peer: libpri places the same call",
            "pri_setup called -> SETUP handed to the kernel by its write callback",
            "ms",
            theirs,
            note="in C, its callback in Python by cffi, against the same exchange; no other calls",
        ),
    ]


class _Line:
    """A trunk of one span with its driver, and nothing above it."""

    def __init__(self, local: int, remote: int) -> None:
        loop = asyncio.get_running_loop()
        self.trunk = TrunkGroup([Trunk(IsdnTrunkConfig("pri", "s0"), _Ids())])
        sock = connected_socket((HOST, local), (HOST, remote))
        self.channel = LoopDChannel(sock, loop, self._hear, _ignore)
        self._timer = OneTimer(loop, self.trunk.next_deadline, self._fire)
        self.up, self._loop = asyncio.Event(), loop
        self._answered: dict[LegId, asyncio.Future[None]] = {}
        self._gone: dict[LegId, asyncio.Future[None]] = {}
        self.perform(self.trunk.start(loop.time()))

    def close(self) -> None:
        """Let go of it."""
        self._timer.cancel()
        self.channel.close()

    def seize(self, request: SeizeTrunk) -> float:
        """Ask for a call; seconds until all of the step's frames are with the kernel."""
        self._answered[request.leg] = self._loop.create_future()
        self._gone[request.leg] = self._loop.create_future()
        now = self._loop.time()
        begun = time.perf_counter()
        outputs = self.trunk.handle(request, now)
        for output in outputs:
            if isinstance(output, SpanFrame):
                self.channel.send(output.data)
        return time.perf_counter() - begun

    async def answered(self, leg: LegId) -> None:
        """Wait for CONNECT."""
        await asyncio.wait_for(self._answered[leg], PATIENCE_S)

    async def clear(self, leg: LegId) -> None:
        """Hang up and wait until the call is gone."""
        self.perform(self.trunk.handle(Clear(leg, NORMAL), self._loop.time()))
        await asyncio.wait_for(self._gone[leg], PATIENCE_S)

    def perform(self, outputs: list[GroupOutput]) -> None:
        """Frames to the driver, words to whoever waits."""
        for output in outputs:
            match output:
                case SpanFrame(_, data):
                    self.channel.send(data)
                case LinkChanged(up=True):
                    self.up.set()
                case Answered():
                    self._answered[output.leg].set_result(None)
                case Cleared():
                    self._gone[output.leg].set_result(None)
                case _:
                    pass
        self._timer.rearm()

    def _hear(self, frame: bytes, now: float) -> None:
        self.perform(self.trunk.receive("s0", frame, now))

    def _fire(self, now: float) -> None:
        self.perform(self.trunk.handle_timeout(now))


class _Ids:
    """Identities of the bench."""

    def __init__(self) -> None:
        self._legs = count(1)

    def leg_id(self) -> LegId:
        """Of a call that comes in; none does."""
        return LegId(f"in-{next(self._legs)}")

    def call_reference(self) -> int:
        """Where references begin."""
        return 1


async def _ours(exchange: Exchange, local: int, remote: int, calls: int) -> list[float]:
    line = _Line(local, remote)
    gc.collect()
    gc.freeze()
    go_real_time(SIGNALLING)
    try:
        await asyncio.wait_for(line.up.wait(), PATIENCE_S)
        for n in range(len(T1_CHANNELS) - 1):
            await _call(line, n, T1_CHANNELS[-1 - n])
        taken = []
        for n in range(WARM_UP + calls):
            leg, seconds = await _call(line, len(T1_CHANNELS) + n, T1_CHANNELS[0])
            taken.append(seconds)
            await line.clear(leg)
        return taken[WARM_UP:]
    finally:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
        gc.unfreeze()
        line.close()
        exchange.forget_all()


async def _call(line: _Line, n: int, channel: int) -> tuple[LegId, float]:
    leg, elin = LegId(f"out-{n}"), Elin(elin_of(n % 50 + 1))
    seconds = line.seize(SeizeTrunk(leg, "pri", channel, elin, "911"))
    await line.answered(leg)
    return leg, seconds


async def _theirs(local: int, remote: int, calls: int) -> list[float]:
    peer = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.rig.libpri_setup", "--udp"),
        *(f"{HOST}:{local}", f"{HOST}:{remote}", "--calls", str(calls)),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        out, _ = await asyncio.wait_for(peer.communicate(), PATIENCE_S)
    finally:
        if peer.returncode is None:
            peer.kill()
    taken: list[float] = json.loads(out)
    return taken


def _ignore(alarm: SpanAlarm, now: float) -> None:
    """There is no layer 1 to lose."""
