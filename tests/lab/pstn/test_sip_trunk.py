"""A provider's trunk: a call out is offered with the number it shows, a call in names the ELIN."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable

from lab.phones.bulletin import Bulletin
from lab.phones.call import Call, State
from lab.phones.user_agent import UserAgent
from lab.pstn.circuit import Circuit
from lab.pstn.sip_trunk import SipProvider

Story = Callable[[UserAgent, SipProvider, list[Circuit]], Awaitable[None]]


def test_a_call_from_the_enterprise_shows_the_asserted_number() -> None:
    async def story(enterprise: UserAgent, provider: SipProvider, offered: list[Circuit]) -> None:
        headers = [
            ("From", "<sip:4255550101@gateway.example;user=phone>"),
            ("To", "<sip:911@provider>"),
            ("P-Asserted-Identity", "<sip:+14255550102@gateway.example;user=phone>"),
        ]
        call = await enterprise.invite("sip:911@provider", provider.agent.address, headers)
        circuit = await provider.news.until(lambda: next(iter(offered), None), "an INVITE")
        assert (circuit.calling, circuit.called) == ("4255550102", "911")
        circuit.ring()
        assert circuit.is_ringing
        circuit.answer()
        await provider.news.until(lambda: call.state is State.UP, "an answer")
        circuit.hang_up()
        await provider.news.until(lambda: call.state is State.OVER, "a BYE")
        assert circuit.is_over

    _tell(story)


def test_a_callback_is_an_invite_to_the_elin() -> None:
    async def story(enterprise: UserAgent, provider: SipProvider, _: list[Circuit]) -> None:
        enterprise.on_call = Call.answer
        circuit = await provider.place("911", "4255550101")
        await provider.news.until(lambda: circuit.is_up, "an answer")
        invite = enterprise.calls[0].invite
        assert invite.uri.startswith("sip:4255550101@127.0.0.1:")
        assert invite.get("from").startswith("<sip:911@")

    _tell(story)


def _tell(story: Story) -> None:
    async def told() -> None:
        news, dice, offered = Bulletin(), random.Random(7), list[Circuit]()
        enterprise = await UserAgent(news, dice).open()
        provider = await SipProvider.open("shb-sip", enterprise.address, news, dice, offered.append)
        try:
            await story(enterprise, provider, offered)
        finally:
            enterprise.close()
            provider.agent.close()

    asyncio.run(told())
