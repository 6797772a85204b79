"""The real driver under the real kernel holds to the suite that the loop and the fakes hold to."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from edge_agent.drivers.dahdi_kernel import LinuxKernel
from tests.edge.drivers.dahdi_lines import End, line_of, t1_order
from tests.edge.drivers.span_conformance import (
    STORIES,
    Line,
    alarms_are_seen_and_seen_to_end,
    alarms_of_a_span_without_a_d_channel_are_seen_as_well,
)
from tests.vm.ground import copy

# A span in the kernel has no alarms that a test could cause one by one: see test_line.py.
OF_ALARMS = (
    alarms_are_seen_and_seen_to_end,
    alarms_of_a_span_without_a_d_channel_are_seen_as_well,
)
REAL_STORIES = [story for story in STORIES if story not in OF_ALARMS]


@pytest.mark.parametrize("story", REAL_STORIES, ids=lambda story: story.__name__)
def test_dahdi_conforms(story: Callable[[Line], Awaitable[None]]) -> None:
    async def played() -> None:
        kernel = LinuxKernel(asyncio.get_running_loop())
        near, far = (End(kernel, t1_order(number), copy) for number in (5, 6))
        line = line_of(near, far, has_polarity=False)
        try:
            await story(line)
        finally:
            line.close()

    asyncio.run(played())
