"""Board and spans agree on who is on which channel, at every step: no two calls ever believe in
one.
"""

from __future__ import annotations

from edge_agent.gateway.trunks import Rank, TrunkBoard
from edge_agent.isdn.group import GroupOutput
from edge_agent.leg import ChannelMoved, Clear, Cleared, LegId, Offered, Proceeding
from tests.edge.isdn.span import TRUNK, callback, seize
from tests.edge.isdn.test_group import Networks

A, B, C = LegId("a"), LegId("b"), LegId("c")
REFUSED = "0802{:04x}5a080282ac"
"""RELEASE COMPLETE 44 for one of our references."""
TAKEN = "0802{:04x}02"
"""CALL PROCEEDING that names no channel: it is the one asked for."""


class Office:
    """A trunk of two spans as the gateway keeps it and as it is."""

    def __init__(self) -> None:
        self.networks = Networks()
        group = self.networks.group
        self.board = TrunkBoard()
        self.board.equip(TRUNK, spans={span: group.circuits(span) for span in group.spans})
        self.networks.feed(group.start(0.0))
        self.hear()

    def dials(self, leg: LegId) -> int | None:
        """A 911 call on the channel that the board reserves; returns that."""
        held = self.board.reserve(TRUNK, leg, Rank.FIRST, 0)
        assert held is not None
        self.networks.feed(self.networks.group.handle(seize(leg, held.channel), 0.0))
        self.hear()
        return held.channel

    def clears(self, leg: LegId) -> None:
        """The gateway ends a call."""
        self.networks.feed(self.networks.group.handle(Clear(leg, 16), 0.0))
        self.hear()

    def says(self, span: str, message: str) -> None:
        """The network of a span says something."""
        self.networks.says(span, message)
        self.hear()

    def hear(self) -> None:
        """The board hears of it as the gateway has it do."""
        said, self.networks.said = self.networks.said, list[GroupOutput]()
        for word in said:
            match word:
                case Proceeding(leg, channel):
                    self.board.confirm(leg, channel)
                case ChannelMoved(leg, moved):
                    self.board.move(leg, moved)
                case Offered(leg, channel=channel):
                    _, loser = self.board.accept(TRUNK, leg, channel)
                    if loser is not None:
                        self.clears(loser)
                case Cleared(leg):
                    self.board.release(leg)

    @property
    def believed(self) -> dict[LegId, int | None]:
        """Who is where, by the board."""
        return {leg: hold.channel for leg, hold in self.board[TRUNK].holds.items()}


def test_a_channel_refused_by_the_network_is_free_on_the_board_in_the_same_step() -> None:
    """Cause 44: the trunk takes another channel by itself, and whoever comes next takes a third."""
    office = Office()
    assert office.dials(A) == 123
    office.says("pri-2", REFUSED.format(0x8001))
    assert office.believed == {A: 122}
    office.says("pri-2", callback(channel="1803a98397"))
    assert office.believed == {A: 122, LegId("in-1"): 123}
    assert office.dials(B) == 121
    office.says("pri-2", TAKEN.format(0x8002))
    office.says("pri-2", TAKEN.format(0x8003))
    assert office.believed == {A: 122, LegId("in-1"): 123, B: 121}


def test_a_channel_whose_last_call_is_not_quite_over_is_not_thought_to_be_had() -> None:
    """The network clears A; its RELEASE COMPLETE is still out when the gateway reserves again."""
    office = Office()
    office.dials(A)
    office.says("pri-2", TAKEN.format(0x8001))
    office.says("pri-2", "080280014508028290")
    assert office.believed == {}
    assert office.dials(B) == 123
    assert office.believed == {B: 122}
    assert office.dials(C) == 123
    assert office.believed == {B: 122, C: 121}
