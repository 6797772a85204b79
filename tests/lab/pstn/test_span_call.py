"""A call as the switch has it: who does not answer is asked once more, who is gone is let go."""

from __future__ import annotations

from edge_agent.leg import Answer, Answered, Cleared, Offered, Ring
from lab.pstn.circuit import Circuit
from lab.pstn.span import NetworkSpan
from lab.pstn.span_call import S, SpanCall
from tests.lab.pstn.enterprise import ELIN, Enterprise, tell


def test_the_enterprise_hangs_up_and_both_sides_forget_the_call() -> None:
    async def story(span: NetworkSpan, enterprise: Enterprise, offered: list[Circuit]) -> None:
        enterprise.dial()
        call = await span.news.until(lambda: next(iter(offered), None), "a SETUP")
        assert isinstance(call, SpanCall)
        call.ring()
        call.answer()
        await enterprise.until(Answered)
        enterprise.hang_up("out-1", 16)
        await span.news.until(lambda: call.is_over, "the end")
        assert call.cause == 16
        await enterprise.until(Cleared)
        assert enterprise.trunk.busy_channels == frozenset()

    tell(story)


def test_clearing_twice_is_clearing_once() -> None:
    async def story(span: NetworkSpan, enterprise: Enterprise, _: list[Circuit]) -> None:
        call = await span.place("911", ELIN.digits)
        assert isinstance(call, SpanCall)
        offered = await enterprise.until(Offered)
        assert isinstance(offered, Offered)
        enterprise.ask(Ring(offered.leg))
        await span.news.until(lambda: call.is_ringing, "ALERTING")
        call.hang_up(16)
        call.hang_up(41)
        assert (call.state, call.cause) == (S.CLEARING, 16)
        await span.news.until(lambda: call.is_over, "the end")

    tell(story)


def test_a_call_that_is_known_at_both_ends_survives_an_enquiry() -> None:
    async def story(span: NetworkSpan, enterprise: Enterprise, _: list[Circuit]) -> None:
        call = await span.place("911", ELIN.digits)
        assert isinstance(call, SpanCall)
        offered = await enterprise.until(Offered)
        assert isinstance(offered, Offered)
        enterprise.ask(Answer(offered.leg))
        await span.news.until(lambda: call.is_up, "CONNECT")
        before = len(enterprise.messages)
        call.enquire()
        await span.news.until(lambda: len(enterprise.messages) > before, "the enquiry")
        assert call.is_up

    tell(story)
