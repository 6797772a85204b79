"""A DAHDI span as the agent has it, on the fake kernel: found, opened, lost, and found again."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import pytest

from edge_agent.drivers.dahdi import CHANNEL, Alarm, Event, Request, Sig, ask
from edge_agent.drivers.dahdi_line import DahdiOrder
from edge_agent.drivers.span import BLOCK, SpanAlarm, Voice
from edge_agent.line import HookChanged, PolarityChanged, PortLost, Transition
from tests.edge.drivers.dahdi_lines import MIXED, End, line_of, t1_order
from tests.edge.drivers.span_conformance import STORIES, Ear, Line
from tests.fakes.dahdi_clock import play
from tests.fakes.dahdi_kernel import CAMA, PRI, FakeKernel

DAHDI_ALARMS = {
    SpanAlarm.RED: Alarm.RED,
    SpanAlarm.YELLOW: Alarm.YELLOW,
    SpanAlarm.BLUE: Alarm.BLUE,
}


def fake_line(kernel: FakeKernel) -> Line:
    """Spans 1 and 2 of the fake; what the near end would do to the wire is done to the wire."""
    near = End(kernel, t1_order(1), kernel.copy)
    far = End(kernel, t1_order(2), kernel.copy)

    def alarm(alarms: SpanAlarm) -> None:
        kernel.set_alarms(2, sum(bit for ours, bit in DAHDI_ALARMS.items() if ours in alarms))

    def turn_round(transition: Transition) -> None:
        assert isinstance(transition, PolarityChanged)
        kernel.spans[2].wires[transition.channel - 1].tell(Event.POLARITY)

    near.cause_alarm, near.cause_transition = alarm, turn_round
    return line_of(near, far, has_polarity=True)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_dahdi_on_the_fake_kernel_conforms(story: Callable[[Line], Awaitable[None]]) -> None:
    signalling = (*MIXED[:4], Sig.EM, *MIXED[5:])  # channel 5: polarity needs a channel with events
    kernel = FakeKernel(signalling)

    async def played() -> None:
        line = fake_line(kernel)
        await story(line)
        line.close()

    play(kernel, played())
    assert kernel.open_descriptors == 0


class Stage:
    """An agent's end of span 1, and the bare kernel under it."""

    def __init__(self, kernel: FakeKernel, order: DahdiOrder | None = None) -> None:
        self.kernel = kernel
        self.end = End(kernel, order or t1_order(1), kernel.copy)
        self.ear: Ear = self.end.ear
        self.far_d = 0

    async def after(self, seconds: float) -> None:
        """Let the card's time go on."""
        passed = asyncio.Event()
        self.end.loop.call_later(seconds, passed.set)
        await passed.wait()

    def open_far_d(self, number: int = 48) -> int:
        descriptor = self.kernel.open(CHANNEL)
        ask(self.kernel, descriptor, Request.SPECIFY, number)
        return descriptor


def staged(
    story: Callable[[Stage], Coroutine[Any, Any, None]],
    *,
    kernel: FakeKernel | None = None,
    order: DahdiOrder | None = None,
) -> None:
    """Play a story on the card's clock, and see that nothing stays open."""
    under = kernel or FakeKernel()
    had = under.open_descriptors

    async def played() -> None:
        stage = Stage(under, order)
        await story(stage)
        stage.end.close()

    play(under, played())
    assert under.open_descriptors <= had


def test_the_agent_opens_everything_and_lends_the_voice_in_the_order_of_the_channels() -> None:
    async def story(stage: Stage) -> None:
        (lent,) = stage.end.lent
        assert lent.channels == tuple(range(1, 24))
        numbers = [ask(stage.kernel, each, Request.CHANNO) for each in lent.descriptors]
        assert numbers == list(range(1, 24))
        assert stage.end.status().channels == 24
        assert stage.ear.alarms == []

    staged(story)


def test_a_d_channel_that_media_leaves_behind_stays_up_and_so_do_its_b_channels() -> None:
    async def story(stage: Stage) -> None:
        stage.end.close_voice()
        assert all(stage.kernel.wire(number).file for number in range(1, 25))

    staged(story)


def test_a_span_that_is_not_there_is_a_red_alarm_and_is_looked_for_until_it_comes() -> None:
    kernel = FakeKernel()
    kernel.unassign(1)
    kernel.advance(0.1)

    async def story(stage: Stage) -> None:
        stage.end.span.send(b"nobody is there")
        await stage.ear.until(lambda: stage.ear.alarms == [SpanAlarm.RED])
        assert stage.end.status().alarms == SpanAlarm.RED
        assert stage.end.status().openings == 0
        kernel.assign(1, first_channel=101)
        await stage.ear.until(lambda: stage.ear.alarms[-1:] == [SpanAlarm(0)])
        (lent,) = stage.end.lent
        assert ask(kernel, lent.descriptors[0], Request.CHANNO) == 101

    staged(story, kernel=kernel)


