"""A PSAP: a console that shows who calls from where, a call-taker who answers and calls back."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from lab.phones.bulletin import Bulletin
from lab.pstn.ali import AliRecord
from lab.pstn.circuit import Circuit, TrunkLine

NO_RECORD, NO_NUMBER = "NO RECORD FOUND", "NO NUMBER"
NORMAL, TEMPORARY_FAILURE = 16, 41


@dataclass(frozen=True, slots=True)
class Screen:
    """What the console shows of one call."""

    calling: str
    address: str
    customer: str
    at: datetime

    def line(self) -> str:
        """As the call-taker reads it."""
        digits = self.calling
        number = f"{digits[:3]}-{digits[3:6]}-{digits[6:]}" if digits else NO_NUMBER
        return f"{number} | {self.customer} | {self.address} | {self.at:%H:%M:%S}"


@dataclass(slots=True)
class PsapCall:
    """A call at the console."""

    screen: Screen
    circuit: Circuit
    shown_at: float
    """When the console rang, by the lab's clock."""
    tone: int = 0


@dataclass(slots=True)
class Psap:
    """One console. ``tones`` gives each call the call-taker's voice for it, a new one each time."""

    news: Bulletin
    tones: Iterator[int]
    ring_s: float = 0.2
    calls: list[PsapCall] = field(default_factory=list)

    def take(self, circuit: Circuit, record: AliRecord | None) -> None:
        """The router hands us a call: show it, let it ring a moment, answer and speak."""
        call = PsapCall(
            Screen(
                circuit.calling,
                record.one_line() if record else NO_RECORD,
                record.customer if record else "",
                datetime.now().astimezone(),
            ),
            circuit,
            self.news.now,
            next(self.tones),
        )
        self.calls.append(call)
        circuit.ring()
        asyncio.get_running_loop().call_later(self.ring_s, self._pick_up, call)
        self.news.post()

    async def call_back(self, number: str, line: TrunkLine) -> PsapCall:
        """Dial a number that the console showed, over the trunk of its exchange."""
        circuit = await line.place("911", number)
        shown = Screen(number, "(callback)", "", datetime.now().astimezone())
        call = PsapCall(shown, circuit, self.news.now, next(self.tones))
        self.calls.append(call)
        circuit.voice.say(call.tone)
        return call

    def break_off(self, call: PsapCall) -> None:
        """The call is lost somewhere in the network."""
        call.circuit.hang_up(TEMPORARY_FAILURE)

    def hang_up(self, call: PsapCall) -> None:
        """The call-taker is done."""
        call.circuit.hang_up(NORMAL)

    def _pick_up(self, call: PsapCall) -> None:
        if not call.circuit.is_over:
            call.circuit.answer()
            call.circuit.voice.say(call.tone)
            self.news.post()
