"""Whose channel is it: RESTART, SERVICE, glare and refusals between our trunk and libpri."""

from __future__ import annotations

import pytest

from edge_agent.isdn.config import E1_CHANNELS, T1_CHANNELS, IsdnTrunkConfig
from edge_agent.isdn.maintenance import SetService
from edge_agent.isdn.switches import SwitchType
from edge_agent.isdn.trunk import Output, Trunk
from edge_agent.leg import (
    Alerting,
    Answer,
    Answered,
    BearerMedia,
    ChannelsChanged,
    Clear,
    Cleared,
    Law,
    LegId,
    MediaChanged,
    Offered,
    Ring,
)
from tests.wires.libpri.rig import Ids, Rig
from tests.wires.libpri.scene import ELIN, PSAP, nothing_is_left, seize

MAINTAINED = [SwitchType.NI2, SwitchType.LUCENT_5ESS, SwitchType.ATT_4ESS, SwitchType.DMS100]
A_LAW = 0x23
SPEECH_A_LAW = b"\x04\x03\x80\x90\xa3"


def rig_of(
    switch: SwitchType = SwitchType.NI2,
    channels: tuple[int, ...] = T1_CHANNELS,
    law: Law = Law.MU,
    auto: str = "answer",
) -> Rig:
    config = IsdnTrunkConfig("psap", "span-1", channels, switch=switch, law=law)
    return Rig(Trunk(config, Ids()), switch=switch.value, auto=auto, options=("--service",))


def test_when_the_link_comes_up_every_channel_is_restarted_but_the_one_with_a_call() -> None:
    """From the top down, one at a time; a 911 call does not wait for its channel's turn (R1), and
    its channel waits for the end of the call.
    """
    with rig_of(auto="ring") as rig:
        rig.ask(seize("a", 5))
        rig.start()
        rig.until(lambda: bool(rig.told(Alerting, "a")) and len(rig.events("restart")) == 22)
        restarted = [event["channel"] for event in rig.events("restart")]
        assert restarted == [channel for channel in range(23, 0, -1) if channel != 5]
        assert rig.trunk.busy_channels == {5}
        assert rig.trunk.out_of_service == frozenset()
        assert rig.told(Cleared) == []
        rig.ask(Clear(LegId("a"), 16))
        rig.until(lambda: len(rig.events("restart")) == 23)
        assert rig.events("restart")[-1]["channel"] == 5
        nothing_is_left(rig)


@pytest.mark.parametrize("switch", MAINTAINED)
def test_the_network_takes_a_channel_out_of_service_and_puts_it_back(switch: SwitchType) -> None:
    with rig_of(switch) as rig:
        rig.start()
        rig.network.do("service", channel=3, status=2)
        rig.until(lambda: bool(rig.told(ChannelsChanged)) and len(rig.events("service_ack")) == 1)
        assert rig.told(ChannelsChanged)[-1].out_of_service == {3}
        rig.network.do("service", channel=3, status=0)
        rig.until(lambda: len(rig.told(ChannelsChanged)) == len(rig.events("service_ack")) == 2)
        assert rig.told(ChannelsChanged)[-1].out_of_service == frozenset()


@pytest.mark.parametrize("switch", MAINTAINED)
def test_the_operator_takes_a_channel_out_of_service_and_libpri_is_told(switch: SwitchType) -> None:
    with rig_of(switch) as rig:
        rig.start()
        rig.perform(rig.trunk.handle(SetService(frozenset({4}), in_service=False), rig.now))
        rig.until(lambda: bool(rig.events("service")))
        assert rig.events("service") == [{"event": "service", "channel": 4, "status": 2}]
        assert rig.trunk.out_of_service == {4}
        rig.ask(seize("a", 4))
        rig.until(lambda: bool(rig.told(Answered, "a")))


def test_a_channel_that_the_network_refuses_is_exchanged_for_another() -> None:
    """RELEASE COMPLETE 44 is no refusal of the call (RFC 3398 §7.2.4.1)."""
    with rig_of(auto="silent") as rig:
        rig.start()
        rig.ask(seize("a", 9))
        rig.until(lambda: len(rig.events("ring")) == 1)
        rig.network.do("hangup", call=rig.events("ring")[0]["call"], cause=44)
        rig.until(lambda: len(rig.events("ring")) == 2)
        first, second = rig.events("ring")
        assert (first["channel"], second["channel"]) == (9, 23)
        assert (second["called"], second["calling"]) == ("911", ELIN.digits)
        for deed in ("proceed", "answer"):
            rig.network.do(deed, call=second["call"])
        rig.until(lambda: bool(rig.told(Answered, "a")))
        assert rig.told(MediaChanged, "a")[-1].media == BearerMedia("span-1", 23)
        assert rig.told(Cleared) == []
        rig.ask(Clear(LegId("a"), 16))
        nothing_is_left(rig)


def test_on_the_last_channel_a_callback_wins_and_our_own_call_is_cleared_once() -> None:
    with rig_of() as rig:
        rig.start()
        for channel in range(1, 23):
            rig.ask(seize(f"up-{channel}", channel))
        rig.until(lambda: len(rig.told(Answered)) == 22)
        rig.network.do("auto", mode="silent")

        def give_way(word: Output) -> None:
            if isinstance(word, Offered):
                rig.ask(Clear(LegId("ours"), 44))
                rig.ask(Ring(word.leg))
                rig.ask(Answer(word.leg))

        rig.on_said = give_way
        rig.network.do("call", called=ELIN.digits, calling=PSAP, channel=23)
        rig.standing_still("placed")
        rig.ask(seize("ours", 23))
        rig.until(lambda: bool(rig.events("answer")) and bool(rig.told(Cleared, "ours")))
        assert len(rig.told(Cleared)) == 1
        assert rig.trunk.busy_channels == frozenset(T1_CHANNELS)
        for word in [*rig.told(Answered), *rig.told(Offered)]:
            rig.ask(Clear(word.leg, 16))
        rig.until(lambda: not rig.quiet())


def test_euro_isdn_has_30_channels_of_a_law_and_none_is_time_slot_16() -> None:
    with rig_of(SwitchType.EURO, E1_CHANNELS, Law.A) as rig:
        rig.start()
        for channel in E1_CHANNELS:
            rig.ask(seize(f"c-{channel}", channel))
        rig.until(lambda: len(rig.told(Answered)) == 30)
        rings = rig.events("ring")
        assert [ring["channel"] for ring in rings] == list(E1_CHANNELS)
        assert {ring["layer1"] for ring in rings} == {A_LAW}
        assert {ring["complete"] for ring in rings} == {True}
        media = {word.media for word in rig.told(MediaChanged)}
        assert media == {BearerMedia("span-1", channel, Law.A) for channel in E1_CHANNELS}
        for channel in E1_CHANNELS:
            rig.ask(Clear(LegId(f"c-{channel}"), 16))
        nothing_is_left(rig)
        rig.network.do("call", called=ELIN.digits, calling=PSAP, channel=31, law="a")
        rig.until(lambda: bool(rig.told(Offered)))
        assert rig.told(Offered)[0].channel == 31
        assert any(SPEECH_A_LAW in frame for ours, frame in rig.frames if not ours)
