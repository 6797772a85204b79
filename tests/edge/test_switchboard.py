"""One input, one step: bytes leave in order, the disk comes last, and no failure ends the agent."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from e911.numbers import Caller, Elin
from edge_agent.cama.outputs import Pulse
from edge_agent.doors import WireOutput
from edge_agent.gateway.outputs import CloseRoom, GatewayOutput, RaiseAlarm
from edge_agent.isdn.group import SpanFrame
from edge_agent.leg import (
    Answer,
    Clear,
    Cleared,
    Discarded,
    LegId,
    LegRequest,
    Offered,
    Proceeding,
    RingParty,
    SeizeTrunk,
    SendText,
    ShowProgress,
    WireEvent,
)
from edge_agent.line import Transition
from edge_agent.sip.config import Remote
from edge_agent.sip.outputs import (
    Destination,
    PortsExhausted,
    Refused,
    Send,
    Source,
)
from edge_agent.switchboard import Switchboard

CALLER_LEG, TRUNK_LEG = LegId("caller"), LegId("trunk")
PHONE = Destination("udp", "192.0.2.1", 5060)
OFFERED = Offered(CALLER_LEG, "pbx", "911", Caller("sip:ana@pbx"))
SEIZE = SeizeTrunk(TRUNK_LEG, "spf-pri", 23, Elin("4255550102"), "911")

Says = Callable[[Any], Iterable[Any]]


def nothing(_: object) -> list[Any]:
    return []


class Part:
    """A core that says what the test wrote down, and keeps what it heard."""

    def __init__(self, says: Says = nothing) -> None:
        self.spans: tuple[str, ...] = ("pri-1",)
        self.says = says
        self.heard: list[Any] = []
        self.deadline: float | None = None

    def hear(self, span: str, transition: Transition, now: float) -> list[WireOutput]:
        return self.receive(transition)

    def spill_played(
        self, span: str, channel: int, spill: int, why: str, now: float
    ) -> list[WireOutput]:
        return self.receive((span, channel, spill, why))

    def receive(self, said: Any, *rest: Any) -> list[Any]:
        if said == "pri-1":  # a trunk is told on which of its spans
            said = rest[0]
        self.heard.append(said)
        return list(self.says(said))

    def handle(self, request: LegRequest, now: float) -> list[WireOutput]:
        return self.receive(request)

    def handle_timeout(self, now: float) -> list[Any]:
        self.deadline = None if self.deadline is None else self.deadline + 1000
        return self.receive("timeout")

    def next_deadline(self) -> float | None:
        return self.deadline

    def start(self, now: float) -> list[WireOutput]:
        return self.receive("start")

    def stop(self, now: float) -> list[WireOutput]:
        return self.receive("stop")

    def span_up(self, span: str, now: float) -> list[WireOutput]:
        return self.receive("up")

    def span_down(self, span: str, now: float) -> list[WireOutput]:
        return self.receive("down")

    def set_service(
        self, span: str, numbers: frozenset[int], now: float, *, in_service: bool
    ) -> list[WireOutput]:
        return self.receive((span, numbers, in_service))

    def connection_lost(self, source: Source, now: float) -> list[WireOutput]:
        return self.receive("lost")

    def adopt(self, remotes: tuple[Remote, ...], now: float) -> list[WireOutput]:
        return self.receive("adopt")


class Log:
    """The outside world as one list, in the order in which it happened."""

    def __init__(self) -> None:
        self.log: list[tuple[str, Any]] = []
        self.traced: list[tuple[str, str, Any]] = []
        self.done_before: list[int] = []
        """By line of the trace: how much of the log was done when it was written."""

    def send(self, data: bytes, destination: Destination) -> None:
        self.log.append(("sip", data))

    def send_frame(self, span: str, frame: bytes) -> None:
        self.log.append((span, frame))

    def hook(self, span: str, channel: int, *, off_hook: bool) -> None:
        self.log.append((span, (channel, off_hook)))

    def pulse(self, pulse: Pulse) -> None:
        self.log.append((pulse.span, pulse))

    def hush(self, span: str, channel: int) -> None:
        self.log.append((span, ("hush", channel)))

    def play_event(self, leg: LegId, event: int) -> None:
        self.log.append(("media", (leg, event)))

    def afterwards(self, outputs: list[GatewayOutput], now: float) -> None:
        self.log.append(("after", outputs))

    def cut(self, connection: int) -> None:
        self.log.append(("cut", connection))

    def trace(self, what: str, wire: str, value: object) -> None:
        self.traced.append((what, wire, value))
        self.done_before.append(len(self.log))


class Marks:
    def __init__(self) -> None:
        self.seconds: list[float] = []

    def observe(self, seconds: float) -> None:
        self.seconds.append(seconds)


class Bench:
    """A switchboard between parts that the test plays."""

    def __init__(
        self,
        brain: Says = nothing,
        sip: Says = nothing,
        trunk: Says = nothing,
        tandem: Says = nothing,
    ) -> None:
        self.brain, self.sip, self.trunk = Part(brain), Part(sip), Part(trunk)
        self.tandem = Part(tandem)
        self.tandem.spans = ("em-1",)
        self.world = Log()
        self.seizures, self.callbacks = Marks(), Marks()
        self._perf = 0.0
        self.board = Switchboard(
            self.brain,
            self.sip,
            {"spf-pri": self.trunk},
            self.world,
            cama={"spf-cama": self.tandem},
            perf=self._tick,
            seizures=self.seizures,
            callbacks=self.callbacks,
        )

    @property
    def log(self) -> list[tuple[str, Any]]:
        return self.world.log

    @property
    def alarms(self) -> list[RaiseAlarm]:
        later = [each for what, outputs in self.log if what == "after" for each in outputs]
        return [each for each in later if isinstance(each, RaiseAlarm)]

    def datagram(self, data: bytes = b"INVITE") -> None:
        self.board.hear_sip(data, "udp", "192.0.2.1", 5060, None, 1.0)

    def _tick(self) -> float:
        self._perf += 0.5
        return self._perf


def says(table: dict[Any, list[Any]]) -> Says:
    return lambda heard: table.get(heard, [])


def test_invite_to_setup_is_one_step_setup_leaves_first_and_the_disk_comes_last_r1() -> None:
    close = CloseRoom("c1")
    bench = Bench(
        brain=says({OFFERED: [SEIZE, close, ShowProgress(CALLER_LEG)]}),
        sip=says(
            {
                b"INVITE": [Send(b"100", PHONE), OFFERED],
                ShowProgress(CALLER_LEG): [Send(b"183", PHONE)],
            }
        ),
        trunk=says({SEIZE: [SpanFrame("pri-1", b"SETUP")]}),
    )
    bench.datagram()
    assert bench.log == [
        ("pri-1", b"SETUP"),
        ("sip", b"100"),
        ("sip", b"183"),
        ("after", [close]),
    ]
    assert bench.seizures.seconds == [0.5]


def test_what_a_wire_says_while_it_is_asked_is_heard_in_the_same_step() -> None:
    refused = Cleared(TRUNK_LEG, 34, sent=False)
    second = SeizeTrunk(LegId("trunk-2"), "carrier", None, Elin("4255550102"), "911")
    bench = Bench(
        brain=says({OFFERED: [SEIZE], refused: [second]}),
        sip=says({b"INVITE": [OFFERED], second: [Send(b"INVITE out", PHONE)]}),
        trunk=says({SEIZE: [refused]}),
    )
    bench.datagram()
    assert bench.log == [("sip", b"INVITE out")]


def test_a_trunk_of_ours_takes_its_own_calls_and_any_other_id_is_a_sip_trunk() -> None:
    carrier = SeizeTrunk(TRUNK_LEG, "carrier", None, Elin("4255550102"), "911")
    bench = Bench(
        brain=says({OFFERED: [carrier, Clear(TRUNK_LEG, 16)]}), sip=says({b"INVITE": [OFFERED]})
    )
    bench.datagram()
    assert bench.sip.heard[1:] == [carrier, Clear(TRUNK_LEG, 16)]
    assert bench.trunk.heard == []


def test_requests_follow_the_leg_to_the_wire_that_has_it() -> None:
    from_psap = Offered(TRUNK_LEG, "spf-pri", "4255550102", Caller(""), from_trunk=True)
    ring = RingParty(CALLER_LEG, "pbx", "sip:ana@pbx", "2065550911")
    bench = Bench(
        brain=says({from_psap: [ring, Answer(TRUNK_LEG)]}),
        trunk=says({b"SETUP": [from_psap], Answer(TRUNK_LEG): [SpanFrame("pri-1", b"CONNECT")]}),
        sip=says({ring: [Send(b"INVITE", PHONE)]}),
    )
    bench.board.hear_frame("pri-1", b"SETUP", 1.0)
    assert bench.log == [("sip", b"INVITE"), ("pri-1", b"CONNECT")]
    assert bench.callbacks.seconds == [0.5]
    assert bench.seizures.seconds == []


def test_a_call_that_breaks_the_gateway_is_offered_again_bare_and_alarmed() -> None:
    def brain(event: WireEvent) -> list[GatewayOutput]:
        assert isinstance(event, Offered)
        if event.location_fault != "step-failed":
            raise AssertionError("this location breaks everything")
        return [SEIZE]

    bench = Bench(
        brain, says({b"INVITE": [OFFERED]}), says({SEIZE: [SpanFrame("pri-1", b"SETUP")]})
    )
    bench.datagram()
    assert bench.log[0] == ("pri-1", b"SETUP")
    assert bench.alarms == [RaiseAlarm("step-failed", "gateway", "AssertionError")]


def test_a_call_that_breaks_it_twice_goes_back_to_the_platform_for_its_own_next_route() -> None:
    def brain(event: WireEvent) -> list[GatewayOutput]:
        raise AssertionError("broken")

    failover = Clear(CALLER_LEG, 41, failover=True)
    bench = Bench(brain, says({b"INVITE": [OFFERED], failover: [Send(b"503", PHONE)]}))
    bench.datagram()
    assert bench.log[0] == ("sip", b"503")
    assert bench.board.counts["step-failed"] == 2


def test_a_callback_that_breaks_the_gateway_is_turned_away_and_not_left_ringing_r7() -> None:
    offered = Offered(TRUNK_LEG, "spf-pri", "4255550102", Caller(""), from_trunk=True)

    def brain(event: WireEvent) -> list[GatewayOutput]:
        raise AssertionError("broken")

    turned_away = Clear(TRUNK_LEG, 41)
    trunk = says({b"SETUP": [offered], turned_away: [SpanFrame("pri-1", b"DISCONNECT")]})
    bench = Bench(brain, trunk=trunk)
    bench.board.hear_frame("pri-1", b"SETUP", 1.0)
    assert bench.log[0] == ("pri-1", b"DISCONNECT")


def test_a_trunk_that_breaks_over_a_seizure_is_a_step_that_failed_and_the_next_is_taken() -> None:
    second = SeizeTrunk(LegId("trunk-2"), "carrier", None, Elin("4255550102"), "911")

    def trunk(heard: Any) -> list[WireOutput]:
        raise KeyError("broken")

    def brain(event: WireEvent) -> list[GatewayOutput]:
        match event:
            case Cleared(leg, 41, sent=False):
                assert leg == TRUNK_LEG
                return [second]
            case _:
                return [SEIZE]

    bench = Bench(brain, says({b"INVITE": [OFFERED], second: [Send(b"INVITE out", PHONE)]}), trunk)
    bench.datagram()
    assert bench.log[0] == ("sip", b"INVITE out")


def test_one_broken_event_ends_no_other_call() -> None:
    proceeding = Proceeding(TRUNK_LEG)

    def brain(event: WireEvent) -> list[GatewayOutput]:
        if event == proceeding:
            raise RuntimeError("broken")
        return [SEIZE]

    bench = Bench(brain, says({b"INVITE": [OFFERED]}), says({b"frame": [proceeding]}))
    bench.board.hear_frame("pri-1", b"frame", 1.0)
    bench.datagram()
    assert bench.trunk.heard[-1] == SEIZE


def test_a_core_whose_timer_fails_is_not_asked_again_at_once() -> None:
    def brain(event: Any) -> list[GatewayOutput]:
        raise RuntimeError("broken")

    bench = Bench(brain)
    bench.brain.deadline = -1e9
    bench.board.handle_timeout(5.0)
    assert bench.board.next_deadline() == 6.0


def test_only_what_is_due_is_woken_and_the_earliest_deadline_is_told() -> None:
    bench = Bench()
    bench.brain.deadline, bench.sip.deadline, bench.trunk.deadline = 9.0, 4.0, None
    assert bench.board.next_deadline() == 4.0
    bench.board.handle_timeout(5.0)
    assert (bench.brain.heard, bench.sip.heard, bench.trunk.heard) == ([], ["timeout"], [])


def test_two_cores_that_talk_in_a_circle_are_stopped() -> None:
    bench = Bench(
        brain=lambda event: [ShowProgress(CALLER_LEG)],
        sip=lambda heard: [Proceeding(CALLER_LEG)],
    )
    bench.datagram()
    assert bench.alarms == [RaiseAlarm("step-failed", "loop", "events go in a circle")]


def test_what_is_not_taken_is_counted_and_a_stream_without_framing_is_cut() -> None:
    stream = Source("tcp", "192.0.2.1", 40000, 7)
    bench = Bench(
        sip=says({b"INVITE": [Refused(stream, "framing-lost"), PortsExhausted(CALLER_LEG)]}),
        trunk=says({b"frame": [Discarded("fcs")]}),
    )
    bench.datagram()
    bench.board.hear_frame("pri-1", b"frame", 1.0)
    assert ("cut", 7) in bench.log
    assert bench.board.counts == {"refused-framing-lost": 1, "discarded-fcs": 1}
    assert bench.alarms == [RaiseAlarm("rtp-ports-exhausted")]


def test_spans_streams_and_starts_reach_their_cores() -> None:
    bench = Bench(brain=lambda event: [SendText("n1", "pbx", "sip:desk@pbx", "hello")])
    bench.board.start(1.0)
    bench.board.span_changed("pri-1", 3, 1.0)
    bench.board.span_changed("pri-1", 0, 1.0)
    bench.board.lose_connection("192.0.2.1", 5060, 7, 1.0)
    bench.board.hear_event(Proceeding(CALLER_LEG), 1.0)
    assert bench.trunk.heard == ["start", "down", "up"]
    assert bench.alarms == [RaiseAlarm("span-alarm", "pri-1", "red yellow")]
    assert bench.sip.heard[0] == "lost"
    assert isinstance(bench.sip.heard[1], SendText)


def test_a_stop_lets_go_of_every_link_and_the_gateway_has_nothing_to_do_with_it() -> None:
    bench = Bench(trunk=says({"stop": [SpanFrame("pri-1", b"DISC")]}))
    bench.board.stop(1.0)
    assert bench.log == [("pri-1", b"DISC")]
    assert bench.brain.heard == []
