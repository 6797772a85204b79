"""Every row of "when calls meet" in fair and in foul weather, on real cores, in moved time."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from e911.records import CallRecord, CallStep
from tests.edge.sip.scene import PHONE_SDP
from tests.flows.springfield import ELIN_1, ELIN_2, snapshot_of
from tests.sim.network_side import PsapCall
from tests.sim.phones import Dialog
from tests.sim.test_branch_day import frames_hold_only_elins
from tests.sim.world import Weather, World

PATIENCE_S = 60.0
SEEDS = range(max(1, int(os.environ.get("SIM_SEEDS", "200")) // 40))
WEATHERS = {
    "fair": Weather(),
    "lossy-span": Weather(span_loss=0.1),
    "lossy-lan": Weather(lan_loss=0.1),
}
everywhere = pytest.mark.parametrize(
    ("weather", "seed"),
    [(name, seed) for name in WEATHERS for seed in SEEDS],
)


def world_of(weather: str, seed: int, **more: object) -> World:
    """A branch whose link is up; the weather begins after that."""
    dropped = more.get("dropped", ())
    assert isinstance(dropped, tuple)
    world = World(seed, Weather(), snapshot_of(dropped=dropped))
    world.run(until=1.0)
    world.weather = WEATHERS[weather]
    return world


def until(world: World, holds: Callable[[], object], seconds: float = PATIENCE_S) -> None:
    """Let time pass until it holds."""
    end = world.now + seconds
    while not holds():
        assert world.now < end, "it never came to hold"
        world.run(until=world.now + 0.1)


def talk(world: World, call: str = "first", floor: int = 2) -> Dialog:
    """Ana dials and is answered."""
    dialog = world.phones["ana"].dial(call, floor)
    until(world, lambda: dialog.answered)
    return dialog


def hang_up(world: World, call: str = "first") -> None:
    """Ana hangs up, and nothing of the call is left."""
    world.phones["ana"].hang_up(call)
    until(world, lambda: world.agent.is_idle, 120)


def started(world: World) -> list[CallRecord]:
    """The records of calls that began, in order."""
    records = [record for life in world.lives for record in life.put]
    return [r for r in records if isinstance(r, CallRecord) and r.step is CallStep.STARTED]


def ended_well(world: World) -> None:
    """Everybody hangs up in fair weather; no call, leg, channel or number is left behind (R2)."""
    world.weather, world.deaf = Weather(), set()
    for call in list(world.network.calls.values()):
        world.network.hang_up(call, world.now)
    for phone in world.phones.values():
        phone.picks_up = False
        for name in list(phone.dialogs):
            phone.hang_up(name)
    until(world, lambda: world.agent.is_idle and not world.network.calls, 300)
    frames_hold_only_elins(world)
    assert world.agent.board.counts["step-failed"] == 0


@everywhere
def test_a_redial_has_the_elin_and_the_incident_of_the_first_call(weather: str, seed: int) -> None:
    world = world_of(weather, seed)
    for call in ("first", "second"):
        talk(world, call)
        hang_up(world, call)
    first, second = started(world)
    assert (first.elin, first.incident) == (second.elin, second.incident)
    assert first.call != second.call
    ended_well(world)


@everywhere
def test_a_redial_from_another_floor_is_called_back_on_both_elins(weather: str, seed: int) -> None:
    world = world_of(weather, seed)
    for call, floor in (("first", 2), ("second", 1)):
        talk(world, call, floor)
        hang_up(world, call)
    assert [record.elin for record in started(world)] == [ELIN_2, ELIN_1]
    for elin in (ELIN_2, ELIN_1):
        world.phones["ana"].talked.clear()
        back = world.network.call_back(elin.digits, world.now)
        until(world, lambda: world.phones["ana"].talked)
        world.network.hang_up(back, world.now)
        until(world, lambda: world.agent.is_idle, 120)
    ended_well(world)


@everywhere
def test_a_callback_while_the_first_call_is_up_leaves_it_alone(weather: str, seed: int) -> None:
    world = world_of(weather, seed)
    first = talk(world)
    world.phones["ana"].picks_up = False
    back = world.network.call_back(ELIN_2.digits, world.now)
    until(world, lambda: world.phones["ana"].rung)
    began = world.now
    until(world, lambda: world.phones["desk"].talked)
    assert world.now - began < 30, "the desk is asked after 10 s, not after 40"
    until(world, lambda: back.state == "connected")
    assert not first.over, "the first call is untouched"
    ended_well(world)


@everywhere
def test_a_callback_meets_the_unanswered_redial_and_a_busy_caller(weather: str, seed: int) -> None:
    world = world_of(weather, seed)
    talk(world)
    hang_up(world)
    world.network.answers = False
    world.phones["ana"].busy = True
    world.phones["ana"].dial("second")
    until(world, lambda: len(world.network.shown) == 2)
    back = world.network.call_back(ELIN_2.digits, world.now)
    until(world, lambda: len(world.phones["ana"].rung) >= 3 or back.state == "connected")
    if weather != "lossy-lan":  # there a silent platform may be joined by the desk's
        assert back.state == "ringing", "the PSAP is kept alerting"
    until(world, lambda: back.state == "connected")
    assert world.phones["desk"].talked
    ended_well(world)


@everywhere
def test_glare_gives_the_channel_to_the_callback_and_911_goes_out(weather: str, seed: int) -> None:
    world = world_of(weather, seed)
    talk(world)
    hang_up(world)
    second = world.phones["bob"].dial("second")
    world.run(until=world.now + 0.0021)
    back: PsapCall = world.network.call_back(ELIN_2.digits, world.now, channel=23)
    until(world, lambda: second.answered)
    until(world, lambda: back.state == "connected")
    assert world.phones["ana"].talked
    if weather == "fair":
        tried = [seize.channel for seize in world.agent.seizures]
        assert tried == [23, 23, 22], "the callback kept 23"
    ended_well(world)


@everywhere
def test_beyond_the_last_channel_there_is_a_503_and_no_call_is_harmed(
    weather: str, seed: int
) -> None:
    world = world_of(weather, seed, dropped=("gateway",))
    calls = [world.phones["ana"].dial(f"call-{n}") for n in range(24)]
    until(world, lambda: all(call.answered or call.over for call in calls))
    refused = [call.final for call in calls if not call.answered]
    assert set(refused) == {503}
    if weather != "lossy-span":  # there a SETUP may be lost twice: 503 too, the platform goes on
        assert len(refused) == 1
    ended_well(world)


@everywhere
def test_a_transfer_is_refused_and_the_call_goes_on(weather: str, seed: int) -> None:
    world = world_of(weather, seed)
    first = talk(world)
    world.phones["ana"].say("first", "REFER", "Refer-To: <sip:elsewhere@contoso.example>")
    until(world, lambda: 403 in first.others)
    world.run(until=world.now + 30)
    assert not first.over
    ended_well(world)


@everywhere
def test_another_party_moves_the_voice_and_may_be_rung_too(weather: str, seed: int) -> None:
    world = world_of(weather, seed)
    first = talk(world)
    bob = "P-Asserted-Identity: <sip:bob@contoso.example>"
    kind = "Content-Type: application/sdp"
    world.phones["ana"].say("first", "INVITE", bob, kind, body=PHONE_SDP)
    until(world, lambda: 200 in first.others)
    (binding,) = world.agent.gateway.bindings(world.now)
    assert binding.caller.contact == "sip:ana@contoso.example"
    assert binding.caller.alternates == ("sip:bob@contoso.example",)
    ended_well(world)


@everywhere
def test_a_platform_that_says_nothing_for_an_hour_has_its_call_still(
    weather: str, seed: int
) -> None:
    world = world_of(weather, seed)
    first = talk(world)
    world.deaf = {"10.0.0.10"}
    world.run(until=world.now + 3600)
    assert not first.over
    assert [call.kind.value for call in world.agent.gateway.calls()] == ["emergency"]
    ended_well(world)


@everywhere
def test_a_dead_platform_sends_the_callback_to_the_desk(weather: str, seed: int) -> None:
    world = world_of(weather, seed)
    talk(world)
    hang_up(world)
    world.deaf = {"10.0.0.10"}
    back = world.network.call_back(ELIN_2.digits, world.now)
    until(world, lambda: back.state == "connected")
    assert world.phones["desk"].talked
    ended_well(world)
