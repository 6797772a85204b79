"""Stories of calls over a CAMA trunk, from seizure to guard, and what is said of its circuits."""

from __future__ import annotations

from edge_agent.cama.outputs import Hook, Pulse
from edge_agent.cama.signals import Tones
from edge_agent.leg import (
    Alerting,
    Answered,
    BearerMedia,
    ChannelsChanged,
    Clear,
    Cleared,
    MediaChanged,
    Proceeding,
)
from tests.edge.cama.line import LEG, SPAN, TRUNK, Played, a_play, off, on, seize

RESTING = ChannelsChanged(TRUNK, SPAN, frozenset(), resting=frozenset({1}))
RESTED = ChannelsChanged(TRUNK, SPAN, frozenset())


def test_r1_r2_a_call_is_seized_at_once_winked_told_the_elin_answered_and_hung_up() -> None:
    play = a_play()
    play >> seize() << Hook(SPAN, 1, True)
    play @ 0.5 >> off(0.5)
    play @ 0.7 >> on(0.7) << Proceeding(LEG, 1)
    play @ 0.77 << Pulse(SPAN, 1, 1, "*05550142#", Tones())
    play @ 2.1 >> Played(1) << MediaChanged(LEG, BearerMedia(SPAN, 1)) << Alerting(LEG, True)
    play @ 4.0 >> off(4.0)
    play @ 4.379
    play @ 4.38 << Answered(LEG)
    play @ 60.0 >> Clear(LEG, 16) << Hook(SPAN, 1, False) << RESTING << Cleared(LEG, 16)
    play @ 60.2 >> on(60.2)
    play @ 61.0 << RESTED
