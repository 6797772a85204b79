"""No test call can reach a PSAP, leave with a stranger's number or be in an emergency's way."""

from __future__ import annotations

from dataclasses import replace

import pytest

from e911.numbers import Elin
from e911.rows import (
    BranchRow,
    EmergencyNumber,
    OutsidePolicy,
    PeerRow,
    PolicyRow,
    RouteRow,
    RouteStep,
    Row,
    Scope,
    TrunkKind,
    TrunkRow,
)
from edge_agent.gateway.exchange import LastResort
from edge_agent.gateway.gateway import Gateway
from edge_agent.gateway.requests import PlaceReadback
from edge_agent.leg import ChannelsChanged, LinkChanged, SeizeTrunk
from tests.flows.springfield import (
    CHANNELS,
    DESK,
    ELIN_2,
    SeededIds,
    Story,
    dials,
    gateway,
    rows,
    snapshot_of,
)

ANAC = "2065550199"
MASKED = PolicyRow(
    "global",
    Scope.GLOBAL,
    usage="911",
    numbers=(EmergencyNumber("911", ("9911", "112")), EmergencyNumber("988")),
)
TEN_DIGITS = RouteRow("911", "springfield", (RouteStep("pri"), RouteStep("pri", "+12065550911")))
SHELBYVILLES = Elin("4255550201")


def branch(**changed: object) -> BranchRow:
    (row,) = (each for each in rows() if isinstance(each, BranchRow))
    values = {name: getattr(row, name) for name in BranchRow.__slots__}
    return BranchRow(**{**values, **changed})


def refusal(*changed: Row, core: Gateway | None = None, **asked: object) -> str:
    ask = PlaceReadback("pri", ANAC, ELIN_2)
    values = {name: getattr(ask, name) for name in PlaceReadback.__slots__}
    made = core or gateway(snapshot_of([MASKED, TEN_DIGITS, *changed]))
    return made.why_refused(PlaceReadback(**{**values, **asked}))


@pytest.mark.parametrize("number", [ANAC, "1" + ANAC, "+1" + ANAC, "(206) 555-0199", "5550199"])
def test_a_plain_telephone_number_may_be_called(number: str) -> None:
    assert refusal(number=number) == ""


@pytest.mark.parametrize(
    "number",
    [
        "911",
        "+911",
        "933",
        "958",
        "112",
        "",
        "123456",
        "1234567890123456",
        "20655501OO",
        "٢٠٦٥٥٥٠١٩٩",
    ]
    + ["urn:service:sos", "2065550199,911", "*672065550199", "2065550199#"],
)
def test_what_is_no_plain_telephone_number_is_refused(number: str) -> None:
    assert "plain telephone number" in refusal(number=number)


@pytest.mark.parametrize(
    "number",
    ["9115550199", "+9115550199", "19115550199", "9911555", "99115550199", "1125550199", "9885550"],
)
def test_what_begins_like_an_emergency_is_refused_whatever_follows(number: str) -> None:
    assert "begins with" in refusal(number=number)


def test_an_emergency_behind_the_prefix_of_an_outside_line_is_refused_too() -> None:
    peer = PeerRow("lync", "springfield", "127.0.0.1", 5070, strip_prefix="8")
    assert "begins with 8911" in refusal(peer, number="8911555")
    assert refusal(number="8911555") == ""


@pytest.mark.parametrize("number", ["2065550911", "12065550911", "+1 206 555 0911"])
def test_a_psaps_own_number_of_a_route_step_is_refused_however_it_is_spelled(number: str) -> None:
    assert "route step or the relay" in refusal(number=number)


def test_the_relays_number_is_refused() -> None:
    relaying = branch(outside=OutsidePolicy.RELAY)
    assert "route step or the relay" in refusal(relaying, number="18005550199")


def test_an_elin_is_refused_because_the_call_would_come_back() -> None:
    assert "would come back" in refusal(number="1" + ELIN_2.digits)


def test_r2_only_an_elin_of_the_snapshot_leaves_and_only_by_a_trunk_that_carries_its_erl() -> None:
    assert "is no ELIN" in refusal(elin=Elin("4255559999"))
    assert "another branch" in refusal(elin=SHELBYVILLES)
    lent = TrunkRow("pri", "springfield", TrunkKind.ISDN, erls=("shv-f1",))
    assert refusal(lent, elin=SHELBYVILLES) == ""


def test_a_cama_trunk_an_unknown_trunk_and_a_gateway_without_snapshot_are_refused() -> None:
    assert "selective router" in refusal(TrunkRow("pri", "springfield", TrunkKind.CAMA))
    assert "no trunk" in refusal(trunk="elsewhere")
    bare = Gateway("edge-1", "b1", SeededIds(), LastResort(ELIN_2, "pri", "911", DESK))
    assert "no snapshot" in refusal(core=bare)


@pytest.mark.parametrize("seconds", [0, 0.5, 61, float("nan"), float("inf")])
def test_listening_has_its_limits(seconds: float) -> None:
    assert "seconds must be" in refusal(seconds=seconds)


def test_r8_a_test_leaves_the_reserve_alone_and_waits_for_the_test_before_it() -> None:
    story = Story(gateway(channels=(1, 2, 3)))
    ask = PlaceReadback("pri", ANAC, ELIN_2)
    story.say(dials("ana"))
    assert story.gateway.why_refused(ask) == ""
    story.ask(ask)
    assert story.said(SeizeTrunk)
    assert "under way" in story.gateway.why_refused(ask)
    other = Story(gateway(channels=(1, 2)))
    other.say(dials("ana"))
    assert "busy" in other.gateway.why_refused(ask)


def test_r8_channels_in_doubt_are_no_room_for_a_test() -> None:
    story, ask = Story(gateway(channels=(1, 2, 3))), PlaceReadback("pri", ANAC, ELIN_2)
    story.say(ChannelsChanged("pri", "", frozenset({1, 2})))
    assert "busy" in story.gateway.why_refused(ask)
    story.say(ChannelsChanged("pri", "", frozenset()), LinkChanged("pri", False, "t200-last"))
    assert "busy" in story.gateway.why_refused(ask)
    story.say(LinkChanged("pri", True))
    assert story.gateway.why_refused(ask) == ""


def test_a_sip_trunk_has_room_by_the_number_of_its_calls() -> None:
    assert refusal(trunk="gateway") == ""
    full = TrunkRow("gateway", "springfield", TrunkKind.SIP, host="127.0.0.1", capacity=1)
    assert "busy" in refusal(full, trunk="gateway")


def test_a_test_writes_the_elin_as_the_trunks_emergency_calls_do() -> None:
    route = RouteRow("911", "springfield", (RouteStep("pri", calling_form="e164"),))
    story = Story(gateway(snapshot_of([route]), CHANNELS))
    story.ask(PlaceReadback("pri", "(206) 555-0199", ELIN_2))
    seize = story.seized()
    assert (seize.calling_form, seize.called) == ("e164", ANAC)
    other = Story(gateway(snapshot_of([replace(route, steps=(RouteStep("gateway"),))])))
    other.ask(PlaceReadback("pri", ANAC, ELIN_2))
    assert other.seized().calling_form == "national"
