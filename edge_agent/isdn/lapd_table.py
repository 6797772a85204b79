"""The Q.921 data link as a table: the eight states and what each input does to them.

Rows follow the SDL of Q.921 Annex B, Figures B.3 to B.8; the letters are the MDL-ERROR codes of
Table II.1. A fixed TEI lives in states 4 to 8. A pair that is not here changes nothing and is
counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from edge_agent.isdn.lapd_frame import U


class State(Enum):
    """Q.921 state numbers."""

    __hash__ = object.__hash__  # by identity: that of Enum is made of the name, for every frame

    TEI_UNASSIGNED = 1
    ASSIGN_AWAITING_TEI = 2
    """A TEI is asked for, the link is not: what is left of state 3 when nobody wants the link."""
    ESTABLISH_AWAITING_TEI = 3
    TEI_ASSIGNED = 4
    AWAITING_ESTABLISHMENT = 5
    AWAITING_RELEASE = 6
    ESTABLISHED = 7
    TIMER_RECOVERY = 8


class In(Enum):
    """What can happen to the link; ``F1`` and ``F0`` tell a response's F bit."""

    __hash__ = object.__hash__  # by identity: that of Enum is made of the name, for every frame

    ESTABLISH_REQUEST = auto()
    RELEASE_REQUEST = auto()
    SPAN_DOWN = auto()
    OWN_BUSY = auto()
    OWN_READY = auto()
    TEI_ASSIGNED = auto()
    TEI_REMOVED = auto()
    TEI_FAILED = auto()
    SABME = auto()
    DISC = auto()
    UA_F1 = auto()
    UA_F0 = auto()
    DM_F1 = auto()
    DM_F0 = auto()
    FRMR = auto()
    INFORMATION = auto()
    INFORMATION_BAD_NR = auto()
    SUPERVISORY = auto()
    SUPERVISORY_F1 = auto()
    BAD_NR = auto()
    BAD_FRAME = auto()
    T200_AGAIN = auto()
    T200_LAST = auto()
    T200_LAST_AUTOMATIC = auto()
    """The same on a TEI that the network assigned."""
    T203_LAST = auto()
    REST_LAST = auto()


class Act(Enum):
    """What a row does, in the order written."""

    SABME = auto()
    SABME_HURRY = auto()
    DISC = auto()
    UA = auto()
    DM = auto()
    ENQUIRE = auto()
    READINESS = auto()
    STILL_BUSY = auto()
    RESET = auto()
    ACCEPT = auto()
    ACKNOWLEDGE = auto()
    SUPERVISED = auto()
    RECOVERED = auto()
    IDLE = auto()
    REST = auto()
    STOP = auto()
    UP = auto()
    LOST = auto()
    ASK_TEI = auto()
    DOUBT_TEI = auto()
    FORGET_TEI = auto()


@dataclass(frozen=True, slots=True)
class Step:
    """One row: the state to go to and what is done on the way."""

    to: State
    acts: tuple[Act, ...] = ()


_1, _2, _3 = State.TEI_UNASSIGNED, State.ASSIGN_AWAITING_TEI, State.ESTABLISH_AWAITING_TEI
_4, _5, _6 = State.TEI_ASSIGNED, State.AWAITING_ESTABLISHMENT, State.AWAITING_RELEASE
_7, _8 = State.ESTABLISHED, State.TIMER_RECOVERY

_UP = (Act.RESET, Act.UP, Act.IDLE, Act.STILL_BUSY)
_NEW_TEI = (Act.LOST, Act.STOP, Act.ASK_TEI)


def _multiple_frame(state: State) -> dict[tuple[State, In], Step]:
    """Rows that states 7 and 8 share (Q.921 §5.6, §5.7)."""
    again = Step(_5, (Act.LOST, Act.SABME))
    return {
        (state, In.ESTABLISH_REQUEST): Step(state),
        (state, In.RELEASE_REQUEST): Step(_6, (Act.LOST, Act.DISC)),
        (state, In.SPAN_DOWN): Step(_4, (Act.LOST, Act.STOP)),
        (state, In.OWN_BUSY): Step(state, (Act.READINESS,)),
        (state, In.OWN_READY): Step(state, (Act.READINESS,)),
        (state, In.TEI_REMOVED): Step(_3, _NEW_TEI),
        (state, In.SABME): Step(_7, (Act.UA, *_UP)),  # F
        (state, In.DISC): Step(_4, (Act.UA, Act.LOST, Act.REST)),
        (state, In.UA_F1): Step(state, (Act.DOUBT_TEI,)),  # C
        (state, In.UA_F0): Step(state, (Act.DOUBT_TEI,)),  # D
        (state, In.DM_F0): again,  # E
        (state, In.FRMR): again,  # K
        (state, In.INFORMATION): Step(state, (Act.ACCEPT, Act.ACKNOWLEDGE)),
        (state, In.INFORMATION_BAD_NR): Step(_5, (Act.ACCEPT, Act.LOST, Act.SABME)),  # J
        (state, In.SUPERVISORY): Step(state, (Act.SUPERVISED,)),
        (state, In.BAD_NR): again,  # J
        (state, In.BAD_FRAME): again,  # L, M, N, O
    }


