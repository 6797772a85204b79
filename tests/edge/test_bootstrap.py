"""The agent on real sockets: a phone, the exchange's end of a span, a disk, an operator."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from e911.bindings import How
from edge_agent.bootstrap import Agent
from edge_agent.config import ConfigFaults, Fault, load
from edge_agent.drivers.clock import utc_now
from edge_agent.leg import Law
from edge_agent.media.g711 import to_linear
from edge_agent.media.tones import hears
from edge_agent.messages import LegHeard, LegSilent, SnapshotStaged, SpanSlips, SyncCondition
from edge_agent.ops.admin import AdminRefused, ask
from edge_agent.store.disk import RealDisk
from edge_agent.store.journal import replay
from lab.pstn import q931
from lab.pstn.span import NetworkSpan
from tests.edge.office import ELIN, LAST_ELIN, PATIENCE_S, Office, Phone, until

Story = Callable[[Office, Agent, Phone, NetworkSpan], Awaitable[None]]


@asynccontextmanager
async def running(
    office: Office, more: str = "", *, media: bool = False, utc: Callable[[], datetime] = utc_now
) -> AsyncIterator[Agent]:
    agent = Agent(load(office.write_config(more, media=media)), utc=utc)
    await agent.start()
    try:
        yield agent
    finally:
        await agent.stop()


@asynccontextmanager
async def world(office: Office) -> AsyncIterator[tuple[Phone, NetworkSpan]]:
    phone, exchange = Phone(office), office.exchange()
    exchange.start()
    try:
        yield phone, exchange
    finally:
        exchange.close()
        phone.close()


class MovedLoop(asyncio.SelectorEventLoop):
    """A real loop whose clock a test puts forward."""

    ahead_s = 0.0

    def time(self) -> float:
        return super().time() + self.ahead_s


def play(folder: Path, story: Story, *, held: int = 0, media: bool = False) -> None:
    office = Office(folder)
    if held:
        office.stage(held)

    async def run() -> None:
        async with world(office) as (phone, exchange), running(office, media=media) as agent:
            await story(office, agent, phone, exchange)

    with asyncio.Runner(loop_factory=MovedLoop) as runner:
        runner.run(run())


async def asked(office: Office, do: str, **more: Any) -> Any:
    """An operator's question, from outside the loop as the command asks it."""
    return await asyncio.to_thread(ask, office.folder / "admin.sock", {"do": do, **more})


def calling(setup: q931.Message) -> str:
    return setup.digits(q931.CALLING)


def test_with_no_snapshot_at_all_a_911_call_goes_out_by_the_last_resort_r1(tmp_path: Path) -> None:
    async def story(office: Office, agent: Agent, phone: Phone, exchange: NetworkSpan) -> None:
        phone.invite("911")
        await until(office.news, lambda: bool(exchange.setups))
        assert calling(exchange.setups[0]) == LAST_ELIN.digits
        assert exchange.setups[0].digits(q931.CALLED) == "911"
        assert {alarm.slug for alarm in agent.health.active} >= {"no-snapshot"}
        assert agent.metrics.seizures.count == 1

    play(tmp_path, story)


def test_the_held_snapshot_is_in_use_before_the_first_call_and_the_elin_goes_out_r2(
    tmp_path: Path,
) -> None:
    async def story(office: Office, agent: Agent, phone: Phone, exchange: NetworkSpan) -> None:
        phone.invite("911")
        await until(office.news, lambda: bool(office.calls))
        assert calling(exchange.setups[0]) == ELIN.digits
        office.calls[0].ring()
        await phone.hear(r"^SIP/2.0 18[03]")
        office.calls[0].answer()
        await phone.hear(r"^SIP/2.0 200")
        view = (await asked(office, "calls"))[0]
        assert (view["elin"], view["erl"], view["trunk"]) == (ELIN.digits, "floor-2", "spf-pri")
        (binding,) = agent.gateway.bindings(agent._loop.time())
        assert binding.how is How.DEFAULT

    play(tmp_path, story, held=100)


