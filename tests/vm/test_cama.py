"""CAMA calls over the real driver: spills that spandsp reads, winks judged by their length, and no
answer but the far end's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

from edge_agent.cama.formats import FORMATS
from edge_agent.cama.trunk import CamaTrunk
from edge_agent.leg import Answered, Cleared, Flash
from edge_agent.media.mf import spill
from tests.vm.bell import Bell
from tests.vm.calling_end import ELIN, CallingEnd, Placed, trunk
from tests.vm.tandem import QUIET, TICK_S, Seen, Tandem
from tests.wires.agent.tandem import Plan
from tests.wires.spandsp.rig import RATE

TEN, SEVEN = ELIN.digits, ELIN.digits[3:]
HOME = {"home_area": "425"}
ONE = Plan(answers_after=None)
TWO, ASKS = replace(ONE, groups=2), replace(ONE, groups=2, asks_after=0.15)
SHEETS: list[tuple[str, Mapping[str, Any], Plan, str]] = [
    ("kp-0-nxx-xxxx-st", HOME, ONE, f"*0{SEVEN}#"),
    ("kp-0-npa-nxx-xxxx-st", {}, ONE, f"*0{TEN}#"),
    ("kp-npd-nxx-xxxx-st", {"npd": {"206": 0, "425": 3}}, ONE, f"*3{SEVEN}#"),
    ("kp-0-npa-nxx-xxxx-st-kp-yyy-yyy-yyyy-st", {}, TWO, f"*0{TEN}#*{TEN}#"),
    ("kp-2-st", {"terminator": "st2p"}, ONE, "*2B"),
    ("fgc", HOME, ASKS, f"*911#*0{SEVEN}#"),
    ("fgc", {"ani_digits": 10, "called": "11"}, ASKS, f"*11#*0{TEN}#"),
    ("fgd", {}, TWO, f"*00{TEN}#*911#"),
    ("emf-10", {}, ONE, f"*40{TEN}A"),
    ("emf-20", {"terminator": "st3p"}, TWO, f"*40{TEN}C*{TEN}#"),
]
"""Format, what else the sheet says, what the far end waits for, and what it hears."""

SILENT_S = 3.0
"""Longer than from our seizure to the off-hook that the driver would make up (1.85 s)."""
READY_S, LATE_S = 0.07, 0.06
"""The far end's receiver has so long after its wink; and how late this guest may be."""
STEADY_S = 0.38 + LATE_S
"""An off-hook is an answer when no wink is as long."""
MOVES_ON_S = 5.0
FLASH_OVER_S = 1.13 + LATE_S
HANGS_UP, PREEMPTED = 16, 44

Story = Callable[[CallingEnd, Tandem, Bell], Awaitable[None]]


def played(story: Story, trunks: list[CamaTrunk], plans: Mapping[int, Plan]) -> None:
    """Both ends of the E&M line on a loop of the guest."""

    async def whole() -> None:
        bell = Bell()
        tandem = Tandem(bell, plans)
        near = CallingEnd(bell, trunks)
        try:
            await story(near, tandem, bell)
            assert tandem.slips == 0
        finally:
            near.close()
            tandem.close()

    asyncio.run(whole())


def places(call: Placed, seen: Seen) -> list[tuple[int, int]]:
    """Where each spill begins and ends in what the far end has heard: each is there octet for octet
    and nothing else is."""
    sounds = [spill(pulse.signals) for pulse in call.pulsed]
    begins = [seen.heard.find(sound) for sound in sounds]
    found = [(at, at + len(sound)) for at, sound in zip(begins, sounds, strict=True)]
    assert all(at >= 0 for at in begins), f"{seen} has not heard {call.pulsed} as it is"
    edges = [0, *(place for pair in found for place in pair), len(seen.heard)]
    for begin, end in zip(edges[::2], edges[1::2], strict=True):
        assert not seen.heard[begin:end].strip(QUIET)
    return found


def measured(call: Placed, seen: Seen) -> tuple[float, float, float]:
    """From our off-hook to when it was seen, from the end of the wink to the first tone, and the
    longest from a last tone to when we were told."""
    found = places(call, seen)
    told = [at - seen.time_of(end) for (_, end), (_, at) in zip(found, call.played, strict=True)]
    return seen.off_at - call.at, seen.time_of(found[0][0]) - seen.wink_over_at, max(told)