def test_a_box_without_the_module_is_a_red_alarm(caplog: pytest.LogCaptureFixture) -> None:
    class Bare(FakeKernel):
        def open(self, path: str) -> int:
            raise FileNotFoundError(2, "no such file", path)

    async def story(stage: Stage) -> None:
        await stage.ear.until(lambda: stage.ear.alarms == [SpanAlarm.RED])
        await stage.after(3.0)

    staged(story, kernel=Bare())
    assert [each.message.split(": ", 1)[1] for each in caplog.records] == [
        "ENOENT: the module dahdi is not loaded"
    ], "said once, not each second"


def test_a_span_that_is_taken_away_is_closed_at_once_and_opened_again_when_it_is_back() -> None:
    async def story(stage: Stage) -> None:
        kernel = stage.kernel
        await stage.after(0.5)  # so that the span is looked at while it is being taken away
        kernel.unassign(1)
        await stage.ear.until(lambda: stage.ear.alarms == [SpanAlarm.RED])
        assert stage.end.lent[-1] == Voice(())
        assert not any(wire.file for wire in kernel.spans[1].wires), "within the driver's second"
        await stage.after(3.0)
        assert stage.end.status().openings == 1, "not opened again while it is being taken away"
        kernel.assign(1, first_channel=300)
        await stage.ear.until(lambda: stage.ear.alarms == [SpanAlarm.RED, SpanAlarm(0)])
        assert stage.end.status().openings == 2
        assert ask(kernel, stage.end.lent[-1].descriptors[22], Request.CHANNO) == 322
        far = stage.open_far_d()
        await stage.after(0.2)
        stage.end.span.send(b"again")
        await stage.after(0.1)
        assert kernel.read(far, 100)[:-2] == b"again"
        kernel.close(far)

    staged(story)


def test_a_far_end_that_is_gone_is_red_and_nothing_is_closed_for_it() -> None:
    async def story(stage: Stage) -> None:
        stage.kernel.destroy(2)
        await stage.ear.until(lambda: stage.ear.alarms == [SpanAlarm.RED])
        assert len(stage.end.lent) == 1
        stage.kernel.assign(2)
        await stage.ear.until(lambda: stage.ear.alarms == [SpanAlarm.RED, SpanAlarm(0)])

    staged(story)


def test_an_alarm_that_turns_into_another_is_seen_though_the_driver_tells_of_none() -> None:
    async def story(stage: Stage) -> None:
        stage.kernel.set_alarms(1, Alarm.RED)
        await stage.ear.until(lambda: stage.ear.alarms == [SpanAlarm.RED])
        stage.kernel.set_alarms(1, Alarm.YELLOW)
        await stage.ear.until(lambda: stage.ear.alarms == [SpanAlarm.RED, SpanAlarm.YELLOW])

    staged(story)


def test_r1_voice_that_the_last_run_still_holds_keeps_no_signalling_waiting() -> None:
    kernel = FakeKernel()
    held = kernel.open(CHANNEL)
    ask(kernel, held, Request.SPECIFY, 7)

    async def story(stage: Stage) -> None:
        far = stage.open_far_d()
        stage.end.span.send(b"SABME")
        await stage.after(0.3)
        assert kernel.read(far, 100)[:-2] == b"SABME"
        assert stage.end.lent == []
        kernel.close(held)
        await stage.after(0.2)
        assert stage.end.lent[-1].channels == tuple(range(1, 24))
        kernel.close(far)

    staged(story, kernel=kernel)


def test_a_channel_that_somebody_never_gives_back_costs_that_channel_only() -> None:
    kernel = FakeKernel()
    held = kernel.open(CHANNEL)
    ask(kernel, held, Request.SPECIFY, 7)

    async def story(stage: Stage) -> None:
        await stage.after(8.0)
        (lent,) = stage.end.lent
        assert lent.channels == tuple(n for n in range(1, 24) if n != 7)

    staged(story, kernel=kernel)


def test_a_d_channel_that_dahdi_cfg_has_not_set_is_a_red_alarm_and_said() -> None:
    kernel = FakeKernel((Sig.CLEAR,) * 24)

    async def story(stage: Stage) -> None:
        await stage.ear.until(lambda: stage.ear.alarms == [SpanAlarm.RED])
        assert stage.end.lent == []

    staged(story, kernel=kernel)


def test_a_d_channel_that_somebody_has_is_tried_again() -> None:
    kernel = FakeKernel()
    held = kernel.open(CHANNEL)
    ask(kernel, held, Request.SPECIFY, 24)

    async def story(stage: Stage) -> None:
        await stage.ear.until(lambda: stage.ear.alarms == [SpanAlarm.RED])
        kernel.close(held)
        await stage.ear.until(lambda: stage.ear.alarms == [SpanAlarm.RED, SpanAlarm(0)])

    staged(story, kernel=kernel)


@pytest.mark.parametrize(("wanted", "taps"), [(False, 0), (True, 1024)])
def test_the_echo_canceller_is_off_unless_it_is_asked_for(wanted: bool, taps: int) -> None:
    async def story(stage: Stage) -> None:
        assert {wire.canceller for wire in stage.kernel.spans[1].wires[:23]} == {taps}
        asked = [
            number for _, request, number in stage.kernel.requests if request == Request.ECHOCANCEL
        ]
        assert asked == [taps] * 23, "off is said, not supposed"

    staged(story, order=t1_order(1, echo_cancel=wanted))


