"""Voice on the fake kernel: every octet as it was said, and what lateness costs, counted."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

import pytest

from edge_agent.drivers.dahdi import LAW_A, LAW_MU, Event, Request, Sig
from edge_agent.drivers.dahdi_channel import Channel
from edge_agent.drivers.dahdi_spill import VOICE_BUFFERS
from edge_agent.drivers.dahdi_voice import DahdiBChannels, open_voice
from edge_agent.drivers.span import BLOCK
from edge_agent.leg import Law
from tests.edge.drivers.span_conformance import SILENT, Ear
from tests.fakes.dahdi_clock import play
from tests.fakes.dahdi_kernel import CAMA, PRI, FakeKernel

NEAR, FAR = 1, 25


class Stage:
    """Channel 1 in two hands, the agent's and media's; channel 25 likewise at the far end."""

    def __init__(self, signalling: tuple[Sig, ...], kernel: type[FakeKernel] = FakeKernel) -> None:
        self.kernel = kernel(signalling)
        self.ear, self.far_ear = Ear(), Ear()
        self.held = open_voice(self.kernel, NEAR, Law.MU, echo_cancel=False)
        self.far_held = open_voice(self.kernel, FAR, Law.MU, echo_cancel=False)

    def begin(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.near = self.borrowed(self.held, NEAR, self.ear)
        self.far = self.borrowed(self.far_held, FAR, self.far_ear)

    def borrowed(self, held: Channel, number: int, ear: Ear) -> DahdiBChannels:
        copies = {number: self.kernel.copy(held.descriptor)}
        hear, slip = ear.on_block, ear.on_slip
        made = DahdiBChannels(self.kernel, self.loop, copies, Law.MU, hear, slip)
        made.listen({number})
        return made

    async def after(self, seconds: float) -> None:
        passed = asyncio.Event()
        self.loop.call_later(seconds, passed.set)
        await passed.wait()

    async def say(self, blocks: list[bytes]) -> None:
        """Speak at the pace of what is heard, as media does."""
        for block in blocks:
            heard = len(self.ear.blocks)
            await self.ear.until(partial(self._has_more_than, heard))
            self.near.send(NEAR, block)

    def _has_more_than(self, count: int) -> bool:
        return len(self.ear.blocks) > count


def staged(
    story: Callable[[Stage], Coroutine[Any, Any, None]],
    signalling: tuple[Sig, ...] = PRI,
    kernel: type[FakeKernel] = FakeKernel,
) -> None:
    stage = Stage(signalling, kernel)

    async def played() -> None:
        stage.begin()
        await story(stage)
        stage.near.close()
        stage.far.close()
        assert stage.kernel.wire(NEAR).file is not None, "the agent still has it"
        stage.held.close()
        stage.far_held.close()

    play(stage.kernel, played())
    assert stage.kernel.open_descriptors == 0


def speech(seconds: float) -> list[bytes]:
    """Blocks that are all different, of octets that no silence has."""
    count = round(seconds / 0.02)
    return [bytes(1 + (at * 7 + n) % 100 for n in range(BLOCK)) for at in range(count)]


def test_ten_seconds_of_voice_are_heard_octet_for_octet() -> None:
    async def story(stage: Stage) -> None:
        said = speech(10.0)
        await stage.say(said)
        await stage.after(0.2)
        assert b"".join(said) in stage.far_ear.stream(FAR)
        assert set(stage.far_ear.stream(FAR).replace(b"".join(said), b"")) <= SILENT
        assert (stage.near.counts, stage.far_ear.slips) == ({}, [])

    staged(story)


def test_a_block_up_to_40_ms_late_is_no_gap() -> None:
    async def story(stage: Stage) -> None:
        said = speech(0.4)
        await stage.say(said[:10])
        await stage.after(0.038)
        await stage.say(said[10:])
        await stage.after(0.2)
        assert b"".join(said) in stage.far_ear.stream(FAR)
        assert stage.ear.slips == []

    staged(story)


def test_a_channel_that_runs_dry_within_speech_is_a_slip_and_between_talks_is_none() -> None:
    async def story(stage: Stage) -> None:
        await stage.say(speech(0.2))
        await stage.after(0.1)
        assert stage.ear.slips == [], "the talk may be over"
        await stage.say(speech(0.2))
        assert stage.ear.slips == [(NEAR, 1)]
        assert stage.near.counts == {"underrun": 1}
        await stage.after(1.0)
        await stage.say(speech(0.2))
        assert stage.near.counts == {"underrun": 1}

    staged(story)


def test_voice_that_was_not_read_in_time_is_dropped_and_told_and_what_follows_is_fresh() -> None:
    async def story(stage: Stage) -> None:
        stage.kernel.advance(0.5)  # media does not run
        await stage.say(speech(0.1))
        assert stage.ear.slips == [(NEAR, VOICE_BUFFERS)]
        assert stage.near.counts["overrun"] == 1
        heard = len(stage.far_ear.blocks)
        await stage.far_ear.until(lambda: len(stage.far_ear.blocks) > heard)
        assert len(stage.kernel.wire(NEAR).read) == 0

    staged(story)


def test_what_was_heard_before_anybody_listened_is_not_played_to_anybody() -> None:
    async def story(stage: Stage) -> None:
        stage.far.close()
        said = speech(0.06)
        await stage.say(said)
        await stage.after(0.3)
        stage.far = stage.borrowed(stage.far_held, FAR, stage.far_ear)
        heard = len(stage.far_ear.blocks)
        await stage.far_ear.until(lambda: len(stage.far_ear.blocks) > heard)
        assert stage.far_ear.blocks[-1] == (FAR, b"\x7f" * BLOCK)

    staged(story)


def test_a_channel_that_nobody_listens_to_is_not_read_and_tells_of_no_slip() -> None:
    async def story(stage: Stage) -> None:
        stage.near.listen(set())
        heard = len(stage.ear.blocks)
        await stage.after(1.0)
        assert len(stage.ear.blocks) == heard
        assert stage.ear.slips == []
        assert not stage.kernel.wire(NEAR).events, "or the next write would meet them"
        stage.far.send(FAR, b"\x11" * BLOCK)
        await stage.after(0.2)
        stage.near.listen({NEAR})
        await stage.ear.until(lambda: len(stage.ear.blocks) > heard)
        assert stage.ear.blocks[heard:] == [(NEAR, b"\x7f" * BLOCK)], "not what came before"

    staged(story)


def test_more_than_the_channel_can_hold_is_late_and_lost() -> None:
    async def story(stage: Stage) -> None:
        for block in speech(0.02 * (VOICE_BUFFERS + 1)):
            stage.near.send(NEAR, block)
        assert stage.near.counts["late"] == 3, "two blocks of silence go ahead"

    staged(story)


def test_a_new_media_process_takes_over_a_channel_that_never_was_closed() -> None:
    async def story(stage: Stage) -> None:
        await stage.say(speech(0.1))
        stage.near.close()
        assert stage.kernel.wire(NEAR).file is not None
        stage.near = stage.borrowed(stage.held, NEAR, stage.ear)
        said = speech(0.2)
        await stage.say(said)
        await stage.after(0.2)
        assert b"".join(said) in stage.far_ear.stream(FAR)

    staged(story)


def test_a_span_that_is_taken_away_is_let_go_within_the_drivers_second() -> None:
    async def story(stage: Stage) -> None:
        stage.kernel.unassign(1)
        await stage.after(0.05)
        assert stage.near.counts["gone"] == 1
        stage.near.send(NEAR, bytes(BLOCK))

    stage = Stage(PRI)

    async def played() -> None:
        stage.begin()
        await story(stage)
        before = stage.kernel.open_descriptors
        stage.near.close()
        assert stage.kernel.open_descriptors == before, "closed before"

    play(stage.kernel, played())


def test_a_descriptor_of_a_span_that_went_on_its_way_here_is_closed() -> None:
    async def story(stage: Stage) -> None:
        stage.kernel.unassign(1)
        await stage.after(1.5)
        before = stage.kernel.open_descriptors
        late = stage.borrowed(stage.held, NEAR, stage.ear)
        assert stage.kernel.open_descriptors == before
        late.send(NEAR, bytes(BLOCK))
        late.close()

    stage = Stage(PRI)

    async def played() -> None:
        stage.begin()
        await story(stage)

    play(stage.kernel, played())


def test_hook_events_are_left_to_the_agent_and_no_voice_is_lost_while_it_takes_them() -> None:
    async def story(stage: Stage) -> None:
        said = speech(0.4)
        await stage.say(said[:10])
        stage.kernel.wire(NEAR).tell(Event.RINGOFFHOOK)
        heard = len(stage.ear.blocks)
        stage.near.send(NEAR, said[10])
        await stage.after(0.01)
        assert list(stage.kernel.wire(NEAR).events) == [Event.RINGOFFHOOK]
        stage.held.drain()  # the agent
        await stage.say(said[11:])
        await stage.after(0.2)
        assert b"".join(said) in stage.far_ear.stream(FAR)
        assert len(stage.ear.blocks) > heard

    staged(story, CAMA)


def test_events_that_no_agent_takes_any_more_do_not_end_the_voice() -> None:
    async def story(stage: Stage) -> None:
        stage.kernel.wire(NEAR).tell(Event.RINGOFFHOOK)
        heard = len(stage.ear.blocks)
        await stage.ear.until(lambda: len(stage.ear.blocks) > heard + 5)

    staged(story, CAMA)


@pytest.mark.parametrize(("law", "named"), [(Law.MU, LAW_MU), (Law.A, LAW_A)])
def test_a_channel_is_opened_for_voice_as_it_is(law: Law, named: int) -> None:
    kernel = FakeKernel()
    open_voice(kernel, NEAR, law, echo_cancel=False)
    wire = kernel.wire(NEAR)
    assert (wire.mode, wire.law, wire.canceller) == ("audio", named, 0)
    assert (wire.count, wire.size) == (4, 160)
    asked = {request for _, request, _ in kernel.requests}
    assert asked == {
        Request.SPECIFY,
        Request.AUDIOMODE,
        Request.SETLAW,
        Request.ECHOCANCEL,
    }, "no gain, no linear samples, no tone detection"


def test_a_canceller_that_cannot_be_set_costs_no_channel() -> None:
    class Without(FakeKernel):
        def ioctl(self, descriptor: int, request: Request, argument: bytearray) -> None:
            if request == Request.ECHOCANCEL:
                raise OSError(errno.EINVAL, "none is attached")
            super().ioctl(descriptor, request, argument)

    assert open_voice(Without(), NEAR, Law.MU, echo_cancel=True).params()["channo"] == NEAR


def test_a_channel_that_cannot_be_set_up_is_closed_again() -> None:
    class Broken(FakeKernel):
        def ioctl(self, descriptor: int, request: Request, argument: bytearray) -> None:
            if request == Request.SETLAW:
                raise OSError(errno.EIO, "broken")
            super().ioctl(descriptor, request, argument)

    kernel = Broken()
    with pytest.raises(OSError, match="broken"):
        open_voice(kernel, NEAR, Law.MU, echo_cancel=False)
    assert kernel.open_descriptors == 0
