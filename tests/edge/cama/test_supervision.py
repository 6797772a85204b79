"""What the far end did is told by how long it did it, by its own times."""

from __future__ import annotations

import pytest

from edge_agent.cama.config import Supervising
from edge_agent.cama.supervision import Far, Supervision, off_hook
from edge_agent.line import BitsChanged, HookChanged, PolarityChanged, Transition

EM, LOOP, BITS = Supervising.EM, Supervising.LOOP, Supervising.BITS


def seized(at: float = 10.0) -> Supervision:
    far = Supervision(100, 350, 0.03)
    far.begin(at)
    return far


def off_for(far: Supervision, seconds: float, at: float = 10.5) -> list[Far]:
    """Off hook and on again, and nothing heard of in between."""
    assert far.hear(True, at) == [Far.BACK]
    return far.hear(False, at + seconds)


@pytest.mark.parametrize(
    ("supervising", "transition", "is_off"),
    [
        (EM, HookChanged(1, True, 0.0), True),
        (EM, HookChanged(1, False, 0.0), False),
        (LOOP, PolarityChanged(1, True, 0.0), True),
        (LOOP, PolarityChanged(1, False, 0.0), False),
        (BITS, BitsChanged(1, 0b1111, 0.0), True),
        (BITS, BitsChanged(1, 0b1000, 0.0), True),
        (BITS, BitsChanged(1, 0b0111, 0.0), False),
        (BITS, BitsChanged(1, 0b0000, 0.0), False),
        (EM, PolarityChanged(1, True, 0.0), None),
        (EM, BitsChanged(1, 0b1111, 0.0), None),
        (LOOP, HookChanged(1, True, 0.0), None),
        (BITS, HookChanged(1, True, 0.0), None),
    ],
)
def test_each_kind_of_line_shows_off_hook_in_a_way_of_its_own(
    supervising: Supervising, transition: Transition, is_off: bool | None
) -> None:
    assert off_hook(supervising, transition) is is_off


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.080, []),
        (0.090, []),
        (0.091, [Far.WINK]),  # one of 100 ms whose beginning was told late
        (0.100, [Far.WINK]),
        (0.200, [Far.WINK]),
        (0.350, [Far.WINK]),
        (0.351, [Far.LONG]),
        (0.380, [Far.LONG]),
        (0.400, [Far.STEADY, Far.DROPPED]),
    ],
)
def test_a_wink_is_told_by_its_length(seconds: float, words: list[Far]) -> None:
    assert off_for(seized(), seconds) == words


def test_an_off_hook_is_steady_when_it_is_too_long_for_any_wink_that_is_still_to_be_heard_of() -> (
    None
):
    far = seized()
    far.hear(True, 10.5)
    assert far.next_deadline() == pytest.approx(10.88)
    assert (far.expire(10.87), far.steady) == ([], False)
    assert (far.expire(10.88), far.steady, far.next_deadline()) == ([Far.STEADY], True, None)
    assert far.hear(False, 12.0) == [Far.DROPPED]
    assert not far.steady


def test_what_is_said_twice_is_heard_once() -> None:
    far = seized()
    assert far.hear(True, 10.5) == [Far.BACK]
    assert far.hear(True, 10.6) == []
    assert far.hear(False, 10.7) == [Far.WINK]
    assert far.hear(False, 10.8) == []


def test_an_off_hook_from_before_the_seizure_says_nothing_however_it_ends() -> None:
    far = seized(0.0)
    far.hear(True, 5.0)
    far.begin(10.0)
    assert (far.expire(20.0), far.steady) == ([], False)
    assert far.hear(False, 20.0) == []
    assert off_for(far, 0.2, 21.0) == [Far.WINK]


def test_an_off_hook_heard_of_late_is_none_of_the_new_calls() -> None:
    far = seized(10.0)
    assert far.hear(True, 9.9) == []
    assert far.next_deadline() is None
    assert far.hear(False, 10.1) == []


def test_a_wink_that_the_port_names_is_believed_unless_it_was_over_before_the_seizure() -> None:
    far = seized(10.0)
    assert far.winked(9.99) == []
    assert far.winked(10.0) == [Far.WINK]


def test_a_named_wink_ends_an_off_hook_that_was_heard_of_before_it() -> None:
    far = seized(10.0)
    far.hear(True, 10.5)
    assert far.winked(10.7) == [Far.WINK]
    assert (far.off_hook, far.next_deadline()) == (False, None)
    far.hear(True, 11.0)
    far.expire(12.0)
    assert far.winked(13.0) == [Far.DROPPED]


def test_an_off_hook_after_a_flash_goes_on_with_what_was_steady() -> None:
    far = seized()
    far.hear(True, 10.5)
    far.expire(11.0)
    far.hear(False, 12.0)
    assert far.lasted_ms(12.5) == 500
    far.hear(True, 12.5)
    far.resume()
    assert (far.steady, far.next_deadline()) == (True, None)
    assert far.hear(False, 12.6) == [Far.DROPPED]


def test_an_alarm_neither_answers_a_call_nor_ends_one() -> None:
    """All ones is off hook on every channel, and trunk conditioning is on hook on every one."""
    far = seized()
    far.look_away()
    assert far.hear(True, 11.0) == []
    assert (far.next_deadline(), far.hear(False, 13.0)) == (None, [])
    assert far.look_again(14.0) == []
    far.hear(True, 15.0)
    far.expire(16.0)
    far.look_away()
    assert far.hear(False, 17.0) == []
    assert far.steady
    assert far.hear(True, 18.0) == []
    assert far.look_again(19.0) == []
    assert far.steady


def test_after_an_alarm_what_is_shown_counts_from_then_on() -> None:
    far = seized()
    far.look_away()
    far.hear(True, 11.0)
    far.look_again(20.0)
    assert far.next_deadline() == pytest.approx(20.38)
    assert far.expire(20.38) == [Far.STEADY]
    far.look_away()
    far.hear(False, 21.0)
    assert far.look_again(22.0) == [Far.DROPPED]


def test_a_wink_is_seen_even_in_an_alarm_so_that_a_seizure_of_the_last_trunk_may_succeed() -> None:
    far = seized()
    far.look_away()
    far.hear(True, 11.0)
    assert far.hear(False, 11.2) == [Far.WINK]
    far.hear(True, 12.0)
    assert far.hear(False, 13.0) == []
