"""R2 where it is written: the only numbers of a SETUP are the ELIN and the called digits."""

from __future__ import annotations

from dataclasses import replace

import pytest

from e911.numbers import Elin
from edge_agent.isdn.config import E1_CHANNELS, IsdnTrunkConfig, Speech
from edge_agent.isdn.elements import Element, Ie, Npi, Presentation, Screening, Ton
from edge_agent.isdn.lapd_config import LinkConfig
from edge_agent.isdn.messages import in_order
from edge_agent.isdn.setup import SetupForm
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
    elements = SetupForm(IsdnTrunkConfig("t", "s", switch=switch)).setup(request(), 1)
    known = {Ie.BEARER, Ie.CHANNEL_ID, Ie.PROGRESS, Ie.CALLING, Ie.CALLED, Ie.SENDING_COMPLETE}
    assert {element.id for element in elements} <= known
    assert (content(elements, Ie.PROGRESS) == b"\x80\x83") is (switch is SwitchType.NI2)
    calling = content(elements, Ie.CALLING)
    assert calling is not None
    assert calling[2:] == ELIN.digits.encode()
    ids = [element.id for element in elements if element.id < 0x80]
    assert ids == sorted(ids)
    assert elements == in_order(elements)


@pytest.mark.parametrize("switch", [SwitchType.ATT_4ESS, SwitchType.DMS100])
def test_a_switch_that_wants_network_provided_gets_it(switch: SwitchType) -> None:
    config = IsdnTrunkConfig("t", "s", switch=switch, screening=Screening.USER_PASSED)
    assert SWITCHES[switch].screening_forced is Screening.NETWORK
    assert (content(SetupForm(config).setup(request(), 1), Ie.CALLING) or b"")[1] == 0x83
    hidden = IsdnTrunkConfig("t", "s", switch=switch, presentation=Presentation.RESTRICTED)
    assert (content(SetupForm(hidden).setup(request(), 1), Ie.CALLING) or b"")[1] == 0xA0


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
    elements = SetupForm(config).setup(request(), 1)
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
    calling = content(SetupForm(IsdnTrunkConfig("t", "s")).setup(relayed(number), 1), Ie.CALLING)
    assert calling == bytes((octet, 0x80)) + digits


def test_an_exempt_caller_without_digits_sends_no_calling_number() -> None:
    elements = SetupForm(IsdnTrunkConfig("t", "s")).setup(relayed("anonymous"), 1)
    assert content(elements, Ie.CALLING) is None


def test_called_digits_lose_what_a_trunk_cannot_dial() -> None:
    elements = SetupForm(IsdnTrunkConfig("t", "s")).setup(request(called="+1 206-555-0123"), 1)
    assert content(elements, Ie.CALLED) == b"\x8112065550123"


@pytest.mark.parametrize(
    ("form", "calling"),
    [
        ("national", b"\x21\x804255550142"),
        ("e164", b"\x11\x8014255550142"),
        ("subscriber", b"\x41\x805550142"),
    ],
)
def test_the_elin_is_written_as_the_route_step_wants_it(form: str, calling: bytes) -> None:
    asked = replace(request(), calling_form=form)
    assert content(SetupForm(IsdnTrunkConfig("t", "s")).setup(asked, 1), Ie.CALLING) == calling


def test_a_switch_that_asks_for_the_digits_gets_them_afterwards() -> None:
    """§5.1.3: SETUP without a called number; INFORMATION has all of it, and says so."""
    config = IsdnTrunkConfig("t", "s", switch=SwitchType.EURO, overlap=True)
    setup = SetupForm(config).setup(request(), 1)
    assert {Ie.CALLED, Ie.SENDING_COMPLETE}.isdisjoint(element.id for element in setup)
    assert SetupForm(config).digits(request()) == (
        Element(Ie.SENDING_COMPLETE, b""),
        Element(Ie.CALLED, b"\x81911"),
    )
    assert SetupForm(IsdnTrunkConfig("t", "s")).digits(request()) == (
        Element(Ie.SENDING_COMPLETE, b""),
    )


def test_what_only_the_carriers_order_says_is_set_per_trunk() -> None:
    config = IsdnTrunkConfig(
        "t", "s", switch=SwitchType.ATT_4ESS, bearer_layer1=False, network_facility=b"\x00\xe1"
    )
    elements = SetupForm(config).setup(request(), 1)
    assert content(elements, Ie.BEARER) == b"\x80\x90"
    assert content(elements, Ie.NETWORK_FACILITIES) == b"\x00\xe1"


@pytest.mark.parametrize(
    ("config", "channel", "wanted"),
    [
        (IsdnTrunkConfig("t", "s", channels=E1_CHANNELS), 31, b"\xa1\x83\x9f"),
        (
            IsdnTrunkConfig("t", "s", channels=E1_CHANNELS, logical_channels=True),
            31,
            b"\xa1\x83\x9e",
        ),
        (IsdnTrunkConfig("t", "s", channels=(1, 2), link=LinkConfig.basic()), 2, b"\x82"),
    ],
    ids=["slot", "logical", "basic"],
)
def test_the_channel_is_named_as_the_line_wants_it(
    config: IsdnTrunkConfig, channel: int, wanted: bytes
) -> None:
    assert content(SetupForm(config).setup(request(), channel), Ie.CHANNEL_ID) == wanted


def test_an_ordinary_call_insists_and_an_emergency_prefers() -> None:
    ordinary = replace(request(), emergency=False)
    config = IsdnTrunkConfig("t", "s")
    assert SetupForm(config).channel(ordinary, 3).content == b"\xa9\x83\x83"
    assert SetupForm(config).channel(request(), 3).content == b"\xa1\x83\x83"
