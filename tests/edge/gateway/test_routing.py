"""From an INVITE to attempts: emergency or not, in which order, and which ELIN the PSTN called."""

from __future__ import annotations

from dataclasses import replace

import pytest

from e911.numbers import Caller, Did, Elin
from e911.rows import CallerRow, DeliveredDigits, PeerRow, TrunkKind, TrunkRow
from edge_agent.gateway.exchange import LastResort
from edge_agent.gateway.gateway import Gateway
from edge_agent.gateway.outputs import RaiseAlarm, Remember
from edge_agent.gateway.requests import Adopt, ClockReading, Equip, Restore
from edge_agent.gateway.routing import caller_on_record, elin_called, elin_delivered
from edge_agent.leg import LegId, LinkChanged, Offered, RingParty, SeizeTrunk
from tests.edge.gateway.test_callback import dial_and_hang_up
from tests.flows.springfield import (
    ANA,
    DESK,
    ELIN_2,
    PSAP,
    START,
    SeededIds,
    Story,
    calls_back,
    dials,
    gateway,
    snapshot_of,
)

LAST = Elin("4255550100")


def bare_gateway() -> Gateway:
    """A gateway that holds no snapshot."""
    bare = Gateway("e", "b", SeededIds(), LastResort(LAST, "pri", "911", DESK))
    bare.handle(ClockReading(START), 0.0)
    bare.handle(Equip("pri", (1, 2, 3)), 0.0)
    return bare


@pytest.mark.parametrize(
    ("dialled", "source", "elin"),
    [
        ("+14255550102", "sbc", ELIN_2),
        ("74255550102", "sbc", ELIN_2),
        ("+74255550102", "sbc", ELIN_2),
        ("0102", "sbc", None),
        ("12065550102", "sbc", None),
        ("4255550102", "lync", None),
        ("4255550102", "nobody", None),
    ],
)
def test_a_callback_is_taken_from_a_platform_that_hands_us_some_and_by_its_whole_number(
    dialled: str, source: str, elin: Elin | None
) -> None:
    sbc = PeerRow("sbc", "springfield", "127.0.0.9", strip_prefix="7", delivers_callbacks=True)
    offered = Offered(LegId("p"), source, dialled, PSAP)
    assert elin_delivered(gateway(snapshot_of([sbc]))._exchange, offered, START) == elin


@pytest.mark.parametrize("dialled", ["911", "+911", "urn:service:sos", "urn:service:sos.fire"])
def test_an_emergency_is_recognised_however_it_is_dialled(dialled: str) -> None:
    story = Story()
    story.say(dials("caller", dialled=dialled))
    assert story.seized().called == "911", "the digits come from the route step (R1)"


def test_priority_emergency_on_a_short_number_is_one_too_with_an_alarm() -> None:
    story = Story()
    story.say(dials("caller", dialled="9111", marked_emergency=True))
    assert story.said(RaiseAlarm, slug="emergency-marked")


@pytest.mark.parametrize(
    ("count", "prefix", "digits"),
    [
        (10, "", "4255550102"),
        (11, "", "14255550102"),
        (11, "9", "914255550102"),
        (7, "", "5550102"),
        (4, "", "0102"),
        (4, "9", "90102"),
        (3, "", "102"),
    ],
)
def test_the_elin_called_is_read_by_the_trunks_rule(count: int, prefix: str, digits: str) -> None:
    rule = DeliveredDigits(count, prefix)
    snapshot = snapshot_of([TrunkRow("pri", "springfield", TrunkKind.ISDN, delivered=rule)])
    assert elin_called(gateway(snapshot)._exchange, "pri", digits, START) == ELIN_2


def test_the_last_resorts_elin_is_known_even_without_a_snapshot() -> None:
    bare = bare_gateway()._exchange
    assert elin_called(bare, "pri", "+14255550100", START) == LAST
    assert elin_called(bare, "pri", "2065550000", START) is None
    assert elin_called(gateway()._exchange, "pri", "", START) is None


def test_without_a_snapshot_a_short_marked_number_is_an_emergency_and_933_is_none() -> None:
    story = Story(bare_gateway())
    story.say(dials("caller", dialled="5555", marked_emergency=True))
    assert story.said(SeizeTrunk)
    assert story.said(RaiseAlarm, slug="emergency-marked")
    for test in ("933", ""):
        story.say(dials(f"t{test}", dialled=test, marked_emergency=True))
        assert not story.said(SeizeTrunk), test


def test_r7_without_a_snapshot_a_bound_elin_still_finds_its_caller() -> None:
    before = Story()
    before.say(dials("caller"))
    story = Story(bare_gateway())
    story.ask(Restore((before.said(Remember)[0].binding,)))
    for n, digits in enumerate((ELIN_2.digits, "5550102")):
        called = Offered(LegId(f"p{n}"), "pri", digits, PSAP, from_trunk=True, channel=n + 1)
        story.say(called)
        assert story.said(RingParty, contact=ANA.contact), digits


def test_r7_an_elin_that_left_the_snapshot_finds_its_caller_until_the_window_is_over() -> None:
    story = dial_and_hang_up(Story(), ANA, "caller")
    story.ask(Adopt(snapshot_of(dropped=[ELIN_2])))
    story.say(calls_back("psap"))
    assert story.said(RingParty, contact=ANA.contact)


def test_what_is_on_record_completes_the_caller_and_the_invite_wins() -> None:
    row = CallerRow(
        ANA.contact, "springfield", "Record", Did("4255559999"), "1234", alternates=("sip:x@y",)
    )
    snapshot = snapshot_of([row])
    bare = Caller(ANA.contact.upper().replace("SIP:", "sip:"))
    found = caller_on_record(snapshot, dials("leg", bare))
    assert (found.name, found.number, found.extension) == ("Record", Did("4255559999"), "1234")
    assert found.alternates == ("sip:x@y",)
    assert found.peer == "lync"
    assert caller_on_record(snapshot, dials("leg")).name == ANA.name


def test_r1_health_reorders_and_never_removes() -> None:
    story = Story()
    story.say(LinkChanged("pri", up=False), LinkChanged("gateway", up=False))
    story.say(dials("caller"))
    assert story.said(SeizeTrunk)


def test_r1_a_snapshot_without_trunks_falls_back_to_the_last_resort_with_an_alarm() -> None:
    snapshot = snapshot_of(dropped=["911", "pri", "gateway"])
    story = Story(gateway(snapshot))
    story.say(dials("caller"))
    assert story.seized().trunk == "pri"
    assert story.said(RaiseAlarm, slug="route-empty")


def test_an_unreadable_location_is_alarmed_and_the_call_goes_out() -> None:
    story = Story()
    story.say(replace(dials("caller", location=None), location_fault="not XML"))
    assert story.said(SeizeTrunk)
    assert story.said(RaiseAlarm, slug="location-unreadable")
