"""A callback by DID goes to the platform's gateway, and both ends hear each other."""

from __future__ import annotations

import asyncio
import random
from itertools import count

from lab.phones.bulletin import Bulletin
from lab.phones.call import Call
from lab.phones.platform import Platform
from lab.phones.user_agent import UserAgent
from lab.pstn.did_line import DidLine
from lab.pstn.psap import Psap


def test_a_psap_that_dials_an_elin_reaches_the_gateway_through_the_platform() -> None:
    async def story() -> None:
        news, dice = Bulletin(), random.Random(7)
        gateway = await UserAgent(news, dice).open()
        gateway.on_call = Call.ring
        address = gateway.address
        platform = await Platform.open("springfield", "springfield.example", address, news, dice)
        psap, line = Psap(news, count(500, 50)), DidLine("spf-did", platform)
        try:
            call = await psap.call_back("4255550101", line)
            await news.until(lambda: call.circuit.is_ringing, "ringing")
            assert (call.circuit.trunk, call.circuit.called) == ("spf-did", "4255550101")
            gateway.calls[0].answer()
            gateway.calls[0].speak(900)
            await gateway.calls[0].voice.until_hears(500, "the gateway")
            await call.circuit.voice.until_hears(900, "the PSAP")
            psap.hang_up(call)
            await news.until(lambda: call.circuit.is_over, "the end")
        finally:
            gateway.close()
            platform.agent.close()

    asyncio.run(story())