def test_r2_spandsp_reads_every_format_and_nobody_is_said_to_answer_before_somebody_does() -> None:
    trunks = [trunk(n, format=row, **more) for n, (row, more, _, _) in enumerate(SHEETS, 1)]
    plans = {n: plan for n, (_, _, plan, _) in enumerate(SHEETS, 1)}
    asked = {n for n, plan in plans.items() if plan.asks_after is not None}
    assert {row for row, _, _, _ in SHEETS} == set(FORMATS)

    async def story(near: CallingEnd, tandem: Tandem, bell: Bell) -> None:
        calls = {n: near.dial(n) for n in plans}
        await bell.until(
            lambda: len(tandem.seen) == len(plans) and all(c.has_digits for c in tandem.seen),
            lambda: tandem.seen,
        )
        assert [tandem.call(n).digits for n in plans] == [digits for _, _, _, digits in SHEETS]
        await bell.after(SILENT_S)  # by then every spill is heard to its end as well
        assert {n for n in plans if Answered in calls[n].said} == asked, "nobody has answered"
        now = asyncio.get_running_loop().time()
        for n in plans.keys() - asked:
            tandem.hook(n, off_hook=True)
        await bell.until(lambda: all(Answered in call.said for call in calls.values()), lambda: 0)
        assert all(calls[n].said[Answered] - now < STEADY_S for n in plans.keys() - asked)
        for n, (_, _, _, digits) in enumerate(SHEETS, 1):
            seen, wink_to_tone, told = measured(calls[n], tandem.call(n))
            print(
                f"{digits:28} seen off hook after {1000 * seen:5.1f} ms, first tone"
                f" {1000 * wink_to_tone:5.1f} ms after the wink, told {1000 * told:5.1f} ms after"
                f" the last; {[1000 * (b - a) / RATE for a, b in places(calls[n], tandem.call(n))]}"
            )
            assert [why for why, _ in calls[n].played] == [""] * len(calls[n].pulsed)
            assert READY_S - TICK_S <= wink_to_tone < READY_S + LATE_S
            assert 0 <= told < LATE_S
        await released(near, tandem, bell, by_far_end=[n for n in plans if n % 2])

    played(story, trunks, plans)


async def released(
    near: CallingEnd, tandem: Tandem, bell: Bell, by_far_end: Collection[int] = ()
) -> None:
    """Some calls end by the far end and the others by us, and every channel is on hook."""
    now = asyncio.get_running_loop().time()
    for n in near.calls:
        if n in by_far_end:
            tandem.hook(n, off_hook=False)
        else:
            near.clear(n)
    await bell.until(lambda: all(call.is_over for call in tandem.seen), lambda: tandem.seen)
    for n in by_far_end:
        assert near.calls[n].cause == HANGS_UP
        assert near.calls[n].said[Cleared] - now < FLASH_OVER_S


def test_r1_a_wink_is_known_by_its_length_and_without_one_a_call_moves_on_in_five_seconds() -> None:
    winks: dict[int, float | None] = dict(enumerate((0.1, 0.2, 0.28, 0.05, 0.42, None), 1))
    accepted = (1, 2, 3)
    plans = {
        n: replace(ONE, wink_after=None) if wink is None else replace(ONE, wink=wink)
        for n, wink in winks.items()
    }

    async def story(near: CallingEnd, tandem: Tandem, bell: Bell) -> None:
        calls = {n: near.dial(n) for n in winks}
        await bell.until(
            lambda: sum(call.is_over for call in tandem.seen) == 3, lambda: tandem.seen
        )
        assert [tandem.call(n).digits for n in winks] == [*["*2#"] * 3, *[""] * 3]
        for n in accepted:
            off, on = calls[n].seen[:2]
            print(f"a wink of {winks[n]} s was told as {1000 * (on.at - off.at):.1f} ms")
        for n in winks.keys() - accepted:
            call, seen = calls[n], tandem.call(n)
            assert (call.cause, call.why) == (27, "no-wink")
            assert seen.on_at is not None
            print(f"a wink of {winks[n]} s: on hook after {seen.on_at - call.at:.3f} s")
            assert seen.on_at - call.at < MOVES_ON_S
            assert not seen.heard.strip(QUIET)
        await released(near, tandem, bell)

    played(story, [trunk(*winks, format="kp-2-st")], plans)


def test_r13_a_flash_is_one_and_a_call_that_is_given_up_sends_its_digits_whole() -> None:
    flashed, given_up, preempted = 1, 2, 3
    plans = {
        flashed: Plan(answers_after=0.1, flashes_after=0.6),
        given_up: ONE,
        preempted: ONE,
    }

    async def story(near: CallingEnd, tandem: Tandem, bell: Bell) -> None:
        calls = {n: near.dial(n) for n in plans}
        await bell.until(
            lambda: all(call.pulsed for call in calls.values()), lambda: (calls, tandem.seen)
        )
        await bell.after(0.3)
        near.clear(given_up)
        near.clear(preempted, PREEMPTED)
        cut_at = asyncio.get_running_loop().time()
        whole, torn = tandem.call(given_up), tandem.call(preempted)
        await bell.until(lambda: Flash in calls[flashed].said and whole.is_over, lambda: calls)
        assert Cleared not in calls[flashed].said
        assert whole.on_at is not None
        assert torn.on_at is not None
        ((_, end),) = places(calls[given_up], whole)
        last_tone = whole.time_of(end)
        print(
            f"given up: on hook {1000 * (whole.on_at - last_tone):.1f} ms after the last tone;"
            f" pre-empted: {1000 * (torn.on_at - cut_at):.1f} ms after it was asked for"
        )
        assert 0 <= whole.on_at - last_tone < LATE_S
        assert torn.on_at - cut_at < LATE_S
        assert (calls[preempted].played, torn.digits.endswith("#")) == ([], False)
        await released(near, tandem, bell)

    played(story, [trunk(*plans, format="kp-0-npa-nxx-xxxx-st")], plans)
