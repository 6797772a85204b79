"""Voice both ways on 23 channels and on 96: what the media process adds to the line's and the
jitter buffer's own time, and what it costs.
"""

from __future__ import annotations

import asyncio
import time
from statistics import median

from bench.rig.agent import cpu_s
from bench.rig.branch import E1_OF_24, Branch
from bench.rig.measures import Limit, Row, Run, spread
from bench.rig.scene import scene
from bench.rig.talking import talking

JITTER_BUFFER_MS = 40
BEGIN_S = 1.0
SHARE_OF_23 = 0.25


async def measure(run: Run) -> list[Row]:
    """One span of 23 channels, then four of 24."""
    one = Branch(run.folder / "one")
    four = Branch(
        run.folder / "four",
        route=("pri-one",),
        lines=(("pri-one", E1_OF_24),) * 4,
    )
    seconds = run.many(12, 5)
    return [
        *await _measured(one, 1, seconds, (Limit("share", SHARE_OF_23),)),
        *await _measured(four, 4, seconds, ()),
    ]


async def _measured(
    branch: Branch, spans: int, seconds: int, share_limits: tuple[Limit, ...]
) -> list[Row]:
    """Both directions by stamps inside the voice; processor time from the kernel."""
    branch.write_config()
    branch.stage(100)
    calls = sum(len(span.channels) for span in branch.spans[:spans])
    async with scene(branch) as on:
        media = (await on.agent.status())["children"]["media"]
        async with talking(on, seconds, spans) as voices:
            await asyncio.sleep(BEGIN_S)
            begun, used = time.monotonic(), cpu_s(media)
            await asyncio.sleep(seconds - 2 * BEGIN_S)
            share = (cpu_s(media) - used) / (time.monotonic() - begun)
            heard = await voices
    lost = 1 - (len(heard["to_phone"]) + len(heard["to_card"])) / heard["sent"]
    whole = median(heard["to_card"]) * 1000 if heard["to_card"] else float("nan")
    limits = (Limit("p99", 5.0),)
    return [
        Row(
            f"voice, {calls} channels, span to phone",
            "block handed to the kernel at the card -> RTP arrived at the phone's socket",
            "ms",
            spread(heard["to_phone"]),
            limits,
            "p99 < 5",
            f"{lost:.2%} of all packets not heard (the first and last 40 ms included)",
        ),
        Row(
            f"voice, {calls} channels, phone to span",
            "block in -> block out that it clocks, at the card's socket (beyond the jitter buffer)",
            "ms",
            spread(heard["through"]),
            limits,
            "p99 < 5",
            f"phone to card as a whole {whole:.0f} ms, of which {JITTER_BUFFER_MS} the buffer"
            " and up to 20 the card's clock",
        ),
        Row(
            f"voice, {calls} channels, processor",
            "media process, user and system time over elapsed",
            "share of a core",
            {"share": round(share, 3)},
            share_limits,
            f"< {SHARE_OF_23}" if share_limits else "",
        ),
    ]
