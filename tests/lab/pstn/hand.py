"""The enterprise's end of a CAMA span in the hands of a test: hooks and digits as datagrams."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Awaitable, Callable
from dataclasses import replace

from edge_agent.media.mf import spill
from lab.phones.bulletin import Bulletin
from lab.phones.tones import BLOCK, SILENCE, Ear
from lab.ports import free_port
from lab.pstn.cama_circuit import CamaCircuit, Timing
from lab.pstn.circuit import Circuit
from lab.pstn.dialled import TrunkGroup
from lab.pstn.half import Half
from lab.pstn.span import SpanPorts
from lab.pstn.tandem import Tandem

QUICK = Timing(
    before_wink_s=0.02,
    wink_s=0.1,
    before_request_s=0.03,
    first_digit_s=2.0,
    next_digit_s=2.0,
    flash_s=0.05,
)
IMPATIENT = replace(QUICK, first_digit_s=0.3, next_digit_s=0.3)
HOOK, BITS, BATTERY = b"h", b"b", b"p"
_VOICE, _SIGNAL = struct.Struct("!cBH"), struct.Struct("!cBcB")


class Hand:
    """``shown`` holds what the tandem showed: channel, kind, value and when."""

    def __init__(self, ports: SpanPorts, news: Bulletin) -> None:
        self.news = news
        self.shown: list[tuple[int, bytes, int, float]] = []
        self.alarms: list[int] = []
        self.ear = Ear()
        self.blocks: list[bytes] = []
        self._number = 0
        self._d = Half(ports.d_remote, ports.d_local, self._hear_signal)
        self._b = Half(ports.b_remote, ports.b_local, self._hear_block)
        self._d.start()
        self._b.start()

    def say(self, channel: int, value: int, kind: bytes = HOOK) -> None:
        """Show something."""
        self._d.write(_SIGNAL.pack(b"S", channel, kind, value))

    def pulse(self, channel: int, signals: str) -> None:
        """All of a spill at once, and silence: to a receiver the samples are the time."""
        for block in (*self.sound(signals), SILENCE, SILENCE, SILENCE):
            self.send(channel, block)

    def sound(self, signals: str) -> list[bytes]:
        """The blocks of a spill; nothing comes behind its last signal but what fills the block."""
        sound = spill(signals)
        sound += SILENCE[: -len(sound) % BLOCK]
        return [sound[at : at + BLOCK] for at in range(0, len(sound), BLOCK)]

    def send(self, channel: int, block: bytes) -> None:
        """One block of voice."""
        self._number += 1
        self._b.write(_VOICE.pack(b"B", channel, self._number & 0xFFFF) + block)

    def write(self, d: bytes = b"", b: bytes = b"") -> None:
        """Datagrams that are none."""
        if d:
            self._d.write(d)
        if b:
            self._b.write(b)

    async def until_shown(self, channel: int, *values: int) -> list[float]:
        """Wait until the tandem has shown these values on a channel; when it showed each."""

        def look() -> list[float] | None:
            mine = [(value, at) for c, _, value, at in self.shown if c == channel]
            return [at for _, at in mine] if [v for v, _ in mine] == list(values) else None

        expected = f"{values} on channel {channel}"
        return await self.news.until(look, expected, 5.0, lambda: self.shown)

    async def seize(self, channel: int, kind: bytes = HOOK) -> None:
        """Off hook, and wait until the wink is over."""
        before = len(self.shown)
        self.say(channel, 1 if kind == HOOK else 0b1111, kind)
        await self.news.until(
            lambda: len(self.shown) >= before + 2 or None, "a wink", 5.0, lambda: self.shown
        )

    def close(self) -> None:
        """Gone."""
        self._d.close()
        self._b.close()

    def _hear_signal(self, data: bytes) -> None:
        if data[:1] == b"A":
            self.alarms.append(data[1])
        else:
            _, channel, kind, value = _SIGNAL.unpack(data)
            self.shown.append((channel, kind, value, self.news.now))
        self.news.post()

    def _hear_block(self, data: bytes) -> None:
        self.blocks.append(data[_VOICE.size :])
        self.ear.listen(data[_VOICE.size :])
        self.news.post()


class Offers(list[CamaCircuit]):
    """What the router was offered."""

    def take(self, circuit: Circuit) -> None:
        """One more."""
        assert isinstance(circuit, CamaCircuit)
        self.append(circuit)


Story = Callable[[Tandem, Hand, Offers], Awaitable[None]]


def tell(story: Story, group: TrunkGroup, supervision: str = "em", timing: Timing = QUICK) -> None:
    """Run a story over a span between a tandem and a hand."""

    async def told() -> None:
        news, offers = Bulletin(), Offers()
        ports = SpanPorts(*(free_port() for _ in range(4)))
        tandem = Tandem("spf-cama", ports, news, offers.take, group, timing, supervision)
        hand = Hand(ports, news)
        tandem.start()
        try:
            await story(tandem, hand, offers)
        finally:
            tandem.close()
            hand.close()

    asyncio.run(told())


async def offered(hand: Hand, offers: Offers) -> CamaCircuit:
    """Wait for the first call that the router is offered."""
    return await hand.news.until(lambda: next(iter(offers), None), "a call offered", 5.0)
