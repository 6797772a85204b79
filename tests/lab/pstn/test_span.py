"""The exchange's end of a span, with the product's own trunk on the other end of the datagrams."""

from __future__ import annotations

import pytest

from edge_agent.leg import Alerting, Answer, Answered, Cleared, Offered, Ring
from lab.phones.tones import tone
from lab.pstn import q931
from lab.pstn.circuit import Circuit
from lab.pstn.q931 import Message
from lab.pstn.span import CHANNELS, NetworkSpan
from lab.pstn.span_call import SpanCall
from tests.lab.pstn.enterprise import ELIN, Enterprise, tell


def test_a_call_out_is_offered_with_its_numbers_rung_answered_and_cleared() -> None:
    async def story(span: NetworkSpan, enterprise: Enterprise, offered: list[Circuit]) -> None:
        enterprise.dial()
        call = await span.news.until(lambda: next(iter(offered), None), "a SETUP")
        assert (call.calling, call.called) == (ELIN.digits, "911")
        call.ring()
        await enterprise.until(Alerting)
        call.answer()
        await enterprise.until(Answered)
        assert call.is_up
        call.hang_up(41)
        gone = await enterprise.until(Cleared)
        assert isinstance(gone, Cleared)
        assert gone.cause == 41
        await span.news.until(lambda: call.is_over, "the end")
        assert span.calls == {}

    tell(story)


def test_a_call_in_takes_the_highest_channel_and_rings_an_elin() -> None:
    async def story(span: NetworkSpan, enterprise: Enterprise, _: list[Circuit]) -> None:
        call = await span.place("911", ELIN.digits)
        offered = await enterprise.until(Offered)
        assert isinstance(offered, Offered)
        assert offered.dialled == ELIN.digits
        assert offered.channel == CHANNELS[-1]
        enterprise.ask(Ring(offered.leg))
        await span.news.until(lambda: call.is_ringing, "ALERTING")
        enterprise.ask(Answer(offered.leg))
        await span.news.until(lambda: call.is_up, "CONNECT")
        call.hang_up()
        await span.news.until(lambda: call.is_over, "the end")

    tell(story)


def test_voice_goes_both_ways_on_the_channel_of_the_call() -> None:
    async def story(span: NetworkSpan, enterprise: Enterprise, offered: list[Circuit]) -> None:
        enterprise.dial(channel=4)
        call = await span.news.until(lambda: next(iter(offered), None), "a SETUP")
        call.answer()
        call.voice.say(500)
        for _ in range(10):
            enterprise.b.send(4, tone(900))
            enterprise.b.send(5, tone(1300))
        assert await call.voice.until_hears(900, "the PSAP") > 0.9

        def heard() -> tuple[int, bytes] | None:
            span.news.post()
            return next(iter(enterprise.blocks), None)

        assert await span.news.until(heard, "a block") == (4, tone(500))

    tell(story)


def test_a_preferred_channel_that_is_taken_is_moved() -> None:
    async def story(span: NetworkSpan, enterprise: Enterprise, offered: list[Circuit]) -> None:
        await span.place("911", ELIN.digits)
        enterprise.dial(channel=CHANNELS[-1])
        call = await span.news.until(lambda: next(iter(offered), None), "a SETUP")
        assert isinstance(call, SpanCall)
        assert call.channel == CHANNELS[0]

    tell(story)


def test_an_enterprise_that_began_anew_is_asked_and_its_lost_calls_end() -> None:
    async def story(span: NetworkSpan, enterprise: Enterprise, offered: list[Circuit]) -> None:
        enterprise.dial()
        call = await span.news.until(lambda: next(iter(offered), None), "a SETUP")
        call.answer()
        await enterprise.until(Answered)
        enterprise.close()
        ports = enterprise.ports
        again = Enterprise(ports, span.news, first_reference=100)
        await span.news.until(lambda: call.is_over, "the call to end", 8.0)
        assert span.link.established == 2
        again.close()

    tell(story)


def test_a_restart_of_a_channel_ends_its_call_and_is_acknowledged() -> None:
    async def story(span: NetworkSpan, enterprise: Enterprise, _: list[Circuit]) -> None:
        call = await span.place("911", ELIN.digits)
        elements = {q931.CHANNEL: q931.channel_id(23), q931.RESTART_INDICATOR: b"\x80"}
        frames = enterprise.send_raw(q931.encode(Message(q931.RESTART, 0, False, elements)))
        await span.news.until(lambda: call.is_over, "the call to end")
        answer = Message(q931.RESTART_ACK, 0, True, elements)
        await span.news.until(lambda: q931.encode(answer) in frames or None, "the answer")
        assert span.restarts == 1

    tell(story)


def test_a_span_whose_channels_are_all_taken_takes_no_more() -> None:
    async def story(span: NetworkSpan, _: Enterprise, __: list[Circuit]) -> None:
        for _n in CHANNELS:
            await span.place("911", ELIN.digits)
        with pytest.raises(ConnectionError):
            await span.place("911", ELIN.digits)

    tell(story)
