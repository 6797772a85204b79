"""A trunk on a virtual span: the test says what the network says, in Q.931 octets, and moves the
clock.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from e911.numbers import Elin
from edge_agent.isdn.config import IsdnTrunkConfig
from edge_agent.isdn.lapd_frame import Side
from edge_agent.isdn.lapd_link import Deliver, Link, LinkOutput, SendFrame
from edge_agent.isdn.messages import CALL_CONTROL, Message, decode
from edge_agent.isdn.trunk import Output, SetService, Trunk
from edge_agent.leg import BearerMedia, LegId, LegRequest, MediaChanged, SeizeTrunk

TRUNK = "psap"
SPAN = "span-1"
A = LegId("a")
ELIN = Elin("4255550142")
FROM_PSAP = "6c0c2183" + b"2065550911".hex()
TO_ELIN = "700ba1" + ELIN.digits.encode().hex()
SPEECH = "04038090a2"


class Ids:
    """in-1, in-2, … and references from ``first``."""

    def __init__(self, first: int = 1) -> None:
        self._count = 0
        self._first = first

    def leg_id(self) -> LegId:
        """The next leg."""
        self._count += 1
        return LegId(f"in-{self._count}")

    def call_reference(self) -> int:
        """Where references start."""
        return self._first


def a_config(**fields: Any) -> IsdnTrunkConfig:
    """A T1 of NI-2 that sends no RESTART of its own accord."""
    return IsdnTrunkConfig(TRUNK, SPAN, **{"restart": False, **fields})


class Span:
    """Only the framing of the network is borrowed from our link; its frames have goldens of their
    own.
    """

    def __init__(self, config: IsdnTrunkConfig | None = None, *, up: bool = True) -> None:
        self.trunk = Trunk(config or a_config(), Ids())
        self.now = 0.0
        self.cut = not up
        self.said: list[Output] = []
        self.frames: list[bytes] = []
        self.sent: list[Message] = []
        self.raw: list[bytes] = []
        """What reached the network of other protocols than Q.931."""
        self._network = Link(side=Side.NETWORK)
        if up:
            self._ours(self.trunk.start(0.0))
            self.take(Output)

    def ask(self, *requests: LegRequest | SetService) -> None:
        """The gateway asks."""
        for request in requests:
            self._ours(self.trunk.handle(request, self.now))

    def says(self, *messages: str) -> None:
        """The network sends Q.931 messages, in hex."""
        for message in messages:
            self._theirs(self._network.send(bytes.fromhex(message), 0, self.now))

    def frame(self, octets: str) -> None:
        """A frame reaches the trunk, whatever the network's link thinks."""
        self._ours(self.trunk.receive(bytes.fromhex(octets), self.now))

    def at(self, now: float) -> None:
        """Move the clock, through every deadline of both sides."""
        while (due := self._next()) is not None and due <= now:
            self.now = max(self.now, due)
            self._ours(self.trunk.handle_timeout(self.now))
            self._theirs(self._network.handle_timeout(self.now))
        self.now = now

    def break_line(self) -> None:
        """No frame passes any more; layer 1 says so."""
        self.cut = True
        self._ours(self.trunk.span_down(self.now))

    def mend_line(self) -> None:
        """Frames pass again."""
        self.cut = False
        self._ours(self.trunk.span_up(self.now))

    def peer_begins_anew(self) -> None:
        """The network establishes the link again: what it had not yet said is never said."""
        self._network = Link(side=Side.NETWORK)
        self._theirs(self._network.establish(self.now))

    def take(self, *kinds: Any) -> list[Output]:
        """Words said since the last time; of these kinds where some are given."""
        said, self.said = self.said, []
        return [word for word in said if not kinds or kinds == (Output,) or isinstance(word, kinds)]

    def take_sent(self) -> list[Message]:
        """Messages that reached the network since the last time."""
        sent, self.sent = self.sent, []
        return sent

    def kinds(self) -> list[int]:
        """The types of those messages."""
        return [message.kind for message in self.take_sent()]

    def _next(self) -> float | None:
        due = [self.trunk.next_deadline(), None if self.cut else self._network.next_deadline()]
        return min((at for at in due if at is not None), default=None)

    def _ours(self, outputs: Iterable[Output]) -> None:
        for output in outputs:
            if not isinstance(output, SendFrame):
                self.said.append(output)
                continue
            self.frames.append(output.data)
            if not self.cut:
                self._theirs(self._network.receive(output.data, self.now))
                self._theirs(self._network.settle(self.now))

    def _theirs(self, outputs: Iterable[LinkOutput]) -> None:
        for output in outputs:
            if isinstance(output, Deliver) and output.info[0] != CALL_CONTROL:
                self.raw.append(output.info)
            elif isinstance(output, Deliver):
                self.sent.append(decode(output.info))
            elif isinstance(output, SendFrame) and not self.cut:
                self._ours(self.trunk.receive(output.data, self.now))


def seize(leg: LegId = A, channel: int | None = 1, *, emergency: bool = True) -> SeizeTrunk:
    """The gateway wants 911 called."""
    return SeizeTrunk(leg, TRUNK, channel, ELIN, "911", emergency)


def callback(reference: int = 9, channel: str = "1803a98381", bearer: str = SPEECH) -> str:
    """A SETUP of the network's, in hex: the PSAP calls the ELIN."""
    return f"0802{reference:04x}05{bearer}{channel}{FROM_PSAP}{TO_ELIN}"


def media(leg: LegId, channel: int) -> MediaChanged:
    """Voice of ``leg`` is on ``channel``."""
    return MediaChanged(leg, BearerMedia(SPAN, channel))


def an_answered_call() -> Span:
    """A span with one call of ours up, on channel 1 under reference 1."""
    span = Span()
    span.ask(seize())
    span.says("0802800102" + "1803a98381", "0802800107")
    span.take()
    span.take_sent()
    return span
