"""SERVICE messages of North American switches: which channels the network, or we, take out of
service.

Codes as read in libpri: the two discriminators have SERVICE and its acknowledgement swapped, and
libpri itself takes one for the other. So what is marked as an answer is never answered, and an
acknowledgement changes nothing: two sides of different opinion would otherwise acknowledge each
other for ever.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from edge_agent.isdn import elements
from edge_agent.isdn.codesets import cut, pasted
from edge_agent.isdn.elements import (
    Access,
    ChangeStatus,
    Element,
    Ie,
    MalformedElement,
    ServiceState,
)

_HEADER = 5
_TO_ORIGINATOR = 0x80
_REFERENCE_OCTETS = 2


class Coding(IntEnum):
    """Protocol discriminators of maintenance messages."""

    ATT = 0x03
    """4ESS, 5ESS and DMS-100."""
    NATIONAL = 0x43
    """NI-2."""


_SERVICE_AND_ACK = {Coding.ATT: (0x0F, 0x07), Coding.NATIONAL: (0x07, 0x0F)}


@dataclass(frozen=True, slots=True)
class SetService:
    """The operator takes channels of a span out of service, or puts them back."""

    channels: frozenset[int]
    in_service: bool


@dataclass(frozen=True, slots=True)
class Service:
    """What a SERVICE says."""

    acknowledgement: bytes
    """SERVICE ACKNOWLEDGE with the same content: the answer to it."""
    channels: tuple[int, ...] = ()
    """B channels meant; none where the message is about a D channel or a whole interface."""
    in_service: bool = True


def read_service(octets: bytes, access: Access) -> Service | None:
    """Return what ``octets`` say where they are a SERVICE that wants an answer, else ``None``.

    One whose elements cannot be read is acknowledged as well, and changes nothing: there is no
    STATUS in this protocol to complain with.
    """
    if len(octets) < _HEADER or octets[0] not in _SERVICE_AND_ACK:
        return None
    service, acknowledge = _SERVICE_AND_ACK[Coding(octets[0])]
    if octets[1] != _REFERENCE_OCTETS or octets[4] != service or octets[2] & _TO_ORIGINATOR:
        return None
    flagged = octets[2] | _TO_ORIGINATOR
    answer = bytes((octets[0], 2, flagged, octets[3], acknowledge)) + octets[_HEADER:]
    found = {element.id: element.content for element in cut(octets[_HEADER:]).elements}
    try:
        named = elements.read_channel_id(found.get(Ie.CHANNEL_ID, b""), access)
        status = elements.read_change_status(found.get(Ie.CHANGE_STATUS, b""))
    except MalformedElement:
        return Service(answer)
    channels = () if named.d_channel else named.named
    return Service(answer, channels, status.state == ServiceState.IN_SERVICE)


def service(coding: Coding, channel: int, *, in_service: bool, access: Access) -> bytes:
    """SERVICE for one channel."""
    state = ServiceState.IN_SERVICE if in_service else ServiceState.OUT_OF_SERVICE
    said: tuple[Element, ...] = (
        elements.change_status(ChangeStatus(state)),
        elements.channel_id(channel, exclusive=True, access=access),
    )
    return bytes((coding, 2, 0, 0, _SERVICE_AND_ACK[coding][0])) + pasted(said)
