"""libpri, as the network side and as a process of its own, agrees with what our trunk says."""

from __future__ import annotations

from e911.numbers import Elin
from edge_agent.isdn.config import IsdnTrunkConfig
from edge_agent.isdn.trunk import Trunk
from edge_agent.leg import (
    Answer,
    Answered,
    Clear,
    Cleared,
    LegId,
    Offered,
    Ring,
    SeizeTrunk,
)
from tests.wires.libpri.rig import Ids, Rig

ELIN = Elin("4255550142")
PSAP = "2065550911"


def trunk(first_reference: int = 1) -> Trunk:
    return Trunk(IsdnTrunkConfig("psap", "span-1"), Ids(first_reference))


def seize(leg: str, channel: int) -> SeizeTrunk:
    return SeizeTrunk(LegId(leg), "psap", channel, ELIN, "911")


def test_911_goes_out_with_the_elin_as_calling_number() -> None:
    with Rig(trunk()) as rig:
        rig.start()
        rig.ask(seize("a", 5))
        rig.until(lambda: bool(rig.told(Answered, "a")))
        ring = rig.events("ring")[0]
        assert (ring["called"], ring["calling"]) == ("911", ELIN.digits)
        assert (ring["channel"], ring["calling_plan"], ring["presentation"]) == (5, 0x21, 0x00)
        rig.ask(Clear(LegId("a"), 16))
        rig.until(lambda: bool(rig.told(Cleared, "a")))


def test_callback() -> None:
    with Rig(trunk()) as rig:
        rig.start()
        rig.network.do("call", called=ELIN.digits, calling=PSAP, channel=3)
        rig.until(lambda: bool(rig.told(Offered)))
        leg = rig.told(Offered)[0].leg
        rig.ask(Ring(leg))
        rig.ask(Answer(leg))
        rig.until(lambda: bool(rig.events("answer")))
        rig.network.do("hangup", call=rig.events("placed")[0]["call"], cause=16)
        rig.until(lambda: bool(rig.told(Cleared, leg)))
        rig.until(lambda: not rig.quiet())
