"""A Q.931 call as a table, network side: states N0 to N25 of clause 2.1.2, for two of our trunks
back to back.

Calls of the user live in states 1 to 4, calls to the user in 6, 7, 9 and 25, both in 10, 12 and 19.
N8 and N11 are passed in the step that enters them: nothing behind this side has to be switched
first. One terminal answers (point to point), so N22 has no row.
"""

from __future__ import annotations

from edge_agent.isdn.call_table import REFUSED, RELEASED, RELEASING, clearing, live, stay
from edge_agent.isdn.call_words import In, Rows, Say, Step, Table, U
from edge_agent.isdn.messages import M
from edge_agent.isdn.timers import T

_SETUP_SENT = Step(U.PRESENT, M.SETUP, T.T303)
_TIMED_OUT = Step(U.DISCONNECT_INDICATION, M.DISCONNECT, T.T305, Say.CLEARED)
_IN_HAND = Step(U.INCOMING_PROCEEDING, timer=T.T310, say=Say.PROCEEDING)
_RINGS = Step(U.RECEIVED, timer=T.T301, say=Say.ALERTING)
_WHOLE = Step(U.PROCEEDING, M.CALL_PROCEEDING, say=Say.OFFERED)


def _live(state: U) -> dict[tuple[U, In], Step]:
    """Rows of a call that the gateway may clear, too (§5.3.4)."""
    return {
        **live(state),
        (state, In.CLEAR_REQUEST): Step(U.DISCONNECT_INDICATION, M.DISCONNECT, T.T305),
    }


def _of_user(state: U) -> dict[tuple[U, In], Step]:
    """Rows of the user's call until we answer it (§5.1); the failure may be heard (§5.4.1)."""
    return {
        **_live(state),
        (state, In.CLEAR_IN_BAND_REQUEST): Step(U.DISCONNECT_INDICATION, M.DISCONNECT, T.T306),
        (state, In.CONNECT_REQUEST): Step(U.ACTIVE, M.CONNECT),  # §5.1.8: no T313 here
    }


def _to_user(state: U) -> dict[tuple[U, In], Step]:
    """Rows of our call to the user until it is answered (§5.2)."""
    return {
        **_live(state),
        (state, In.CONNECT): Step(U.ACTIVE, M.CONNECT_ACK, say=Say.ANSWERED),
        (state, In.CHANNEL_UNUSABLE): _TIMED_OUT,
    }


