"""The desk's phone shows what it is sent, field by field, and can be rung."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime

from e911.notice import Notice, NoticeStep, text
from lab.desk.desk_phone import DeskPhone
from lab.phones.bulletin import Bulletin
from lab.phones.call import State
from lab.phones.sip_message import request
from lab.phones.user_agent import UserAgent

FROM_TO = [("From", "<sip:edge@gateway>;tag=1"), ("To", "<sip:desk@127.0.0.1>")]
NOTICE = Notice(
    "i-1",
    "c-1",
    NoticeStep.STARTED,
    datetime(2026, 11, 22, 20, 0, tzinfo=UTC),
    "springfield",
    name="Ana B",
    number="4255550142",
)


def test_a_message_is_shown_and_found_by_headline_and_name() -> None:
    async def story() -> None:
        news, dice = Bulletin(), random.Random(7)
        edge, desk = await UserAgent(news, dice).open(), await DeskPhone.open(news, dice, 500)
        headers = [*FROM_TO, ("Call-ID", "one"), ("CSeq", "1 MESSAGE")]
        body = text(NOTICE).replace("\n", "\r\n").encode()
        answers: list[int] = []
        message = request("MESSAGE", desk.contact, headers, body)
        edge.ask(message, desk.agent.address, lambda answer: answers.append(answer.status))
        await news.until(lambda: answers, "an answer")
        assert answers == [200]
        shown = desk.texts[0]
        assert shown.headline == "Emergency call"
        assert (shown.field("Name"), shown.field("Number")) == ("Ana B", "4255550142")
        assert shown.field("Time").endswith("(20:00:00 UTC)")
        assert shown.field("Remark") == ""
        assert desk.about("Emergency call", "Ana B") == [shown]
        assert desk.about("Emergency call", "Eve") == []
        edge.close()
        desk.agent.close()

    asyncio.run(story())


def test_a_call_to_the_desk_is_answered_by_a_human_voice() -> None:
    async def story() -> None:
        news, dice = Bulletin(), random.Random(7)
        edge, desk = await UserAgent(news, dice).open(), await DeskPhone.open(news, dice, 500)
        headers = [("From", "<sip:edge@gateway>"), ("To", "<sip:desk@127.0.0.1>")]
        call = await edge.invite(desk.contact, desk.agent.address, headers)
        call.speak(900)
        await news.until(lambda: call.state is State.UP, "an answer")
        assert await call.voice.until_hears(500, "the PSAP") > 0.9
        assert len(desk.calls_in) == 1
        edge.close()
        desk.agent.close()

    asyncio.run(story())
