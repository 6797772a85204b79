"""SERVICE messages of North American switches: acknowledged, and never a reason not to place a
call.

A channel that the network takes out of service is still tried when nothing else is left (R1), so
its state is not kept. Codes as read in libpri: the two discriminators have SERVICE and its
acknowledgement swapped, and libpri itself takes one for the other. So what is marked as an answer
is never answered: two sides of different opinion would otherwise acknowledge each other for ever.
"""

from __future__ import annotations

ATT = 0x03
"""Protocol discriminator of 4ESS, 5ESS and DMS-100 maintenance messages."""
NATIONAL = 0x43
"""Protocol discriminator of NI-2 maintenance messages."""

_SERVICE_AND_ACK = {ATT: (0x0F, 0x07), NATIONAL: (0x07, 0x0F)}
_HEADER = 5
_TO_ORIGINATOR = 0x80


def acknowledgement(octets: bytes) -> bytes | None:
    """Return SERVICE ACKNOWLEDGE with the same content where ``octets`` are a SERVICE, else
    ``None``.
    """
    if len(octets) < _HEADER or octets[0] not in _SERVICE_AND_ACK or octets[1] != 2:
        return None
    service, acknowledge = _SERVICE_AND_ACK[octets[0]]
    if octets[4] != service or octets[2] & _TO_ORIGINATOR:
        return None
    flagged = octets[2] | _TO_ORIGINATOR
    return bytes((octets[0], 2, flagged, octets[3], acknowledge)) + octets[_HEADER:]
