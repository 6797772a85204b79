"""Every (state, input) pair of a circuit's table, and what must hold of all its rows."""

from __future__ import annotations

from itertools import count, product

import pytest

from edge_agent.cama.circuit import Call, Circuit
from edge_agent.cama.circuit_table import STEPS
from edge_agent.cama.circuit_words import FREE, SPILLING, THROUGH, UNSEIZED, Act, In, S, Say
from edge_agent.cama.config import Answering, CamaSpan
from edge_agent.cama.digits import Spill
from edge_agent.cama.outputs import CamaOutput, Hook, Hush, Pulse
from edge_agent.cama.signals import Tones
from edge_agent.cama.timers import T, seconds_of
from edge_agent.leg import (
    Alerting,
    Answered,
    BearerMedia,
    Cleared,
    Discarded,
    Flash,
    LegId,
    MediaChanged,
    Proceeding,
)
from tests.edge.cama.line import SPAN, config

LEG = LegId("a")
SPILLS = (Spill("*911#"), Spill("*05550142#", on_request=True))
ROAD = (
    (S.IDLE, None),
    (S.SEIZED, In.SEIZE),
    (S.READY, In.START),
    (S.CALLED, In.PULSE_DELAY_MORE),
    (S.ASKING, In.SPILL_OUT),
    (S.ASKED, In.ASK),
    (S.PULSING, In.REQUEST_DELAY),
    (S.CUT_THROUGH, In.SPILL_OUT),
    (S.UP, In.ANSWER),
    (S.FLASHING, In.DROP),
)
"""A call of Feature Group C comes by every state but those of rest."""
PAIRS = list(product(S, In))


def way(state: S) -> tuple[In, ...]:
    if state is S.RESTING:
        return (In.SEIZE, In.CLEAR)
    if state is S.HELD:
        return (In.SEIZE, In.CLEAR, In.SEIZE)
    states = [each for each, _ in ROAD]
    return tuple(event for _, event in ROAD[: states.index(state) + 1] if event is not None)


def a_circuit() -> Circuit:
    span = CamaSpan(SPAN, (1,))
    wanted = config(format="fgc", answer=Answering.DELAY, spans=(span,))
    return Circuit(101, 1, span, wanted, count(1))


def in_state(state: S) -> tuple[Circuit, list[CamaOutput]]:
    circuit = a_circuit()
    said: list[CamaOutput] = []
    for event in way(state):
        said += fed(circuit, event)
    assert circuit.state is state
    return circuit, said


def fed(circuit: Circuit, event: In) -> list[CamaOutput]:
    if event is In.SEIZE and circuit.free:
        return circuit.seize(Call(LEG, SPILLS), 0.0)
    return circuit.feed(event, 0.0)


def seconds(timer: T, state: S) -> float:
    if timer is not T.SPILL_GRACE:
        return config(format="fgc").seconds()[timer]
    spill = SPILLS[0 if state is S.READY else 1]
    return seconds_of({})[timer] + Tones().length_ms(spill.signals) / 1000


def done(act: Act | None) -> list[CamaOutput | type]:
    off, on = Hook(SPAN, 1, True), Hook(SPAN, 1, False)
    lines: dict[Act | None, list[CamaOutput | type]] = {
        None: [],
        Act.SEIZE: [off],
        Act.PULSE: [Pulse],
        Act.RELEASE: [on],
        Act.STOP: [Hush(SPAN, 1), on],
    }
    return lines[act]


def told(say: Say | None, state: S, event: In) -> list[type]:
    if say is Say.PROCEEDING and event is In.ASK:
        return []  # the wink has said it before
    words: dict[Say | None, list[type]] = {
        None: [],
        Say.PROCEEDING: [Proceeding],
        Say.CUT_THROUGH: [MediaChanged, Alerting],
        Say.ANSWERED: [Answered],
        Say.FLASH: [Flash],
        Say.CLEARED: [Cleared],
        Say.FAILED: [Cleared],
        Say.LOST: [Cleared],
    }
    return words[say]


@pytest.mark.parametrize(("state", "event"), PAIRS, ids=lambda value: value.name)
def test_every_input_in_every_state_does_what_its_row_says(state: S, event: In) -> None:
    circuit, _ = in_state(state)
    deadline = circuit.next_deadline()
    outputs = fed(circuit, event)
    step = STEPS.get((state, event))
    if step is None:
        assert outputs == [Discarded("input-unexpected")]
        assert (circuit.state, circuit.next_deadline()) == (state, deadline)
        return
    assert circuit.state is step.to
    expected = [*done(step.act), *told(step.say, state, event)]
    assert len(outputs) == len(expected)
    for output, wanted in zip(outputs, expected, strict=True):
        assert output == wanted or (isinstance(wanted, type) and isinstance(output, wanted))
    if step.timer is not None:
        assert circuit.next_deadline() == pytest.approx(seconds(step.timer, state))
    else:
        assert circuit.next_deadline() == (deadline if step.keeps else None)


def test_every_state_can_be_reached_and_every_timer_is_started_by_some_row() -> None:
    assert {step.to for step in STEPS.values()} == set(S)
    of_calls = set(T) - {T.STUCK, T.SUSPECT_CLEAR, T.HEARING}
    assert {step.timer for step in STEPS.values()} - {None} == of_calls


