"""The agent as a process places Lync's 911 calls (sipp) on E&M channels whose far end reads MF with
spandsp; callbacks come by an SBC that has the ELINs as its numbers.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.wires.agent.branch import FLOOR_2, LEG_HOLD_S
from tests.wires.agent.rig import Rig
from tests.wires.agent.tandem import Plan, Seen, Tandem

pytestmark = pytest.mark.wire

SEVEN, TEN = FLOOR_2.digits[3:], FLOOR_2.digits
ANI_ONLY, FGC = 'format = "kp-0-npa-nxx-xxxx-st"', 'format = "fgc"\nhome_area = "425"'
ASKED = Plan(asks_after=0.15, groups=2)
MOVES_ON_S = 5.0
RED = 1


@pytest.mark.parametrize(
    ("says", "plan", "digits"),
    [
        (
            'format = "kp-npd-nxx-xxxx-st"\nnpd = { "206" = 0, "425" = 1 }',
            Plan(),
            f"*1{SEVEN}#",
        ),
        (
            'format = "kp-0-npa-nxx-xxxx-st-kp-yyy-yyy-yyyy-st"',
            Plan(groups=2),
            f"*0{TEN}#*{TEN}#",
        ),
        (f'{FGC}\nani_digits = 10\ncalled = "11"', ASKED, f"*11#*0{TEN}#"),
        ('format = "fgd"', Plan(groups=2), f"*00{TEN}#*911#"),
        (
            'format = "emf-20"\nterminator = "st3p"',
            Plan(groups=2),
            f"*40{TEN}C*{TEN}#",
        ),
    ],
    ids=lambda value: value.split('"')[1] if isinstance(value, str) and '"' in value else "",
)
def test_r2_spandsp_reads_the_elin_of_the_floor_in_the_format_of_the_carrier(
    says: str, plan: Plan, digits: str, tmp_path: Path
) -> None:
    with (
        Rig(tmp_path, route=("cama",), auto=None, cama=says) as rig,
        Tandem(rig.branch, plan) as tandem,
    ):
        agent = rig.start()
        rig.lync("lync_hangs_up").ends_well()
        call = _released(tandem)
        assert call.digits == digits
        assert not agent.alarms() & {"trunk-suspect", "ani-not-carried", "call-failed"}
        agent.until(lambda: agent.ask("calls") == [])


def test_r1_a_silent_tandem_costs_less_than_five_seconds_and_the_channel_is_suspect(
    tmp_path: Path,
) -> None:
    with (
        Rig(tmp_path, route=("cama", "pri"), cama=ANI_ONLY) as rig,
        Tandem(rig.branch, Plan(wink_after=None)) as tandem,
    ):
        agent = rig.start()
        rig.lync("lync_hangs_up").ends_well()
        call = _released(tandem)
        ring = rig.pri.until("ring")
        assert (ring["called"], ring["calling"]) == ("911", FLOOR_2.digits)
        assert ring["at"] - call.off_at < MOVES_ON_S
        assert "trunk-suspect" in agent.alarms()
        (shown,) = (row for row in agent.ask("trunks") if row["trunk"] == "cama")
        assert shown["suspect"] == [call.channel]


def test_r1_a_number_that_is_never_asked_for_sends_the_call_on(tmp_path: Path) -> None:
    timers = "timers = { request_wait = 1.0 }"
    with (
        Rig(tmp_path, route=("cama", "pri"), cama=f"{FGC}\n{timers}") as rig,
        Tandem(rig.branch, Plan(groups=2)) as tandem,
    ):
        rig.start()
        rig.lync("lync_hangs_up").ends_well()
        assert _released(tandem).digits == "*911#"
        assert rig.pri.until("ring")["calling"] == FLOOR_2.digits


def test_r1_a_media_process_that_dies_in_a_spill_voids_it_and_the_pri_has_the_call(
    tmp_path: Path,
) -> None:
    with (
        Rig(tmp_path, route=("cama", "pri"), cama=ANI_ONLY) as rig,
        Tandem(rig.branch, Plan()) as tandem,
    ):
        agent = rig.start()
        lync = rig.lync("lync_hangs_up")
        tandem.until(lambda: bool(tandem.seen) and tandem.seen[0].digits.startswith("*0"))
        media = agent.media_pid()
        assert media is not None
        os.kill(media, signal.SIGKILL)
        lync.ends_well()
        assert not _released(tandem).digits.endswith("#")
        assert rig.pri.until("ring")["calling"] == FLOOR_2.digits


def test_r1_a_line_that_is_lost_before_the_digits_are_out_sends_the_call_on(tmp_path: Path) -> None:
    with (
        Rig(tmp_path, route=("cama", "pri"), cama=ANI_ONLY) as rig,
        Tandem(rig.branch, Plan()) as tandem,
    ):
        rig.start()
        lync = rig.lync("lync_hangs_up")
        tandem.until(lambda: bool(tandem.seen) and tandem.seen[0].digits.startswith("*0"))
        tandem.raise_alarm(RED)
        lync.ends_well()
        assert rig.pri.until("ring")["calling"] == FLOOR_2.digits
        _released(tandem)


def test_r13_a_call_given_up_completes_its_spill_and_is_held_for_the_ali_bid(
    tmp_path: Path,
) -> None:
    with (
        Rig(tmp_path, route=("cama",), auto=None, cama=ANI_ONLY) as rig,
        Tandem(rig.branch, Plan(answers_after=None)) as tandem,
    ):
        agent = rig.start()
        rig.lync("lync_gives_up").ends_well()
        call = _released(tandem)
        assert call.digits == f"*0{TEN}#"
        assert call.on_at is not None
        assert call.on_at - call.off_at > 0.9 * LEG_HOLD_S
        agent.until(lambda: agent.ask("calls") == [])
        assert [binding["elin"] for binding in agent.ask("bindings")] == [FLOOR_2.digits]


def test_a_psap_that_hangs_up_ends_the_call_at_lync(tmp_path: Path) -> None:
    with (
        Rig(tmp_path, route=("cama",), auto=None, cama=ANI_ONLY) as rig,
        Tandem(rig.branch, Plan(hangs_up_after=1.0)) as tandem,
    ):
        rig.start()
        rig.lync("lync_is_hung_up_on").ends_well()
        _released(tandem)


def test_a_flash_of_the_psap_reaches_lync_as_info_and_ends_nothing(tmp_path: Path) -> None:
    with (
        Rig(tmp_path, route=("cama",), auto=None, cama=ANI_ONLY) as rig,
        Tandem(rig.branch, Plan(flashes_after=1.0)) as tandem,
    ):
        rig.start()
        rig.lync("lync_is_flashed_at").ends_well()
        _released(tandem)


def test_r1_a_number_that_the_format_cannot_say_goes_by_the_pri_and_where_there_is_none_without(
    tmp_path: Path,
) -> None:
    foreign = 'format = "kp-0-nxx-xxxx-st"\nhome_area = "206"'
    for route, digits in ((("cama", "pri"), None), (("cama",), "*2#")):
        folder = tmp_path / str(len(route))
        folder.mkdir()
        with (
            Rig(folder, route=route, cama=foreign) as rig,
            Tandem(rig.branch, Plan()) as tandem,
        ):
            agent = rig.start()
            rig.lync("lync_hangs_up").ends_well()
            assert "ani-not-carried" in agent.alarms()
            if digits is None:
                assert rig.pri.until("ring")["calling"] == FLOOR_2.digits
                assert not tandem.seen
            else:
                assert _released(tandem).digits == digits


def test_r7_the_callback_comes_by_the_sbc_and_the_callers_platform_rings_marked(
    tmp_path: Path,
) -> None:
    with (
        Rig(tmp_path, route=("cama",), auto=None, cama=ANI_ONLY) as rig,
        Tandem(rig.branch, Plan()) as tandem,
    ):
        rig.start()
        rig.lync("lync_hangs_up").ends_well()
        _released(tandem)
        phone = rig.phone()
        rig.sbc_delivers(FLOOR_2.digits).ends_well()
        phone.ends_well()


def _released(tandem: Tandem) -> Seen:
    """The first call of the tandem, when it is over."""
    tandem.until(lambda: bool(tandem.seen) and tandem.seen[0].on_at is not None)
    return tandem.seen[0]
