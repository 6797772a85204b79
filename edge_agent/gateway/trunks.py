"""Who holds which channel, and who must give one up: ranks, the reserve, glare (R8).

The board knows channels by number and calls by leg; it knows nothing of SETUP or wink. A trunk's
channels lie on one or more spans. A channel in doubt (resting, suspect, out of service, its span's
link down) is chosen after every other one and never left out (R1). A SIP trunk has no channels,
only a number of calls.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import Any

from edge_agent.gateway.doubts import Doubt, Doubts
from edge_agent.gateway.outputs import ClearAlarm, GatewayOutput, RaiseAlarm
from edge_agent.leg import ChannelsChanged, LegId, LinkChanged


class Rank(IntEnum):
    """Who goes before whom; pre-emption goes from the bottom and never touches ``FIRST``."""

    FIRST = 0
    """Emergency, callback, held leg."""
    DESK = 1
    """Calls to the desk, and the R9 relay."""
    ORDINARY = 2
    """Not carried now; the rank exists."""
    TEST = 3
    """Tests and probes."""


@dataclass(frozen=True, slots=True)
class Hold:
    """One leg on one trunk; ``channel`` is ``None`` on a trunk that has none."""

    leg: LegId
    rank: Rank
    channel: int | None
    confirmed: bool = False
    """The network has agreed to the channel: no glare is possible any more."""


@dataclass(frozen=True, slots=True)
class Reserved:
    """A channel to seize; ``preempted`` is the leg that must be cleared first."""

    channel: int | None
    preempted: LegId | None = None


class Order(StrEnum):
    """Which idle channel is chosen first."""

    DESCENDING = "descending"
    """From the top, because networks hunt from the bottom: glare is rare."""
    ASCENDING = "ascending"
    ROTATING = "rotating"
    """The one that has been idle for longest: a bad channel is not met twice in a row."""


class ChannelState(StrEnum):
    """What a channel is doing, as an operator is shown it."""

    IDLE = "idle"
    BUSY = "busy"
    RESERVED = "reserved"
    """Seized, and not yet confirmed by the network."""
    OUT_OF_SERVICE = "out-of-service"
    SUSPECT = "suspect"
    """Its last call failed on the line."""
    GUARD = "guard"
    """Hung up so lately that the far end may not see a new seizure yet."""


SHOWN = {
    Doubt.NONE: ChannelState.IDLE,
    Doubt.RESTING: ChannelState.GUARD,
    Doubt.SUSPECT: ChannelState.SUSPECT,
    Doubt.OUT: ChannelState.OUT_OF_SERVICE,
}
"""As what a channel without a call is shown."""


@dataclass(slots=True)
class Trunk:
    """One trunk's channels and who is on them."""

    id: str
    channels: tuple[int, ...] = ()
    capacity: int = 0
    """Calls at once where there are no channels; 0 for no limit."""
    order: Order = Order.DESCENDING
    why: str = ""
    """What the link that went down last said."""
    holds: dict[LegId, Hold] = field(default_factory=dict)
    spans: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """The channels of each span; one span without a name where nobody told of spans."""
    down: dict[str, str] = field(default_factory=dict)
    """Spans whose link is down, and why."""
    doubts: Doubts = field(default_factory=Doubts)
    _carriers: dict[int, str] = field(default_factory=dict)
    _last_used: dict[int, int] = field(default_factory=dict)
    _uses: int = 0

    @property
    def up(self) -> bool:
        """Whether any span's link is thought to work."""
        return any(span not in self.down for span in self.spans)

    def equip(
        self, spans: Mapping[str, tuple[int, ...]], capacity: int = 0, order: Order | None = None
    ) -> None:
        """Have these channels from now on; calls on them stay."""
        self.spans, self.capacity = spans, capacity
        self.order = order or self.order
        self.channels = tuple(channel for carried in spans.values() for channel in carried)
        self._carriers = {channel: span for span in spans for channel in spans[span]}

    def span_of(self, channel: int | None) -> str:
        """The span that carries a channel."""
        return "" if channel is None else self._carriers.get(channel, "")

    def doubt_of(self, channel: int) -> Doubt:
        """How much later than a sound channel this one is to be tried."""
        return Doubt.OUT if self.span_of(channel) in self.down else self.doubts.of(channel)

    def is_sound(self, channel: int | None) -> bool:
        """Whether nothing speaks for another channel."""
        return channel is not None and self.doubt_of(channel) is Doubt.NONE

    def idle(self, avoid: Collection[str] = ()) -> int | None:
        """The idle channel whose turn it is, one in doubt only where there is no other, the least
        doubtful first; none of the spans to ``avoid``."""
        busy = {hold.channel for hold in self.holds.values()}
        left = [c for c in self.channels if c not in busy]
        if avoid:
            left = [c for c in left if self.span_of(c) not in avoid]
        if self.down or self.doubts:
            least = min(map(self.doubt_of, left), default=Doubt.NONE)
            left = [c for c in left if self.doubt_of(c) is least]
        return min(left, key=self._turn, default=None)

    def room(self) -> int:
        """How many more calls fit; a large number where there is no limit."""
        if self.channels:
            return len(self.channels) - len(self.holds)
        return self.capacity - len(self.holds) if self.capacity else 1 << 30

    def take(self, hold: Hold) -> None:
        """Put a leg on its channel."""
        self.holds[hold.leg] = hold
        if hold.channel is not None:
            self._uses += 1
            self._last_used[hold.channel] = self._uses

    def states(self, span: str) -> dict[int, ChannelState]:
        """What each channel of a span is doing."""
        held = {hold.channel: hold for hold in self.holds.values()}
        found = {}
        for channel in sorted(self.spans[span]):
            hold = held.get(channel)
            if hold is not None:
                found[channel] = ChannelState.BUSY if hold.confirmed else ChannelState.RESERVED
            else:
                found[channel] = SHOWN[self.doubt_of(channel)]
        return found

    def _turn(self, channel: int) -> tuple[int, int]:
        if self.order is Order.ROTATING:
            return (self._last_used.get(channel, 0), -channel)
        return (0, channel if self.order is Order.ASCENDING else -channel)


