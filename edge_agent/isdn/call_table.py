"""A Q.931 call as a table, user side: states U0 to U25 of clause 2.1.1 and what each input does to
them.

Outgoing calls live in states 1 to 4, incoming ones in 6 to 9 and 25, both in 10, 11, 12 and 19. A
pair that is not here changes nothing: the network is answered with STATUS (§5.8.4), a request of
ours that comes too late is counted. Suspension (states 15 and 17) is not offered and not accepted.
"""

from __future__ import annotations

from edge_agent.isdn.call_words import In, Rows, Say, Step, Table, U
from edge_agent.isdn.messages import M
from edge_agent.isdn.timers import T


def stay(state: U, *inputs: In) -> dict[tuple[U, In], Step]:
    """Inputs that are legal here and mean nothing: they crossed something on the wire."""
    return {(state, event): Step(state, keeps=True) for event in inputs}


def ends(state: U) -> dict[tuple[U, In], Step]:
    """Rows of every state but Null: the reference can always be given up (§5.3.3, §5.5, §5.8.9,
    §5.8.11).
    """
    return {
        **stay(state, In.SETUP),  # repeated: §5.8.3.2 e
        **stay(state, In.INFORMATION),  # display, signal, digits after the last: of no use here
        (state, In.RELEASE): Step(U.NULL, M.RELEASE_COMPLETE, say=Say.CLEARED),
        (state, In.RELEASE_COMPLETE): Step(U.NULL, say=Say.CLEARED),
        (state, In.STATUS_NULL): Step(U.NULL, say=Say.CLEARED),
        (state, In.RESTARTED): Step(U.NULL, say=Say.CLEARED),
        (state, In.T309_LAST): Step(U.NULL, say=Say.CLEARED),
    }


def live(state: U) -> dict[tuple[U, In], Step]:
    """Rows of a call that is up or coming up, on both sides: the peer clears it (§5.3), or is asked
    whether it still has it (§5.8.10).
    """
    asked = Step(state, M.STATUS_ENQUIRY, T.T322, keeps=True)
    return {
        **ends(state),
        (state, In.DISCONNECT): RELEASED,
        (state, In.DISCONNECT_IN_BAND): RELEASED,
        (state, In.STATUS_INCOMPATIBLE): RELEASED,
        (state, In.ENQUIRY_REQUEST): asked,
        (state, In.T322_AGAIN): asked,
        (state, In.T322_LAST): RELEASED,
    }


def clearing(state: U) -> dict[tuple[U, In], Step]:
    """Rows of a call on its way out: what crosses our clearing is passed over (§5.3.5)."""
    return {
        **ends(state),
        **stay(state, In.SETUP_ACK, In.CALL_PROCEEDING, In.PROGRESS, In.ALERTING),
        **stay(state, In.CONNECT, In.CONNECT_ACK, In.STATUS_INCOMPATIBLE, In.CHANNEL_UNUSABLE),
        **stay(state, In.CLEAR_REQUEST, In.PROGRESS_REQUEST, In.ALERTING_REQUEST),
        **stay(state, In.CONNECT_REQUEST, In.ENQUIRY_REQUEST),
    }


REFUSED = Step(U.NULL, M.RELEASE_COMPLETE, say=Say.CLEARED)
RELEASING = Step(U.RELEASE_REQUEST, M.RELEASE, T.T308)
RELEASED = Step(U.RELEASE_REQUEST, M.RELEASE, T.T308, Say.CLEARED)
SETUP_SENT = Step(U.INITIATED, M.SETUP, T.T303)
_TIMED_OUT = Step(U.DISCONNECT_REQUEST, M.DISCONNECT, T.T305, Say.CLEARED)
_IN_HAND = Step(U.PROCEEDING, timer=T.T310, say=Say.PROCEEDING)
_RINGS = Step(U.DELIVERED, timer=T.T301, say=Say.ALERTING)
_WHOLE = Step(U.INCOMING_PROCEEDING, M.CALL_PROCEEDING, say=Say.OFFERED)


