"""One call as its owner has it: what is said within it goes where the dialog says."""

from __future__ import annotations

import asyncio
import random

from lab.phones.bulletin import Bulletin
from lab.phones.call import Call, State
from lab.phones.user_agent import UserAgent

FROM_TO = [("From", "<sip:ana@lab>"), ("To", "<sip:bob@lab>")]


def test_requests_within_a_call_carry_both_tags_and_count_on() -> None:
    async def story() -> None:
        news, dice = Bulletin(), random.Random(7)
        ana, bob = await UserAgent(news, dice).open(), await UserAgent(news, dice).open()
        bob.on_call = Call.answer
        call = await ana.invite("sip:bob@lab", bob.address, FROM_TO)
        await news.until(lambda: call.state is State.UP, "an answer")
        assert call.final is not None
        there = bob.calls[0]
        assert there.invite.tag("from") == call.invite.tag("from")
        assert call.final.tag("to")
        assert call.final.get("contact") == f"<sip:127.0.0.1:{bob.address[1]}>"
        call.hang_up()
        call.hang_up()
        await news.until(lambda: there.state is State.OVER, "a BYE")
        assert there.times[State.OVER] >= there.times[State.UP]
        ana.close()
        bob.close()

    asyncio.run(story())


def test_a_call_that_is_refused_by_hand_is_over_at_both_ends() -> None:
    async def story() -> None:
        news, dice = Bulletin(), random.Random(7)
        ana, bob = await UserAgent(news, dice).open(), await UserAgent(news, dice).open()
        bob.on_call = Call.hang_up
        call = await ana.invite("sip:bob@lab", bob.address, FROM_TO)
        await news.until(lambda: call.state is State.OVER, "a refusal")
        assert call.final is not None
        assert call.final.status == 486
        assert bob.calls[0].state is State.OVER
        ana.close()
        bob.close()

    asyncio.run(story())
