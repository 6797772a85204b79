"""R2 where it is written: the only numbers of a SETUP are the ELIN and the called digits."""

from __future__ import annotations

import pytest

from e911.numbers import Elin
from edge_agent.isdn.config import IsdnTrunkConfig, Speech
from edge_agent.isdn.elements import Element, Ie, Npi, Presentation, Screening, Ton
from edge_agent.isdn.setup import setup_elements
from edge_agent.isdn.switches import SWITCHES, SwitchType
from edge_agent.leg import Exempt, ExemptReason, LegId, SeizeTrunk

ELIN = Elin("4255550142")


def request(calling: Elin | Exempt = ELIN, called: str = "911") -> SeizeTrunk:
    return SeizeTrunk(LegId("a"), "psap", 1, calling, called)


def relayed(number: str) -> SeizeTrunk:
    return request(Exempt(number, ExemptReason.RELAY), "2065550123")


def content(elements: tuple[Element, ...], ie: Ie) -> bytes | None:
    return next((element.content for element in elements if element.id == ie), None)


@pytest.mark.parametrize("switch", list(SwitchType))
def test_every_switch_gets_the_elin_and_nothing_that_could_name_anybody(
    switch: SwitchType,
) -> None:
    elements = setup_elements(IsdnTrunkConfig("t", "s", switch=switch), request(), 1)
    known = {Ie.BEARER, Ie.CHANNEL_ID, Ie.CALLING, Ie.CALLED, Ie.SENDING_COMPLETE}
    assert {element.id for element in elements} <= known
    calling = content(elements, Ie.CALLING)
    assert calling is not None
    assert calling[2:] == ELIN.digits.encode()
    ids = [element.id for element in elements if element.id < 0x80]
    assert ids == sorted(ids)


@pytest.mark.parametrize("switch", [SwitchType.ATT_4ESS, SwitchType.DMS100])
def test_a_switch_that_wants_network_provided_gets_it(switch: SwitchType) -> None:
    config = IsdnTrunkConfig("t", "s", switch=switch, screening=Screening.USER_PASSED)
    assert SWITCHES[switch].screening_forced is Screening.NETWORK
    assert (content(setup_elements(config, request(), 1), Ie.CALLING) or b"")[1] == 0x83
    hidden = IsdnTrunkConfig("t", "s", switch=switch, presentation=Presentation.RESTRICTED)
    assert (content(setup_elements(hidden, request(), 1), Ie.CALLING) or b"")[1] == 0xA0


def test_a_trunk_may_differ_from_its_switch_in_every_numbering_field() -> None:
    config = IsdnTrunkConfig(
        "t",
        "s",
        called_ton=Ton.NATIONAL,
        called_npi=Npi.UNKNOWN,
        calling_ton=Ton.SUBSCRIBER,
        calling_npi=Npi.PRIVATE,
        speech=Speech.AUDIO,
    )
    elements = setup_elements(config, request(), 1)
    assert content(elements, Ie.CALLED) == b"\xa0911"
    assert (content(elements, Ie.CALLING) or b"")[0] == 0x49
    assert content(elements, Ie.BEARER) == b"\x90\x90\xa2"


@pytest.mark.parametrize(
    ("number", "octet", "digits"),
    [
        ("+1 (425) 555-7788", 0x21, b"4255557788"),
        ("4255557788", 0x21, b"4255557788"),
        ("5123", 0x01, b"5123"),
        ("+442079460000", 0x01, b"442079460000"),
    ],
)
def test_an_exempt_number_is_sent_as_what_it_is(number: str, octet: int, digits: bytes) -> None:
    calling = content(setup_elements(IsdnTrunkConfig("t", "s"), relayed(number), 1), Ie.CALLING)
    assert calling == bytes((octet, 0x80)) + digits


def test_an_exempt_caller_without_digits_sends_no_calling_number() -> None:
    elements = setup_elements(IsdnTrunkConfig("t", "s"), relayed("anonymous"), 1)
    assert content(elements, Ie.CALLING) is None


def test_called_digits_lose_what_a_trunk_cannot_dial() -> None:
    elements = setup_elements(IsdnTrunkConfig("t", "s"), request(called="+1 206-555-0123"), 1)
    assert content(elements, Ie.CALLED) == b"\x8112065550123"
