"""A circuit comes into doubt by what its line does, and out of it by peace, proof or an
operator.
"""

from __future__ import annotations

from edge_agent.cama.doubt import STUCK, Doubt
from edge_agent.cama.timers import seconds_of


def doubted() -> Doubt:
    doubt = Doubt(seconds_of({}))
    doubt.raise_("no wink")
    return doubt


def test_a_minute_on_hook_without_an_alarm_clears_it() -> None:
    doubt = doubted()
    doubt.watch(0.0, free=True, off_hook=False, alarmed=False)
    doubt.watch(30.0, free=True, off_hook=False, alarmed=False)
    assert doubt.next_deadline() == 60.0
    doubt.expire(60.0)
    assert (doubt.why, doubt.next_deadline()) == ("", None)


def test_a_call_an_alarm_or_an_off_hook_begins_the_minute_anew() -> None:
    doubt = doubted()
    for number, broken in enumerate(
        [
            {"free": False, "off_hook": False, "alarmed": False},
            {"free": True, "off_hook": False, "alarmed": True},
        ]
    ):
        doubt.watch(100.0 * number, free=True, off_hook=False, alarmed=False)
        doubt.watch(100.0 * number + 30.0, **broken)
        assert doubt.next_deadline() is None
    doubt.watch(200.0, free=True, off_hook=True, alarmed=False)
    doubt.watch(202.0, free=True, off_hook=False, alarmed=False)
    assert doubt.next_deadline() == 262.0


def test_a_far_end_that_stays_off_hook_without_a_call_is_stuck() -> None:
    doubt = Doubt(seconds_of({}))
    doubt.watch(0.0, free=True, off_hook=True, alarmed=False)
    doubt.expire(4.9)
    assert doubt.why == ""
    doubt.expire(5.0)
    assert doubt.why == STUCK
    doubt.watch(5.0, free=True, off_hook=True, alarmed=False)
    assert doubt.next_deadline() is None


def test_what_an_alarm_shows_is_not_held_against_it() -> None:
    doubt = Doubt(seconds_of({}))
    doubt.watch(0.0, free=True, off_hook=True, alarmed=True)
    assert doubt.next_deadline() is None


def test_proof_clears_it_and_leaves_no_timer() -> None:
    doubt = doubted()
    doubt.watch(0.0, free=True, off_hook=False, alarmed=False)
    doubt.drop()
    assert (doubt.why, doubt.next_deadline()) == ("", None)
