"""A core that breaks over one call is asked again with less, and no other call hears of it."""

from __future__ import annotations

from typing import Any

import pytest

from e911.numbers import Caller, Elin
from edge_agent.gateway.outputs import GatewayOutput
from edge_agent.leg import (
    Answer,
    Clear,
    Cleared,
    LegId,
    Offered,
    Proceeding,
    RingParty,
    SeizeTrunk,
    WireEvent,
)
from edge_agent.supervisor import Supervisor, refused_by_failure

CALLER_LEG, TRUNK_LEG = LegId("caller"), LegId("trunk")
SEIZE = SeizeTrunk(TRUNK_LEG, "spf-pri", 23, Elin("4255550102"), "911")
RING = RingParty(TRUNK_LEG, "pbx", "sip:ana@pbx", "2065550911")
FROM_PBX = Offered(CALLER_LEG, "pbx", "911", Caller("sip:ana@pbx"), replaces=LegId("other"))
FROM_TRUNK = Offered(TRUNK_LEG, "spf-pri", "4255550102", Caller(""), from_trunk=True)


class Watched:
    """A supervisor, and what it said of failures."""

    def __init__(self) -> None:
        self.failed: list[tuple[str, str]] = []
        self.traced: list[tuple[str, str, object]] = []
        self.supervisor = Supervisor(
            lambda name, kind: self.failed.append((name, kind)),
            lambda *line: self.traced.append(line),
        )


def broken(*_: object) -> list[Any]:
    raise KeyError("broken")


def test_what_a_core_says_is_passed_on_and_nothing_is_told_of_it() -> None:
    watched = Watched()
    assert watched.supervisor.guarded("sip", lambda: (SEIZE,)) == [SEIZE]
    assert (watched.failed, watched.traced) == ([], [])


def test_a_core_that_breaks_says_nothing_and_its_error_is_kept_whole() -> None:
    watched = Watched()
    assert watched.supervisor.guarded("sip", broken) == []
    assert watched.failed == [("sip", "KeyError")]
    ((what, where, error),) = watched.traced
    assert (what, where) == ("failed", "sip")
    assert isinstance(error, KeyError)


def test_what_a_core_had_said_before_it_broke_is_not_half_done() -> None:
    def half() -> Any:
        yield SEIZE
        raise KeyError("broken")

    assert Watched().supervisor.guarded("sip", half, lambda: [RING]) == [RING]


def test_r1_a_911_call_that_breaks_the_gateway_is_offered_again_without_its_location() -> None:
    heard: list[WireEvent] = []

    def gateway(event: WireEvent) -> list[GatewayOutput]:
        heard.append(event)
        return broken() if event is FROM_PBX else [SEIZE]

    watched = Watched()
    assert watched.supervisor.tell(FROM_PBX, gateway) == [SEIZE]
    _, bare = heard
    assert isinstance(bare, Offered)
    assert (bare.leg, bare.dialled, bare.caller) == (CALLER_LEG, "911", FROM_PBX.caller)
    assert (bare.location_fault, bare.location, bare.replaces) == ("step-failed", None, None)
    assert len(watched.failed) == 1


def test_r1_one_that_breaks_it_bare_too_goes_back_to_the_platform_for_its_next_route() -> None:
    watched = Watched()
    said = watched.supervisor.tell(FROM_PBX, broken)
    assert said == [Clear(CALLER_LEG, 41, failover=True)]
    assert len(watched.failed) == 2


def test_r7_a_callback_that_breaks_the_gateway_is_turned_away_at_once() -> None:
    watched = Watched()
    assert watched.supervisor.tell(FROM_TRUNK, broken) == [Clear(TRUNK_LEG, 41)]
    assert len(watched.failed) == 1


def test_any_other_event_that_breaks_the_gateway_says_nothing() -> None:
    assert Watched().supervisor.tell(Proceeding(TRUNK_LEG), broken) == []


@pytest.mark.parametrize("asked", [SEIZE, RING])
def test_r1_a_leg_whose_wire_broke_over_it_was_never_on_the_wire(
    asked: SeizeTrunk | RingParty,
) -> None:
    said = refused_by_failure(asked, TRUNK_LEG)
    assert said == [Cleared(TRUNK_LEG, 41, text="step-failed", sent=False)]


def test_a_leg_whose_wire_broke_over_its_end_is_over_and_had_been_there() -> None:
    said = refused_by_failure(Clear(TRUNK_LEG, 16), TRUNK_LEG)
    assert said == [Cleared(TRUNK_LEG, 41, text="step-failed", sent=True)]


def test_a_leg_whose_wire_broke_over_anything_else_goes_on() -> None:
    assert refused_by_failure(Answer(TRUNK_LEG), TRUNK_LEG) == []
