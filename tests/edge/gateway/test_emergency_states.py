"""The emergency table as a whole: what is in it leads somewhere, what is not in it does nothing."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest

from edge_agent.gateway.emergency import EmergencyCall
from edge_agent.gateway.emergency_states import STEPS, In, S
from edge_agent.leg import (
    Alerting,
    Answered,
    Clear,
    Cleared,
    Flash,
    LegEvent,
    LegId,
    Proceeding,
    Progress,
    SeizeTrunk,
)
from tests.flows.springfield import Story, dials, gateway, psap_holds

CALLER = LegId("caller")


def in_state(state: S) -> tuple[Story, LegId]:
    """A story whose one call is in ``state``, and its trunk leg."""
    story = Story(gateway(psap_holds(600))) if state is S.HELD else Story()
    story.say(dials("caller"))
    trunk = story.seized().leg
    path: dict[S, tuple[LegEvent, ...]] = {
        S.SEIZING: (),
        S.PROCEEDING: (Proceeding(trunk),),
        S.QUEUED: (Alerting(trunk),),
        S.TALKING: (Answered(trunk),),
        S.ABANDONED: (Cleared(CALLER, 16),),
        S.PSAP_ALONE: (Cleared(CALLER, 16), Answered(trunk)),
        S.HELD: (Answered(trunk), Cleared(CALLER, 16)),
        S.OVER: (Answered(trunk), Cleared(CALLER, 16)),
    }
    story.say(*path[state])
    assert story.gateway.calls()[0].state == state.value
    return story, trunk


WIRE_WORDS: dict[In, Callable[[LegId], LegEvent]] = {
    In.LIFE: lambda trunk: Proceeding(trunk),
    In.FAILED_PROGRESS: lambda trunk: Progress(trunk, True, 34),
    In.ALERTING: lambda trunk: Alerting(trunk),
    In.ANSWERED: lambda trunk: Answered(trunk),
    In.FLASH: lambda trunk: Flash(trunk),
    In.TRUNK_GONE: lambda trunk: Cleared(trunk, 34),
    In.CALLER_GONE: lambda _: Cleared(CALLER, 16),
}


@pytest.mark.parametrize("event", WIRE_WORDS, ids=lambda event: event.name)
@pytest.mark.parametrize("state", list(S), ids=lambda state: state.name)
def test_every_word_in_every_state_does_what_the_table_says(state: S, event: In) -> None:
    story, trunk = in_state(state)
    story.say(WIRE_WORDS[event](trunk))
    step = STEPS.get((state, event))
    expected = step.to if step else state
    views = story.gateway.calls()
    if views:
        assert views[0].state == expected.value
    else:
        assert expected is S.OVER


@pytest.mark.parametrize(("state", "event"), list(product(S, In)))
def test_every_input_in_every_state_does_what_its_row_says_or_nothing(state: S, event: In) -> None:
    """Timers and glare too, whether or not a wire could say them there."""
    story, _ = in_state(state)
    (call,) = story.gateway._calls.values()
    assert isinstance(call, EmergencyCall)
    deadline = call.next_deadline()
    outputs = call._take(event, story.now)
    step = STEPS.get((state, event))
    if step is None:
        assert (call.state, outputs, call.next_deadline()) == (state, [], deadline)
    else:
        assert call.state is step.to


@pytest.mark.parametrize("action", sorted({step.do for step in STEPS.values()}))
def test_every_action_of_the_table_exists(action: str) -> None:
    assert callable(getattr(EmergencyCall, f"_do_{action}"))


@pytest.mark.parametrize("state", list(S), ids=lambda state: state.name)
def test_r1_a_failure_before_the_psap_rings_moves_on_and_after_that_never(state: S) -> None:
    story, trunk = in_state(state)
    story.say(Cleared(trunk, 17))
    moved_on = bool(story.said(SeizeTrunk))
    assert moved_on == (state in (S.SEIZING, S.PROCEEDING))


@pytest.mark.parametrize("state", list(S), ids=lambda state: state.name)
def test_r1_a_line_lost_while_the_psap_rings_moves_on_too_for_nobody_is_queued_any_more(
    state: S,
) -> None:
    story, trunk = in_state(state)
    story.say(Cleared(trunk, 27, lost=True))
    moved_on = bool(story.said(SeizeTrunk))
    assert moved_on == (state in (S.SEIZING, S.PROCEEDING, S.QUEUED))
    assert not moved_on or not story.said(Clear)


@pytest.mark.parametrize("state", list(S), ids=lambda state: state.name)
def test_whatever_the_state_the_call_ends_when_its_legs_do_and_leaves_no_timer(state: S) -> None:
    story, _ = in_state(state)
    for _ in range(20):
        legs = {out.leg for out in story.ever(SeizeTrunk)} | {CALLER}
        legs |= {getattr(out, "leg", CALLER) for out in story.heard}
        story.say(*(Cleared(leg, 16) for leg in sorted(legs)))
        story.wait(5)
    assert not story.gateway.calls()
    assert all(not trunk.holds for trunk in story.gateway.trunks())
