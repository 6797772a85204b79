"""The enterprise's end of a span for tests of the exchange: the product's trunk on real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from itertools import count

from e911.numbers import Elin
from edge_agent.drivers.loop_span import LoopBChannels, LoopDChannel, connected_socket
from edge_agent.isdn.config import IsdnTrunkConfig
from edge_agent.isdn.lapd_link import SendFrame
from edge_agent.isdn.trunk import Trunk
from edge_agent.leg import Clear, LegId, LegRequest, SeizeTrunk
from lab.phones.bulletin import Bulletin
from lab.ports import HOST, free_port
from lab.pstn.circuit import Circuit
from lab.pstn.span import NetworkSpan, SpanPorts

ELIN = Elin("4255550101")


class CountedIds:
    """Ids in order."""

    def __init__(self, first: int) -> None:
        self._next = count(1)
        self._first = first

    def leg_id(self) -> LegId:
        """The next leg."""
        return LegId(f"in-{next(self._next)}")

    def call_reference(self) -> int:
        """Where references start."""
        return self._first


class Enterprise:
    """A trunk of the product, driven by the loop; ``heard`` is everything that it said."""

    def __init__(self, ports: SpanPorts, news: Bulletin, first_reference: int = 1) -> None:
        self.news, self.ports = news, ports
        self.messages: list[bytes] = []
        """Layer 3 of every I frame that came in."""
        self._own = 0
        self.heard: list[object] = []
        self.trunk = Trunk(IsdnTrunkConfig("spf-pri", "pri-1"), CountedIds(first_reference))
        loop = asyncio.get_running_loop()
        d = connected_socket((HOST, ports.d_remote), (HOST, ports.d_local))
        b = connected_socket((HOST, ports.b_remote), (HOST, ports.b_local))
        self.d = LoopDChannel(d, loop, self._hear, lambda alarm, now: None)
        self.blocks: list[tuple[int, bytes]] = []
        self.b = LoopBChannels(
            b,
            loop,
            lambda channel, block, now: self.blocks.append((channel, block)),
            lambda channel, missed: None,
        )
        self._timer: asyncio.TimerHandle | None = None
        self._take(self.trunk.start(loop.time()))

    def ask(self, request: LegRequest) -> None:
        """A request to the trunk."""
        self._take(self.trunk.handle(request, asyncio.get_running_loop().time()))

    def dial(self, leg: str = "out-1", channel: int = 1) -> None:
        """911 with our ELIN."""
        self.ask(SeizeTrunk(LegId(leg), "spf-pri", channel, ELIN, "911"))

    def hang_up(self, leg: str, cause: int) -> None:
        """End one leg."""
        self.ask(Clear(LegId(leg), cause))

    def send_raw(self, message: bytes) -> list[bytes]:
        """Put a message of our own into the next I frame; returns where answers will be found.

        Good for one message: the trunk itself does not know of it.
        """
        frame = bytes((0x00, 0x01, self._sent() << 1, self._received() << 1))
        self.d.send(frame + message)
        return self.messages

    async def until(self, kind: type[object], nth: int = 1) -> object:
        """The n-th thing of a kind that was heard."""

        def look() -> object | None:
            found = [each for each in self.heard if isinstance(each, kind)]
            return found[nth - 1] if len(found) >= nth else None

        return await self.news.until(look, kind.__name__, 8.0, lambda: self.heard)

    def close(self) -> None:
        """Gone, without a word."""
        if self._timer is not None:
            self._timer.cancel()
        self.d.close()
        self.b.close()

    def _sent(self) -> int:
        """How many I frames the trunk has sent since the link came up."""
        return self._own

    def _received(self) -> int:
        return len(self.messages)

    def _hear(self, frame: bytes, now: float) -> None:
        if len(frame) > 4 and not frame[2] & 1:
            self.messages.append(frame[4:])
        self._take(self.trunk.receive(frame, now))

    def _take(self, outputs: Iterable[object]) -> None:
        for output in outputs:
            if isinstance(output, SendFrame):
                self._own += len(output.data) > 4 and not output.data[2] & 1
                self.d.send(output.data)
            else:
                self.heard.append(output)
        self.news.post()
        self._rearm()

    def _rearm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        due = self.trunk.next_deadline()
        if due is not None:
            self._timer = asyncio.get_running_loop().call_at(due, self._late)

    def _late(self) -> None:
        self._take(self.trunk.handle_timeout(asyncio.get_running_loop().time()))


Story = Callable[[NetworkSpan, Enterprise, list[Circuit]], Awaitable[None]]


def tell(story: Story) -> None:
    """Run a story over a span whose link is up, with the calls that the exchange is offered."""

    async def told() -> None:
        news, offered = Bulletin(), list[Circuit]()
        ports = SpanPorts(*(free_port() for _ in range(4)))
        span = NetworkSpan("spf-pri", ports, news, offered.append)
        enterprise = Enterprise(ports, news)
        try:
            span.start()
            await news.until(lambda: span.link.is_up and enterprise.trunk.link_up, "the link", 8.0)
            await story(span, enterprise, offered)
        finally:
            enterprise.close()
            span.close()

    asyncio.run(told())