class TrunkBoard:
    """Every trunk of this agent, by id."""

    def __init__(self) -> None:
        self._trunks: dict[str, Trunk] = {}
        self._where: dict[LegId, str] = {}

    def __getitem__(self, trunk: str) -> Trunk:
        return self._trunks[trunk]

    def __contains__(self, trunk: object) -> bool:
        return trunk in self._trunks

    def __iter__(self) -> Iterator[Trunk]:
        return iter(self._trunks.values())

    def equip(
        self,
        trunk: str,
        channels: tuple[int, ...] = (),
        capacity: int = 0,
        spans: Mapping[str, tuple[int, ...]] = MappingProxyType({}),
        order: Order | None = None,
    ) -> None:
        """Make a trunk known, or change its size; ``spans`` says where its channels lie."""
        held = self._trunks.setdefault(trunk, Trunk(trunk))
        held.equip(spans or {"": channels}, capacity, order)

    def link_changed(self, event: LinkChanged) -> list[GatewayOutput]:
        """A link, or every link of a trunk, came up or went down: that reorders route steps and
        removes none (R1)."""
        held = self._trunks.get(event.trunk)
        if held is None:
            return []
        named = [event.span] if event.span in held.spans else list(held.spans)
        for span in named:
            if event.up:
                held.down.pop(span, None)
            else:
                held.down[span] = held.why = event.why
        out = [_link_alarm(span, event) for span in named if span]
        if held.up:
            held.why = ""
            return [*out, ClearAlarm("trunk-down", held.id)]
        return [*out, RaiseAlarm("trunk-down", held.id, event.why)]

    def channels_changed(self, event: ChannelsChanged) -> list[GatewayOutput]:
        """Other channels of a span than before are in doubt."""
        held = self._trunks.get(event.trunk)
        return held.doubts.hear(event) if held else []

    def is_up(self, trunk: str) -> bool:
        """Whether the trunk's link is thought to work."""
        return trunk in self._trunks and self._trunks[trunk].up

    def reserve(
        self,
        trunk: str,
        leg: LegId,
        rank: Rank,
        reserve: int,
        *,
        avoid: Collection[str] = (),
        doubtful: bool = True,
    ) -> Reserved | None:
        """Take a channel for ``leg``; ``None`` where every one is held by a rank as good.

        ``reserve`` channels are kept from every rank but the first. ``avoid`` names spans that will
        not do; without ``doubtful`` a channel in doubt will not do either, so that the caller can
        try other trunks before it.
        """
        held = self._trunks.get(trunk)
        if held is None:
            return None
        kept_back = 0 if rank is Rank.FIRST else reserve
        if not held.channels:
            victim = None if held.room() > kept_back else self._victim(held, rank)
            if held.room() <= kept_back and victim is None:
                return None
            return self._take(held, leg, rank, None, victim)
        idle = held.idle(avoid) if held.room() > kept_back else None
        doubt = Doubt.OUT if idle is None else held.doubt_of(idle)
        if doubt is Doubt.NONE:
            return self._take(held, leg, rank, idle, None)
        # Whoever is pre-empted leaves a channel that has to rest as well: nothing would be gained.
        victim = None if doubt is Doubt.RESTING else self._victim(held, rank, avoid)
        if victim is not None and held.is_sound(victim.channel):
            return self._take(held, leg, rank, victim.channel, victim)
        if not doubtful or (idle is None and victim is None):
            return None
        channel = idle if victim is None or idle is not None else victim.channel
        return self._take(held, leg, rank, channel, victim if idle is None else None)

    def accept(self, trunk: str, leg: LegId, channel: int | None) -> tuple[bool, LegId | None]:
        """The network offers ``leg`` on ``channel``: whether it fits, and which leg of ours has to
        go: it lost the glare, or a full trunk carries it by a lower rank (R8)."""
        held = self._trunks.get(trunk)
        if held is None:
            return False, None
        rival = next(
            (h for h in held.holds.values() if channel is not None and h.channel == channel), None
        )
        if rival is not None and rival.confirmed:
            return False, None
        if rival is None and held.room() <= 0:
            rival = self._victim(held, Rank.FIRST)
            if rival is None:
                return False, None
        self._take(held, leg, Rank.FIRST, channel, rival)
        self.confirm(leg, channel)
        return True, rival.leg if rival else None

    def confirm(self, leg: LegId, channel: int | None) -> None:
        """The network agreed to the leg's channel, or moved it to another."""
        if channel is not None:
            self._change(leg, channel=channel)
        self._change(leg, confirmed=True)

    def move(self, leg: LegId, channel: int) -> None:
        """The trunk could not have the channel reserved and took another: glare is possible there,
        and no longer where the leg was."""
        self._change(leg, channel=channel)

    def promote(self, leg: LegId) -> None:
        """A human on this leg talks to the PSAP: it is a callback now, and of the first rank
        (R8)."""
        self._change(leg, rank=Rank.FIRST)

    def release(self, leg: LegId) -> None:
        """The leg is gone; its channel is idle."""
        trunk = self._where.pop(leg, None)
        if trunk is not None:
            self._trunks[trunk].holds.pop(leg, None)

    def release_all_but(self, known: Container[LegId]) -> None:
        """Free what is held by legs that no call has: one broke before it could say so."""
        for leg in [leg for leg in self._where if leg not in known]:
            self.release(leg)

    def _change(self, leg: LegId, **fields: Any) -> None:
        trunk = self._where.get(leg)
        if trunk is not None:
            holds = self._trunks[trunk].holds
            holds[leg] = replace(holds[leg], **fields)

    def _take(
        self, held: Trunk, leg: LegId, rank: Rank, channel: int | None, victim: Hold | None
    ) -> Reserved:
        if victim is not None:
            self.release(victim.leg)
        held.take(Hold(leg, rank, channel))
        self._where[leg] = held.id
        return Reserved(channel, victim.leg if victim else None)

    def _victim(self, held: Trunk, rank: Rank, avoid: Collection[str] = ()) -> Hold | None:
        below = [
            hold
            for hold in held.holds.values()
            if hold.rank > rank
            and hold.rank is not Rank.FIRST
            and (not avoid or held.span_of(hold.channel) not in avoid)
        ]
        return max(below, key=lambda hold: (hold.rank, hold.channel or 0), default=None)


def _link_alarm(span: str, event: LinkChanged) -> GatewayOutput:
    return ClearAlarm("link-down", span) if event.up else RaiseAlarm("link-down", span, event.why)
