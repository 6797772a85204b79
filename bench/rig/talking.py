"""Every channel of some spans in a call, and both ends of each talking."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from bench.rig.agent import ROOT
from bench.rig.branch import elin_of
from bench.rig.phone import Call
from bench.rig.scene import Scene
from lab.ports import free_port

SETTLE_S = 0.3


@asynccontextmanager
async def talking(
    on: Scene, seconds: float, spans: int = 1
) -> AsyncIterator[asyncio.Future[dict[str, Any]]]:
    """Place a call on each channel of the first ``spans`` and start the voices; yields what will
    have been heard.
    """
    full = on.branch.spans[:spans]
    ports = [free_port() for span in full for _ in span.channels]
    calls = [await _up(on, n, port) for n, port in enumerate(ports)]
    wiring = {
        "seconds": seconds,
        "cards": [(span.b_remote, span.b_local, span.channels) for span in full],
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
    floor = n % on.branch.floors + 1
    call = on.phones.dial(f"talker{n}", elin_of(floor, n // on.branch.floors), floor, port)
    status = await call.answered()
    if status != 200 or not call.rtp:
        raise ConnectionError(f"a call that should be up got {status}")
    return call


async def _heard(process: asyncio.subprocess.Process, wiring: dict[str, Any]) -> dict[str, Any]:
    out, _ = await process.communicate(json.dumps(wiring).encode())
    found: dict[str, Any] = json.loads(out)
    return found
