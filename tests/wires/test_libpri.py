"""libpri, as the network side and as a process of its own, agrees with what our trunk says."""

from __future__ import annotations

import pytest

from e911.numbers import Did
from edge_agent.isdn.config import IsdnTrunkConfig
from edge_agent.isdn.elements import Screening
from edge_agent.isdn.switches import SwitchType
from edge_agent.isdn.trunk import Output, Trunk
from edge_agent.leg import (
    Answer,
    Answered,
    BearerMedia,
    Clear,
    Cleared,
    LegId,
    MediaChanged,
    Offered,
    Proceeding,
    Progress,
    Ring,
)
from tests.wires.libpri.rig import Ids, Rig
from tests.wires.libpri.scene import ELIN, PSAP, nothing_is_left, seize

NATIONAL_E164 = 0x21


def trunk(switch: SwitchType = SwitchType.NI2, first_reference: int = 1) -> Trunk:
    config = IsdnTrunkConfig("psap", "span-1", switch=switch, screening=Screening.USER_PASSED)
    return Trunk(config, Ids(first_reference))


@pytest.mark.parametrize("switch", list(SwitchType))
def test_911_goes_out_with_the_elin_as_calling_number_on_every_switch(switch: SwitchType) -> None:
    """R2, by a stranger's eyes: number, plan, presentation, bearer, channel, and nothing else."""
    with Rig(trunk(switch), switch=switch.value) as rig:
        rig.start()
        rig.ask(seize("a", 5))
        rig.until(lambda: bool(rig.told(Answered, "a")))
        ring = rig.events("ring")[0]
        assert (ring["called"], ring["calling"]) == ("911", ELIN.digits)
        assert ring["calling_plan"] == NATIONAL_E164
        assert ring["presentation"] == (3 if SWITCH_FORCES_SCREENING[switch] else 1)
        assert (ring["channel"], ring["bearer"], ring["exclusive"]) == (5, 0, False)
        assert (ring["name"], ring["redirecting"], ring["user_user"]) == ("", "", "")
        assert rig.told(MediaChanged, "a")[-1].media == BearerMedia("span-1", 5)
        rig.ask(Clear(LegId("a"), 16))
        rig.until(lambda: bool(rig.told(Cleared, "a")))
        assert rig.events("hangup_req")[0]["cause"] == 16
        nothing_is_left(rig)
        assert rig.unexpected() == []


SWITCH_FORCES_SCREENING = {
    SwitchType.NI2: False,
    SwitchType.LUCENT_5ESS: False,
    SwitchType.ATT_4ESS: True,
    SwitchType.DMS100: True,
    SwitchType.EURO: False,
}


@pytest.mark.parametrize("who_clears", ["network", "us"])
def test_a_psap_calls_the_elin_back_and_either_side_clears(who_clears: str) -> None:
    with Rig(trunk()) as rig:
        rig.start()
        rig.network.do("call", called=ELIN.digits, calling=PSAP, channel=3)
        rig.until(lambda: bool(rig.told(Offered)))
        offered = rig.told(Offered)[0]
        assert (offered.dialled, offered.caller.number) == (ELIN.digits, Did(PSAP))
        assert (offered.from_trunk, offered.channel) == (True, 3)
        rig.ask(Ring(offered.leg))
        rig.until(lambda: bool(rig.events("ringing")))
        rig.ask(Answer(offered.leg))
        rig.until(lambda: bool(rig.events("answer")))
        if who_clears == "us":
            rig.ask(Clear(offered.leg, 16))
        else:
            rig.network.do("hangup", call=rig.events("placed")[0]["call"], cause=16)
        rig.until(lambda: bool(rig.told(Cleared, offered.leg)))
        assert rig.told(Cleared, offered.leg)[0].cause == 16
        nothing_is_left(rig)
        assert rig.unexpected() == []


@pytest.mark.parametrize("cause", [1, 17, 21, 34, 42])
def test_a_cause_comes_back_as_it_was_sent(cause: int) -> None:
    with Rig(trunk(), auto=str(cause)) as rig:
        rig.start()
        rig.ask(seize("a", 1))
        rig.until(lambda: bool(rig.told(Cleared, "a")))
        assert rig.told(Cleared, "a")[0].cause == cause
        nothing_is_left(rig)


