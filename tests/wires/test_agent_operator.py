"""What an operator of the agent has: the command, a stop that waits for the call, a power cut and a
full disk that cost no call (R6).
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.wires.agent.branch import FLOOR_2, PSAP
from tests.wires.agent.process import AgentProcess
from tests.wires.agent.rig import Rig

pytestmark = pytest.mark.wire


def is_talking(agent: AgentProcess) -> bool:
    return [call["state"] for call in agent.ask("calls")] == ["talking"]


def test_r6_after_a_power_cut_the_callback_still_finds_the_caller(tmp_path: Path) -> None:
    with Rig(tmp_path) as rig:
        agent = rig.start()
        rig.lync("lync_hangs_up").ends_well()
        rig.pri.until("hangup_req")
        agent.until(lambda: agent.ask("calls") == [] and agent.ask("status")["disk_late_s"] == 0)
        agent.kill()
        again = rig.start()
        assert again.ask("status")["boot"] != agent.boot
        phone = rig.phone("callback_phone_hangs_up")
        rig.pri.do("call", called=FLOOR_2.digits, calling=PSAP, channel=3)
        phone.ends_well()
        rig.pri.until("hangup_req", 2)


def test_r6_a_power_cut_in_the_middle_of_a_call_loses_the_call_but_not_the_binding(
    tmp_path: Path,
) -> None:
    with Rig(tmp_path) as rig:
        agent = rig.start()
        lync = rig.lync("lync_is_hung_up_on")
        agent.until(lambda: is_talking(agent) and agent.ask("status")["disk_late_s"] == 0)
        agent.kill()
        lync.end()
        rig.start()
        phone = rig.phone("callback_phone_hangs_up")
        rig.pri.do("call", called=FLOOR_2.digits, calling=PSAP, channel=3)
        phone.ends_well()


def test_r6_a_full_disk_stops_no_call_and_is_an_alarm_until_there_is_room(tmp_path: Path) -> None:
    with Rig(tmp_path) as rig:
        agent = rig.start()
        agent.fill_disk()
        rig.lync("lync_hangs_up").ends_well()
        assert rig.pri.until("ring")["calling"] == FLOOR_2.digits
        agent.until(lambda: {"journal-failed", "outbox-failed"} <= agent.alarms())
        phone = rig.phone("callback_phone_hangs_up")
        rig.pri.do("call", called=FLOOR_2.digits, calling=PSAP, channel=3)
        phone.ends_well()
        agent.make_room_on_disk()
        agent.until(lambda: not {"journal-failed", "outbox-failed"} & agent.alarms())


def test_the_command_shows_a_call_its_binding_the_trunks_and_the_alarms(tmp_path: Path) -> None:
    with Rig(tmp_path) as rig:
        agent = rig.start()
        lync = rig.lync("lync_is_hung_up_on")
        agent.until(lambda: is_talking(agent))
        (call,) = agent.says("calls")
        assert (call["elin"], call["erl"], call["trunk"]) == (FLOOR_2.digits, "floor-2", "pri")
        (binding,) = agent.says("bindings")
        assert (binding["call"], binding["elin"]) == (call["call"], FLOOR_2.digits)
        (trunk,) = agent.says("trunks")
        assert (trunk["up"], trunk["channels"], trunk["busy"]) == (True, 23, [call["channel"]])
        assert isinstance(agent.says("alarms"), list)
        status = agent.says("status")
        assert (status["serial"], status["calls"], status["bindings"]) == (1_700_000_000, 1, 1)
        shown = "".join(agent.command(word) for word in ("status", "calls", "bindings", "trunks"))
        assert call["call"] in shown
        for secret in ("philippa", "Strand", "4255557788"):
            assert secret not in shown + json.dumps([binding, call, status])
        rig.pri.do("hangup", call=rig.pri.until("ring")["call"], cause=16)
        lync.ends_well()


def test_a_psap_keeps_the_line_after_the_caller_hung_up_until_it_lets_go(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.branch.psap_hold_s = 600
    with rig:
        agent = rig.start()
        rig.lync("lync_hangs_up").ends_well()
        agent.until(lambda: [call["state"] for call in agent.ask("calls")] == ["held"])
        assert not rig.pri.events("hangup_req")
        assert agent.says("bindings")[0]["ended_at"] is None
        rig.pri.do("hangup", call=rig.pri.until("ring")["call"], cause=16)
        agent.until(lambda: agent.ask("calls") == [])
        assert agent.says("bindings")[0]["ended_at"] is not None


def test_an_elin_is_read_back_and_an_operator_says_what_was_heard(tmp_path: Path) -> None:
    with Rig(tmp_path) as rig:
        agent = rig.start()
        test = ("trunk", "test", "pri", "--elin", FLOOR_2.digits)
        agent.command(*test, "--number", "9115550199", status=1)
        assert not rig.pri.events("ring")
        shown = agent.command(*test, "--number", "2065550199", "--seconds", "1", "--json")
        (result,) = json.loads(shown)
        ring = rig.pri.until("ring")
        assert (ring["calling"], ring["called"]) == (FLOOR_2.digits, "2065550199")
        assert result["outcome"].startswith("answered after")
        rig.pri.until("hangup_req")
        agent.command("trunk", "heard", result["id"], "4255551000", status=3)
        assert "elin-replaced" in agent.alarms()
        agent.command("trunk", "heard", result["id"], FLOOR_2.digits)
        assert "elin-replaced" not in agent.alarms()
        assert result["id"] in agent.command("trunk", "results")
        assert "matches" in agent.command("trunks")
        assert agent.ask("bindings") == []


def test_a_stop_waits_for_the_call_and_ends_with_it(tmp_path: Path) -> None:
    with Rig(tmp_path) as rig:
        agent = rig.start()
        lync = rig.lync("lync_is_hung_up_on")
        agent.until(lambda: is_talking(agent))
        stop = agent.command_begins("stop", "--json")
        with stop:
            assert agent.says("calls")[0]["state"] == "talking"
            rig.pri.do("hangup", call=rig.pri.until("ring")["call"], cause=16)
            lync.ends_well()
            assert agent.wait() == 0
            assert stop.wait(5) == 0


def test_a_stop_by_force_names_the_call_that_it_ends(tmp_path: Path) -> None:
    with Rig(tmp_path) as rig:
        agent = rig.start()
        lync = rig.lync("lync_is_hung_up_on")
        agent.until(lambda: is_talking(agent))
        agent.command("stop", "--force", "no-such-call", status=1)
        assert is_talking(agent)
        agent.command("stop", "--force", agent.ask("calls")[0]["call"])
        lync.ends_well()
        rig.pri.until("hangup_req")
        assert agent.wait() == 0
        agent.command("status", status=69)


def test_voice_ends_with_the_agent_and_a_crashed_voice_comes_back(tmp_path: Path) -> None:
    with Rig(tmp_path) as rig:
        agent = rig.start()
        first = agent.media_pid()
        assert first is not None
        agent.kill_media(first)
        agent.until(lambda: agent.media_pid() not in (None, first))
        agent.until(lambda: "media-down" not in agent.alarms())
        rig.lync("lync_hangs_up").ends_well()
        last = agent.media_pid()
        assert last is not None
        assert agent.terminate() == 0
        agent.until_gone(last)


def test_a_stop_lets_go_of_the_trunk_and_libpri_routes_nothing_more_there(tmp_path: Path) -> None:
    """A power cut cannot say so: then the network finds out by its own timers."""
    with Rig(tmp_path) as rig:
        agent = rig.start()
        ups = len(rig.pri.events("link"))
        assert agent.terminate() == 0
        assert rig.pri.until("link", ups + 1, within_s=2.0)["up"] is False
        assert rig.pri.ours[-1].hex() == "000153"  # DISC, and nothing after it
