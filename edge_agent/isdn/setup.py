"""Everything that our SETUP says: bearer, channel, the ELIN as calling number and the called digits
(R2).

This is the only file that writes a number into a message. There is no Display, no User-user, no
redirecting number and no subaddress, in SETUP or in anything else that we send.
"""

from __future__ import annotations

from e911.numbers import Elin
from edge_agent.isdn.config import IsdnTrunkConfig
from edge_agent.isdn.elements import (
    Described,
    Element,
    Ie,
    Layer1,
    Location,
    Number,
    Presentation,
    Progress,
    Screening,
    Ton,
    bearer,
    called,
    calling,
    channel_id,
    progress,
    sending_complete,
)
from edge_agent.isdn.messages import in_order
from edge_agent.leg import Law, SeizeTrunk

_NPA = 3
_DIALLED = frozenset("0123456789*#")


def setup_elements(
    config: IsdnTrunkConfig, request: SeizeTrunk, channel: int
) -> tuple[Element, ...]:
    """Return the elements of the SETUP for ``request`` on ``channel`` (Q.931 §3.1.14), in order."""
    switch = config.row
    law = Layer1.MU_LAW if config.law is Law.MU else Layer1.A_LAW
    elements = [
        bearer(config.speech.transfer, law if config.bearer_layer1 else None),
        wanted_channel(config, request, channel),
    ]
    if not config.overlap:
        elements.append(called(_called_number(config, request.called)))
    number = _calling_number(config, request)
    if number is not None:
        elements.append(calling(number))
    if switch.says_not_isdn:
        elements.append(progress(Progress(Described.ORIGINATION_NOT_ISDN, Location.USER)))
    if config.network_facility:
        elements.append(Element(Ie.NETWORK_FACILITIES, config.network_facility))
    if switch.sending_complete and not config.overlap:
        elements.append(sending_complete())
    return in_order(elements)


def wanted_channel(config: IsdnTrunkConfig, request: SeizeTrunk, channel: int) -> Element:
    """The channel asked for: insisted on as the trunk says, and only preferred by an emergency
    call, so that the network may move it.
    """
    exclusive = config.exclusive and not request.emergency
    return channel_id(channel, exclusive=exclusive, access=config.access)


def digits_elements(config: IsdnTrunkConfig, request: SeizeTrunk) -> tuple[Element, ...]:
    """Return what INFORMATION says when the network asks for digits (§5.1.3): those that SETUP did
    not say, and that they are all.
    """
    if not config.overlap:
        return (sending_complete(),)
    return (sending_complete(), called(_called_number(config, request.called)))


def _called_number(config: IsdnTrunkConfig, text: str) -> Number:
    ton = config.row.called_ton if config.called_ton is None else config.called_ton
    npi = config.row.called_npi if config.called_npi is None else config.called_npi
    return Number("".join(digit for digit in text if digit in _DIALLED), ton, npi)


def _calling_number(config: IsdnTrunkConfig, request: SeizeTrunk) -> Number | None:
    """The ELIN; or, for the exceptions to R2 by name, the number given with the exception."""
    ton = config.row.calling_ton if config.calling_ton is None else config.calling_ton
    npi = config.row.calling_npi if config.calling_npi is None else config.calling_npi
    if isinstance(request.calling, Elin):
        digits, ton = _in_form(request.calling_form, request.calling.digits, ton)
    else:
        digits = "".join(digit for digit in request.calling.number if digit in "0123456789")
        if len(digits) == 11 and digits.startswith("1"):
            digits = digits[1:]
        ton = ton if len(digits) == 10 else Ton.UNKNOWN
    if not digits:
        return None
    return Number(digits, ton, npi, config.presentation, _screening(config))


def _in_form(form: str, elin: str, ton: Ton) -> tuple[str, Ton]:
    """The ELIN as the route step wants it written."""
    match form:
        case "e164":
            return f"1{elin}", Ton.INTERNATIONAL
        case "subscriber":
            return elin[_NPA:], Ton.SUBSCRIBER
        case _:
            return elin, ton


def _screening(config: IsdnTrunkConfig) -> Screening:
    forced = config.row.screening_forced
    if forced is not None and config.presentation is Presentation.ALLOWED:
        return forced
    return config.screening
