"""A branch under every weather: the promises R1, R2, R6, R7 and R12 hold for every seed.

``SIM_SEEDS=10000 make soak`` runs many more; a seed that fails tells the same story again.
"""

from __future__ import annotations

import os

import pytest

from e911.records import CallRecord, CallStep
from tests.flows.springfield import ELIN_2
from tests.sim.world import ELINS, Weather, World

SEEDS = range(int(os.environ.get("SIM_SEEDS", "200")))
WEATHERS = (
    Weather(),
    Weather(0.05, 0.0),
    Weather(0.0, 0.1),
    Weather(0.2, 0.2),
    Weather(0.02, 0.0, span_doubles=0.3, span_late=0.3),
)


def frames_hold_only_elins(world: World) -> None:
    """R2: no number and no name of a caller in any frame that reached the network."""
    seen = b"".join(world.network.frames)
    for phone in (world.phones["ana"], world.phones["bob"]):
        assert phone.number.encode() not in seen
        assert phone.name.encode() not in seen
    assert {call.elin for call in world.network.shown} <= ELINS


def test_the_main_job_in_fair_weather() -> None:
    world = World()
    dialog = world.phones["ana"].dial("first")
    world.run(until=5.0)
    (shown,) = world.network.shown
    assert shown.elin == ELIN_2.digits
    assert dialog.answered
    world.phones["ana"].hang_up("first")
    world.run(until=8.0)
    assert world.agent.is_idle
    call = world.network.call_back(shown.elin, world.now)
    world.run(until=12.0)
    assert world.people_rung() == ["ana"]
    assert call.state == "connected"
    world.network.hang_up(call, world.now)
    world.run(until=16.0)
    assert world.agent.is_idle
    frames_hold_only_elins(world)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_call_reaches_the_psap_every_callback_a_human_and_nothing_leaks(seed: int) -> None:
    world = World(seed, WEATHERS[seed % len(WEATHERS)])
    ana, bob = world.phones["ana"], world.phones["bob"]
    world.at(world.rng.uniform(0.5, 2), lambda: ana.dial("a1"))
    world.at(world.rng.uniform(0.5, 6), lambda: bob.dial("b1"))
    world.at(world.rng.uniform(2, 9), lambda: ana.hang_up("a1"))
    world.at(world.rng.uniform(9, 14), lambda: bob.hang_up("b1"))
    _trouble(world)
    world.run(until=60)
    assert world.network.shown, "R1: somebody reached the PSAP"
    elin = world.rng.choice(world.network.shown).elin
    call = world.network.call_back(elin, world.now)
    world.run(until=120)
    assert world.people_rung(), "R7: a human was rung"
    assert call.state in ("connected", "ringing")
    for each in list(world.network.calls.values()):
        world.network.hang_up(each, world.now)
    for phone in world.phones.values():
        for name in list(phone.dialogs):
            phone.hang_up(name)
    world.weather, world.disk.dead, world.disk.capacity, world.cloud.up = (
        Weather(),
        False,
        None,
        True,
    )
    world.disk.stall_s = 0.0
    world.run(until=400)
    _at_rest(world)


def fill_up(world: World, room: int) -> None:
    """Somebody else's files leave only ``room`` bytes."""
    world.disk.capacity = world.disk.used() + room


def test_r6_a_full_disk_costs_an_alarm_and_no_call_and_what_waited_is_kept_when_there_is_room() -> (
    None
):
    world = World()
    world.run(until=0.5)
    fill_up(world, room=100)
    dialog = world.phones["ana"].dial("first")
    world.run(until=5.0)
    assert dialog.answered, "R1"
    assert "journal-failed" in world.agent.alarms
    world.disk.capacity = None
    world.run(until=8.0)
    world.kill()
    world.boot()
    assert [b.elin for b in world.agent.gateway.bindings(world.now)] == [ELIN_2]