def test_a_cas_span_has_no_d_channel_and_its_hooks_are_the_agents() -> None:
    kernel = FakeKernel(CAMA)
    order = DahdiOrder("cama", 1, 0, (1, 2, 3))

    async def story(stage: Stage) -> None:
        psap = stage.open_far_d(25)
        stage.end.span.hook(1, off_hook=True)
        await stage.after(0.4)
        assert ask(kernel, psap, Request.GETEVENT) == Event.RINGOFFHOOK
        ask(kernel, psap, Request.HOOK, 1)
        await stage.ear.until(lambda: len(stage.ear.transitions) == 1)
        (answer,) = stage.ear.transitions
        assert isinstance(answer, HookChanged)
        assert (answer.channel, answer.off_hook) == (1, True)
        stage.end.close_voice()
        await stage.after(1.0)
        assert kernel.wire(1).tx_bits == 0xF, "media's end hangs up nobody"
        assert len(stage.ear.blocks) > 0
        assert all(len(block) == BLOCK for _, block in stage.ear.blocks)
        kernel.close(psap)

    staged(story, kernel=kernel, order=order)


def test_a_far_end_that_hung_up_while_the_card_was_away_is_not_taken_for_off_hook() -> None:
    kernel = FakeKernel(CAMA)
    order = DahdiOrder("cama", 1, 0, (1, 2, 3))

    async def story(stage: Stage) -> None:
        psap = stage.open_far_d(25)
        ask(kernel, psap, Request.HOOK, 1)
        await stage.ear.until(lambda: len(stage.ear.transitions) == 1)
        kernel.unassign(1)
        await stage.ear.until(lambda: stage.ear.alarms == [SpanAlarm.RED])
        ask(kernel, psap, Request.HOOK, 0)
        await stage.after(2.0)
        kernel.assign(1, first_channel=300)
        await stage.ear.until(lambda: stage.ear.alarms == [SpanAlarm.RED, SpanAlarm(0)])
        assert [each.off_hook for each in hooks(stage)] == [True, False]
        psap = stage.open_far_d(25) if kernel.wire(25).file is None else psap
        ask(kernel, psap, Request.HOOK, 1)
        await stage.ear.until(lambda: len(stage.ear.transitions) == 3)
        kernel.close(psap)

    def hooks(stage: Stage) -> list[HookChanged]:
        return [each for each in stage.ear.transitions if isinstance(each, HookChanged)]

    staged(story, kernel=kernel, order=order)


def test_a_channel_that_we_had_off_hook_is_told_to_be_lost_with_the_card_and_no_other_is() -> None:
    kernel = FakeKernel(CAMA)

    async def story(stage: Stage) -> None:
        for channel, off_hook in ((1, True), (2, True), (2, False)):
            stage.end.span.hook(channel, off_hook=off_hook)
        await stage.after(0.4)
        assert stage.ear.transitions == []
        kernel.unassign(1)
        await stage.ear.until(lambda: len(stage.ear.transitions) == 1)
        assert stage.ear.alarms == [SpanAlarm.RED], "the alarm is told first"
        await stage.after(2.0)
        kernel.assign(1, first_channel=300)
        await stage.ear.until(lambda: stage.ear.alarms == [SpanAlarm.RED, SpanAlarm(0)])
        assert kernel.wire(300).tx_bits == 0, "it is on hook when it comes back"
        kernel.unassign(1)
        await stage.after(2.0)
        (lost,) = stage.ear.transitions
        assert isinstance(lost, PortLost)
        assert lost.channel == 1

    staged(story, kernel=kernel, order=DahdiOrder("cama", 1, 0, (1, 2, 3)))


def test_a_cas_span_that_goes_away_while_it_is_opened_is_looked_for_again() -> None:
    class Leaving(FakeKernel):
        refusals = 1

        def ioctl(self, descriptor: int, request: Request, argument: bytearray) -> None:
            if request is Request.SET_PARAMS and self.refusals:
                self.refusals -= 1
                raise OSError(errno.ENODEV, "No such device")
            super().ioctl(descriptor, request, argument)

    async def story(stage: Stage) -> None:
        assert stage.end.lent[-1] == Voice(())
        await stage.ear.until(lambda: stage.ear.alarms == [SpanAlarm.RED, SpanAlarm(0)])
        assert stage.end.lent[-1].channels == (1, 2)

    staged(story, kernel=Leaving(CAMA), order=DahdiOrder("cama", 1, 0, (1, 2)))


def test_all_spans_of_a_box_are_told_apart() -> None:
    kernel = FakeKernel(PRI, PRI)

    async def story(stage: Stage) -> None:
        (lent,) = stage.end.lent
        assert ask(kernel, lent.descriptors[0], Request.CHANNO) == 49

    staged(story, kernel=kernel, order=t1_order(3))
