"""The calls of a trunk: found by reference, by leg and by channel, and which channel a call may
have.
"""

from __future__ import annotations

from edge_agent.isdn.agenda import Agenda
from edge_agent.isdn.call import Call
from edge_agent.isdn.channels import Channels
from edge_agent.isdn.elements import ChannelId
from edge_agent.isdn.messages import MOST_REFERENCE
from edge_agent.leg import LegId

_FREE, _RESTARTING, _CLEARING, _OUT = range(4)
"""Which channel a call of ours takes first."""


class Calls:
    """Every call with a reference. A channel has one owner; our unanswered SETUP only wishes for
    its channel.
    """

    def __init__(
        self,
        channels: Channels,
        first_reference: int,
        most_reference: int = MOST_REFERENCE,
        *,
        yields: bool = True,
    ) -> None:
        self._channels = channels
        self._yields = yields
        """Whether our wish for a channel gives way to a call of the peer's: the user's does, and
        the network's does not (§5.7).
        """
        self._most_reference = most_reference
        self._last_reference = (first_reference - 1) % most_reference
        self._by_reference: dict[tuple[int, bool], Call] = {}
        self._by_leg: dict[LegId, Call] = {}
        self._owners: dict[int, Call] = {}
        self.agenda: Agenda[Call] = Agenda()

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

    def is_busy(self, channel: int) -> bool:
        """Whether the channel has an owner."""
        return channel in self._owners

    def of_reference(self, reference: int, *, ours: bool) -> Call | None:
        """The call of a reference; both sides choose theirs from the same numbers (Q.931 §4.3)."""
        return self._by_reference.get((reference, ours))

    def of_leg(self, leg: LegId) -> Call | None:
        """The call of a leg."""
        return self._by_leg.get(leg)

    def new_reference(self) -> int | None:
        """Return a reference of ours that no call has; ``None`` where all are in use."""
        for _ in range(self._most_reference):
            self._last_reference = self._last_reference % self._most_reference + 1
            if (self._last_reference, True) not in self._by_reference:
                return self._last_reference
        return None

    def add(self, call: Call) -> None:
        """Take the call in; its channel is its own from now on, whoever had wished for it."""
        self._by_reference[call.reference, call.party.ours] = call
        self._by_leg[call.party.leg] = call
        self._owners[call.channel] = call

    def renumber(self, call: Call, reference: int) -> None:
        """Give our call a new reference."""
        del self._by_reference[call.reference, True]
        call.reference = reference
        self._by_reference[reference, True] = call

    def move(self, call: Call, was: int) -> None:
        """Note that the call was on channel ``was``; where it lost that to a call of the peer's
        which is over now, the channel is its own again.
        """
        if call.channel == was:
            self._owners.setdefault(was, call)
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

    def choose(self, wanted: int | None, *, but: int | None = None) -> int | None:
        """Return the channel for a call of ours: free and in service before under restart before
        clearing before out of service; of equals the one wanted, else the highest.

        From the top down, because the network hunts from the bottom up. ``but`` was just refused.
        ``None`` where every channel is in use.
        """
        if wanted in self._channels.all and wanted != but and self._rank(wanted) == _FREE:
            return wanted
        ranked = [
            (rank, channel != wanted, -channel)
            for channel in self._channels.all
            if channel != but and (rank := self._rank(channel)) is not None
        ]
        return -min(ranked)[2] if ranked else None

    def accept(self, asked: ChannelId) -> int | None:
        """Return the channel for a call of the peer's, ``None`` where it cannot have one.

        On a channel that the user's unanswered SETUP wishes for, the network's call wins (glare,
        §5.7). One that is out of service is not refused: whoever asks for it uses it (R1).
        """
        if asked.channel is None:
            return self.choose(None)
        owner = self._owners.get(asked.channel)
        if asked.channel in self._channels.all and self._may_have(owner):
            return asked.channel
        return None if asked.exclusive else self.choose(None)

    def usable(self, call: Call, channel: int) -> bool:
        """Whether our call may be moved to ``channel``."""
        owner = self._owners.get(channel)
        return channel in self._channels.all and (owner is call or self._may_have(owner))

    def _may_have(self, owner: Call | None) -> bool:
        """Whether a channel with this owner is the peer's to use."""
        return owner is None or owner.clearing or (self._yields and owner.unconfirmed)

    def _rank(self, channel: int) -> int | None:
        """``None`` where a call is on the channel."""
        owner, state = self._owners.get(channel), self._channels.rank(channel)
        if owner is not None and not owner.clearing:
            return None
        if state == 2:
            return _OUT
        if owner is not None:
            return _CLEARING
        return _RESTARTING if state else _FREE
