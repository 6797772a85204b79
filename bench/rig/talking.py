"""23 calls up on the first span, and both ends of each talking."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from bench.rig.agent import ROOT
from bench.rig.branch import elin_of
from bench.rig.exchange import CHANNELS
from bench.rig.phone import Call
from bench.rig.scene import Scene
from lab.ports import free_port

CALLS = len(CHANNELS)
SETTLE_S = 0.3


@asynccontextmanager
async def talking(on: Scene, seconds: float) -> AsyncIterator[asyncio.Future[dict[str, Any]]]:
    """Place the calls and start the voices; yields what will have been heard."""
    ports = [free_port() for _ in range(CALLS)]
    calls = [await _up(on, n, ports[n]) for n in range(CALLS)]
    span = on.branch.spans[0]
    wiring = {
        "seconds": seconds,
        "channels": list(CHANNELS),
        "b_local": span.b_remote,
        "b_remote": span.b_local,
        "phones": [(port, call.rtp) for port, call in zip(ports, calls, strict=True)],
    }
    await asyncio.sleep(SETTLE_S)  # media opens the ports of the last call
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bench.rig.voices",
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    heard = asyncio.ensure_future(_heard(process, wiring))
    try:
        yield heard
    finally:
        if process.returncode is None:
            process.kill()
        await asyncio.gather(heard, return_exceptions=True)
    for call in calls:
        await on.clear(call)


async def _up(on: Scene, n: int, port: int) -> Call:
    call = on.phones.dial(f"talker{n}", elin_of(n + 1), n + 1, port)
    status = await call.answered()
    if status != 200 or not call.rtp:
        raise ConnectionError(f"a call that should be up got {status}")
    return call


async def _heard(process: asyncio.subprocess.Process, wiring: dict[str, Any]) -> dict[str, Any]:
    out, _ = await process.communicate(json.dumps(wiring).encode())
    found: dict[str, Any] = json.loads(out)
    return found