def test_progress_with_a_cause_says_that_the_call_has_failed() -> None:
    with Rig(trunk(), auto="proceed") as rig:
        rig.start()
        rig.ask(seize("a", 1))
        rig.until(lambda: bool(rig.told(Proceeding, "a")))
        rig.network.do("progress", call=1, cause=17)
        rig.until(lambda: bool(rig.told(Progress, "a")))
        assert rig.told(Progress, "a") == [Progress(LegId("a"), in_band=True, cause=17)]


def test_a_silent_network_is_asked_twice_and_hears_one_call() -> None:
    """T303 of an emergency call: 2 s, twice; then the reference is given up: no late twin."""
    with Rig(trunk(), auto="silent") as rig:
        rig.start()
        rig.ask(seize("a", 1))
        rig.until(lambda: bool(rig.told(Cleared, "a")), within_s=6)
        assert rig.told(Cleared, "a")[0].cause == 102
        nothing_is_left(rig)
        assert len(rig.events("ring")) == 1


def test_on_glare_the_callback_is_offered_and_our_own_call_is_cleared_by_the_gateway() -> None:
    with Rig(trunk(), auto="silent") as rig:
        rig.start()

        def give_way(word: Output) -> None:
            if isinstance(word, Offered):
                rig.ask(Clear(LegId("ours"), 44))
                rig.ask(Ring(word.leg))
                rig.ask(Answer(word.leg))

        rig.on_said = give_way
        rig.network.do("call", called=ELIN.digits, calling=PSAP, channel=7)
        rig.ask(seize("ours", 7))
        rig.until(lambda: bool(rig.events("answer")) and bool(rig.told(Cleared, "ours")))
        assert rig.told(Offered)[0].channel == 7
        assert rig.trunk.busy_channels == {7}


def test_a_call_right_after_the_agent_was_started_anew_is_not_lost() -> None:
    """Our SABME meets a link that the network holds for established, and SETUP follows at once."""
    with Rig(trunk()) as rig:
        rig.start()
        rig.ask(seize("before", 4))
        rig.until(lambda: bool(rig.told(Answered, "before")))
        rig.replace(trunk(first_reference=7000))
        rig.ask(seize("after", 5))
        rig.until(lambda: bool(rig.told(Answered, "after")), within_s=5)
        assert rig.events("ring")[-1]["called"] == "911"


def test_a_restart_of_the_network_ends_the_call_on_its_channel() -> None:
    with Rig(trunk()) as rig:
        rig.start()
        rig.ask(seize("a", 5))
        rig.until(lambda: bool(rig.told(Answered, "a")))
        rig.network.do("restart", channel=6)
        rig.until(lambda: len(rig.events("restart_ack")) == 1)
        assert rig.trunk.busy_channels == {5}
        rig.network.do("restart", channel=5)
        rig.until(lambda: len(rig.events("restart_ack")) == 2)
        assert rig.told(Cleared, "a")[0].cause == 41
        assert not rig.quiet()


@pytest.mark.parametrize("switch", [SwitchType.NI2, SwitchType.LUCENT_5ESS, SwitchType.ATT_4ESS])
def test_a_channel_taken_out_of_service_is_acknowledged_once_and_still_used(
    switch: SwitchType,
) -> None:
    """libpri takes SERVICE and its acknowledgement for each other: that must not become a storm."""
    with Rig(trunk(switch), switch=switch.value) as rig:
        rig.start()
        rig.network.do("service", channel=3, status=2)
        rig.until(lambda: any(frame[-3:] == b"\xa9\x83\x83" for _, frame in rig.frames))
        rig.ask(seize("a", 3))
        rig.until(lambda: bool(rig.told(Answered, "a")))
        service = [frame for ours, frame in rig.frames if ours and frame[4:5] in (b"\x03", b"\x43")]
        assert len(service) == 1


def test_over_the_datagrams_of_a_loop_span() -> None:
    with Rig(trunk(), udp=True) as rig:
        rig.start()
        rig.ask(seize("a", 5))
        rig.until(lambda: bool(rig.told(Answered, "a")))
        assert rig.events("ring")[0]["calling"] == ELIN.digits
