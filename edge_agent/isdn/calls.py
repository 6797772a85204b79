"""The calls of a trunk: found by reference, by leg and by channel, and which channel a call may
have.
"""

from __future__ import annotations

from edge_agent.isdn.call import Call
from edge_agent.isdn.elements import ChannelId
from edge_agent.isdn.messages import MOST_REFERENCE
from edge_agent.leg import LegId


class Calls:
    """Every call with a reference. A channel has one owner; our unanswered SETUP only wishes for
    its channel.
    """

    def __init__(self, channels: tuple[int, ...], first_reference: int) -> None:
        self._channels = channels
        self._last_reference = (first_reference - 1) % MOST_REFERENCE
        self._by_reference: dict[tuple[int, bool], Call] = {}
        self._by_leg: dict[LegId, Call] = {}
        self._owners: dict[int, Call] = {}

    @property
    def all(self) -> list[Call]:
        """Every call, oldest first."""
        return list(self._by_reference.values())

    @property
    def legs(self) -> frozenset[LegId]:
        """Legs of all calls."""
        return frozenset(self._by_leg)

    @property
    def busy(self) -> frozenset[int]:
        """Channels that have an owner."""
        return frozenset(self._owners)

    def of_reference(self, reference: int, *, ours: bool) -> Call | None:
        """The call of a reference; both sides choose theirs from the same numbers (Q.931 §4.3)."""
        return self._by_reference.get((reference, ours))

    def of_leg(self, leg: LegId) -> Call | None:
        """The call of a leg."""
        return self._by_leg.get(leg)

    def new_reference(self) -> int:
        """Return a reference of ours that no call has."""
        while True:
            self._last_reference = self._last_reference % MOST_REFERENCE + 1
            if (self._last_reference, True) not in self._by_reference:
                return self._last_reference

    def add(self, call: Call) -> None:
        """Take the call in; its channel is its own from now on, whoever had wished for it."""
        self._by_reference[call.reference, call.party.ours] = call
        self._by_leg[call.party.leg] = call
        self._owners[call.channel] = call

    def renumber(self, call: Call) -> None:
        """Give our call a new reference."""
        del self._by_reference[call.reference, True]
        call.reference = self.new_reference()
        self._by_reference[call.reference, True] = call

    def move(self, call: Call, was: int) -> None:
        """Note that the network moved the call from channel ``was``."""
        if call.channel == was:
            return
        if self._owners.get(was) is call:
            del self._owners[was]
        self._owners[call.channel] = call

    def remove(self, call: Call) -> None:
        """Forget the call; its channel is free."""
        self._by_reference.pop((call.reference, call.party.ours), None)
        self._by_leg.pop(call.party.leg, None)
        if self._owners.get(call.channel) is call:
            del self._owners[call.channel]

    def choose(self, wanted: int | None) -> int | None:
        """Return the channel for a call of ours: the one wanted, else the highest that is free,
        else a clearing one.

        From the top down, because the network hunts from the bottom up. ``None`` where every
        channel is in use.
        """
        if wanted in self._channels and wanted not in self._owners:
            return wanted
        free = [channel for channel in self._channels if channel not in self._owners]
        if free:
            return max(free)
        clearing = [channel for channel, call in self._owners.items() if call.clearing]
        return max(clearing, default=None)

    def accept(self, asked: ChannelId) -> int | None:
        """Return the channel for a call of the network's, ``None`` where it cannot have one.

        On a channel that our own unanswered SETUP wishes for, the network's call wins (glare,
        §5.7).
        """
        if asked.channel is None:
            return self.choose(None)
        if asked.channel in self._channels:
            owner = self._owners.get(asked.channel)
            if owner is None or owner.clearing or owner.unconfirmed:
                return asked.channel
        return None if asked.exclusive else self.choose(None)

    def usable(self, call: Call, channel: int) -> bool:
        """Whether our call may be moved to ``channel``."""
        owner = self._owners.get(channel)
        free = owner is None or owner is call or owner.clearing or owner.unconfirmed
        return channel in self._channels and free