def _live(state: U) -> dict[tuple[U, In], Step]:
    """Rows of a call that the gateway may clear, too (§5.3.3)."""
    return {
        **live(state),
        (state, In.CLEAR_REQUEST): Step(U.DISCONNECT_REQUEST, M.DISCONNECT, T.T305),
    }


def _outgoing(state: U) -> dict[tuple[U, In], Step]:
    """Rows of our call until it is answered (§5.1)."""
    return {
        **_live(state),
        (state, In.DISCONNECT_IN_BAND): Step(
            U.DISCONNECT_INDICATION, timer=T.T306, say=Say.PROGRESS
        ),
        (state, In.CONNECT): Step(U.ACTIVE, M.CONNECT_ACK, say=Say.ANSWERED),
        (state, In.CHANNEL_UNUSABLE): _TIMED_OUT,
    }


STEPS: Rows = {
    (U.NULL, In.SETUP_REQUEST): SETUP_SENT,
    (U.NULL, In.SETUP): Step(U.PRESENT, say=Say.OFFERED),
    (U.NULL, In.SETUP_PARTIAL): Step(U.OVERLAP_RECEIVING, M.SETUP_ACK, T.T302),
    # ---- outgoing, §5.1
    **_outgoing(U.INITIATED),
    (U.INITIATED, In.SETUP_ACK): Step(U.OVERLAP_SENDING, M.INFORMATION, T.T304, Say.PROCEEDING),
    (U.INITIATED, In.CALL_PROCEEDING): _IN_HAND,
    (U.INITIATED, In.PROGRESS): Step(U.PROCEEDING, say=Say.PROGRESS),
    (U.INITIATED, In.ALERTING): _RINGS,
    (U.INITIATED, In.CLEAR_UNSENT): Step(U.NULL, say=Say.CLEARED),
    (U.INITIATED, In.REFUSED_EARLY): SETUP_SENT,  # under a new reference
    (U.INITIATED, In.CHANNEL_REFUSED): SETUP_SENT,  # under a new reference, on another channel
    (U.INITIATED, In.T303_AGAIN): SETUP_SENT,
    (U.INITIATED, In.T303_LAST): REFUSED,  # no twin of this call may ring later
    (U.INITIATED, In.T303_AGAIN_UNSENT): Step(U.INITIATED, timer=T.T303),
    (U.INITIATED, In.T303_LAST_UNSENT): Step(U.NULL, say=Say.CLEARED),
    **_outgoing(U.OVERLAP_SENDING),
    (U.OVERLAP_SENDING, In.CALL_PROCEEDING): _IN_HAND,
    (U.OVERLAP_SENDING, In.PROGRESS): Step(U.OVERLAP_SENDING, say=Say.PROGRESS),
    (U.OVERLAP_SENDING, In.ALERTING): _RINGS,
    (U.OVERLAP_SENDING, In.T304_LAST): _TIMED_OUT,
    **_outgoing(U.PROCEEDING),
    **stay(U.PROCEEDING, In.CALL_PROCEEDING),  # a repeated SETUP may be answered twice
    (U.PROCEEDING, In.PROGRESS): Step(U.PROCEEDING, say=Say.PROGRESS),
    (U.PROCEEDING, In.ALERTING): _RINGS,
    (U.PROCEEDING, In.T310_LAST): _TIMED_OUT,
    **_outgoing(U.DELIVERED),
    **stay(U.DELIVERED, In.CALL_PROCEEDING, In.ALERTING),
    (U.DELIVERED, In.PROGRESS): Step(U.DELIVERED, say=Say.PROGRESS, keeps=True),
    (U.DELIVERED, In.T301_LAST): _TIMED_OUT,
    # ---- incoming, §5.2
    **_live(U.PRESENT),
    (U.PRESENT, In.PROCEEDING_REQUEST): Step(U.INCOMING_PROCEEDING, M.CALL_PROCEEDING),
    (U.PRESENT, In.ALERTING_REQUEST): Step(U.RECEIVED, M.ALERTING),
    (U.PRESENT, In.CONNECT_REQUEST): Step(U.CONNECT_REQUEST, M.CONNECT, T.T313),
    (U.PRESENT, In.CLEAR_REQUEST): REFUSED,
    **live(U.OVERLAP_RECEIVING),  # §5.2.4; the gateway does not know of it yet
    (U.OVERLAP_RECEIVING, In.INFORMATION): Step(U.OVERLAP_RECEIVING, timer=T.T302),
    (U.OVERLAP_RECEIVING, In.NUMBER_COMPLETE): _WHOLE,
    (U.OVERLAP_RECEIVING, In.T302_LAST): _WHOLE,  # a human will see what there is (R7)
    **_live(U.INCOMING_PROCEEDING),
    (U.INCOMING_PROCEEDING, In.PROGRESS_REQUEST): Step(
        U.INCOMING_PROCEEDING, M.PROGRESS, keeps=True
    ),
    (U.INCOMING_PROCEEDING, In.ALERTING_REQUEST): Step(U.RECEIVED, M.ALERTING),
    (U.INCOMING_PROCEEDING, In.CONNECT_REQUEST): Step(U.CONNECT_REQUEST, M.CONNECT, T.T313),
    **_live(U.RECEIVED),
    **stay(U.RECEIVED, In.ALERTING_REQUEST),
    (U.RECEIVED, In.PROGRESS_REQUEST): Step(U.RECEIVED, M.PROGRESS, keeps=True),
    (U.RECEIVED, In.CONNECT_REQUEST): Step(U.CONNECT_REQUEST, M.CONNECT, T.T313),
    **_live(U.CONNECT_REQUEST),
    **stay(U.CONNECT_REQUEST, In.CONNECT_REQUEST, In.ALERTING_REQUEST, In.PROGRESS_REQUEST),
    (U.CONNECT_REQUEST, In.CONNECT_ACK): Step(U.ACTIVE),
    (U.CONNECT_REQUEST, In.T313_LAST): _TIMED_OUT,
    # ---- up
    **_live(U.ACTIVE),
    **stay(U.ACTIVE, In.CONNECT_REQUEST, In.ALERTING_REQUEST, In.PROGRESS_REQUEST),
    **stay(U.ACTIVE, In.CONNECT_ACK, In.PROGRESS, In.ALERTING),
    (U.ACTIVE, In.CONNECT): Step(U.ACTIVE, M.CONNECT_ACK, keeps=True),  # ours was lost
    # ---- clearing, §5.3
    **clearing(U.DISCONNECT_REQUEST),
    (U.DISCONNECT_REQUEST, In.DISCONNECT): RELEASING,
    (U.DISCONNECT_REQUEST, In.DISCONNECT_IN_BAND): RELEASING,
    (U.DISCONNECT_REQUEST, In.T305_LAST): RELEASING,
    **clearing(U.DISCONNECT_INDICATION),
    **stay(U.DISCONNECT_INDICATION, In.DISCONNECT_IN_BAND),
    (U.DISCONNECT_INDICATION, In.DISCONNECT): RELEASED,
    (U.DISCONNECT_INDICATION, In.CLEAR_REQUEST): RELEASED,
    (U.DISCONNECT_INDICATION, In.T306_LAST): RELEASED,
    **clearing(U.RELEASE_REQUEST),
    **stay(U.RELEASE_REQUEST, In.DISCONNECT, In.DISCONNECT_IN_BAND),
    (U.RELEASE_REQUEST, In.RELEASE): Step(U.NULL, say=Say.CLEARED),
    (U.RELEASE_REQUEST, In.T308_AGAIN): RELEASING,
    (U.RELEASE_REQUEST, In.T308_LAST): Step(U.NULL, say=Say.CLEARED),
}

USER = Table(
    STEPS,
    unanswered=U.INITIATED,
    ours=frozenset({U.INITIATED, U.OVERLAP_SENDING, U.PROCEEDING, U.DELIVERED}),
    collecting=U.OVERLAP_RECEIVING,
    location=0,
)
