"""What the operator's socket answers, from a real agent that has a call up."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path

import pytest

from edge_agent.bootstrap import Agent
from edge_agent.ops.answers import Answers, vitals_of
from edge_agent.ops.health import Vitals
from tests.edge.office import ELIN, Office, Phone, until


def test_every_command_answers_while_a_call_is_up(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.stage(1_800_000_000)

    async def story() -> None:
        agent = Agent(office.config())
        await agent.start()
        phone, exchange = Phone(office), office.exchange()
        exchange.start()
        phone.invite("911")
        await until(office.news, lambda: bool(office.calls))

        answers = Answers(
            agent, "edge-1", "springfield", "b1", numbers=False, utc=lambda: agent_utc(agent)
        )
        status = answers.status({})
        assert (status["serial"], status["generation"], status["calls"]) == (1_800_000_000, 7, 1)
        assert status["invite_to_seizure"]["count"] == 1
        assert isinstance(status["age_s"], int)
        (call,) = answers.calls({})
        (binding,) = answers.bindings({})
        assert call["call"] == binding["call"]
        assert (binding["elin"], binding["caller"]) == (ELIN.digits, "masked")
        vitals = vitals_of(agent, asyncio.get_running_loop().time())
        assert vitals == Vitals(1_800_000_000, 7, (), bindings=1, calls=1)
        (trunk,) = answers.trunks({})
        assert trunk["calls"] == 1
        assert all("slug" in alarm for alarm in answers.alarms({}))
        assert 'elingate_state{what="calls"} 1.0' in answers.metrics({})
        for lines in (0, 1001, "many"):
            with pytest.raises(ValueError, match="lines must be"):
                answers.trace({"lines": lines})
        with pytest.raises(ValueError, match=call["call"]):
            await answers.stop({"force": ["another"]})
        assert (await answers.stop({}))["calls"] == [call["call"]]
        exchange.close()
        phone.close()
        await agent.stop()

    asyncio.run(asyncio.wait_for(story(), 20.0))


def agent_utc(agent: Agent) -> datetime:
    return agent.gateway.clock.read(asyncio.get_running_loop().time())
