"""Hook and bits on the fake kernel: every transition told is one that happened, when it did."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from edge_agent.drivers.dahdi import CHANNEL, Event, Hook, Request, Sig, ask
from edge_agent.drivers.dahdi_signals import DahdiSignals
from edge_agent.line import BitsChanged, HookChanged, PolarityChanged, Winked
from tests.edge.drivers.span_conformance import Ear
from tests.fakes.dahdi_clock import play
from tests.fakes.dahdi_kernel import CAMA, FakeKernel

LINE = 1
FAR = 25


class Stage:
    """Channel 1 is ours, channel 25 a bare PSAP."""

    def __init__(self, signalling: Sig, before: Callable[[Stage], None]) -> None:
        self.kernel = FakeKernel((signalling,) * 24)
        self.ear = Ear()
        self.gone = 0
        self.near = self.opened(LINE)
        self.far = self.opened(FAR)
        before(self)

    def opened(self, number: int) -> int:
        descriptor = self.kernel.open(CHANNEL)
        ask(self.kernel, descriptor, Request.SPECIFY, number)
        return descriptor

    def begin(self) -> None:
        self.loop = asyncio.get_running_loop()
        lines = {LINE: self.near}
        self.signals = DahdiSignals(
            self.kernel, self.loop, lines, self.ear.on_transition, self.lose
        )

    def lose(self) -> None:
        self.gone += 1

    def far_hook(self, what: Hook) -> None:
        with suppress(BlockingIOError):  # EINPROGRESS: a wink takes its time
            ask(self.kernel, self.far, Request.HOOK, what)

    async def after(self, seconds: float) -> None:
        passed = asyncio.Event()
        self.loop.call_later(seconds, passed.set)
        await passed.wait()

    def hooks(self) -> list[tuple[bool, float]]:
        """Off or on, and when."""
        told = [each for each in self.ear.transitions if isinstance(each, HookChanged)]
        assert len(told) == len(self.ear.transitions)
        return [(each.off_hook, round(each.at - self.began, 3)) for each in told]

    began = 0.0


def _nothing(_: Stage) -> None:
    """The line is idle when the agent starts."""


def staged(
    story: Callable[[Stage], Coroutine[Any, Any, None]],
    signalling: Sig = Sig.EM,
    before: Callable[[Stage], None] = _nothing,
) -> None:
    stage = Stage(signalling, before)

    async def played() -> None:
        stage.begin()
        stage.began = stage.loop.time()
        await story(stage)
        stage.signals.close()

    play(stage.kernel, played())


def test_a_wink_is_told_as_two_facts_and_when_each_was() -> None:
    async def story(stage: Stage) -> None:
        stage.far_hook(Hook.WINK)
        await stage.after(1.0)
        (off, went), (on, came) = stage.hooks()
        assert (off, on) == (True, False)
        assert came - went == pytest.approx(0.150, abs=0.005)
        assert went == pytest.approx(0.050, abs=0.005)

    staged(story)


@pytest.mark.parametrize("wink_ms", [100, 200, 280, 350])
def test_winks_of_every_length_are_told_with_their_length(wink_ms: int) -> None:
    async def story(stage: Stage) -> None:
        stage.far_hook(Hook.OFFHOOK)
        await stage.after(wink_ms / 1000)
        stage.far_hook(Hook.ONHOOK)
        await stage.after(0.5)
        (off, went), (on, came) = stage.hooks()
        assert (off, on) == (True, False)
        assert came - went == pytest.approx(wink_ms / 1000, abs=0.003)

    staged(story)


def test_an_answer_is_told_within_milliseconds_and_not_300_later() -> None:
    async def story(stage: Stage) -> None:
        stage.far_hook(Hook.OFFHOOK)
        await stage.after(0.5)
        ((off, at),) = stage.hooks()
        assert off
        assert at < 0.01

    staged(story)


def test_our_own_seizure_is_never_taken_for_an_answer() -> None:
    async def story(stage: Stage) -> None:
        stage.far_hook(Hook.OFFHOOK)
        await stage.after(0.1)
        stage.far_hook(Hook.ONHOOK)
        await stage.after(0.1)
        before = stage.hooks()
        stage.signals.hook(LINE, off_hook=True)
        await stage.after(4.0)
        assert stage.hooks() == before
        assert not stage.signals.counts, "it is not told, so that nothing has to be disbelieved"
        assert ask(stage.kernel, stage.far, Request.GETEVENT) == Event.RINGOFFHOOK

    staged(story)


def test_an_off_hook_that_the_driver_makes_up_is_not_believed() -> None:
    async def story(stage: Stage) -> None:
        stage.kernel.wire(LINE).tell(Event.RINGOFFHOOK)
        await stage.after(0.1)
        assert stage.hooks() == []
        assert stage.signals.counts["false-off-hook"] == 1

    staged(story)


def test_a_wink_that_the_port_does_not_time_is_told_as_one_and_no_length_is_made_up() -> None:
    async def story(stage: Stage) -> None:
        stage.kernel.wire(LINE).tell(Event.WINKFLASH)
        await stage.after(0.1)
        (told,) = stage.ear.transitions
        assert isinstance(told, Winked)
        assert (told.channel, told.at > 0.0) == (LINE, True)
        stage.ear.transitions.clear()
        stage.far_hook(Hook.OFFHOOK)
        await stage.after(0.1)
        stage.kernel.wire(LINE).tell(Event.WINKFLASH)
        await stage.after(0.1)
        assert [off for off, _ in stage.hooks()] == [True], "off hook before and after"

    staged(story)


def test_r1_a_wink_that_was_over_before_it_was_heard_of_is_a_wink_of_no_known_length() -> None:
    async def story(stage: Stage) -> None:
        stage.far_hook(Hook.OFFHOOK)
        stage.kernel.advance(0.2)  # and all this while our process is kept from running
        stage.far_hook(Hook.ONHOOK)
        await stage.after(0.1)
        (told,) = stage.ear.transitions
        assert isinstance(told, Winked)
        stage.far_hook(Hook.OFFHOOK)
        await stage.after(0.1)
        stage.far_hook(Hook.ONHOOK)
        await stage.after(0.1)
        del stage.ear.transitions[0]
        assert [off for off, _ in stage.hooks()] == [True, False], "and the next one is timed"

    staged(story)


def test_a_line_that_is_off_hook_when_the_agent_starts_is_told() -> None:
    def before(stage: Stage) -> None:
        stage.far_hook(Hook.OFFHOOK)
        stage.kernel.advance(1.0)

    async def story(stage: Stage) -> None:
        await stage.after(0.1)
        assert [off for off, _ in stage.hooks()] == [True]

    staged(story, before=before)


def test_a_hook_that_is_under_way_is_no_failure_and_one_that_cannot_be_is_counted() -> None:
    async def story(stage: Stage) -> None:
        stage.signals.hook(LINE, off_hook=True)
        stage.signals.hook(LINE, off_hook=False)
        stage.signals.hook(99, off_hook=True)
        assert not stage.signals.counts
        stage.signals.bits(LINE, 5)
        assert stage.signals.counts == {"refused": 1}

    staged(story)


def test_bits_are_those_of_the_channel_and_never_its_neighbours() -> None:
    async def story(stage: Stage) -> None:
        next_far = stage.opened(FAR + 1)
        ask(stage.kernel, next_far, Request.SETTXBITS, 0b1111)
        await stage.after(0.1)
        assert stage.ear.transitions == []
        ask(stage.kernel, stage.far, Request.SETTXBITS, 0b0101)
        await stage.after(0.1)
        (told,) = stage.ear.transitions
        assert isinstance(told, BitsChanged)
        assert (told.channel, told.bits) == (LINE, 0b0101)

    staged(story, Sig.CAS)


def test_bits_that_are_off_hook_when_the_agent_starts_are_told() -> None:
    def before(stage: Stage) -> None:
        ask(stage.kernel, stage.far, Request.SETTXBITS, 0b1111)

    async def story(stage: Stage) -> None:
        (told,) = stage.ear.transitions
        assert isinstance(told, BitsChanged)
        assert (told.channel, told.bits) == (LINE, 0b1111)

    staged(story, Sig.CAS, before)


def test_on_bare_bits_the_hook_is_all_of_them() -> None:
    async def story(stage: Stage) -> None:
        for off_hook, bits in ((True, 0xF), (False, 0)):
            stage.signals.hook(LINE, off_hook=off_hook)
            assert ask(stage.kernel, stage.far, Request.GETRXBITS) == bits

    staged(story, Sig.CAS)


def test_each_polarity_event_turns_the_battery_round_once() -> None:
    async def story(stage: Stage) -> None:
        for _ in range(2):
            stage.kernel.wire(LINE).tell(Event.POLARITY)
        await stage.after(0.1)
        turned = [e.is_reversed for e in stage.ear.transitions if isinstance(e, PolarityChanged)]
        assert turned == [True, False]

    staged(story)


@pytest.mark.parametrize("signalling", [Sig.FXSLS, Sig.FXSKS])
def test_a_loop_is_closed_and_opened_and_the_battery_of_its_far_end_told(signalling: Sig) -> None:
    async def story(stage: Stage) -> None:
        wire = stage.kernel.wire(LINE)
        stage.signals.hook(LINE, off_hook=True)
        assert wire.state == "debounce"
        for event in (Event.POLARITY, Event.POLARITY, Event.ONHOOK):
            wire.tell(event)
            await stage.after(0.1)
        told = [replace(each, at=0.0) for each in stage.ear.transitions]
        assert told == [
            PolarityChanged(LINE, True, 0.0),
            PolarityChanged(LINE, False, 0.0),
            HookChanged(LINE, False, 0.0),
        ]
        stage.signals.hook(LINE, off_hook=False)
        assert wire.state == "onhook"
        assert not stage.signals.counts

    staged(story, signalling)


def test_a_loop_that_rings_or_has_a_battery_is_not_off_hook() -> None:
    def before(stage: Stage) -> None:
        stage.kernel.wire(LINE).rx_off_hook = True  # so the driver calls a battery that is there

    async def story(stage: Stage) -> None:
        stage.kernel.wire(LINE).tell(Event.RINGOFFHOOK)
        await stage.after(0.1)
        assert stage.ear.transitions == []
        assert stage.signals.counts == {"ringing": 1}

    staged(story, Sig.FXSKS, before)


def test_a_battery_that_comes_back_is_the_right_way_round() -> None:
    async def story(stage: Stage) -> None:
        for event in (Event.POLARITY, Event.ONHOOK, Event.POLARITY):
            stage.kernel.wire(LINE).tell(event)
            await stage.after(0.1)
        told = [replace(each, at=0.0) for each in stage.ear.transitions]
        assert told == [
            PolarityChanged(LINE, True, 0.0),
            HookChanged(LINE, False, 0.0),
            PolarityChanged(LINE, True, 0.0),
        ]

    staged(story, Sig.FXSKS)


def test_a_card_that_is_away_shows_nothing_off_hook_any_more() -> None:
    async def story(stage: Stage) -> None:
        stage.kernel.wire(LINE).tell(Event.POLARITY)
        await stage.after(0.1)
        stage.signals.forget()
        stage.signals.forget()
        turned = [e.is_reversed for e in stage.ear.transitions if isinstance(e, PolarityChanged)]
        assert turned == [True, False]

    staged(story, Sig.FXSKS)


def test_a_span_that_is_taken_away_is_told_once() -> None:
    async def story(stage: Stage) -> None:
        stage.kernel.unassign(1)
        await stage.after(2.0)
        assert stage.gone == 1
        stage.signals.hook(LINE, off_hook=True)
        assert stage.signals.counts == {"refused": 1}

    staged(story)


def test_the_e_and_m_of_the_machine_is_what_is_tried_here() -> None:
    assert set(CAMA) == {Sig.EM}