STEPS: dict[tuple[State, In], Step] = {
    (_1, In.ESTABLISH_REQUEST): Step(_3, (Act.STOP, Act.ASK_TEI)),
    (_1, In.RELEASE_REQUEST): Step(_1, (Act.STOP,)),
    (_1, In.SPAN_DOWN): Step(_1, (Act.STOP,)),
    (_1, In.REST_LAST): Step(_3, (Act.ASK_TEI,)),
    (_2, In.ESTABLISH_REQUEST): Step(_3),
    (_2, In.RELEASE_REQUEST): Step(_2),
    (_2, In.SPAN_DOWN): Step(_1, (Act.FORGET_TEI,)),
    (_2, In.TEI_ASSIGNED): Step(_4),
    (_2, In.TEI_FAILED): Step(_1),
    (_3, In.ESTABLISH_REQUEST): Step(_3, (Act.ASK_TEI,)),
    (_3, In.RELEASE_REQUEST): Step(_2),
    (_3, In.SPAN_DOWN): Step(_1, (Act.FORGET_TEI,)),
    (_3, In.TEI_ASSIGNED): Step(_5, (Act.SABME,)),
    (_3, In.TEI_FAILED): Step(_1, (Act.LOST, Act.REST)),
    (_4, In.ESTABLISH_REQUEST): Step(_5, (Act.SABME,)),
    (_4, In.RELEASE_REQUEST): Step(_4, (Act.STOP,)),
    (_4, In.SPAN_DOWN): Step(_4, (Act.STOP,)),
    (_4, In.TEI_REMOVED): Step(_1),  # REST goes on where it runs
    (_4, In.SABME): Step(_7, (Act.UA, *_UP)),
    (_4, In.DISC): Step(_4, (Act.DM,)),
    (_4, In.UA_F1): Step(_4, (Act.DOUBT_TEI,)),  # C
    (_4, In.UA_F0): Step(_4, (Act.DOUBT_TEI,)),  # D
    (_4, In.DM_F0): Step(_5, (Act.SABME,)),
    (_4, In.REST_LAST): Step(_5, (Act.SABME,)),
    (_5, In.ESTABLISH_REQUEST): Step(_5, (Act.SABME_HURRY,)),
    (_5, In.RELEASE_REQUEST): Step(_6, (Act.DISC,)),
    (_5, In.SPAN_DOWN): Step(_4, (Act.STOP,)),
    (_5, In.TEI_REMOVED): Step(_3, _NEW_TEI),
    (_5, In.SABME): Step(_5, (Act.UA,)),  # collision, §5.5.1.2: the UA to our own SABME follows
    (_5, In.DISC): Step(_5, (Act.DM,)),
    (_5, In.UA_F1): Step(_7, _UP),
    (_5, In.UA_F0): Step(_5, (Act.DOUBT_TEI,)),  # D
    (_5, In.DM_F1): Step(_4, (Act.LOST, Act.REST)),
    (_5, In.T200_AGAIN): Step(_5, (Act.SABME,)),
    (_5, In.T200_LAST): Step(_4, (Act.LOST, Act.REST)),  # G
    (_5, In.T200_LAST_AUTOMATIC): Step(_3, (Act.LOST, Act.FORGET_TEI, Act.ASK_TEI)),  # G
    (_6, In.ESTABLISH_REQUEST): Step(_5, (Act.SABME,)),
    (_6, In.RELEASE_REQUEST): Step(_6),
    (_6, In.SPAN_DOWN): Step(_4, (Act.STOP,)),
    (_6, In.TEI_REMOVED): Step(_1, (Act.STOP,)),
    (_6, In.SABME): Step(_6, (Act.DM,)),
    (_6, In.DISC): Step(_6, (Act.UA,)),
    (_6, In.UA_F1): Step(_4, (Act.STOP,)),
    (_6, In.UA_F0): Step(_6, (Act.DOUBT_TEI,)),  # D
    (_6, In.DM_F1): Step(_4, (Act.STOP,)),
    (_6, In.T200_AGAIN): Step(_6, (Act.DISC,)),
    (_6, In.T200_LAST): Step(_4),  # H
    (_6, In.T200_LAST_AUTOMATIC): Step(_1, (Act.FORGET_TEI,)),  # H
    **_multiple_frame(_7),
    (_7, In.SUPERVISORY_F1): Step(_7, (Act.SUPERVISED,)),  # A
    (_7, In.T200_AGAIN): Step(_8, (Act.ENQUIRE,)),
    (_7, In.T203_LAST): Step(_8, (Act.ENQUIRE,)),
    **_multiple_frame(_8),
    (_8, In.DM_F1): Step(_5, (Act.LOST, Act.SABME)),  # B
    (_8, In.SUPERVISORY_F1): Step(_7, (Act.SUPERVISED, Act.RECOVERED)),
    (_8, In.T200_AGAIN): Step(_8, (Act.ENQUIRE,)),
    (_8, In.T200_LAST): Step(_5, (Act.LOST, Act.SABME)),  # I
    (_8, In.T200_LAST_AUTOMATIC): Step(_5, (Act.LOST, Act.SABME)),  # I
    **{
        (state, event): Step(state)
        for state in (_1, _2, _3, _4, _5, _6)
        for event in (In.OWN_BUSY, In.OWN_READY)
    },
}

UP_STATES = frozenset({_7, _8})

ASLEEP = frozenset({_1, _2, _4})
"""Nothing is under way that leads to a working link."""

UNNUMBERED: dict[tuple[U, bool], In] = {
    (U.SABME, False): In.SABME,
    (U.SABME, True): In.SABME,
    (U.DISC, False): In.DISC,
    (U.DISC, True): In.DISC,
    (U.UA, False): In.UA_F0,
    (U.UA, True): In.UA_F1,
    (U.DM, False): In.DM_F0,
    (U.DM, True): In.DM_F1,
    (U.FRMR, False): In.FRMR,
    (U.FRMR, True): In.FRMR,
}
