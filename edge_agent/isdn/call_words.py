"""The words of call control: states, inputs, rows and what a row says, the same for both sides of
an interface.

Clause 2.1 numbers the states of user (U) and network (N) so that they mirror each other: a call
from the user is in 1 to 4 on both sides, a call to the user in 6 to 9 and 25.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from edge_agent.isdn.messages import M
from edge_agent.isdn.timers import T


class U(Enum):
    """Call states of either side, numbered as in §2.1.1 and §2.1.2."""

    __hash__ = object.__hash__  # by identity: that of Enum is made of the name, for every frame

    NULL = 0
    INITIATED = 1
    OVERLAP_SENDING = 2
    PROCEEDING = 3
    DELIVERED = 4
    PRESENT = 6
    RECEIVED = 7
    CONNECT_REQUEST = 8
    INCOMING_PROCEEDING = 9
    ACTIVE = 10
    DISCONNECT_REQUEST = 11
    DISCONNECT_INDICATION = 12
    RELEASE_REQUEST = 19
    OVERLAP_RECEIVING = 25


class In(Enum):
    """What can happen to a call: heard from the peer, asked of us, noticed by us, or time."""

    __hash__ = object.__hash__  # by identity: that of Enum is made of the name, for every frame

    SETUP = auto()
    SETUP_PARTIAL = auto()
    """A SETUP whose called number is not whole (§5.2.4)."""
    SETUP_ACK = auto()
    INFORMATION = auto()
    NUMBER_COMPLETE = auto()
    """An INFORMATION that makes the called number whole."""
    CALL_PROCEEDING = auto()
    PROGRESS = auto()
    ALERTING = auto()
    CONNECT = auto()
    CONNECT_ACK = auto()
    DISCONNECT = auto()
    DISCONNECT_IN_BAND = auto()
    RELEASE = auto()
    RELEASE_COMPLETE = auto()
    REFUSED_EARLY = auto()
    CHANNEL_REFUSED = auto()
    STATUS_NULL = auto()
    STATUS_INCOMPATIBLE = auto()
    CHANNEL_UNUSABLE = auto()
    RESTARTED = auto()
    SETUP_REQUEST = auto()
    PROCEEDING_REQUEST = auto()
    PROGRESS_REQUEST = auto()
    ALERTING_REQUEST = auto()
    CONNECT_REQUEST = auto()
    CLEAR_REQUEST = auto()
    CLEAR_IN_BAND_REQUEST = auto()
    """Network side: clear with tones or an announcement (§5.4.1)."""
    CLEAR_UNSENT = auto()
    ENQUIRY_REQUEST = auto()
    T301_LAST = auto()
    T302_LAST = auto()
    T303_AGAIN = auto()
    T303_LAST = auto()
    T303_AGAIN_UNSENT = auto()
    T303_LAST_UNSENT = auto()
    T304_LAST = auto()
    T305_LAST = auto()
    T306_LAST = auto()
    T308_AGAIN = auto()
    T308_LAST = auto()
    T309_LAST = auto()
    T310_LAST = auto()
    T313_LAST = auto()
    T322_AGAIN = auto()
    T322_LAST = auto()


FROM_PEER = frozenset(
    {
        In.SETUP,
        In.SETUP_ACK,
        In.INFORMATION,
        In.CALL_PROCEEDING,
        In.PROGRESS,
        In.ALERTING,
        In.CONNECT,
        In.CONNECT_ACK,
        In.DISCONNECT,
        In.DISCONNECT_IN_BAND,
        In.RELEASE,
        In.RELEASE_COMPLETE,
    }
)
"""Inputs that are messages: unexpected ones are answered with STATUS (§5.8.4)."""

CLEARING = frozenset({U.DISCONNECT_REQUEST, U.DISCONNECT_INDICATION, U.RELEASE_REQUEST})
"""The call is over but for its reference."""


class Say(Enum):
    """The leg word that a row tells the gateway."""

    OFFERED = auto()
    PROCEEDING = auto()
    PROGRESS = auto()
    ALERTING = auto()
    ANSWERED = auto()
    CLEARED = auto()


@dataclass(frozen=True, slots=True)
class Step:
    """One row. Every timer stops and ``timer`` starts; where the row ``keeps`` what runs, it starts
    beside that.

    T322 asks on while a call comes up, and stops when the call is cleared (§5.8.10).
    """

    to: U
    send: M | None = None
    timer: T | None = None
    say: Say | None = None
    keeps: bool = False


Rows = Mapping[tuple[U, In], Step]


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """The rows of one side, and what its states mean to a call."""

    rows: Rows
    unanswered: U
    """Our SETUP is out and nothing was heard: its channel is only a wish."""
    ours: frozenset[U]
    """A call that we began, not yet answered: the peer's answers may name its channel."""
    collecting: U
    """The peer's SETUP was acknowledged and its digits are being collected."""
    location: int
    """Who speaks in a cause (Q.850): 0 the user, 2 the public network serving the local user."""
