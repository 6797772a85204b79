"""One timer for a circle of cores, on a real loop."""

from __future__ import annotations

import asyncio

from edge_agent.drivers.driver import OneTimer, earliest

DEADLINE = 5.0


class Alarms:
    """A core that wants to be woken at certain times."""

    def __init__(self, *due: float) -> None:
        self.due = sorted(due)

    def next_deadline(self) -> float | None:
        return self.due[0] if self.due else None


def test_the_earliest_of_several_cores_counts() -> None:
    assert earliest([Alarms(5.0), Alarms(), Alarms(3.0, 9.0)]) == 3.0
    assert earliest([Alarms(), Alarms()]) is None


def test_deadlines_fire_in_order_each_once_and_never_early() -> None:
    async def played() -> None:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        core = Alarms(begun + 0.02, begun + 0.005, begun + 0.01)
        fired: list[tuple[float, float]] = []
        over = asyncio.Event()

        def fire(now: float) -> None:
            fired.append((core.due.pop(0), now))
            if not core.due:
                over.set()

        timer = OneTimer(loop, core.next_deadline, fire)
        timer.rearm()
        await asyncio.wait_for(over.wait(), DEADLINE)
        assert [due for due, _ in fired] == sorted(due for due, _ in fired)
        assert all(now >= due for due, now in fired)
        assert len(fired) == 3

    asyncio.run(played())


def test_an_earlier_deadline_replaces_a_later_one() -> None:
    async def played() -> None:
        loop = asyncio.get_running_loop()
        core = Alarms(loop.time() + 3600)
        fired = asyncio.Event()

        def fire(now: float) -> None:
            core.due.pop(0)
            fired.set()

        timer = OneTimer(loop, core.next_deadline, fire)
        timer.rearm()
        core.due.insert(0, loop.time() + 0.005)
        timer.rearm()
        await asyncio.wait_for(fired.wait(), DEADLINE)
        assert len(core.due) == 1
        timer.cancel()

    asyncio.run(played())


def test_a_cancelled_timer_never_fires() -> None:
    async def played() -> None:
        loop = asyncio.get_running_loop()
        core = Alarms(loop.time())
        fired: list[float] = []
        timer = OneTimer(loop, core.next_deadline, fired.append)
        timer.rearm()
        timer.cancel()
        timer.rearm()
        later = asyncio.Event()
        loop.call_later(0.01, later.set)
        await asyncio.wait_for(later.wait(), DEADLINE)
        assert fired == []

    asyncio.run(played())
