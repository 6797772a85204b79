"""Everything that our SETUP says: bearer, channel, the ELIN as calling number and the called digits
(R2).

What all SETUPs of a trunk say is made once, so that an emergency call does not wait for it.

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
from edge_agent.leg import Law, SeizeTrunk

_NPA = 3
_DIGITS = frozenset("0123456789")
_DIALLED = frozenset("0123456789*#")
_ALL_SAID = (sending_complete(),)


class SetupForm:
    """What one trunk's calls say at their beginning; the numbers and the channel are filled in.

    Elements stand in the order of their identifiers, single octets first (§4.5.1).
    """

    def __init__(self, config: IsdnTrunkConfig) -> None:
        self._config = config
        self._before = _before_channel(config)
        self._after = _after_channel(config)
        self._channels: dict[tuple[int, bool], Element] = {}
        row = config.row
        self._called_ton = row.called_ton if config.called_ton is None else config.called_ton
        self._called_npi = row.called_npi if config.called_npi is None else config.called_npi
        self._calling_ton = row.calling_ton if config.calling_ton is None else config.calling_ton
        self._calling_npi = row.calling_npi if config.calling_npi is None else config.calling_npi
        self._screening = _screening(config)

    def setup(self, request: SeizeTrunk, channel: int) -> tuple[Element, ...]:
        """Return the elements of the SETUP for ``request`` on ``channel`` (Q.931 §3.1.14)."""
        numbers = self._calling(request)
        if not self._config.overlap:
            numbers = (*numbers, self._called(request.called))
        return (*self._before, self.channel(request, channel), *self._after, *numbers)

    def channel(self, request: SeizeTrunk, channel: int) -> Element:
        """The channel asked for: insisted on as the trunk says, and only preferred by an emergency
        call, so that the network may move it.
        """
        exclusive = self._config.exclusive and not request.emergency
        made = self._channels.get((channel, exclusive))
        if made is None:
            made = channel_id(channel, exclusive=exclusive, access=self._config.access)
            self._channels[channel, exclusive] = made
        return made

    def digits(self, request: SeizeTrunk) -> tuple[Element, ...]:
        """Return what INFORMATION says when the network asks for digits (§5.1.3): those that SETUP
        did not say, and that they are all.
        """
        if not self._config.overlap:
            return _ALL_SAID
        return (*_ALL_SAID, self._called(request.called))

    def _called(self, text: str) -> Element:
        return called(Number(_only(_DIALLED, text), self._called_ton, self._called_npi))

    def _calling(self, request: SeizeTrunk) -> tuple[Element, ...]:
        """The ELIN; or, for the exceptions to R2 by name, the number given with the exception."""
        ton = self._calling_ton
        if isinstance(request.calling, Elin):
            digits, ton = _in_form(request.calling_form, request.calling.digits, ton)
        else:
            digits = _only(_DIGITS, request.calling.number)
            if len(digits) == 11 and digits.startswith("1"):
                digits = digits[1:]
            ton = ton if len(digits) == 10 else Ton.UNKNOWN
        if not digits:
            return ()
        shown, npi = self._config.presentation, self._calling_npi
        return (calling(Number(digits, ton, npi, shown, self._screening)),)


def _before_channel(config: IsdnTrunkConfig) -> tuple[Element, ...]:
    law = Layer1.MU_LAW if config.law is Law.MU else Layer1.A_LAW
    asked = bearer(config.speech.transfer, law if config.bearer_layer1 else None)
    whole = config.row.sending_complete and not config.overlap
    return (*_ALL_SAID, asked) if whole else (asked,)


def _after_channel(config: IsdnTrunkConfig) -> tuple[Element, ...]:
    said: list[Element] = []
    if config.row.says_not_isdn:
        said.append(progress(Progress(Described.ORIGINATION_NOT_ISDN, Location.USER)))
    if config.network_facility:
        said.append(Element(Ie.NETWORK_FACILITIES, config.network_facility))
    return tuple(said)


def _only(wanted: frozenset[str], text: str) -> str:
    """The characters of ``text`` that are ``wanted``."""
    if wanted.issuperset(text):
        return text
    return "".join(each for each in text if each in wanted)


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
