"""The Q.921 data link as a table: states 4 to 8 of a primary rate link and what each input does to
them.

Rows follow the SDL of Q.921 Annex B for TEI 0 (states 1 to 3 belong to TEI assignment, which a
primary rate interface does not have). A pair that is not here changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from edge_agent.isdn.lapd_frame import U


class State(Enum):
    """Q.921 state numbers."""

    RELEASED = 4
    AWAITING_ESTABLISHMENT = 5
    AWAITING_RELEASE = 6
    ESTABLISHED = 7
    TIMER_RECOVERY = 8


class In(Enum):
    """What can happen to the link; ``F1`` and ``F0`` tell a response's F bit."""

    ESTABLISH_REQUEST = auto()
    RELEASE_REQUEST = auto()
    SPAN_DOWN = auto()
    SABME = auto()
    DISC = auto()
    UA_F1 = auto()
    UA_F0 = auto()
    DM_F1 = auto()
    DM_F0 = auto()
    FRMR = auto()
    INFORMATION = auto()
    SUPERVISORY = auto()
    SUPERVISORY_F1 = auto()
    BAD_NR = auto()
    BAD_FRAME = auto()
    T200_AGAIN = auto()
    T200_LAST = auto()
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
    RESET = auto()
    RECEIVE_I = auto()
    RECEIVE_S = auto()
    RECOVERED = auto()
    ACK = auto()
    IDLE = auto()
    REST = auto()
    STOP = auto()
    UP = auto()
    LOST = auto()


@dataclass(frozen=True, slots=True)
class Step:
    """One row: the state to go to and what is done on the way."""

    to: State
    acts: tuple[Act, ...] = ()


_4, _5, _6 = State.RELEASED, State.AWAITING_ESTABLISHMENT, State.AWAITING_RELEASE
_7, _8 = State.ESTABLISHED, State.TIMER_RECOVERY


def _multiple_frame(state: State) -> dict[tuple[State, In], Step]:
    """Rows that states 7 and 8 share (Q.921 §5.6, §5.7)."""
    again = Step(_5, (Act.LOST, Act.SABME))
    return {
        (state, In.ESTABLISH_REQUEST): Step(state),
        (state, In.RELEASE_REQUEST): Step(_6, (Act.LOST, Act.DISC)),
        (state, In.SPAN_DOWN): Step(_4, (Act.LOST, Act.STOP)),
        (state, In.SABME): Step(_7, (Act.UA, Act.RESET, Act.UP, Act.IDLE)),
        (state, In.DISC): Step(_4, (Act.UA, Act.LOST, Act.REST)),
        (state, In.DM_F0): again,
        (state, In.FRMR): again,
        (state, In.BAD_NR): again,
        (state, In.BAD_FRAME): again,
        (state, In.INFORMATION): Step(state, (Act.RECEIVE_I,)),
        (state, In.SUPERVISORY): Step(state, (Act.RECEIVE_S,)),
    }


STEPS: dict[tuple[State, In], Step] = {
    (_4, In.ESTABLISH_REQUEST): Step(_5, (Act.SABME,)),
    (_4, In.RELEASE_REQUEST): Step(_4, (Act.STOP,)),
    (_4, In.SPAN_DOWN): Step(_4, (Act.STOP,)),
    (_4, In.SABME): Step(_7, (Act.UA, Act.RESET, Act.UP, Act.IDLE)),
    (_4, In.DISC): Step(_4, (Act.DM,)),
    (_4, In.DM_F0): Step(_5, (Act.SABME,)),
    (_4, In.REST_LAST): Step(_5, (Act.SABME,)),
    (_5, In.ESTABLISH_REQUEST): Step(_5, (Act.SABME_HURRY,)),
    (_5, In.RELEASE_REQUEST): Step(_4, (Act.STOP,)),
    (_5, In.SPAN_DOWN): Step(_4, (Act.STOP,)),
    (_5, In.SABME): Step(_5, (Act.UA,)),  # collision, §5.5.1.2: the UA to our own SABME follows
    (_5, In.DISC): Step(_5, (Act.DM,)),
    (_5, In.UA_F1): Step(_7, (Act.RESET, Act.UP, Act.IDLE)),
    (_5, In.DM_F1): Step(_4, (Act.LOST, Act.REST)),
    (_5, In.T200_AGAIN): Step(_5, (Act.SABME,)),
    (_5, In.T200_LAST): Step(_4, (Act.LOST, Act.REST)),
    (_6, In.ESTABLISH_REQUEST): Step(_5, (Act.SABME,)),
    (_6, In.RELEASE_REQUEST): Step(_6),
    (_6, In.SPAN_DOWN): Step(_4, (Act.STOP,)),
    (_6, In.SABME): Step(_6, (Act.DM,)),
    (_6, In.DISC): Step(_6, (Act.UA,)),
    (_6, In.UA_F1): Step(_4, (Act.STOP,)),
    (_6, In.DM_F1): Step(_4, (Act.STOP,)),
    (_6, In.T200_AGAIN): Step(_6, (Act.DISC,)),
    (_6, In.T200_LAST): Step(_4, (Act.STOP,)),
    **_multiple_frame(_7),
    (_7, In.SUPERVISORY_F1): Step(_7, (Act.RECEIVE_S,)),
    (_7, In.T200_AGAIN): Step(_8, (Act.ENQUIRE,)),
    (_7, In.T203_LAST): Step(_8, (Act.ENQUIRE,)),
    **_multiple_frame(_8),
    (_8, In.DM_F1): Step(_5, (Act.LOST, Act.SABME)),
    (_8, In.SUPERVISORY_F1): Step(_7, (Act.RECEIVE_S, Act.RECOVERED)),
    (_8, In.T200_AGAIN): Step(_8, (Act.ENQUIRE,)),
    (_8, In.T200_LAST): Step(_5, (Act.LOST, Act.SABME)),
}

UP_STATES = frozenset({_7, _8})

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
