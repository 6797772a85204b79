"""Digits that come one by one, and tones before the answer: our trunk and libpri agree."""

from __future__ import annotations

from dataclasses import replace

from edge_agent.isdn.config import E1_CHANNELS, IsdnTrunkConfig
from edge_agent.isdn.switches import SwitchType
from edge_agent.isdn.trunk import Trunk
from edge_agent.leg import (
    Alerting,
    Answer,
    Answered,
    Clear,
    Cleared,
    Digits,
    LegId,
    Offered,
    Proceeding,
    Progress,
    Ring,
)
from tests.wires.libpri.rig import Ids, Rig
from tests.wires.libpri.scene import ELIN, PSAP, nothing_is_left, seize

EURO = IsdnTrunkConfig("psap", "span-1", E1_CHANNELS, switch=SwitchType.EURO)


def rig_of(config: IsdnTrunkConfig, auto: str) -> Rig:
    return Rig(Trunk(config, Ids()), switch="euro", auto=auto, options=("--overlap",))


def test_overlap_sending_the_number_follows_when_the_network_asks_for_it() -> None:
    with rig_of(replace(EURO, overlap=True), auto="more") as rig:
        rig.start()
        rig.ask(seize("a", 5))
        rig.until(lambda: "".join(e["digits"] for e in rig.events("digits")) == "911")
        (ring,) = rig.events("ring")
        assert (ring["called"], ring["calling"]) == ("", ELIN.digits)
        for deed in ("proceed", "ring", "answer"):
            rig.network.do(deed, call=ring["call"])
        rig.until(lambda: bool(rig.told(Answered, "a")))
        rig.ask(Clear(LegId("a"), 16))
        nothing_is_left(rig)


def test_a_network_that_asks_for_more_of_a_whole_number_gets_no_wrong_digit() -> None:
    """SETUP ACKNOWLEDGE to a SETUP that said everything: the call goes on (Q.931 §5.1.3)."""
    with rig_of(EURO, auto="more") as rig:
        rig.start()
        rig.ask(seize("a", 5))
        rig.until(lambda: bool(rig.told(Proceeding, "a")))
        (ring,) = rig.events("ring")
        assert ring["called"] == "911"
        for deed in ("proceed", "answer"):
            rig.network.do(deed, call=ring["call"])
        rig.until(lambda: bool(rig.told(Answered, "a")))
        assert {e["digits"] for e in rig.events("digits")} <= {""}
        rig.ask(Clear(LegId("a"), 16))
        nothing_is_left(rig)


def test_overlap_receiving_the_callback_is_offered_when_its_number_is_whole() -> None:
    with rig_of(replace(EURO, overlap_digits=10), auto="silent") as rig:
        rig.start()
        rig.network.do("call", called="425", calling=PSAP, channel=3, complete=False)
        rig.until(lambda: bool(rig.events("setup_ack")))
        call = rig.events("setup_ack")[0]["call"]
        assert rig.told(Offered) == []
        for digit in ELIN.digits[3:]:
            rig.network.do("digit", call=call, digit=digit)
        rig.until(lambda: bool(rig.told(Offered)) and bool(rig.events("proceeding")))
        (offered,) = rig.told(Offered)
        assert (offered.dialled, offered.channel) == (ELIN.digits, 3)
        rig.ask(Ring(offered.leg))
        rig.ask(Answer(offered.leg))
        rig.until(lambda: bool(rig.events("answer")))
        assert rig.told(Digits) == []
        rig.network.do("hangup", call=call, cause=16)
        rig.until(lambda: bool(rig.told(Cleared, offered.leg)))
        nothing_is_left(rig)


def test_a_number_that_is_sent_whole_is_not_asked_for_again() -> None:
    with rig_of(replace(EURO, overlap_digits=10), auto="silent") as rig:
        rig.start()
        rig.network.do("call", called=ELIN.digits, calling=PSAP, channel=3, complete=False)
        rig.until(lambda: bool(rig.told(Offered)) and bool(rig.events("proceeding")))
        assert rig.events("setup_ack") == []


def test_a_callback_that_stops_dialling_is_given_up() -> None:
    """T302: what never becomes a number is cleared, and nothing is left."""
    with rig_of(replace(EURO, overlap_digits=10), auto="silent") as rig:
        rig.start()
        rig.network.do("call", called="425", calling=PSAP, channel=3, complete=False)
        rig.until(lambda: bool(rig.events("setup_ack")))
        rig.network.do("hangup", call=rig.events("setup_ack")[0]["call"], cause=28)
        rig.until(lambda: bool(rig.events("hangup") or rig.events("hangup_ack")))
        assert rig.told(Offered) == []
        nothing_is_left(rig)


def test_tones_before_the_answer_are_cut_through_from_progress_and_from_alerting() -> None:
    with Rig(Trunk(IsdnTrunkConfig("psap", "span-1"), Ids()), auto="proceed") as rig:
        rig.start()
        rig.ask(seize("a", 1))
        rig.until(lambda: bool(rig.told(Proceeding, "a")))
        rig.network.do("progress", call=1)
        rig.until(lambda: bool(rig.told(Progress, "a")))
        assert rig.told(Progress, "a") == [Progress(LegId("a"), in_band=True)]
        rig.network.do("ring", call=1, in_band=1)
        rig.until(lambda: bool(rig.told(Alerting, "a")))
        assert rig.told(Alerting, "a") == [Alerting(LegId("a"), in_band=True)]
        rig.network.do("answer", call=1)
        rig.until(lambda: bool(rig.told(Answered, "a")))
        rig.ask(Clear(LegId("a"), 16))
        nothing_is_left(rig)
