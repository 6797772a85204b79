"""A test call from the asking to the verdict, and the daily one that nobody has to ask for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from e911.numbers import Elin
from edge_agent.gateway.outputs import Listen, ReadbackNews
from edge_agent.leg import LegId
from edge_agent.messages import KeepVoice, VoiceKept
from edge_agent.ops.health import Health, Vitals
from edge_agent.ops.readbacks import KEPT_WITHIN_S, OPERATOR, Readbacks, elins_of
from edge_agent.ops.timetable import SCHEDULE, Timetable
from edge_agent.store.disk import write_whole
from edge_agent.store.trunk_files import TrunkFiles, Verdict
from tests.flows.springfield import ELIN_1, ELIN_2, ELIN_2B, snapshot_of
from tests.sim.disk import SimDisk

ANAC = "2065550199"
NIGHT = datetime(2026, 3, 1, 11, 29, 30, tzinfo=UTC)
"""Half a minute before half past three in Springfield, Washington."""
DAILY = Timetable("pri", ANAC, "03:30")


class Lab:
    """Readbacks over a gateway of which the test says what it does."""

    def __init__(
        self, *tables: Timetable, at: datetime = NIGHT, disk: SimDisk | None = None
    ) -> None:
        self.at, self.now = at, 0.0
        self.refusal, self.breaks = "", False
        self.disk = disk or SimDisk()
        self.placed: list[tuple[str, Elin]] = []
        self.files = TrunkFiles(Path("/state"), self.disk)
        self.files.load()
        self.health = Health(
            "e", "b", "1", "", utc=lambda: self.at, vitals=Vitals, put=lambda record: None
        )
        self.readbacks = Readbacks(self.files, self.health, self._place, lambda: self.at, tables)

    def _place(self, trunk: str, number: str, elin: Elin, seconds: float) -> None:
        if self.refusal:
            raise ValueError(self.refusal)
        if self.breaks:
            return
        self.placed.append((trunk, elin))
        self.hear(state="calling")

    def place(self, elin: Elin = ELIN_2) -> str:
        return self.readbacks.place("pri", ANAC, elin, 15.0, OPERATOR)

    def hear(self, **more: object) -> None:
        """News of the call placed last."""
        trunk, elin = self.placed[-1]
        news = ReadbackNews(f"e-b1-{len(self.placed)}", trunk, 23, elin, ANAC, "calling")
        values = {name: getattr(news, name) for name in ReadbackNews.__slots__}
        self.readbacks.hear(ReadbackNews(**{**values, **more}), self.now)

    def over(self) -> None:
        """The call placed last was answered and is over; nothing was recorded."""
        self.hear(state="over", answered_s=2.0, cause=16)

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.at += timedelta(seconds=seconds)
        self.readbacks.look(snapshot_of(), self.now)

    def alarms(self) -> list[tuple[str, str]]:
        return [(alarm.subject, alarm.detail) for alarm in self.health.active]


def test_a_test_is_one_result_with_its_recording() -> None:
    lab = Lab()
    id_ = lab.place()
    order = lab.readbacks.listen(Listen(id_, LegId("L1"), 60.0))
    assert order == KeepVoice(id_, "L1", f"/state/tests/{id_}.wav", 60.0)
    lab.hear(state="listening", answered_s=2.04)
    (running,) = lab.readbacks.running
    assert (running.state, running.result.answered_s) == ("listening", 2.0)
    lab.hear(state="over", answered_s=2.04, cause=16, connected="2065550100")
    assert lab.readbacks.running[0].state == "saving"
    lab.readbacks.kept(VoiceKept(id_, order.path, 14.9))
    assert lab.readbacks.running == ()
    (result,) = lab.readbacks.results
    assert (result.id, result.at, result.channel, result.cause) == (id_, NIGHT, 23, 16)
    assert (result.recording, result.recorded_s) == (order.path, 14.9)
    assert (result.connected, result.verdict) == ("2065550100", Verdict.UNKNOWN)


def test_a_test_without_a_voice_is_over_with_its_call() -> None:
    lab = Lab()
    lab.place()
    lab.hear(state="over", cause=21)
    (result,) = lab.readbacks.results
    assert (result.answered_s, result.cause, result.recording) == (None, 21, "")


def test_media_that_does_not_answer_costs_the_recording_and_not_the_result() -> None:
    lab = Lab()
    lab.readbacks.listen(Listen(lab.place(), LegId("L1"), 60.0))
    lab.over()
    lab.wait(KEPT_WITHIN_S - 0.1)
    assert lab.readbacks.running
    lab.wait(0.2)
    assert lab.readbacks.results[0].remark == "no recording: media did not answer"


def test_a_recording_that_comes_late_is_kept_all_the_same_and_only_once() -> None:
    lab = Lab()
    lab.readbacks.listen(Listen(lab.place(), LegId("L1"), 60.0))
    lab.over()
    lab.wait(KEPT_WITHIN_S)
    for path in ("/state/tests/late.wav", "/state/tests/again.wav"):
        lab.readbacks.kept(VoiceKept("e-b1-1", path, 1.0))
    lab.readbacks.kept(VoiceKept("e-b1-9", "/state/tests/ghost.wav", 1.0))
    (result,) = lab.readbacks.results
    assert (result.recording, result.remark) == ("/state/tests/late.wav", "")


def test_a_recording_that_the_disk_did_not_take_is_said() -> None:
    lab = Lab()
    id_ = lab.place()
    lab.readbacks.listen(Listen(id_, LegId("L1"), 60.0))
    lab.over()
    lab.readbacks.kept(VoiceKept(id_, "", why="No space left on device"))
    assert lab.readbacks.results[0].remark == "no recording: No space left on device"


def test_a_recording_of_nothing_says_so() -> None:
    lab = Lab()
    id_ = lab.place()
    lab.readbacks.listen(Listen(id_, LegId("L1"), 60.0))
    lab.over()
    order = lab.readbacks.listen(Listen(id_, LegId("L1"), 60.0))
    write_whole(lab.disk, Path(order.path), b"RIFF")
    lab.readbacks.kept(VoiceKept(id_, order.path, 0.0))
    (result,) = lab.readbacks.results
    assert (result.recording, result.remark) == ("", "no recording: nothing was heard")
    lab.files.flush()
    assert lab.disk.list(lab.files.recordings) == ()


def test_a_call_that_breaks_at_its_beginning_is_no_other_test() -> None:
    lab = Lab()
    lab.place()
    lab.breaks = True
    with pytest.raises(ValueError, match="broke before it began"):
        lab.place()


def test_what_the_gateway_refuses_is_told_and_no_test_begins() -> None:
    lab = Lab()
    lab.refusal = "pri is busy"
    with pytest.raises(ValueError, match="pri is busy"):
        lab.place()
    assert not lab.readbacks.running


@pytest.mark.parametrize("said", ["4255550102", "+1 (425) 555-0102", "14255550102", "555-0102"])
def test_the_elin_that_is_read_back_matches_however_it_is_written(said: str) -> None:
    lab = Lab()
    id_ = lab.place()
    lab.over()
    judged = lab.readbacks.judge(id_, said, lab.now)
    assert judged.verdict is Verdict.MATCHES
    assert lab.alarms() == []
    assert lab.readbacks.results == (judged,)


def test_another_number_is_an_alarm_until_the_elin_is_read_back() -> None:
    lab = Lab()
    first = lab.place()
    lab.over()
    judged = lab.readbacks.judge(first, "425 555 0100", lab.now)
    assert (judged.heard, judged.verdict) == ("4255550100", Verdict.REPLACED)
    assert lab.alarms() == [("pri/4255550102", "read back as 4255550100")]
    other = lab.place(ELIN_1)
    lab.over()
    lab.readbacks.judge(other, ELIN_1.digits, lab.now)
    assert lab.alarms(), "another ELIN proves nothing of this one"
    again = lab.place()
    lab.over()
    lab.readbacks.judge(again, ELIN_2.digits, lab.now)
    assert lab.alarms() == []


def test_a_restart_forgets_no_elin_that_was_replaced() -> None:
    disk = SimDisk()
    lab = Lab(disk=disk)
    id_ = lab.place()
    lab.over()
    lab.readbacks.judge(id_, "4255550100", lab.now)
    lab.place(ELIN_1)
    lab.over()
    lab.files.flush()
    again = Lab(disk=disk)
    again.readbacks.restore(0.0)
    assert again.alarms() == [("pri/4255550102", "read back as 4255550100")]


@pytest.mark.parametrize("said", ["", "0102", "nothing", "٤٢٥٥٥٥٠١٠٢"])
def test_what_is_no_number_is_no_verdict(said: str) -> None:
    lab = Lab()
    id_ = lab.place()
    with pytest.raises(ValueError, match="no test that is over"):
        lab.readbacks.judge(id_, ELIN_2.digits, lab.now)
    lab.over()
    with pytest.raises(ValueError, match="7 digits or more"):
        lab.readbacks.judge(id_, said, lab.now)


def test_every_night_another_elin_is_tested_by_itself() -> None:
    lab = Lab(DAILY)
    lab.wait(29)
    assert lab.placed == []
    lab.wait(1)
    assert lab.placed == [("pri", ELIN_1)]
    for _ in range(100):
        lab.wait(30)
    assert len(lab.placed) == 1
    lab.over()
    for _ in range(2):
        lab.wait(86_400 - (lab.at - NIGHT).total_seconds() % 86_400 + 30)
        lab.over()
    assert [elin for _, elin in lab.placed] == [ELIN_1, ELIN_2, ELIN_2B]
    assert {result.asked_by for result in lab.readbacks.results} == {SCHEDULE}


def test_a_trunk_that_tests_every_elin_does_so_one_after_the_other() -> None:
    lab = Lab(replace(DAILY, every_elin=True))
    lab.wait(30)
    lab.wait(1)
    assert [elin for _, elin in lab.placed] == [ELIN_1]
    for _ in range(3):
        lab.over()
        lab.wait(1)
    assert [elin for _, elin in lab.placed] == [ELIN_1, ELIN_2, ELIN_2B]
    lab.wait(1)
    assert len(lab.placed) == 3


def test_a_busy_trunk_is_left_alone_and_that_it_was_is_remarked() -> None:
    lab = Lab(DAILY)
    lab.refusal = "pri is busy"
    lab.wait(30)
    (result,) = lab.readbacks.results
    assert (result.asked_by, result.channel) == (SCHEDULE, None)
    assert result.remark == "skipped: pri is busy"
    lab.refusal = ""
    lab.wait(1)
    assert lab.placed == [], "the next day is soon enough"
    lab.wait(86_400)
    assert lab.placed == [("pri", ELIN_1)], "the ELIN has kept its turn"


def test_a_trunk_that_is_busy_costs_a_night_of_all_elins_one_line_and_not_one_each() -> None:
    lab = Lab(replace(DAILY, every_elin=True))
    lab.refusal = "pri is busy"
    for _ in range(5):
        lab.wait(30)
    assert [each.remark for each in lab.readbacks.results] == ["skipped: pri is busy"]
    lab.refusal = ""
    lab.wait(1)
    assert lab.placed == []


@pytest.mark.parametrize("gone", [ELIN_2, "pri"])
def test_an_elin_or_a_trunk_that_is_no_more_keeps_no_alarm(gone: Elin | str) -> None:
    lab = Lab()
    id_ = lab.place()
    lab.over()
    lab.readbacks.judge(id_, "4255550100", lab.now)
    lab.wait(1)
    assert lab.alarms() == [(f"pri/{ELIN_2.digits}", "read back as 4255550100")]
    lab.readbacks.look(snapshot_of(dropped=[gone]), lab.now)
    assert lab.alarms() == []


def test_an_agent_that_starts_again_at_night_does_not_test_twice() -> None:
    disk = SimDisk()
    lab = Lab(DAILY, disk=disk)
    lab.wait(30)
    lab.over()
    lab.files.flush()
    again = Lab(DAILY, at=lab.at + timedelta(minutes=5), disk=disk)
    again.wait(1)
    assert again.placed == []


def test_without_a_number_or_an_hour_or_a_snapshot_nothing_is_tested_by_itself() -> None:
    lab = Lab(replace(DAILY, number=""), Timetable("gateway", ANAC, ""))
    lab.wait(30)
    other = Lab(DAILY)
    other.at += timedelta(minutes=1)
    other.readbacks.look(None, 60.0)
    assert lab.placed == other.placed == []


def test_the_elins_of_a_trunk_are_those_of_its_branch() -> None:
    assert elins_of(snapshot_of(), "pri") == (ELIN_1, ELIN_2, ELIN_2B)
    assert elins_of(snapshot_of(), "nowhere") == ()