def test_a_snapshot_that_sync_has_staged_is_adopted_between_calls_and_an_older_one_is_not_r10(
    tmp_path: Path,
) -> None:
    async def story(office: Office, agent: Agent, phone: Phone, exchange: NetworkSpan) -> None:
        older, newer = office.stage(99), office.stage(101)
        agent.dispatches.hear_sync(SnapshotStaged(str(newer.path), 101, 7), [])
        while (await asked(office, "status"))["serial"] != 101:
            pass
        agent.dispatches.hear_sync(SnapshotStaged(str(older.path), 99, 7), [])
        await asked(office, "status")
        assert (await asked(office, "status"))["serial"] == 101

    play(tmp_path, story, held=100)


REFUSALS = ("signature", "deployment", "branch", "edge", "serial", "body", "schema")


def test_what_sync_refuses_is_an_operators_alarm_until_it_is_over_r10(tmp_path: Path) -> None:
    async def active(office: Office) -> set[str]:
        return {each["slug"] for each in await asked(office, "alarms") if each["active"]}

    async def story(office: Office, agent: Agent, phone: Phone, exchange: NetworkSpan) -> None:
        for slug in (f"snapshot-{refused}" for refused in REFUSALS):
            agent.dispatches.hear_sync(SyncCondition(slug, True, "said by the sync process"), [])
            assert slug in await active(office)
            agent.dispatches.hear_sync(SyncCondition(slug, False), [])
            assert slug not in await active(office)
        assert (await asked(office, "status"))["serial"] == 100

    play(tmp_path, story, held=100)


