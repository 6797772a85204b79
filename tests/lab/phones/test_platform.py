"""A branch's platform: its phones dial 911 as Lync does, and a callback rings the right one."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from itertools import count

import pytest

from lab.phones.bulletin import Bulletin, Unmet
from lab.phones.call import Call, State
from lab.phones.platform import Phone, Platform
from lab.phones.sip_message import uri_of, user_of
from lab.phones.user_agent import UserAgent

Story = Callable[[UserAgent, Phone, Bulletin], Awaitable[None]]


def test_an_emergency_call_is_marked_and_carries_the_location_that_it_names() -> None:
    async def story(gateway: UserAgent, ana: Phone, news: Bulletin) -> None:
        gateway.on_call = Call.answer
        call = await ana.dial(pidf="<presence/>")
        await news.until(lambda: call.state is State.UP, "an answer")
        invite = gateway.calls[0].invite
        assert invite.uri.startswith("sip:+911;phone-context=springfield@127.0.0.1:")
        assert invite.get("priority") == "emergency"
        assert invite.get("geolocation").startswith("<cid:ana@springfield.example>")
        assert b"Content-ID: <ana@springfield.example>" in invite.body
        assert b"<presence/>" in invite.body
        assert invite.get("p-asserted-identity") == '"Ana B" <tel:+14255550142>'

    _tell(story)


def test_a_call_without_location_holds_sdp_alone() -> None:
    async def story(gateway: UserAgent, ana: Phone, news: Bulletin) -> None:
        await ana.dial(pidf="")
        call = await news.until(lambda: next(iter(gateway.calls), None), "an INVITE")
        assert call.invite.get("content-type") == "application/sdp"
        assert call.invite.get("geolocation") == ""

    _tell(story)


def test_a_call_in_rings_the_phone_of_its_uri_and_is_picked_up_with_a_new_tone() -> None:
    async def story(gateway: UserAgent, ana: Phone, news: Bulletin) -> None:
        uri = f"{ana.contact};opaque=user:epid:ana;gruu"
        call = await gateway.invite(uri, ana.platform.agent.address, _FROM_TO)
        call.speak(2000)
        await news.until(lambda: call.state is State.UP, "somebody to pick up")
        assert call.statuses == [100, 180, 200]
        assert ana.calls_in[0].tone == 500
        await call.voice.until_hears(500, "the PSAP")

    _tell(story)


def test_a_call_to_nobody_is_404_and_a_phone_that_is_left_alone_rings_on() -> None:
    async def story(gateway: UserAgent, ana: Phone, news: Bulletin) -> None:
        platform = ana.platform.agent.address
        nobody = await gateway.invite("sip:eve@springfield.example", platform, _FROM_TO)
        await news.until(lambda: nobody.state is State.OVER, "a refusal")
        assert nobody.statuses[-1] == 404
        ana.answers = False
        alone = await gateway.invite(ana.contact, platform, _FROM_TO)
        await news.until(lambda: alone.state is State.RINGING, "ringing")
        assert ana.calls_in[-1].state is State.RINGING

    _tell(story)


def test_a_call_from_the_pstn_to_a_number_of_the_gateway_is_delivered_to_it() -> None:
    async def story(gateway: UserAgent, ana: Phone, news: Bulletin) -> None:
        gateway.on_call = Call.answer
        call = await ana.platform.deliver("911", "4255550101")
        call.speak(700)
        await news.until(lambda: call.state is State.UP, "an answer")
        delivered = gateway.calls[0]
        assert delivered.peer == ana.platform.agent.address, "the platform's own port, its peer's"
        assert user_of(delivered.invite.uri) == "+14255550101"
        assert user_of(uri_of(delivered.invite.get("from"))) == "911"
        assert delivered.invite.get("priority") == ""
        await delivered.voice.until_hears(700, "the gateway")

    _tell(story)


def test_a_gateway_that_comes_late_is_waited_for_and_any_answer_will_do() -> None:
    async def story(gateway: UserAgent, ana: Phone, news: Bulletin) -> None:
        where = gateway.address[1]
        gateway.close()
        with pytest.raises(Unmet, match="an answer to OPTIONS within 0.2 s"):
            await ana.platform.until_answered(0.2)
        waiting = asyncio.create_task(ana.platform.until_answered(5.0))
        late = await UserAgent(news, random.Random(8)).open(where)
        await waiting
        late.close()

    _tell(story)


_FROM_TO = [("From", "<sip:911@gateway>"), ("To", "<sip:ana@springfield.example>")]


def _tell(story: Story) -> None:
    async def told() -> None:
        news, dice = Bulletin(), random.Random(7)
        gateway = await UserAgent(news, dice).open()
        domain = "springfield.example"
        platform = await Platform.open("springfield", domain, gateway.address, news, dice)
        ana = platform.add("ana", "Ana B", "4255550142", "10.1.2.20", count(500, 50))
        try:
            await story(gateway, ana, news)
        finally:
            gateway.close()
            platform.agent.close()

    asyncio.run(told())
