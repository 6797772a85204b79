"""Two of our trunks back to back on one wire with moved time: a user and a network, and what each
said.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from itertools import count
from random import Random
from typing import Any

from e911.numbers import Elin
from edge_agent.isdn.config import IsdnTrunkConfig
from edge_agent.isdn.lapd_frame import Side
from edge_agent.isdn.lapd_link import SendFrame
from edge_agent.isdn.messages import M, MalformedMessage, decode
from edge_agent.isdn.trunk import Output, SetService, Trunk
from edge_agent.leg import Exempt, ExemptReason, LegId, LegRequest, SeizeTrunk
from tests.edge.isdn.span import ELIN, SPAN, TRUNK

USER, NETWORK = Side.USER, Side.NETWORK
PSAP = Exempt("2065550911", ExemptReason.RELAY)
_INFORMATION_FRAME = 4


class SideIds:
    """Leg ids of one side."""

    def __init__(self, side: Side) -> None:
        self._side = side.name.lower()
        self._count = count(1)

    def leg_id(self) -> LegId:
        """user-1, user-2, …"""
        return LegId(f"{self._side}-{next(self._count)}")

    def call_reference(self) -> int:
        """Both sides begin at the same one, so that references meet."""
        return 1


class Pair:
    """``faults`` of the frames are lost, doubled or late, each as often as the others."""

    def __init__(
        self, dice: Random | None = None, faults: float = 0.0, *, up: bool = True, **fields: Any
    ) -> None:
        self.now = 0.0
        self.cut = False
        self.faults = faults
        self.said: dict[Side, list[Output]] = {USER: [], NETWORK: []}
        self.sent: list[tuple[Side, int]] = []
        """Who sent which type of message, in the order on the wire."""
        network = {"announces": fields.pop("announces", False)}
        fields = {"restart": False, **fields}
        self.trunks = {
            side: Trunk(IsdnTrunkConfig(TRUNK, SPAN, side=side, **(fields | extra)), SideIds(side))
            for side, extra in ((USER, {}), (NETWORK, network))
        }
        self.frames: list[bytes] = []
        """Every frame of both sides, those that were lost too."""
        self._dice = dice or Random(911)
        self._wire: list[tuple[float, int, Side, bytes]] = []
        self._order = count()
        if up:
            self._perform(USER, self.trunks[USER].start(0.0))
            self.run(0.01)
            self.take(USER), self.take(NETWORK)

    def ask(self, side: Side, *requests: LegRequest | SetService) -> None:
        """The gateway of a side asks."""
        for request in requests:
            self._perform(side, self.trunks[side].handle(request, self.now))

    def run(self, until: float) -> None:
        """Let frames arrive and timers run out until then."""
        while (due := self._next()) is not None and due <= until:
            self.now = max(self.now, due)
            while self._wire and self._wire[0][0] <= self.now:
                _, _, to, frame = heapq.heappop(self._wire)
                self._perform(to, self.trunks[to].receive(frame, self.now))
            for side, trunk in self.trunks.items():
                at = trunk.next_deadline()
                if at is not None and at <= self.now:
                    self._perform(side, trunk.handle_timeout(self.now))
        self.now = until

    def settle(self) -> None:
        """Let what is on the wire arrive."""
        self.run(self.now + 0.1)

    def break_line(self) -> None:
        """No frame passes, and layer 1 says so to both."""
        self.cut = True
        self._wire.clear()
        for side, trunk in self.trunks.items():
            self._perform(side, trunk.span_down(self.now))

    def mend_line(self) -> None:
        """Frames pass again."""
        self.cut = False
        for side, trunk in self.trunks.items():
            self._perform(side, trunk.span_up(self.now))

    def take(self, side: Side, *kinds: type[Any]) -> list[Any]:
        """What a side said since the last time; of these kinds where some are given."""
        said, self.said[side] = self.said[side], []
        return [word for word in said if not kinds or isinstance(word, kinds)]

    def take_sent(self) -> list[tuple[Side, M]]:
        """Messages sent since the last time."""
        sent, self.sent = self.sent, []
        return [(side, M(kind)) for side, kind in sent]

    def _next(self) -> float | None:
        due = [trunk.next_deadline() for trunk in self.trunks.values()]
        due.append(self._wire[0][0] if self._wire else None)
        return min((at for at in due if at is not None), default=None)

    def _perform(self, side: Side, outputs: Iterable[Output]) -> None:
        for output in outputs:
            if isinstance(output, SendFrame):
                self.frames.append(output.data)
                self._note(side, output.data)
                self._put(Side(1 - side), output.data)
            else:
                self.said[side].append(output)

    def _put(self, to: Side, frame: bytes) -> None:
        delays = [0.005]
        if self.faults and self._dice.random() < self.faults:
            delays = self._dice.choice(([], [0.005, 0.02], [0.05]))
        for delay in [] if self.cut else delays:
            heapq.heappush(self._wire, (self.now + delay, next(self._order), to, frame))

    def _note(self, side: Side, frame: bytes) -> None:
        if len(frame) > _INFORMATION_FRAME and not frame[2] & 1:
            try:
                self.sent.append((side, decode(frame[_INFORMATION_FRAME:]).kind))
            except MalformedMessage:
                return


def dial_911(leg: str = "a", channel: int | None = 1, *, emergency: bool = True) -> SeizeTrunk:
    """The user side calls 911."""
    return SeizeTrunk(LegId(leg), TRUNK, channel, ELIN, "911", emergency)


def call_back(leg: str = "b", channel: int | None = 1, elin: Elin = ELIN) -> SeizeTrunk:
    """The network side calls an ELIN."""
    return SeizeTrunk(LegId(leg), TRUNK, channel, PSAP, elin.digits, emergency=False)