STEPS: Rows = {
    (U.NULL, In.SETUP_REQUEST): _SETUP_SENT,
    (U.NULL, In.SETUP): Step(U.INITIATED, say=Say.OFFERED),
    (U.NULL, In.SETUP_PARTIAL): Step(U.OVERLAP_SENDING, M.SETUP_ACK, T.T302),
    # ---- from the user, §5.1
    **_of_user(U.INITIATED),
    (U.INITIATED, In.PROCEEDING_REQUEST): Step(U.PROCEEDING, M.CALL_PROCEEDING),
    (U.INITIATED, In.ALERTING_REQUEST): Step(U.DELIVERED, M.ALERTING),
    (U.INITIATED, In.CLEAR_REQUEST): REFUSED,
    **live(U.OVERLAP_SENDING),  # §5.1.3; the gateway does not know of it yet
    (U.OVERLAP_SENDING, In.INFORMATION): Step(U.OVERLAP_SENDING, timer=T.T302),
    (U.OVERLAP_SENDING, In.NUMBER_COMPLETE): _WHOLE,
    (U.OVERLAP_SENDING, In.T302_LAST): _WHOLE,
    **_of_user(U.PROCEEDING),
    (U.PROCEEDING, In.PROGRESS_REQUEST): Step(U.PROCEEDING, M.PROGRESS, keeps=True),
    (U.PROCEEDING, In.ALERTING_REQUEST): Step(U.DELIVERED, M.ALERTING),
    **_of_user(U.DELIVERED),
    **stay(U.DELIVERED, In.ALERTING_REQUEST),
    (U.DELIVERED, In.PROGRESS_REQUEST): Step(U.DELIVERED, M.PROGRESS, keeps=True),
    # ---- to the user, §5.2
    **_to_user(U.PRESENT),
    (U.PRESENT, In.SETUP_ACK): Step(U.OVERLAP_RECEIVING, M.INFORMATION, T.T304, Say.PROCEEDING),
    (U.PRESENT, In.CALL_PROCEEDING): _IN_HAND,
    (U.PRESENT, In.PROGRESS): Step(U.INCOMING_PROCEEDING, say=Say.PROGRESS),
    (U.PRESENT, In.ALERTING): _RINGS,
    (U.PRESENT, In.CLEAR_UNSENT): Step(U.NULL, say=Say.CLEARED),
    (U.PRESENT, In.REFUSED_EARLY): _SETUP_SENT,
    (U.PRESENT, In.CHANNEL_REFUSED): _SETUP_SENT,
    (U.PRESENT, In.T303_AGAIN): _SETUP_SENT,
    (U.PRESENT, In.T303_LAST): REFUSED,
    (U.PRESENT, In.T303_AGAIN_UNSENT): Step(U.PRESENT, timer=T.T303),
    (U.PRESENT, In.T303_LAST_UNSENT): Step(U.NULL, say=Say.CLEARED),
    **_to_user(U.OVERLAP_RECEIVING),
    (U.OVERLAP_RECEIVING, In.CALL_PROCEEDING): _IN_HAND,
    (U.OVERLAP_RECEIVING, In.PROGRESS): Step(U.OVERLAP_RECEIVING, say=Say.PROGRESS, keeps=True),
    (U.OVERLAP_RECEIVING, In.ALERTING): _RINGS,
    (U.OVERLAP_RECEIVING, In.T304_LAST): _TIMED_OUT,
    **_to_user(U.INCOMING_PROCEEDING),
    **stay(U.INCOMING_PROCEEDING, In.CALL_PROCEEDING),
    (U.INCOMING_PROCEEDING, In.PROGRESS): Step(U.INCOMING_PROCEEDING, say=Say.PROGRESS),
    (U.INCOMING_PROCEEDING, In.ALERTING): _RINGS,
    (U.INCOMING_PROCEEDING, In.T310_LAST): _TIMED_OUT,
    **_to_user(U.RECEIVED),
    **stay(U.RECEIVED, In.CALL_PROCEEDING, In.ALERTING),
    (U.RECEIVED, In.PROGRESS): Step(U.RECEIVED, say=Say.PROGRESS, keeps=True),
    (U.RECEIVED, In.T301_LAST): _TIMED_OUT,
    # ---- up
    **_live(U.ACTIVE),
    **stay(U.ACTIVE, In.CONNECT_REQUEST, In.ALERTING_REQUEST, In.PROGRESS_REQUEST),
    **stay(U.ACTIVE, In.CONNECT_ACK, In.PROGRESS, In.ALERTING),
    (U.ACTIVE, In.CONNECT): Step(U.ACTIVE, M.CONNECT_ACK, keeps=True),  # ours was lost
    # ---- clearing, §5.3
    **clearing(U.DISCONNECT_INDICATION),
    (U.DISCONNECT_INDICATION, In.DISCONNECT): RELEASING,
    (U.DISCONNECT_INDICATION, In.DISCONNECT_IN_BAND): RELEASING,
    (U.DISCONNECT_INDICATION, In.T305_LAST): RELEASING,
    (U.DISCONNECT_INDICATION, In.T306_LAST): RELEASED,
    **clearing(U.RELEASE_REQUEST),
    **stay(U.RELEASE_REQUEST, In.DISCONNECT, In.DISCONNECT_IN_BAND),
    (U.RELEASE_REQUEST, In.RELEASE): Step(U.NULL, say=Say.CLEARED),
    (U.RELEASE_REQUEST, In.T308_AGAIN): RELEASING,
    (U.RELEASE_REQUEST, In.T308_LAST): Step(U.NULL, say=Say.CLEARED),
}

NETWORK = Table(
    STEPS,
    unanswered=U.PRESENT,
    ours=frozenset({U.PRESENT, U.OVERLAP_RECEIVING, U.INCOMING_PROCEEDING, U.RECEIVED}),
    collecting=U.OVERLAP_SENDING,
    location=2,
)
