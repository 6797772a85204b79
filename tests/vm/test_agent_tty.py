"""A text telephone over the real driver: 1,000 characters each way at 45.45 baud, and none is lost.

A line of 50 characters takes 12 seconds, so ten people type two lines each at the same time, and
ten call takers answer them before they are asked.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from edge_agent.leg import Law
from tests.vm.desks import Desk, beating
from tests.vm.phone import Call
from tests.vm.tape import Tape
from tests.vm.world import World
from tests.wires.tty.minimodem import keyed, lines, printed

CHARACTERS, CALLS = 1000, 10
SETTLED_S = 4.0
"""The jitter buffer corrects how long it waits in its first windows of one second."""
LOOK_S, TAIL_S = 0.5, 1.0
TALK_S = 60.0
"""Twice two lines and the pauses around them."""

Pair = tuple[Call, Tape]


async def typed(folder: Path, there: list[list[bytes]], back: list[list[bytes]]) -> list[Pair]:
    """Everybody has typed, and heard what the other typed."""
    world = World(folder, Desk)
    try:
        await world.begin()
        with beating(world.phone):
            pairs = [await paired(world) for _ in range(CALLS)]
            await world.bell.after(SETTLED_S)
            for (call, psap), said, answered in zip(pairs, there, back, strict=True):
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
    typed_at_phones, typed_at_psaps = lines(CHARACTERS, seed=1), lines(CHARACTERS, seed=2)
    each = len(typed_at_phones) // CALLS
    cuts = [slice(at, at + each) for at in range(0, len(typed_at_phones), each)]
    there = [keyed(tmp_path, typed_at_phones[cut], Law.MU) for cut in cuts]
    back = [keyed(tmp_path, typed_at_psaps[cut], Law.MU) for cut in cuts]
    pairs = asyncio.run(typed(tmp_path, there, back))
    at_psaps = b"".join(bytes(psap.heard) for _, psap in pairs)
    at_phones = b"".join(bytes(call.heard) for call, _ in pairs)
    assert printed(tmp_path / "psaps.wav", at_psaps, Law.MU) == typed_at_phones
    assert printed(tmp_path / "phones.wav", at_phones, Law.MU) == typed_at_psaps
