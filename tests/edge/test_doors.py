"""What comes and goes through the doors of a CAMA trunk, and of a telephone-event for media."""

from __future__ import annotations

from dataclasses import replace

from edge_agent.cama.outputs import Hook, Hush, Pulse
from edge_agent.cama.signals import Tones
from edge_agent.gateway.outputs import CloseRoom
from edge_agent.line import HookChanged
from edge_agent.messages import SpillPlayed
from edge_agent.sip.outputs import MediaEvent
from tests.edge.test_switchboard import CALLER_LEG, OFFERED, SEIZE, Bench

PULSE = Pulse("em-1", 3, 1, "*05550142#", Tones())
HOOK, HUSH = Hook("em-1", 3, True), Hush("em-1", 3)


def test_a_hook_leaves_in_the_step_of_its_invite_before_anything_is_written_r1() -> None:
    seize = replace(SEIZE, trunk="spf-cama", channel=3)
    later = CloseRoom("call")
    bench = Bench(lambda _: [later, seize], lambda _: [OFFERED], tandem=lambda _: [HOOK])
    bench.datagram()
    assert bench.log == [("em-1", (3, True)), ("after", [later])]
    assert bench.tandem.heard == [seize]
    assert len(bench.seizures.seconds) == 1


def test_what_a_channel_shows_and_what_media_played_reach_the_trunk_and_its_wishes_the_world() -> (
    None
):
    bench = Bench(tandem=lambda said: [HUSH if isinstance(said, tuple) else PULSE])
    wink = HookChanged(3, True, 1.0)
    bench.board.hear_transition("em-1", wink, 1.0)
    bench.board.hear_spill("em-1", 3, 1, "cut short", 2.0)
    assert bench.tandem.heard == [wink, ("em-1", 3, 1, "cut short")]
    assert bench.log == [("em-1", PULSE), ("em-1", ("hush", 3))]


def test_the_trace_shows_the_line_as_a_technician_would_and_a_hook_is_there_before_its_line() -> (
    None
):
    seize = replace(SEIZE, trunk="spf-cama", channel=3)
    bench = Bench(lambda _: [seize], lambda _: [OFFERED], tandem=lambda _: [HOOK, PULSE])
    bench.datagram()
    steps = [(what, wire, type(value).__name__) for what, wire, value in bench.world.traced]
    assert steps == [
        ("event", "sip", "Offered"),
        ("request", "spf-cama", "SeizeTrunk"),
        ("line", "spf-cama", "Hook"),
        ("line", "spf-cama", "Pulse"),
    ]
    assert bench.world.done_before == [0, 0, 1, 2]


def test_the_trace_shows_what_a_channel_did_and_what_became_of_a_spill() -> None:
    bench = Bench()
    wink = HookChanged(3, True, 1.0)
    bench.board.hear_transition("em-1", wink, 1.0)
    bench.board.hear_spill("em-1", 3, 1, "cut short", 2.0)
    played = SpillPlayed("em-1", 3, 1, "cut short")
    assert bench.world.traced == [("seen", "spf-cama", wink), ("seen", "spf-cama", played)]


def test_what_a_channel_of_another_span_shows_is_counted_and_hurts_nobody() -> None:
    bench = Bench()
    for span in ("pri-1", "nobodys"):
        bench.board.hear_transition(span, HookChanged(3, True, 1.0), 1.0)
        bench.board.hear_spill(span, 3, 1, "", 1.0)
    assert bench.board.counts == {"discarded-no-cama-span": 4}
    assert (bench.trunk.heard, bench.tandem.heard, bench.world.traced) == ([], [], [])


def test_a_telephone_event_of_the_endpoint_is_played_by_media() -> None:
    bench = Bench(sip=lambda _: [MediaEvent(CALLER_LEG, 16)])
    bench.datagram()
    assert bench.log == [("media", (CALLER_LEG, 16))]
