"""A text telephone over the real driver: 1,000 characters each way at 45.45 baud, and none is lost.

A hundred characters take a TTY 20 seconds, so ten people type as much at the same time, and ten
call takers answer them before they are asked.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from random import Random

import pytest

from edge_agent.leg import Law
from tests.vm.desks import Desk, beating
from tests.vm.phone import Call
from tests.vm.tape import Tape
from tests.vm.world import World
from tests.wires.tty.minimodem import keyed, printed

CALLS = 10
LETTERS = 100
"""Of each text, before its GA: go ahead."""
WORDS = (
    *("SMOKE", "FIRE", "FLOOR", "STAIRS", "HURT", "PLEASE", "SEND", "HELP", "DEAF", "QUICK"),
    *("WHERE", "JUMPED", "BOX", "OVER", "LAZY", "911", "1200", "4255550100", "36", "78"),
)
SETTLED_S = 3.0
"""The jitter buffer corrects how long it waits in its first windows of one second."""
LOOK_S, TAIL_S = 0.5, 1.0
TALK_S = 60.0
"""Twice what a text and the pauses around it take."""

Pair = tuple[Call, Tape]


def text(seed: int) -> str:
    """What somebody types, nobody knows what."""
    words = Random(seed).choices(WORDS, k=LETTERS)
    return " ".join(words)[:LETTERS].rstrip() + " GA"


async def typed(folder: Path, there: list[list[bytes]], back: list[list[bytes]]) -> list[Pair]:
    """Everybody has typed, and heard what the other typed."""
    world = World(folder, Desk)
    try:
        await world.begin()
        with beating(world.phone):
            pairs = [await paired(world) for _ in range(CALLS)]
            await world.bell.after(SETTLED_S)
            for (call, psap), said, answered in zip(pairs, there, back, strict=True):
                call.heard.clear()
                psap.heard.clear()
                call.say(said)
                psap.say(b"".join(answered))
            await all_is_said(world, pairs)
        for _, psap in pairs:
            psap.close()
        await world.hung_up(*(call for call, _ in pairs))
    finally:
        world.close()
    return pairs


async def paired(world: World) -> Pair:
    """A 911 call that is up, and the call taker's end of its channel."""
    rung = len(world.exchange.events("ring"))
    call = await world.call()
    ring = await world.exchange.until("ring", rung + 1)
    return call, world.exchange.tape(ring["channel"])


async def all_is_said(world: World, pairs: list[Pair]) -> None:
    """Looked at now and then: a look at every block would cost the guest more than the voice."""
    for _ in range(round(TALK_S / LOOK_S)):
        await world.bell.after(LOOK_S)
        if all(psap.is_played and not call.saying for call, psap in pairs):
            return await world.bell.after(TAIL_S)
    raise AssertionError([len(call.saying) for call, _ in pairs])


@pytest.mark.timeout(240)
def test_a_thousand_characters_of_a_tty_are_read_at_either_end_of_the_real_driver(
    tmp_path: Path,
) -> None:
    typed_at_phones = [text(seed) for seed in range(CALLS)]
    typed_at_psaps = [text(seed) for seed in range(CALLS, 2 * CALLS)]
    assert sum(map(len, typed_at_phones)) > 1000 < sum(map(len, typed_at_psaps))
    there = [keyed(tmp_path, [each], Law.MU) for each in typed_at_phones]
    back = [keyed(tmp_path, [each], Law.MU) for each in typed_at_psaps]
    pairs = asyncio.run(typed(tmp_path, there, back))
    at_psaps = b"".join(bytes(psap.heard) for _, psap in pairs)
    at_phones = b"".join(bytes(call.heard) for call, _ in pairs)
    assert printed(tmp_path / "psaps.wav", at_psaps, Law.MU) == typed_at_phones
    assert printed(tmp_path / "phones.wav", at_phones, Law.MU) == typed_at_psaps
