"""Two user agents of the lab call each other; loss and refusals are met as RFC 3261 says."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable

from lab.phones import sip_message
from lab.phones.bulletin import Bulletin
from lab.phones.call import Call, Direction, State
from lab.phones.sip_message import SipMessage, request
from lab.phones.user_agent import UserAgent

FROM_TO = [("From", "<sip:ana@lab>"), ("To", "<sip:bob@lab>")]
Story = Callable[["_Lossy", UserAgent, Bulletin], Awaitable[None]]


def test_a_call_is_rung_answered_spoken_on_and_hung_up() -> None:
    async def story(ana: _Lossy, bob: UserAgent, news: Bulletin) -> None:
        bob.on_call = _ring_and_answer
        call = await ana.invite("sip:bob@lab", bob.address, FROM_TO)
        call.speak(500)
        await news.until(lambda: call.state is State.UP, "an answer")
        assert call.statuses == [100, 180, 200]
        there = bob.calls[0]
        assert there.direction is Direction.IN
        assert await call.voice.until_hears(900, "ana") > 0.9
        assert await there.voice.until_hears(500, "bob") > 0.9
        there.hang_up()
        await news.until(lambda: call.state is State.OVER, "a BYE")
        assert list(call.times) == [State.CALLING, State.RINGING, State.UP, State.OVER]

    _tell(story)


def test_a_call_is_cancelled_while_it_rings() -> None:
    async def story(ana: _Lossy, bob: UserAgent, news: Bulletin) -> None:
        bob.on_call = Call.ring
        call = await ana.invite("sip:bob@lab", bob.address, FROM_TO)
        await news.until(lambda: call.state is State.RINGING, "ringing")
        call.hang_up()
        await news.until(lambda: bob.calls[0].state is State.OVER, "a CANCEL")
        await news.until(lambda: call.final, "the end of the INVITE")
        assert call.final is not None
        assert call.final.status == 487

    _tell(story)


def test_a_refusal_is_acknowledged_and_ends_the_call() -> None:
    async def story(ana: _Lossy, bob: UserAgent, news: Bulletin) -> None:
        call = await ana.invite("sip:bob@lab", bob.address, FROM_TO)
        await news.until(lambda: call.state is State.OVER, "a refusal")
        assert call.statuses == [100, 480]

    _tell(story)


def test_an_invite_that_is_lost_is_sent_again() -> None:
    async def story(ana: _Lossy, bob: UserAgent, news: Bulletin) -> None:
        ana.losing = "INVITE"
        bob.on_call = _ring_and_answer
        call = await ana.invite("sip:bob@lab", bob.address, FROM_TO)
        await news.until(lambda: call.state is State.UP, "an answer")
        assert ana.lost == ["INVITE"]

    _tell(story)


def test_a_2xx_is_repeated_until_its_ack_comes_and_makes_one_call() -> None:
    async def story(ana: _Lossy, bob: UserAgent, news: Bulletin) -> None:
        ana.losing = "ACK"
        bob.on_call = _ring_and_answer
        call = await ana.invite("sip:bob@lab", bob.address, FROM_TO)
        await news.until(lambda: call.statuses.count(200) == 2, "the 200 once more")
        assert ana.lost == ["ACK"]
        assert len(bob.calls) == 1

    _tell(story)


def test_a_message_is_answered_once_and_alike_when_repeated() -> None:
    async def story(ana: _Lossy, bob: UserAgent, news: Bulletin) -> None:
        heard: list[SipMessage] = []

        def take(message: SipMessage) -> int:
            heard.append(message)
            return 200

        bob.on_message = take
        answers: list[int] = []
        asked = _asking("MESSAGE")
        ana.ask(asked, bob.address, lambda answer: answers.append(answer.status))
        await news.until(lambda: answers, "an answer")
        ana.send(asked, bob.address)
        ana.ask(_asking("OPTIONS"), bob.address, lambda answer: answers.append(answer.status))
        await news.until(lambda: len(answers) > 2, "the answer to what was sent last")
        assert answers == [200, 200, 200]
        assert len(heard) == 1

    _tell(story)


def test_a_bye_of_nobodys_call_gets_481() -> None:
    async def story(ana: _Lossy, bob: UserAgent, news: Bulletin) -> None:
        answers: list[int] = []
        ana.ask(_asking("BYE"), bob.address, lambda answer: answers.append(answer.status))
        await news.until(lambda: answers, "an answer")
        assert answers == [481]
        assert bob.unanswered == 1

    _tell(story)


class _Lossy(UserAgent):
    """Loses the first of the messages that it is told to lose."""

    def __init__(self, news: Bulletin, dice: random.Random) -> None:
        super().__init__(news, dice)
        self.losing = ""
        self.lost: list[str] = []

    def send(self, message: SipMessage, to: tuple[str, int]) -> None:
        """Lose it, or send it."""
        if message.is_request and message.method == self.losing:
            self.losing = ""
            self.lost.append(message.method)
        else:
            super().send(message, to)


def _ring_and_answer(call: Call) -> None:
    call.ring()
    call.answer()
    call.speak(900)


def _asking(method: str) -> SipMessage:
    headers = [*FROM_TO, ("Call-ID", "elsewhere"), ("CSeq", f"1 {method}")]
    return request(method, "sip:bob@lab", headers)


def _tell(story: Story) -> None:
    async def told() -> None:
        news, dice = Bulletin(), random.Random(7)
        ana, bob = _Lossy(news, dice), UserAgent(news, dice)
        await ana.open()
        await bob.open()
        try:
            await story(ana, bob, news)
        finally:
            ana.close()
            bob.close()

    asyncio.run(told())


def test_what_was_read_can_be_written() -> None:
    asked = _asking("OPTIONS")
    again = sip_message.read(asked.render())
    assert again is not None
    assert again.cseq == (1, "OPTIONS")