def test_a_binding_survives_the_agent_and_the_callback_finds_the_caller_r6(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.stage(100)

    async def first() -> None:
        async with world(office) as (phone, _), running(office):
            phone.invite("911")
            await until(office.news, lambda: bool(office.calls))
            office.calls[0].answer()
            await phone.hear(r"^SIP/2.0 200")

    async def second() -> None:
        async with world(office) as (phone, exchange), running(office) as agent:
            await until(office.news, lambda: exchange.link.is_up)
            await exchange.place("2065550911", ELIN.digits)
            invite = await phone.hear(r"^INVITE ")
            assert "Priority: psap-callback" in invite
            assert invite.startswith("INVITE sip:ana@")
            assert agent.metrics.callbacks.count == 1

    asyncio.run(first())
    remembered = replay(office.state / "journal", RealDisk())
    assert [binding.elin for binding in remembered.bindings] == [ELIN]
    asyncio.run(second())


def test_an_invite_from_nobody_we_know_is_refused_and_counted(tmp_path: Path) -> None:
    async def story(office: Office, agent: Agent, phone: Phone, exchange: NetworkSpan) -> None:
        office.stage(100)
        phone.send("\r\n")
        phone.send("NONSENSE")
        phone.invite("5551212", call="c2")
        await phone.hear(r"^SIP/2.0 403")
        status = await asked(office, "status")
        assert status["counts"]["refused-malformed"] == 1
        assert not exchange.setups

    play(tmp_path, story)


def test_an_operator_has_an_elin_read_back_and_says_what_was_heard(tmp_path: Path) -> None:
    async def story(office: Office, agent: Agent, phone: Phone, exchange: NetworkSpan) -> None:
        await until(office.news, lambda: exchange.link.is_up)
        ask = {"trunk": "spf-pri", "number": "2065550199", "elin": ELIN.digits, "seconds": 1}
        for number in ("911", "9115550199", ELIN.digits):
            with pytest.raises(AdminRefused):
                await asked(office, "trunk-test", **{**ask, "number": number})
        assert not exchange.setups
        id_ = (await asked(office, "trunk-test", **ask))["id"]
        with pytest.raises(AdminRefused, match="under way"):
            await asked(office, "trunk-test", **ask)
        await until(office.news, lambda: bool(office.calls))
        (setup,) = exchange.setups
        assert (calling(setup), setup.digits(q931.CALLED)) == (ELIN.digits, "2065550199")
        office.calls[0].answer()
        await until(office.news, lambda: office.calls[0].is_over)
        while (result := (await asked(office, "trunk-results", id=id_))[0])["state"] != "over":
            pass
        assert result["outcome"].startswith("answered after")
        assert agent.gateway.bindings(agent._loop.time()) == ()
        heard = await asked(office, "trunk-heard", id=id_, number="4255550100")
        assert heard["verdict"] == "replaced"
        assert "elin-replaced" in {alarm.slug for alarm in agent.health.active}
        (trunk,) = await asked(office, "trunks")
        assert trunk["last_test"] == f"{result['at'][:16]} replaced"
        assert trunk["last_good"] is not None

    play(tmp_path, story, held=100)
    assert (tmp_path / "state" / "tests.jsonl").read_text().count("2065550199") == 1


def test_an_operator_lays_a_channel_off_and_it_is_tried_last(tmp_path: Path) -> None:
    async def story(office: Office, agent: Agent, phone: Phone, exchange: NetworkSpan) -> None:
        await until(office.news, lambda: exchange.link.is_up)
        lay_off = {"span": "pri-1", "channels": "22-23"}
        (row,) = await asked(office, "trunk-out", **lay_off)
        assert row["out_of_service"] == [22, 23]
        phone.invite("911")
        await until(office.news, lambda: bool(office.calls))
        (shown,) = await asked(office, "trunks")
        assert (shown["out_of_service"], shown["reserved"] + shown["busy"]) == ([22, 23], [21])
        (row,) = await asked(office, "trunk-in", **{**lay_off, "channels": "23"})
        assert row["out_of_service"] == [22]
        for wrong, why in (
            ({"span": "pri-9"}, "span must be one of pri-1"),
            ({"span": None}, "span is missing"),
            ({"channels": "24"}, "pri-1 has no channel 24"),
            ({"channels": "all"}, "channels must be"),
        ):
            with pytest.raises(AdminRefused, match=why):
                await asked(office, "trunk-out", **{**lay_off, **wrong})

    play(tmp_path, story, held=100)


def test_what_the_far_end_of_a_test_says_is_in_a_file(tmp_path: Path) -> None:
    kept: list[str] = []

    async def story(office: Office, agent: Agent, phone: Phone, exchange: NetworkSpan) -> None:
        await until(office.news, lambda: exchange.link.is_up)
        ask = {"trunk": "spf-pri", "number": "2065550199", "elin": ELIN.digits, "seconds": 30}
        id_ = (await asked(office, "trunk-test", **ask))["id"]
        await until(office.news, lambda: bool(office.calls))
        office.calls[0].answer()
        office.calls[0].voice.say(1000)
        heard = office.calls[0].voice.ear
        await until(office.news, lambda: heard.heard >= 50)  # media is there, and speaks silence
        office.calls[0].hang_up()
        while (result := (await asked(office, "trunk-results", id=id_))[0])["state"] != "over":
            pass
        assert result["recorded_s"] > 0.5, result["remark"]
        kept.append(result["recording"])

    play(tmp_path, story, held=100, media=True)
    path = tmp_path / "state" / "tests"
    assert [Path(each) for each in kept] == list(path.iterdir())
    voice = to_linear(Path(kept[0]).read_bytes()[-4000:], Law.MU)
    assert hears(voice, 1000.0)


def test_a_trunk_is_tested_by_itself_in_the_branchs_night_and_once(tmp_path: Path) -> None:
    office, clock = Office(tmp_path), [datetime(2026, 7, 15, 8, 29, 59, tzinfo=UTC)]
    nightly = '[[trunk]]\nid = "spf-pri"\ntest_number = "2065550199"\ntest_at = "03:30"'
    office.stage(100)

    async def story(agent: Agent, exchange: NetworkSpan) -> None:
        await until(office.news, lambda: exchange.link.is_up)
        assert not exchange.setups, "it is 03:29 in Springfield"
        clock[0] += timedelta(seconds=1)
        await until(office.news, lambda: bool(office.calls))
        office.calls[0].answer()
        office.calls[0].hang_up()
        await until(office.news, lambda: office.calls[0].is_over)
        while agent.upkeep.readbacks.running:
            await asked(office, "trunk-results")
        (setup,), (result,) = exchange.setups, await asked(office, "trunk-results")
        assert (calling(setup), setup.digits(q931.CALLED)) == (ELIN.digits, "2065550199")
        assert (result["by"], result["at"][:16]) == ("schedule", "2026-07-15T08:30")
        agent.upkeep.look(agent.gateway.trunks(), agent.gateway.snapshot, agent._loop.time())
        assert len(exchange.setups) == 1, "once a night"

    async def run() -> None:
        night = running(office, nightly, utc=lambda: clock[0])
        async with world(office) as (_, exchange), night as agent:
            await story(agent, exchange)

    asyncio.run(run())


def test_a_silent_channel_of_an_answered_call_is_an_alarm_until_it_is_heard(
    tmp_path: Path,
) -> None:
    async def story(office: Office, agent: Agent, phone: Phone, exchange: NetworkSpan) -> None:
        phone.invite("911")
        await until(office.news, lambda: bool(office.calls))
        office.calls[0].answer()
        await phone.hear(r"^SIP/2.0 200")
        (hold,) = next(iter(agent.gateway.trunks())).holds.values()
        loop = asyncio.get_running_loop()
        assert isinstance(loop, MovedLoop)
        loop.ahead_s = 10.2
        for said in (LegSilent(hold.leg, 10.2), LegSilent("ghost", 10.2, "pri-1")):
            agent.dispatches.hear_media(said, [])
            assert "voice-silent" not in {alarm.slug for alarm in agent.health.active}
        agent.dispatches.hear_media(LegSilent(hold.leg, 10.2, "pri-1"), [])
        assert "voice-silent" in {alarm.slug for alarm in agent.health.active}
        agent.dispatches.hear_media(LegHeard(hold.leg, "pri-1"), [])
        assert "voice-silent" not in {alarm.slug for alarm in agent.health.active}

    play(tmp_path, story, held=100)


def test_what_media_and_spans_suffer_is_an_operators_alarm(tmp_path: Path) -> None:
    async def story(office: Office, agent: Agent, phone: Phone, exchange: NetworkSpan) -> None:
        agent.dispatches.hear_media(
            SyncCondition("media-span", True, "pri-1: cannot be opened"), []
        )
        agent.dispatches.hear_media(SpanSlips("pri-1", 31), [])
        agent.upkeep.look(agent.gateway.trunks(), agent.gateway.snapshot, agent._loop.time())
        assert {"media-span", "span-slips"} <= {alarm.slug for alarm in agent.health.active}

    play(tmp_path, story, held=100)


def test_a_stop_waits_for_the_call_and_an_operator_may_name_it(tmp_path: Path) -> None:
    async def story(office: Office, agent: Agent, phone: Phone, exchange: NetworkSpan) -> None:
        phone.invite("911")
        await until(office.news, lambda: bool(office.calls))
        office.calls[0].answer()
        await phone.hear(r"^SIP/2.0 200")
        stopping = await asked(office, "stop")
        (call,) = stopping["calls"]
        assert not agent.stopped.is_set()
        await asked(office, "stop", force=[call])
        await until(office.news, lambda: office.calls[0].is_over)
        async with asyncio.timeout(PATIENCE_S):
            await agent.stopped.wait()

    play(tmp_path, story)


def test_an_idle_agent_stops_at_once(tmp_path: Path) -> None:
    async def story(office: Office, agent: Agent, phone: Phone, exchange: NetworkSpan) -> None:
        agent.drain()
        assert agent.stopped.is_set()

    play(tmp_path, story)


def test_a_stop_lets_go_of_the_d_channel_and_the_network_knows_at_once(tmp_path: Path) -> None:
    """Nothing else would tell it before its T203 of 10 s and four T200: callbacks would ring at a
    line without an agent for so long."""
    office = Office(tmp_path)

    async def run() -> None:
        async with world(office) as (_, exchange):
            async with running(office):
                await until(office.news, lambda: exchange.link.is_up)
            loop = asyncio.get_running_loop()
            stopped_at = loop.time()
            await until(office.news, lambda: not exchange.link.is_up)
            assert loop.time() - stopped_at < 1.0

    asyncio.run(run())


def test_a_bad_file_is_an_alarm_that_names_the_keys(tmp_path: Path) -> None:
    async def run() -> None:
        config = Office(tmp_path).config()
        agent = Agent(config, ConfigFaults(config.path, (Fault("sip.port", "is too large"),)))
        (alarm,) = agent.health.active
        assert (alarm.slug, alarm.detail) == ("config-file-bad", "sip.port")

    asyncio.run(run())


def test_a_damaged_snapshot_is_an_alarm_and_the_one_before_it_is_used_r10(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.stage(100)
    newer = office.stage(101)
    newer.path.write_bytes(newer.path.read_bytes()[:-20])

    async def run() -> None:
        async with running(office) as agent:
            assert agent.gateway.snapshot is not None
            assert agent.gateway.snapshot.header.serial == 100
            assert "snapshot-damaged" in {alarm.slug for alarm in agent.health.active}

    asyncio.run(run())
