"""Everything that our SETUP says: bearer, channel, the ELIN as calling number and the called digits
(R2).

This is the only file that writes a number into a message. There is no Display, no User-user, no
redirecting number and no subaddress, in SETUP or in anything else that we send.
"""

from __future__ import annotations

from e911.numbers import Elin
from edge_agent.isdn.config import IsdnTrunkConfig
from edge_agent.isdn.elements import (
    Element,
    Ie,
    Layer1,
    Number,
    Presentation,
    Screening,
    Ton,
    bearer,
    called,
    calling,
    channel_id,
)
from edge_agent.isdn.messages import in_order
from edge_agent.leg import Law, SeizeTrunk

_DIALLED = frozenset("0123456789*#")


def setup_elements(
    config: IsdnTrunkConfig, request: SeizeTrunk, channel: int
) -> tuple[Element, ...]:
    """Return the elements of the SETUP for ``request`` on ``channel`` (Q.931 §3.1.14), in order."""
    switch = config.row
    layer1 = Layer1.MU_LAW if config.law is Law.MU else Layer1.A_LAW
    elements = [
        bearer(config.speech.transfer, layer1),
        channel_id(channel, exclusive=config.exclusive and not request.emergency),
        called(_called_number(config, request.called)),
    ]
    number = _calling_number(config, request)
    if number is not None:
        elements.append(calling(number))
    if switch.network_facility:
        elements.append(Element(Ie.NETWORK_FACILITIES, switch.network_facility))
    if switch.sending_complete:
        elements.append(Element(Ie.SENDING_COMPLETE, b""))
    return in_order(elements)


def _called_number(config: IsdnTrunkConfig, text: str) -> Number:
    ton = config.row.called_ton if config.called_ton is None else config.called_ton
    npi = config.row.called_npi if config.called_npi is None else config.called_npi
    return Number("".join(digit for digit in text if digit in _DIALLED), ton, npi)


def _calling_number(config: IsdnTrunkConfig, request: SeizeTrunk) -> Number | None:
    """The ELIN; or, for the exceptions to R2 by name, the number given with the exception."""
    ton = config.row.calling_ton if config.calling_ton is None else config.calling_ton
    npi = config.row.calling_npi if config.calling_npi is None else config.calling_npi
    if isinstance(request.calling, Elin):
        digits = request.calling.digits
    else:
        digits = "".join(digit for digit in request.calling.number if digit in "0123456789")
        if len(digits) == 11 and digits.startswith("1"):
            digits = digits[1:]
        ton = ton if len(digits) == 10 else Ton.UNKNOWN
    if not digits:
        return None
    return Number(digits, ton, npi, config.presentation, _screening(config))


def _screening(config: IsdnTrunkConfig) -> Screening:
    forced = config.row.screening_forced
    if forced is not None and config.presentation is Presentation.ALLOWED:
        return forced
    return config.screening
