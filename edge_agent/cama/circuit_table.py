"""One circuit as a table: from seizure to guard, states by inputs.

A pair that is not here changes nothing and is counted. What the far end does is judged before it is
an input, so that a wink too many, too late or too short is none.
"""

from __future__ import annotations

from edge_agent.cama.circuit_words import Act, In, Rows, S, Say, Step
from edge_agent.cama.timers import T

_RELEASED = Step(S.RESTING, Act.RELEASE, T.GUARD, Say.CLEARED)
_FAILED = Step(S.RESTING, Act.RELEASE, T.GUARD, Say.FAILED)
_LOST = Step(S.RESTING, Act.RELEASE, T.GUARD, Say.LOST)
_STOPPED = Step(S.RESTING, Act.STOP, T.GUARD, Say.CLEARED)
_BROKEN = Step(S.RESTING, Act.STOP, T.GUARD, Say.FAILED)
_NEVER_SENT = Step(S.RESTING, say=Say.CLEARED, keeps=True)
_SEIZED = Step(S.SEIZED, Act.SEIZE, T.START_WAIT)


def _stay(state: S, *inputs: In) -> dict[tuple[S, In], Step]:
    """Inputs that are legal here and change nothing."""
    return {(state, event): Step(state, keeps=True) for event in inputs}


def _free(state: S) -> Rows:
    """Rows without a call: the far end's doings put the circuit in doubt, and are no input."""
    return _stay(state, In.ALARM, In.NO_ALARM, In.PORT_LOST)


def _waiting(state: S) -> Rows:
    """Rows off hook before the digits are out, while no spill is on its way."""
    return {
        **_stay(state, In.NO_ALARM, In.CLEAR_WHOLE),
        (state, In.CLEAR): _RELEASED,
        (state, In.ALARM): _FAILED,
        (state, In.PORT_LOST): _FAILED,
    }


def _started(state: S) -> Rows:
    """Rows of waiting once the far end has given its start signal: it may hang up."""
    return {**_waiting(state), (state, In.DROP): _FAILED}


def _spilling(state: S) -> Rows:
    """Rows with a spill on its way."""
    return {
        **_stay(state, In.NO_ALARM, In.CLEAR_WHOLE),
        (state, In.CLEAR): _STOPPED,
        (state, In.DROP): _BROKEN,
        (state, In.ALARM): _BROKEN,
        (state, In.PORT_LOST): _BROKEN,
        (state, In.SPILL_VOID): _BROKEN,
        (state, In.SPILL_GRACE): _BROKEN,
    }


def _through(state: S) -> Rows:
    """Rows once the digits are out: they have been heard, so both words to clear are one."""
    return {
        (state, In.CLEAR): _RELEASED,
        (state, In.CLEAR_WHOLE): _RELEASED,
        (state, In.HANG_UP): _RELEASED,
        (state, In.PORT_LOST): _LOST,
    }


STEPS: Rows = {
    **_free(S.IDLE),
    (S.IDLE, In.SEIZE): _SEIZED,
    **_free(S.RESTING),
    (S.RESTING, In.SEIZE): Step(S.HELD, keeps=True),
    (S.RESTING, In.GUARD): Step(S.IDLE),
    **_stay(S.HELD, In.NO_ALARM, In.CLEAR_WHOLE, In.PORT_LOST),
    (S.HELD, In.GUARD): _SEIZED,
    (S.HELD, In.CLEAR): _NEVER_SENT,
    (S.HELD, In.ALARM): _NEVER_SENT,
    **_waiting(S.SEIZED),
    (S.SEIZED, In.START): Step(S.READY, timer=T.PULSE_DELAY, say=Say.PROCEEDING),
    (S.SEIZED, In.START_UNSAID): Step(S.READY, timer=T.PULSE_DELAY),
    (S.SEIZED, In.START_WAIT): _FAILED,
    **_started(S.READY),
    (S.READY, In.PULSE_DELAY_MORE): Step(S.CALLED, Act.PULSE, T.SPILL_GRACE),
    (S.READY, In.PULSE_DELAY_LAST): Step(S.PULSING, Act.PULSE, T.SPILL_GRACE),
    **_spilling(S.CALLED),
    (S.CALLED, In.SPILL_OUT): Step(S.ASKING, timer=T.REQUEST_WAIT),
    **_started(S.ASKING),
    (S.ASKING, In.ASK): Step(S.ASKED, timer=T.REQUEST_DELAY, say=Say.PROCEEDING),
    (S.ASKING, In.REQUEST_WAIT): _FAILED,
    **_started(S.ASKED),
    (S.ASKED, In.REQUEST_DELAY): Step(S.PULSING, Act.PULSE, T.SPILL_GRACE),
    **_spilling(S.PULSING),
    (S.PULSING, In.SPILL_OUT): Step(S.CUT_THROUGH, timer=T.ANSWER_DELAY, say=Say.CUT_THROUGH),
    (S.PULSING, In.SPILL_OUT_ABANDONED): _RELEASED,
    **_through(S.CUT_THROUGH),
    (S.CUT_THROUGH, In.ANSWER): Step(S.UP, say=Say.ANSWERED),
    (S.CUT_THROUGH, In.ANSWER_DELAY): Step(S.UP, say=Say.ANSWERED),
    (S.CUT_THROUGH, In.DROP): _RELEASED,
    (S.CUT_THROUGH, In.ALARM): Step(S.CUT_THROUGH, timer=T.ALARM_WAIT),
    (S.CUT_THROUGH, In.NO_ALARM): Step(S.CUT_THROUGH, timer=T.ANSWER_DELAY),
    (S.CUT_THROUGH, In.ALARM_WAIT): _LOST,
    **_through(S.UP),
    (S.UP, In.DROP): Step(S.FLASHING, timer=T.FLASH),
    (S.UP, In.ALARM): Step(S.UP, timer=T.ALARM_HOLD),
    (S.UP, In.NO_ALARM): Step(S.UP),
    (S.UP, In.ALARM_HOLD): _LOST,
    **_through(S.FLASHING),
    (S.FLASHING, In.BLINK): Step(S.UP),
    (S.FLASHING, In.FLASH_SEEN): Step(S.UP, say=Say.FLASH),
    (S.FLASHING, In.FLASH): _RELEASED,
    (S.FLASHING, In.ALARM): Step(S.UP, timer=T.ALARM_HOLD),  # it shows on hook what it has lost
    (S.FLASHING, In.NO_ALARM): Step(S.FLASHING, keeps=True),
}