@pytest.mark.parametrize("pair", STEPS)
def test_whoever_goes_off_hook_comes_on_hook_again_and_tears_no_spill(pair: tuple[S, In]) -> None:
    state, event = pair
    row = STEPS[pair]
    goes_off = state in UNSEIZED and row.to not in UNSEIZED
    comes_on = state not in UNSEIZED and row.to in UNSEIZED
    assert goes_off == (row.act is Act.SEIZE)
    assert comes_on == (row.act in (Act.RELEASE, Act.STOP))
    torn = comes_on and state in SPILLING and event is not In.SPILL_OUT_ABANDONED
    assert torn == (row.act is Act.STOP)


@pytest.mark.parametrize("pair", STEPS)
def test_a_leg_is_cleared_exactly_where_its_circuit_becomes_free(pair: tuple[S, In]) -> None:
    row = STEPS[pair]
    ends = pair[0] not in FREE and row.to in FREE
    assert ends == (row.say in (Say.CLEARED, Say.FAILED, Say.LOST))


@pytest.mark.parametrize("pair", STEPS)
def test_r1_nothing_is_answered_before_the_digits_are_out_and_nothing_fails_after(
    pair: tuple[S, In],
) -> None:
    state, _ = pair
    row = STEPS[pair]
    if row.say in (Say.ANSWERED, Say.FLASH, Say.LOST):
        assert state in THROUGH
    if row.say is Say.FAILED:
        assert state not in THROUGH | UNSEIZED
    if row.say is Say.CUT_THROUGH:
        assert state is S.PULSING


@pytest.mark.parametrize("state", [state for state in S if state not in FREE])
def test_r13_an_abandoned_call_ends_at_once_only_when_its_digits_are_out(state: S) -> None:
    row = STEPS[state, In.CLEAR_WHOLE]
    if state in THROUGH:
        assert row.to is S.RESTING
    else:
        assert (row.to, row.keeps, row.act, row.say) == (state, True, None, None)


@pytest.mark.parametrize("state", [state for state in S if state not in FREE])
def test_a_call_can_be_ended_in_every_state(state: S) -> None:
    circuit, _ = in_state(state)
    outputs = circuit.clear(8, 0.0)
    (cleared,) = [output for output in outputs if isinstance(output, Cleared)]
    assert (cleared.cause, cleared.sent, cleared.lost) == (8, state is not S.HELD, False)
    assert circuit.free
    assert circuit.call is None


@pytest.mark.parametrize(
    ("state", "event", "cause", "text", "lost"),
    [
        (S.SEIZED, In.START_WAIT, 27, "no-wink", False),
        (S.ASKING, In.REQUEST_WAIT, 27, "number-not-asked-for", False),
        (S.CALLED, In.SPILL_VOID, 41, "digits-torn", False),
        (S.PULSING, In.SPILL_GRACE, 41, "digits-not-told-to-be-out", False),
        (S.ASKED, In.DROP, 41, "far-end-hung-up-before-it-had-the-digits", False),
        (S.PULSING, In.ALARM, 38, "span-alarm", False),
        (S.ASKED, In.PORT_LOST, 38, "port-lost", False),
        (S.UP, In.PORT_LOST, 38, "port-lost", True),
        (S.CUT_THROUGH, In.DROP, 16, "", False),
        (S.CUT_THROUGH, In.ALARM_WAIT, 38, "span-alarm", True),
        (S.UP, In.ALARM_HOLD, 38, "span-alarm", True),
        (S.UP, In.HANG_UP, 16, "", False),
        (S.FLASHING, In.FLASH, 16, "", False),
    ],
)
def test_what_nobody_gave_a_cause_for_has_one_of_its_own(
    state: S, event: In, cause: int, text: str, lost: bool
) -> None:
    circuit, _ = in_state(state)
    failed = state not in THROUGH
    assert circuit.feed(event, 1.0)[-1] == Cleared(LEG, cause, text=text, lost=lost, faulty=failed)
    assert circuit.suspect == (text.replace("-", " ") if failed else "")


def test_the_circuit_is_named_by_its_number_and_its_voice_by_span_and_channel() -> None:
    circuit, said = in_state(S.CUT_THROUGH)
    assert Proceeding(LEG, 101) in said
    assert MediaChanged(LEG, BearerMedia(SPAN, 1)) in said
    assert circuit.span.span == SPAN


def test_a_circuit_is_ranked_by_its_flaws_and_never_left_out() -> None:
    fresh, _ = in_state(S.IDLE)
    resting, _ = in_state(S.RESTING)
    suspect, _ = in_state(S.SEIZED)
    suspect.feed(In.START_WAIT, 4.0)
    suspect.feed(In.GUARD, 5.0)
    laid_off, _ = in_state(S.IDLE)
    laid_off.laid_off = True
    down, _ = in_state(S.IDLE)
    down.alarm(0.0, active=True)
    ranks = [each.rank for each in (fresh, resting, suspect, laid_off, down)]
    assert ranks == sorted(set(ranks))
