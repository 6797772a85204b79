"""A PSAP shows, rings, answers and speaks; it calls back whom its screen showed."""

from __future__ import annotations

import asyncio
from itertools import count

from lab.phones.bulletin import Bulletin
from lab.pstn.ali import AliRecord
from lab.pstn.psap import NO_NUMBER, NO_RECORD, Psap
from tests.lab.pstn.circuits import HeldCircuit, HeldLine

RECORD = AliRecord("4255550101", "MILLS", "1200 HARBOR AVE", "FLR 2", "SPRINGFIELD", "WA")


def test_a_call_is_shown_with_its_address_rung_and_answered_with_a_tone() -> None:
    async def story() -> None:
        news = Bulletin()
        psap = Psap(news, count(500, 50), ring_s=0.01)
        circuit = HeldCircuit(news, "4255550101", "911")
        psap.take(circuit, RECORD)
        assert circuit.done == ["ring"]
        await news.until(lambda: circuit.is_up, "an answer")
        call = psap.calls[0]
        shown = call.screen.line()
        assert shown.startswith("425-555-0101 | MILLS | 1200 HARBOR AVE, FLR 2, SPRINGFIELD WA | ")
        assert circuit.voice.says == call.tone == 500
        psap.break_off(call)
        assert circuit.done == ["ring", "answer", "clear 41"]
        circuit.voice.hush()

    asyncio.run(story())


def test_a_number_without_a_record_is_taken_too_and_says_so() -> None:
    async def story() -> None:
        news = Bulletin()
        psap = Psap(news, count(500, 50))
        circuit = HeldCircuit(news, "4255550188", "911")
        psap.take(circuit, None)
        assert psap.calls[0].screen.address == NO_RECORD

    asyncio.run(story())


def test_a_call_whose_number_failed_is_shown_without_one() -> None:
    async def story() -> None:
        news = Bulletin()
        psap = Psap(news, count(500, 50))
        psap.take(HeldCircuit(news, "", "911"), None)
        assert psap.calls[0].screen.line().startswith(f"{NO_NUMBER} |  | {NO_RECORD} | ")

    asyncio.run(story())


def test_a_call_that_ends_while_it_rings_is_not_answered() -> None:
    async def story() -> None:
        news = Bulletin()
        psap = Psap(news, count(500, 50), ring_s=0.01)
        circuit = HeldCircuit(news, "4255550101", "911")
        psap.take(circuit, RECORD)
        circuit.is_over = True
        over = asyncio.Event()
        asyncio.get_running_loop().call_later(0.03, over.set)
        await over.wait()
        assert circuit.done == ["ring"]

    asyncio.run(story())


def test_a_callback_dials_the_number_and_speaks_with_another_tone() -> None:
    async def story() -> None:
        news = Bulletin()
        psap, line = Psap(news, count(500, 50)), HeldLine(news)
        first = await psap.call_back("4255550101", line)
        second = await psap.call_back("4255550101", line)
        assert [(c.calling, c.called) for c in line.placed] == [("911", "4255550101")] * 2
        assert (first.tone, second.tone) == (500, 550)
        psap.hang_up(first)
        assert line.placed[0].done == ["clear 16"]
        for circuit in line.placed:
            circuit.voice.hush()

    asyncio.run(story())
