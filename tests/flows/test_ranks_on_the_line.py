"""Ranks over real Q.931: a test call gives its channel to 911, a held line gives its to nobody
(R8)."""

from __future__ import annotations

from functools import partial

from e911.bindings import CallKind
from edge_agent.gateway.requests import Equip, PlaceReadback
from tests.flows.springfield import ELIN_1, ELIN_2, ELIN_2B, psap_holds
from tests.sim.network_side import PsapCall
from tests.sim.phones import Dialog
from tests.sim.test_branch_day import frames_hold_only_elins
from tests.sim.world import World

ANAC = "2065550199"
TEST = PlaceReadback("pri", ANAC, ELIN_1, 60.0)


class Branch(World):
    """Springfield with a PRI of a few channels."""

    def __init__(self, *channels: int, psap_holds_s: int = 0) -> None:
        super().__init__(snapshot=psap_holds(psap_holds_s))
        self.run(until=1.0)
        self.network.channels = channels
        self._ask(Equip("pri", channels, (("pri-1", channels),)))

    def test_trunk(self) -> None:
        """An operator has an ELIN read back; the far end answers."""
        self._ask(TEST)
        self.run(until=self.now + 3)

    def dial(self, user: str) -> Dialog:
        """Somebody dials 911, and three seconds pass."""
        dialog = self.phones[user].dial(f"{user}-1")
        self.run(until=self.now + 3)
        return dialog

    @property
    def kinds(self) -> list[CallKind]:
        """The calls that live."""
        return [view.kind for view in self.agent.gateway.calls()]

    @property
    def connected(self) -> list[PsapCall]:
        """The calls that the network has."""
        return [call for call in self.network.calls.values() if call.state == "connected"]

    def _ask(self, request: Equip | PlaceReadback) -> None:
        gateway, now = self.agent.gateway, self.now
        self.agent.board.ask(partial(gateway.handle, request, now), now)


def test_r8_the_channel_of_a_test_is_had_by_911_also_where_the_network_is_slow_to_free_it() -> None:
    """The SETUP is there before the test's RELEASE COMPLETE: refused with 34, it is sent again."""
    branch = Branch(22, 23)
    branch.test_trunk()
    assert branch.kinds == [CallKind.TEST]
    assert branch.dial("ana").answered
    assert branch.dial("bob").answered
    assert [seize.channel for seize in branch.agent.seizures] == [23, 22, 23, 23]
    assert branch.kinds == [CallKind.EMERGENCY, CallKind.EMERGENCY]
    assert sorted(call.channel for call in branch.connected) == [22, 23]
    assert branch.agent.not_seized == []
    bound = [binding.elin for binding in branch.agent.gateway.bindings(branch.now)]
    assert sorted(bound) == [ELIN_2, ELIN_2B], "two callers, and no ELIN for the test"
    frames_hold_only_elins(branch)


def test_r8_a_callback_on_the_channel_of_a_test_is_answered_there() -> None:
    branch = Branch(22, 23)
    assert branch.dial("ana").answered
    branch.phones["ana"].hang_up("ana-1")
    branch.run(until=branch.now + 5)
    branch.test_trunk()
    (test,) = branch.network.calls.values()
    branch.network.hang_up(test, branch.now)
    callback = branch.network.call_back(ELIN_2.digits, branch.now, channel=test.channel)
    branch.run(until=branch.now + 5)
    assert callback.state == "connected"
    assert branch.kinds == [CallKind.CALLBACK]


def test_r8_a_line_that_the_psap_holds_is_neither_taken_nor_ended_by_the_next_call() -> None:
    branch = Branch(23, psap_holds_s=600)
    assert branch.dial("ana").answered
    branch.phones["ana"].hang_up("ana-1")
    branch.run(until=branch.now + 5)
    (held,) = branch.connected
    branch.dial("bob")
    assert [(seize.trunk, seize.channel) for seize in branch.agent.seizures] == [
        ("pri", 23),
        ("gateway", None),
    ]
    assert branch.connected == [held]
    branch.run(until=branch.now + 600)
    assert branch.connected == []


def test_a_test_is_refused_while_it_would_take_the_last_channel() -> None:
    branch = Branch(23)
    branch.test_trunk()
    assert branch.kinds == []
    assert branch.agent.seizures == []
