"""Q.850 causes: what they say, and what each is in SIP and back (RFC 3398 §7.2.4.1 and
§8.2.6.1).
"""

from __future__ import annotations

from collections.abc import Iterable

NORMAL = 16
NO_RESPONSE = 102
BEARER_NOT_IMPLEMENTED = 65

TEXTS = {
    1: "Unallocated number",
    2: "No route to transit network",
    3: "No route to destination",
    4: "Special information tone",
    5: "Misdialled trunk prefix",
    6: "Channel unacceptable",
    7: "Call awarded, delivered in an established channel",
    8: "Preemption",
    9: "Preemption, circuit reserved",
    14: "Query on release, ported number",
    16: "Normal call clearing",
    17: "User busy",
    18: "No user responding",
    19: "No answer from user",
    20: "Subscriber absent",
    21: "Call rejected",
    22: "Number changed",
    23: "Redirection to new destination",
    25: "Exchange routing error",
    26: "Non-selected user clearing",
    27: "Destination out of order",
    28: "Invalid number format",
    29: "Facility rejected",
    30: "Response to STATUS ENQUIRY",
    31: "Normal, unspecified",
    33: "Circuit out of order",
    34: "No circuit available",
    38: "Network out of order",
    39: "Permanent frame mode connection out of service",
    40: "Permanent frame mode connection operational",
    41: "Temporary failure",
    42: "Switching equipment congestion",
    43: "Access information discarded",
    44: "Requested channel not available",
    45: "Preempted",
    46: "Precedence call blocked",
    47: "Resource unavailable",
    49: "Quality of service not available",
    50: "Facility not subscribed",
    52: "Outgoing calls barred",
    54: "Incoming calls barred",
    55: "Incoming calls barred within CUG",
    57: "Bearer capability not authorized",
    58: "Bearer capability not presently available",
    62: "Inconsistency in access information",
    63: "Service not available",
    65: "Bearer capability not implemented",
    66: "Channel type not implemented",
    69: "Facility not implemented",
    70: "Only restricted digital information",
    79: "Service not implemented",
    81: "Invalid call reference",
    82: "Channel does not exist",
    83: "No suspended call with this identity",
    84: "Call identity in use",
    85: "No call suspended",
    86: "Suspended call cleared",
    87: "User not member of CUG",
    88: "Incompatible destination",
    90: "Non-existent CUG",
    91: "Invalid transit network selection",
    95: "Invalid message",
    96: "Mandatory element missing",
    97: "Message type unknown",
    98: "Message not compatible with call state",
    99: "Element unknown",
    100: "Invalid element contents",
    101: "Message not compatible with call state",
    102: "Recovery on timer expiry",
    103: "Parameter passed on",
    110: "Message with unknown parameter discarded",
    111: "Protocol error",
    127: "Interworking, unspecified",
}
"""Definitions of ITU-T Q.850 §2.2.5 in short; what ``Reason`` carries as its text."""

_TO_SIP = {
    **dict.fromkeys((1, 2, 3, 26), 404),
    17: 486,
    18: 408,
    **dict.fromkeys((19, 20, 31), 480),
    21: 403,
    **dict.fromkeys((22, 23), 410),
    27: 502,
    28: 484,
    **dict.fromkeys((29, 79), 501),
    **dict.fromkeys((34, 38, 41, 42, 47, 58, 88), 503),
    **dict.fromkeys((55, 57, 87), 403),
    **dict.fromkeys((65, 70), 488),
    102: 504,
    **dict.fromkeys((111, 127), 500),
}

_FROM_SIP = {
    **dict.fromkeys((400, 481, 500, 503), 41),
    **dict.fromkeys((401, 402, 403, 407, 603), 21),
    **dict.fromkeys((404, 485, 604), 1),
    405: 63,
    **dict.fromkeys((406, 415, 501), 79),
    **dict.fromkeys((408, 504), 102),
    410: 22,
    **dict.fromkeys((413, 414, 416, 420, 421, 423, 505, 513), 127),
    480: 18,
    **dict.fromkeys((482, 483), 25),
    484: 28,
    **dict.fromkeys((486, 600), 17),
    487: NORMAL,  # "no mapping" in the RFC: it only ends what we cancelled ourselves
    502: 38,
}


_NOT_ACCEPTABLE = frozenset({488, 606})
_BEARER_WARNINGS = ("304", "305")
"""Media type not available, incompatible media format (RFC 3261 §20.43)."""


def sip_to_cause(status: int, warnings: Iterable[str] = ()) -> int:
    """The cause of a final response without a ``Reason`` header of its own; 31 where the table has
    none.

    ``warnings`` are its Warning headers: they say whether *not acceptable* is about the bearer (RFC
    3398 §8.2.6.1).
    """
    if status in _NOT_ACCEPTABLE and any(each.startswith(_BEARER_WARNINGS) for each in warnings):
        return BEARER_NOT_IMPLEMENTED
    return _FROM_SIP.get(status, 31)


def cause_to_sip(cause: int, location: int = 2) -> int:
    """The final response for a call that was never answered.

    ``location`` is the Q.850 location: a rejection by the user (0) is a 603. Cause 16 before
    answer, which the RFC leaves to BYE and CANCEL, is 480: it has to be some final response. Cause
    44 never comes here by itself: the trunk takes another channel, the gateway another trunk. An
    emergency call whose steps have all failed is answered 503 whatever the cause (R1).
    """
    if cause == 21 and location == 0:
        return 603
    return 480 if cause == NORMAL else _TO_SIP.get(cause, 500)


def cause_text(cause: int) -> str:
    """What the cause says, for ``Reason`` and traces."""
    return TEXTS.get(cause, f"Cause {cause}")