def test_r6_a_disk_that_stalls_10_s_holds_up_no_call() -> None:
    world = World()
    world.run(until=0.5)
    world.disk.stall_s = 10.0
    dialog = world.phones["ana"].dial("first")
    world.run(until=3.0)
    assert dialog.answered, "R1"
    world.phones["ana"].hang_up("first")
    world.run(until=6.0)
    call = world.network.call_back(ELIN_2.digits, world.now)
    world.run(until=9.0)
    assert call.state == "connected", "R7"
    assert world.people_rung() == ["ana"]
    world.network.hang_up(call, world.now)
    world.run(until=60.0)
    _at_rest(world)


def _trouble(world: World) -> None:
    """A disk that fails, a cloud that goes, an agent that dies: by the dice."""
    dice = world.rng
    if dice.random() < 0.3:
        world.at(dice.uniform(0, 10), lambda: setattr(world.cloud, "up", False))
        world.at(dice.uniform(20, 50), lambda: setattr(world.cloud, "up", True))
    if dice.random() < 0.3:
        world.at(dice.uniform(0, 10), lambda: setattr(world.disk, "dead", True))
        world.at(dice.uniform(10, 30), lambda: setattr(world.disk, "dead", False))
    if dice.random() < 0.3:
        world.at(dice.uniform(0, 10), lambda: fill_up(world, room=dice.randrange(600)))
        world.at(dice.uniform(10, 100), lambda: setattr(world.disk, "capacity", None))
    if dice.random() < 0.3:
        world.at(dice.uniform(0, 10), lambda: setattr(world.disk, "stall_s", 10.0))
        world.at(dice.uniform(20, 50), lambda: setattr(world.disk, "stall_s", 0.0))
    if dice.random() < 0.3:
        world.at(dice.uniform(8, 20), world.kill)
        world.at(25, world.boot)


def _at_rest(world: World) -> None:
    frames_hold_only_elins(world)
    assert world.agent.is_idle, (world.agent.gateway.calls(), world.agent.trunk_legs)
    assert not world.network.calls, "no channel leaks on the other side either"
    assert world.agent.board.counts["step-failed"] == 0
    kept = {record.id for record in world.agent.put}
    assert kept <= world.cloud.rows.keys(), "R12: nothing of the last life is lost"
    calls = [row["id"] for row in world.cloud.rows.values()]
    assert len(calls) == len(set(calls))


def outputs_of_a_call_and_a_callback() -> int:
    """How many outputs the agent makes in the story below."""
    world = World()
    _a_call_and_a_callback(world)
    return world.outputs


def _a_call_and_a_callback(world: World) -> None:
    world.run(until=0.5)
    ana = world.phones["ana"]
    ana.dial("first")
    world.run(until=4.0)
    if world.agent.alive:
        ana.hang_up("first")
    world.run(until=7.0)
    if world.network.shown and world.agent.alive:
        world.network.call_back(ELIN_2.digits, world.now)
    world.run(until=11.0)


@pytest.mark.parametrize("n", range(outputs_of_a_call_and_a_callback()))
def test_r6_killed_at_any_output_the_next_life_places_calls_and_brings_callbacks_home(
    n: int,
) -> None:
    world = World()
    world.kill_at_output(n)
    _a_call_and_a_callback(world)
    if world.agent.alive:
        world.run(until=world.now + 10)
    synced_before_death = any(
        isinstance(record, CallRecord) and record.step is CallStep.ANSWERED
        for life in world.lives
        for record in life.put
    )
    if not world.agent.alive:
        world.boot()
        world.run(until=world.now + 5)
    again = world.phones["bob"].dial("again")
    world.run(until=world.now + 6)
    assert again.answered, "R1: the next 911 goes out"
    world.phones["bob"].hang_up("again")
    world.run(until=world.now + 3)
    before = len(world.phones["ana"].rung)
    call = world.network.call_back(ELIN_2.digits, world.now)
    world.run(until=world.now + 5)
    assert call.state == "connected", "R7: a human answers"
    if synced_before_death:
        assert len(world.phones["ana"].rung) > before, "R6: the binding was on the disk"
    frames_hold_only_elins(world)
    assert world.agent.board.counts["step-failed"] == 0
