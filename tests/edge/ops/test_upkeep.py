"""What gateway and media say reaches tests and watch, and what was found before is told at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from e911.bindings import CallKind
from e911.records import CallRecord, CallStep, HealthRecord
from edge_agent.gateway.outputs import Listen, ReadbackNews
from edge_agent.gateway.trunks import TrunkBoard
from edge_agent.leg import LegId
from edge_agent.messages import SpanSlips, VoiceKept
from edge_agent.ops.health import Health, Vitals
from edge_agent.ops.trunk_watch import Limits
from edge_agent.ops.upkeep import Upkeep
from edge_agent.store.trunk_files import ReadbackResult, TrunkFiles, Verdict
from tests.flows.springfield import ELIN_2, snapshot_of
from tests.sim.disk import SimDisk

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
ANSWERED = CallRecord(
    "c1-2", "c1", "i1", CallStep.ANSWERED, CallKind.EMERGENCY, AT, "e", "b", trunk="pri"
)
REPLACED = ReadbackResult(
    "c0", AT, "pri", ELIN_2, "2065550199", "operator", 23, verdict=Verdict.REPLACED
)


def upkeep() -> tuple[Upkeep, Health, TrunkFiles]:
    files = TrunkFiles(Path("/state"), SimDisk())
    files.load()
    health = Health("e", "b", "1", "", utc=lambda: AT, vitals=Vitals, put=lambda record: None)
    limits = {"pri": Limits(least_free=3)}
    return Upkeep(files, health, lambda *_: None, lambda: AT, limits, ()), health, files


def test_an_answered_call_proves_its_trunk_and_the_health_of_the_edge_does_not() -> None:
    made, _, files = upkeep()
    made.hear_record(HealthRecord("h1", "e", "b", AT))
    assert files.proofs == {}
    made.hear_record(ANSWERED)
    assert files.proofs["pri"].good == AT


def test_recordings_go_to_the_tests_and_slips_to_the_watch() -> None:
    made, health, files = upkeep()
    news = ReadbackNews("c1", "pri", 23, ELIN_2, "2065550199", "calling")
    made.readbacks.hear(news, 0.0)
    made.readbacks.listen(Listen("c1", LegId("L1"), 60.0))
    made.readbacks.hear(replace(news, state="over", cause=16), 0.0)
    made.hear_media(VoiceKept("c1", "/state/tests/c1.wav", 9.0), 0.0)
    assert files.results[0].recording == "/state/tests/c1.wav"
    made.hear_media(SpanSlips("pri-1", 31), 0.0)
    made.look((), None, 1.0)
    assert [alarm.slug for alarm in health.active] == ["span-slips"]


def test_the_first_look_tells_what_was_known_before_the_restart() -> None:
    made, health, files = upkeep()
    files.put(REPLACED)
    board = TrunkBoard()
    board.equip("pri", (1, 2))
    made.look(board, snapshot_of(), 1.0)
    assert {alarm.slug for alarm in health.active} == {"elin-replaced", "channels-few"}
    health.clear_alarm("elin-replaced", 2.0, f"pri/{ELIN_2.digits}")
    made.look(board, snapshot_of(), 2.0)
    assert {alarm.slug for alarm in health.active} == {"channels-few"}
