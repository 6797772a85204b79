"""Several spans in trouble: every 911 call is seized for in its step and answered while one span
works, no RESTART ends a call, and nothing leaks (R1, R8).
"""

from __future__ import annotations

import os
from functools import partial

import pytest

from tests.flows.springfield import ELIN_2
from tests.sim.network_side import PsapCall
from tests.sim.phones import Dialog
from tests.sim.test_branch_day import frames_hold_only_elins
from tests.sim.test_calls_meet import until
from tests.sim.world import Weather, World

SEEDS = range(max(1, int(os.environ.get("SIM_SEEDS", "200")) // 5))
WEATHERS = (Weather(), Weather(span_loss=0.05), Weather(0.02, span_doubles=0.1, span_late=0.1))
SPANS = ("pri-1", "pri-2", "pri-3")
CUTS_S = (0.5, 5.0, 60.0, 200.0)
"""Nobody notices; T303 does; T309 does not; T309 does."""
DAY_S, CALLS = 330.0, 16
SOON_S = 30.0
"""A SETUP on a span that has just been cut costs 4 s; a span that dies in silence while it rings
costs T203, four T200 and 4 s more.
"""


def a_day(seed: int) -> tuple[World, list[tuple[float, Dialog]]]:
    """Calls all day, spans that go and come back but one, channels that go out of service."""
    world = World(seed, WEATHERS[seed % len(WEATHERS)], spans=SPANS)
    dice = world.rng
    good = dice.choice(SPANS)
    for span in SPANS:
        at = dice.uniform(1.0, 20.0)
        while span != good and at < DAY_S - 60:
            lasts, seen = dice.choice(CUTS_S), dice.random() < 0.5
            world.at(at, partial(world.cut_span, span, seen=seen))
            world.at(at + lasts, partial(world.mend_span, span))
            at += lasts + dice.uniform(1.0, 60.0)
        for _ in range(8):
            _take_out(world, span, dice.choice(range(1, 24)), dice.uniform(1.0, DAY_S))
    dialled: list[tuple[float, Dialog]] = []
    for n in range(CALLS):
        _call(world, f"call-{n}", dialled)
    return world, dialled


def _take_out(world: World, span: str, channel: int, at: float) -> None:
    network = world.networks[span]

    def say(*, in_service: bool) -> None:
        network.set_service(channel, world.now, in_service=in_service)

    world.at(at, partial(say, in_service=False))
    world.at(at + world.rng.uniform(1.0, 100.0), partial(say, in_service=True))


def _call(world: World, name: str, dialled: list[tuple[float, Dialog]]) -> None:
    """Short calls, and some that outlast any cut."""
    phone = world.phones[world.rng.choice(("ana", "bob"))]
    at = world.rng.uniform(0.5, DAY_S - 60)
    world.at(at, lambda: dialled.append((world.now, phone.dial(name))))
    world.at(at + world.rng.choice((SOON_S + 5, 200.0)), lambda: phone.hang_up(name))


def _evening(world: World) -> None:
    """All is mended, everybody hangs up, and nothing is left."""
    world.weather = Weather()
    for span in SPANS:
        world.mend_span(span)
    for network in world.networks.values():
        for call in list(network.calls.values()):
            network.hang_up(call, world.now)
    for phone in world.phones.values():
        for name in list(phone.dialogs):
            phone.hang_up(name)
    left = [network.calls for network in world.networks.values()]
    until(world, lambda: world.agent.is_idle and not any(left), 300)
    frames_hold_only_elins(world)
    assert world.agent.board.counts["step-failed"] == 0
    assert not any(life.not_seized for life in world.lives), "R1: seized in the step of the INVITE"
    assert world.cut_off == [], "a RESTART ends no call"


def _is_connected(call: PsapCall) -> bool:
    return call.state == "connected"


@pytest.mark.parametrize("seed", SEEDS)
def test_r1_while_one_span_works_every_911_call_is_answered(seed: int) -> None:
    """Also one whose span dies while the PSAP rings: it moves on to the next. Where the working
    span itself loses frames, a SETUP may be lost for 4 s: then 503, and the platform goes on.
    """
    world, dialled = a_day(seed)
    unanswered: list[int] = []
    while world.now < DAY_S:
        world.run(until=world.now + 1.0)
        due = [dialog for at, dialog in dialled if world.now - 1 < at + SOON_S <= world.now]
        unanswered += [dialog.final for dialog in due if not dialog.answered]
    assert len(dialled) == CALLS
    assert unanswered in ([], [503] if WEATHERS[seed % len(WEATHERS)].span_loss else [])
    _evening(world)


@pytest.mark.parametrize("seed", SEEDS)
def test_an_agent_that_dies_in_the_middle_restarts_no_channel_that_has_a_call(seed: int) -> None:
    world, _ = a_day(seed)
    dies_at = world.rng.uniform(20.0, 300.0)
    world.at(dies_at, world.kill)
    world.at(dies_at + world.rng.uniform(0.1, 20.0), world.boot)
    world.run(until=DAY_S)
    restarted = {span: set(each.restarted) for span, each in world.networks.items()}
    assert any(restarted.values()), "channels without a call are restarted at the start"
    _evening(world)


def test_a_call_is_held_through_a_cut_of_a_minute_and_another_goes_out_meanwhile() -> None:
    world = World(spans=SPANS)
    world.run(until=1.0)
    first = world.phones["ana"].dial("first")
    until(world, lambda: first.answered)
    (span,) = (span for span, each in world.networks.items() if each.connected)
    world.cut_span(span, seen=True)
    second = world.phones["bob"].dial("second")
    until(world, lambda: second.answered, 2.0)
    world.run(until=world.now + 60.0)
    world.mend_span(span)
    world.run(until=world.now + 60.0)
    assert not first.over
    assert len(world.networks[span].calls) == 1
    _evening(world)


def test_a_cut_that_outlasts_t309_ends_the_call_and_its_channel_is_restarted() -> None:
    world = World(spans=SPANS)
    world.run(until=1.0)
    first = world.phones["ana"].dial("first")
    until(world, lambda: first.answered)
    span, network = next((s, each) for s, each in world.networks.items() if each.connected)
    channel = network.connected[0].channel
    world.cut_span(span, seen=True)
    world.run(until=world.now + 95.0)
    assert first.over
    assert world.agent.is_idle
    network.restarted.clear()
    world.mend_span(span)
    until(world, lambda: channel in network.restarted, 10.0)
    _evening(world)


def test_a_channel_out_of_service_is_not_chosen_and_the_last_one_is() -> None:
    """R1: with every channel of the only span out of service the call is tried all the same."""
    world = World()
    world.run(until=1.0)
    for channel in range(2, 24):
        world.network.set_service(channel, world.now, in_service=False)
    world.run(until=2.0)
    first = world.phones["ana"].dial("first")
    until(world, lambda: first.answered)
    assert world.agent.seizures[-1].channel == 1
    world.network.set_service(1, world.now, in_service=False)
    world.network.set_service(23, world.now, in_service=False)
    world.run(until=world.now + 1)
    world.phones["bob"].dial("second")
    world.run(until=world.now + 5)
    assert world.agent.not_seized == []
    assert len(world.agent.seizures) > 1
    for channel in range(1, 24):
        world.network.set_service(channel, world.now, in_service=True)
    for call in list(world.network.calls.values()):
        world.network.hang_up(call, world.now)
    until(world, lambda: world.agent.is_idle and not world.network.calls, 60)


def test_a_callback_comes_in_on_any_span_and_finds_the_caller() -> None:
    world = World(spans=SPANS)
    world.run(until=1.0)
    first = world.phones["ana"].dial("first")
    until(world, lambda: first.answered)
    world.phones["ana"].hang_up("first")
    until(world, lambda: world.agent.is_idle)
    for network in world.networks.values():
        world.phones["ana"].talked.clear()
        back = network.call_back(ELIN_2.digits, world.now, channel=4)
        until(world, partial(_is_connected, back))
        assert world.phones["ana"].talked
        network.hang_up(back, world.now)
        until(world, lambda: world.agent.is_idle)
    _evening(world)
