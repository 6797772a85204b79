"""The agent as a process places Lync's 911 calls (sipp) on a PRI whose network is libpri, and
brings the PSAP's callbacks back.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.wires.agent.branch import FLOOR_2, LEG_HOLD_S, LOBBY, PSAP
from tests.wires.agent.rig import Rig

pytestmark = pytest.mark.wire


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_r2_lync_dials_911_and_libpri_sees_the_elin_of_the_floor_until_lync_hangs_up(
    transport: str, tmp_path: Path
) -> None:
    with Rig(tmp_path, transport=transport) as rig:
        agent = rig.start()
        rig.lync("lync_hangs_up").ends_well()
        ring = rig.pri.until("ring")
        assert (ring["called"], ring["calling"]) == ("911", FLOOR_2.digits)
        assert (ring["name"], ring["redirecting"], ring["user_user"]) == ("", "", "")
        assert rig.pri.until("hangup_req")["cause"] == 16
        agent.until(lambda: agent.ask("calls") == [])
        assert agent.alarms() <= {"desk-not-told", "clock-untrusted"}


def test_r2_the_psap_hangs_up_and_lync_hears_bye_and_the_floor_named_decides_the_elin(
    tmp_path: Path,
) -> None:
    with Rig(tmp_path) as rig:
        agent = rig.start()
        lync = rig.lync("lync_is_hung_up_on", "911", elin=LOBBY.digits)
        ring = rig.pri.until("ring")
        agent.until(lambda: [call["state"] for call in agent.ask("calls")] == ["talking"])
        rig.pri.do("hangup", call=ring["call"], cause=16)
        lync.ends_well()
        assert ring["calling"] == LOBBY.digits


def test_r13_a_call_given_up_keeps_its_trunk_until_the_ali_bid_is_done(tmp_path: Path) -> None:
    with Rig(tmp_path, auto="ring") as rig:
        agent = rig.start()
        rig.lync("lync_gives_up").ends_well()
        ring, gone = rig.pri.until("ring"), rig.pri.until("hangup_req")
        assert ring["calling"] == FLOOR_2.digits
        assert gone["at"] - ring["at"] > 0.9 * LEG_HOLD_S
        agent.until(lambda: agent.ask("calls") == [])
        assert [binding["elin"] for binding in agent.ask("bindings")] == [FLOOR_2.digits]


def test_r13_a_psap_that_answers_a_call_given_up_has_the_caller_rung(tmp_path: Path) -> None:
    with Rig(tmp_path, auto="ring") as rig:
        agent = rig.start()
        rig.lync("lync_gives_up").ends_well()
        phone = rig.phone("callback_phone_hangs_up")
        rig.pri.do("answer", call=rig.pri.until("ring")["call"])
        phone.ends_well()
        rig.pri.until("hangup_req")
        agent.until(lambda: agent.ask("calls") == [])


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_r7_the_psap_dials_the_elin_and_the_callers_platform_rings_marked(
    transport: str, tmp_path: Path
) -> None:
    with Rig(tmp_path, transport=transport) as rig:
        rig.start()
        rig.lync("lync_hangs_up").ends_well()
        rig.pri.until("hangup_req")
        phone = rig.phone()
        rig.pri.do("call", called=FLOOR_2.digits, calling=PSAP, channel=3)
        placed = rig.pri.until("placed")
        rig.pri.until("ringing")
        rig.pri.until("answer")
        rig.pri.do("hangup", call=placed["call"], cause=16)
        phone.ends_well()


def test_r7_a_busy_caller_sends_the_callback_to_the_desk(tmp_path: Path) -> None:
    with Rig(tmp_path) as rig:
        rig.start()
        rig.lync("lync_hangs_up").ends_well()
        rig.pri.until("hangup_req")
        busy = rig.phone("busy_phone")
        rig.desk("desk_phone")
        rig.pri.do("call", called=FLOOR_2.digits, calling=PSAP, channel=3)
        busy.ends_well()
        rig.pri.until("answer")
        assert rig.pri.until("hangup_req", 2)["cause"] == 16


def test_r7_an_elin_that_nobody_holds_rings_the_desk_and_alarms(tmp_path: Path) -> None:
    with Rig(tmp_path) as rig:
        agent = rig.start()
        rig.desk("desk_phone")
        rig.pri.do("call", called=LOBBY.digits, calling=PSAP, channel=3)
        rig.pri.until("answer")
        assert rig.pri.until("hangup_req")["cause"] == 16
        assert "callback-unbound" in agent.alarms()


def test_r11_security_is_told_who_calls_from_which_floor_as_which_elin(tmp_path: Path) -> None:
    with Rig(tmp_path) as rig:
        rig.start()
        security = rig.security("desk_is_told")
        rig.lync("lync_hangs_up").ends_well()
        security.ends_well()
