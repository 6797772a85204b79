"""SERVICE messages of North American switches: acknowledged, and never a reason not to place a
call.

A channel that the network takes out of service is still tried when nothing else is left (R1), so
its state is not kept. Codes as read in libpri: the two discriminators have SERVICE and its
acknowledgement swapped.
"""

from __future__ import annotations

ATT = 0x03
"""Protocol discriminator of 4ESS, 5ESS and DMS-100 maintenance messages."""
NATIONAL = 0x43
"""Protocol discriminator of NI-2 maintenance messages."""

_SERVICE_AND_ACK = {ATT: (0x0F, 0x07), NATIONAL: (0x07, 0x0F)}
_HEADER = 5


def acknowledgement(octets: bytes) -> bytes | None:
    """Return SERVICE ACKNOWLEDGE with the same content where ``octets`` are a SERVICE, else
    ``None``.
    """
    if len(octets) < _HEADER or octets[0] not in _SERVICE_AND_ACK or octets[1] != 2:
        return None
    service, acknowledge = _SERVICE_AND_ACK[octets[0]]
    if octets[4] != service:
        return None
    back = octets[2] ^ 0x80
    return bytes((octets[0], 2, back, octets[3], acknowledge)) + octets[_HEADER:]
