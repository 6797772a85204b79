"""What becomes of a call when the D channel is cut, with libpri at the other end."""

from __future__ import annotations

from edge_agent.isdn.config import IsdnTrunkConfig
from edge_agent.isdn.lapd_link import LinkConfig
from edge_agent.isdn.trunk import Trunk
from edge_agent.leg import Answered, Clear, Cleared, LegId, LinkChanged
from tests.wires.libpri.rig import Ids, Rig
from tests.wires.libpri.scene import nothing_is_left, seize

T309_S = 6.0
QUICK = LinkConfig(t200_s=0.1, t203_s=1.0, rest_s=0.5)
THEIR_TIMERS = ("--timer=T200=100", "--timer=T203=1000", f"--timer=T309={int(1000 * T309_S)}")
DOWN = {"event": "link", "up": False}
STATUS_ENQUIRY, STATUS = 0x75, 0x7D
BOTH = (True, True)


def rig_of() -> Rig:
    """A link that notices within 1.5 s that nobody answers."""
    config = IsdnTrunkConfig("psap", "span-1", t309_s=T309_S, link=QUICK)
    return Rig(Trunk(config, Ids()), options=THEIR_TIMERS)


def kinds(rig: Rig, *, ours: bool) -> list[int]:
    """Types of the Q.931 messages with a call reference of two octets."""
    return [frame[8] for by_us, frame in rig.frames if by_us is ours and frame[4:6] == b"\x08\x02"]


def talk_and_cut(rig: Rig) -> None:
    """A 911 call is up when the line goes, and both sides notice."""
    rig.start()
    rig.ask(seize("a", 5))
    rig.until(lambda: bool(rig.told(Answered, "a")))
    rig.cut(yes=True)
    rig.until(lambda: DOWN in rig.heard and not rig.trunk.link_up)


def test_a_call_outlives_a_cut_that_is_mended_in_time() -> None:
    """T309: both sides hold the call, and each finds that the other still has it (Q.931 §5.8.9)."""
    with rig_of() as rig:
        talk_and_cut(rig)
        rig.cut(yes=False)
        rig.until(lambda: rig.trunk.link_up and rig.heard.count({"event": "link", "up": True}) == 2)
        over = rig.now + T309_S
        rig.until(lambda: rig.now > over, T309_S + 1)
        assert rig.told(Cleared) == []
        assert rig.trunk.busy_channels == {5}
        assert (STATUS_ENQUIRY in kinds(rig, ours=True), STATUS in kinds(rig, ours=False)) == BOTH
        assert rig.events("hangup") == rig.events("hangup_req") == []
        rig.ask(Clear(LegId("a"), 16))
        rig.until(lambda: bool(rig.told(Cleared, "a")))
        assert rig.events("hangup_req")[0]["cause"] == 16
        nothing_is_left(rig)


def test_a_cut_that_outlasts_t309_ends_the_call_on_both_sides_and_the_next_one_goes_out() -> None:
    with rig_of() as rig:
        talk_and_cut(rig)
        rig.until(lambda: bool(rig.told(Cleared, "a")) and bool(rig.events("hangup")), T309_S + 2)
        assert rig.told(Cleared, "a")[0].cause == 27
        assert rig.quiet() == {}
        rig.cut(yes=False)
        rig.until(lambda: rig.told(LinkChanged)[-1].up)
        rig.ask(seize("b", 5))
        rig.until(lambda: bool(rig.told(Answered, "b")))
        rig.ask(Clear(LegId("b"), 16))
        rig.until(lambda: bool(rig.told(Cleared, "b")))
        nothing_is_left(rig)


def test_a_911_call_during_the_cut_goes_out_as_soon_as_the_line_is_mended() -> None:
    """SETUP waits in the link while SABME goes out: the caller's T303 is 2 s, twice (R1)."""
    with rig_of() as rig:
        rig.start()
        rig.cut(yes=True)
        rig.until(lambda: not rig.trunk.link_up)
        rig.ask(seize("a", 5))
        soon = rig.now + 1
        rig.until(lambda: rig.now > soon)
        rig.cut(yes=False)
        rig.until(lambda: bool(rig.told(Answered, "a")), 3)
        assert len(rig.events("ring")) == 1
