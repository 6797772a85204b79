"""The agent on E&M channels of the real driver: Lync at one end, a tandem at the other."""

from __future__ import annotations

import asyncio
from pathlib import Path

from edge_agent.media.mf import spill
from tests.vm.cama_world import CamaWorld
from tests.vm.ground import complaints
from tests.vm.test_agent import SECOND, gaps, speech
from tests.wires.agent.branch import LOBBY
from tests.wires.agent.tandem import Plan

TALK_S = 3
SHEET = 'format = "kp-0-npa-nxx-xxxx-st"'


def test_911_goes_out_as_mf_is_answered_heard_both_ways_and_ended_by_the_psap(
    tmp_path: Path,
) -> None:
    async def story() -> None:
        asked, answered = speech(3, TALK_S), speech(5, TALK_S)
        world = CamaWorld(tmp_path, SHEET, Plan())
        try:
            await world.begin()
            call, psap = await world.call()
            sound = spill(psap.digits)
            assert psap.digits == f"*0{LOBBY.digits}#"
            assert sound in psap.heard
            # The jitter buffer corrects how long it waits in its first windows of one second.
            await world.bell.until(lambda: len(call.heard) > 4 * SECOND, lambda: len(call.heard))
            call.say(asked)
            psap.say(answered)
            enough = len(psap.heard) + (TALK_S + 1) * SECOND
            await world.bell.until(lambda: len(psap.heard) > enough, lambda: len(psap.heard))
            assert gaps(asked, psap.heard) == []
            assert gaps(answered, call.heard) == []
            world.tandem.hook(psap.channel, off_hook=False)
            await world.bell.until(lambda: call.is_over and psap.is_over, lambda: psap)
            await world.asked(lambda: world.agent.ask("calls") == [])
            assert world.tandem.slips == 0
            assert complaints() == []
        finally:
            world.close()

    asyncio.run(story())
