"""A Q.931 call as a table, user side: states 0 to 19 of clause 2.1.1 and what each input does to
them.

Outgoing calls live in states 1 to 4, incoming ones in 6 to 9, both in 10, 11, 12 and 19. A pair
that is not here changes nothing: the network is answered with STATUS (§5.8.4), a request of ours
that comes too late is counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from edge_agent.isdn.messages import M
from edge_agent.isdn.timers import T


class U(Enum):
    """User-side call states, numbered as in §2.1.1."""

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


class In(Enum):
    """What can happen to a call: heard from the network, asked of us, noticed by us, or time."""

    SETUP = auto()
    SETUP_ACK = auto()
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
    CLEAR_UNSENT = auto()
    T301_LAST = auto()
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


FROM_NETWORK = frozenset(In) & {
    In.SETUP,
    In.SETUP_ACK,
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
"""Inputs that are messages: unexpected ones are answered with STATUS."""


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
    """One row. Every timer stops and ``timer`` starts, unless the row ``keeps`` what runs."""

    to: U
    send: M | None = None
    timer: T | None = None
    say: Say | None = None
    keeps: bool = False


def _stay(state: U, *inputs: In) -> dict[tuple[U, In], Step]:
    """Inputs that are legal here and mean nothing: they crossed something on the wire."""
    return {(state, event): Step(state, keeps=True) for event in inputs}


def _ends(state: U) -> dict[tuple[U, In], Step]:
    """Rows of every state but Null: the reference can always be given up (§5.3.3, §5.5, §5.8.9,
    §5.8.11).
    """
    return {
        (state, In.SETUP): Step(state, keeps=True),  # repeated: §5.8.3.2 e
        (state, In.RELEASE): Step(U.NULL, M.RELEASE_COMPLETE, say=Say.CLEARED),
        (state, In.RELEASE_COMPLETE): Step(U.NULL, say=Say.CLEARED),
        (state, In.STATUS_NULL): Step(U.NULL, say=Say.CLEARED),
        (state, In.RESTARTED): Step(U.NULL, say=Say.CLEARED),
        (state, In.T309_LAST): Step(U.NULL, say=Say.CLEARED),
    }


def _live(state: U) -> dict[tuple[U, In], Step]:
    """Rows of a call that is up or coming up: it can be cleared from either side (§5.3)."""
    return {
        **_ends(state),
        (state, In.CLEAR_REQUEST): Step(U.DISCONNECT_REQUEST, M.DISCONNECT, T.T305),
        (state, In.DISCONNECT): Step(U.RELEASE_REQUEST, M.RELEASE, T.T308, Say.CLEARED),
        (state, In.DISCONNECT_IN_BAND): Step(U.RELEASE_REQUEST, M.RELEASE, T.T308, Say.CLEARED),
        (state, In.STATUS_INCOMPATIBLE): Step(U.RELEASE_REQUEST, M.RELEASE, T.T308, Say.CLEARED),
    }


def _outgoing(state: U) -> dict[tuple[U, In], Step]:
    """Rows of our call until it is answered (§5.1)."""
    given_up = Step(U.DISCONNECT_REQUEST, M.DISCONNECT, T.T305, Say.CLEARED)
    return {
        **_live(state),
        (state, In.DISCONNECT_IN_BAND): Step(
            U.DISCONNECT_INDICATION, timer=T.T306, say=Say.PROGRESS
        ),
        (state, In.CONNECT): Step(U.ACTIVE, M.CONNECT_ACK, say=Say.ANSWERED),
        (state, In.CHANNEL_UNUSABLE): given_up,
    }


def _clearing(state: U) -> dict[tuple[U, In], Step]:
    """Rows of a call on its way out: what crosses our clearing is passed over (§5.3.5)."""
    return {
        **_ends(state),
        **_stay(state, In.SETUP_ACK, In.CALL_PROCEEDING, In.PROGRESS, In.ALERTING),
        **_stay(state, In.CONNECT, In.CONNECT_ACK, In.STATUS_INCOMPATIBLE, In.CHANNEL_UNUSABLE),
        **_stay(state, In.CLEAR_REQUEST, In.PROGRESS_REQUEST, In.ALERTING_REQUEST),
        **_stay(state, In.CONNECT_REQUEST),
    }


_REFUSED = Step(U.NULL, M.RELEASE_COMPLETE, say=Say.CLEARED)
_TIMED_OUT = Step(U.DISCONNECT_REQUEST, M.DISCONNECT, T.T305, Say.CLEARED)
_RELEASING = Step(U.RELEASE_REQUEST, M.RELEASE, T.T308)
_RELEASED = Step(U.RELEASE_REQUEST, M.RELEASE, T.T308, Say.CLEARED)
_IN_HAND = Step(U.PROCEEDING, timer=T.T310, say=Say.PROCEEDING)
_RINGS = Step(U.DELIVERED, timer=T.T301, say=Say.ALERTING)

STEPS: dict[tuple[U, In], Step] = {
    (U.NULL, In.SETUP_REQUEST): Step(U.INITIATED, M.SETUP, T.T303),
    (U.NULL, In.SETUP): Step(U.PRESENT, say=Say.OFFERED),
    # ---- outgoing, §5.1
    **_outgoing(U.INITIATED),
    (U.INITIATED, In.SETUP_ACK): Step(U.OVERLAP_SENDING, M.INFORMATION, T.T304, Say.PROCEEDING),
    (U.INITIATED, In.CALL_PROCEEDING): _IN_HAND,
    (U.INITIATED, In.PROGRESS): Step(U.PROCEEDING, say=Say.PROGRESS),
    (U.INITIATED, In.ALERTING): _RINGS,
    (U.INITIATED, In.CLEAR_UNSENT): Step(U.NULL, say=Say.CLEARED),
    (U.INITIATED, In.REFUSED_EARLY): Step(U.INITIATED, M.SETUP, T.T303),
    (U.INITIATED, In.T303_AGAIN): Step(U.INITIATED, M.SETUP, T.T303),
    (U.INITIATED, In.T303_LAST): _REFUSED,  # no twin of this call may ring later
    (U.INITIATED, In.T303_AGAIN_UNSENT): Step(U.INITIATED, timer=T.T303),
    (U.INITIATED, In.T303_LAST_UNSENT): Step(U.NULL, say=Say.CLEARED),
    **_outgoing(U.OVERLAP_SENDING),
    (U.OVERLAP_SENDING, In.CALL_PROCEEDING): _IN_HAND,
    (U.OVERLAP_SENDING, In.PROGRESS): Step(U.OVERLAP_SENDING, say=Say.PROGRESS),
    (U.OVERLAP_SENDING, In.ALERTING): _RINGS,
    (U.OVERLAP_SENDING, In.T304_LAST): _TIMED_OUT,
    **_outgoing(U.PROCEEDING),
    **_stay(U.PROCEEDING, In.CALL_PROCEEDING),  # a repeated SETUP may be answered twice
    (U.PROCEEDING, In.PROGRESS): Step(U.PROCEEDING, say=Say.PROGRESS),
    (U.PROCEEDING, In.ALERTING): _RINGS,
    (U.PROCEEDING, In.T310_LAST): _TIMED_OUT,
    **_outgoing(U.DELIVERED),
    **_stay(U.DELIVERED, In.CALL_PROCEEDING, In.ALERTING),
    (U.DELIVERED, In.PROGRESS): Step(U.DELIVERED, say=Say.PROGRESS, keeps=True),
    (U.DELIVERED, In.T301_LAST): _TIMED_OUT,
    # ---- incoming, §5.2
    **_live(U.PRESENT),
    (U.PRESENT, In.PROCEEDING_REQUEST): Step(U.INCOMING_PROCEEDING, M.CALL_PROCEEDING),
    (U.PRESENT, In.ALERTING_REQUEST): Step(U.RECEIVED, M.ALERTING),
    (U.PRESENT, In.CONNECT_REQUEST): Step(U.CONNECT_REQUEST, M.CONNECT, T.T313),
    (U.PRESENT, In.CLEAR_REQUEST): _REFUSED,
    **_live(U.INCOMING_PROCEEDING),
    (U.INCOMING_PROCEEDING, In.PROGRESS_REQUEST): Step(
        U.INCOMING_PROCEEDING, M.PROGRESS, keeps=True
    ),
    (U.INCOMING_PROCEEDING, In.ALERTING_REQUEST): Step(U.RECEIVED, M.ALERTING),
    (U.INCOMING_PROCEEDING, In.CONNECT_REQUEST): Step(U.CONNECT_REQUEST, M.CONNECT, T.T313),
    **_live(U.RECEIVED),
    **_stay(U.RECEIVED, In.ALERTING_REQUEST),
    (U.RECEIVED, In.PROGRESS_REQUEST): Step(U.RECEIVED, M.PROGRESS, keeps=True),
    (U.RECEIVED, In.CONNECT_REQUEST): Step(U.CONNECT_REQUEST, M.CONNECT, T.T313),
    **_live(U.CONNECT_REQUEST),
    **_stay(U.CONNECT_REQUEST, In.CONNECT_REQUEST, In.ALERTING_REQUEST, In.PROGRESS_REQUEST),
    (U.CONNECT_REQUEST, In.CONNECT_ACK): Step(U.ACTIVE),
    (U.CONNECT_REQUEST, In.T313_LAST): _TIMED_OUT,
    # ---- up
    **_live(U.ACTIVE),
    **_stay(U.ACTIVE, In.CONNECT_REQUEST, In.ALERTING_REQUEST, In.PROGRESS_REQUEST),
    **_stay(U.ACTIVE, In.CONNECT_ACK, In.PROGRESS, In.ALERTING),
    (U.ACTIVE, In.CONNECT): Step(U.ACTIVE, M.CONNECT_ACK, keeps=True),  # ours was lost
    # ---- clearing, §5.3
    **_clearing(U.DISCONNECT_REQUEST),
    (U.DISCONNECT_REQUEST, In.DISCONNECT): _RELEASING,
    (U.DISCONNECT_REQUEST, In.DISCONNECT_IN_BAND): _RELEASING,
    (U.DISCONNECT_REQUEST, In.T305_LAST): _RELEASING,
    **_clearing(U.DISCONNECT_INDICATION),
    **_stay(U.DISCONNECT_INDICATION, In.DISCONNECT_IN_BAND),
    (U.DISCONNECT_INDICATION, In.DISCONNECT): _RELEASED,
    (U.DISCONNECT_INDICATION, In.CLEAR_REQUEST): _RELEASED,
    (U.DISCONNECT_INDICATION, In.T306_LAST): _RELEASED,
    **_clearing(U.RELEASE_REQUEST),
    **_stay(U.RELEASE_REQUEST, In.DISCONNECT, In.DISCONNECT_IN_BAND),
    (U.RELEASE_REQUEST, In.RELEASE): Step(U.NULL, say=Say.CLEARED),
    (U.RELEASE_REQUEST, In.T308_AGAIN): _RELEASING,
    (U.RELEASE_REQUEST, In.T308_LAST): Step(U.NULL, say=Say.CLEARED),
}
