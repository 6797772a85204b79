"""A whole sound on the fake kernel: heard as it is or not at all, and told which."""

from __future__ import annotations

import errno

import pytest

from edge_agent.drivers.dahdi import CHANNEL, INT, Event, Hook, Request, ask
from edge_agent.drivers.dahdi_spill import (
    CUT_OFF,
    GONE,
    LATEST_S,
    NOT_DRAINED,
    STANDS_STILL,
    VOICE_BUFFERS,
)
from edge_agent.drivers.span import BLOCK
from tests.edge.drivers.test_dahdi_voice import FAR, NEAR, Stage, speech, staged
from tests.fakes.dahdi_clock import play
from tests.fakes.dahdi_kernel import CAMA, PRI, FakeKernel

SPILL = bytes(1 + (n * 7 + n // 160) % 100 for n in range(27_200))
"""Twenty digits and their KPs and STs, 3.4 s; octets that no silence has."""
LENGTH_S = len(SPILL) / 8000


def begun(stage: Stage, sound: bytes = SPILL) -> None:
    stage.near.play(NEAR, sound, stage.ear.on_played)


def heard_of_it(stage: Stage) -> bytes:
    """What the far end heard that is no silence."""
    return bytes(octet for octet in stage.far_ear.stream(FAR) if octet not in (0x7F, 0xFF))


async def voice_works(stage: Stage) -> None:
    said = speech(0.2)
    await stage.say(said)
    await stage.after(0.2)
    assert b"".join(said) in stage.far_ear.stream(FAR)


def test_a_spill_of_twenty_digits_is_heard_whole_and_told_within_5_ms_of_its_end() -> None:
    async def story(stage: Stage) -> None:
        began = stage.loop.time()
        begun(stage)
        await stage.ear.until(lambda: bool(stage.ear.played), LENGTH_S + 1)
        took = stage.loop.time() - began
        assert stage.ear.played == [""]
        assert LENGTH_S <= took < LENGTH_S + 0.005
        await stage.after(0.05)
        assert SPILL in stage.far_ear.stream(FAR)
        await voice_works(stage)

    staged(story, CAMA)


@pytest.mark.parametrize("octets", [1, 31, 160, 4096, 4097, 8193, 32_768])
def test_a_sound_of_any_length_that_a_channel_can_hold_is_heard_whole(octets: int) -> None:
    async def story(stage: Stage) -> None:
        sound = (SPILL * 2)[:octets]
        begun(stage, sound)
        await stage.ear.until(lambda: bool(stage.ear.played), 6.0)
        assert stage.ear.played == [""]
        await stage.after(0.05)
        assert heard_of_it(stage) == sound

    staged(story, CAMA)


def test_a_sound_that_no_channel_can_hold_is_refused_at_once_and_not_a_part_of_it_played() -> None:
    async def story(stage: Stage) -> None:
        begun(stage, bytes(32_769))
        (why,) = stage.ear.played
        assert why.startswith("3")
        assert "more than a channel can hold" in why
        stage.near.play(99, SPILL, stage.ear.on_played)
        assert stage.ear.played[1:] == [GONE]
        await voice_works(stage)

    staged(story, CAMA)


def test_a_spill_that_is_taken_short_is_void_and_was_never_heard() -> None:
    async def story(stage: Stage) -> None:
        stage.kernel.wire(NEAR).takes_at_most = 1000
        begun(stage)
        (why,) = stage.ear.played
        assert why.startswith("the channel took 1000 of 272")
        await stage.after(1.0)
        assert heard_of_it(stage) == b""
        await voice_works(stage)

    staged(story, CAMA)


def test_voice_during_a_spill_is_dropped_and_what_is_heard_after_it_is_fresh() -> None:
    async def story(stage: Stage) -> None:
        begun(stage)
        heard = len(stage.ear.blocks)
        for n in range(100):
            stage.near.send(NEAR, b"\x70" * BLOCK)
            stage.far.send(FAR, bytes([n + 1]) * BLOCK)
            await stage.after(0.02)
        assert len(stage.ear.blocks) == heard, "nobody is to hear it in blocks of half a second"
        await stage.ear.until(lambda: len(stage.ear.blocks) > heard, 3.0)
        assert stage.ear.blocks[heard] == (NEAR, b"\x7f" * BLOCK)
        await stage.after(0.1)
        assert heard_of_it(stage) == SPILL

    staged(story, CAMA)


def test_an_event_that_the_agent_has_not_taken_yet_delays_a_spill_and_does_not_tear_it() -> None:
    async def story(stage: Stage) -> None:
        stage.kernel.wire(NEAR).tell(Event.RINGOFFHOOK)
        begun(stage)
        await stage.after(0.02)
        assert list(stage.kernel.wire(NEAR).events) == [Event.RINGOFFHOOK], "the agent's to take"
        assert not stage.kernel.wire(NEAR).written
        stage.held.drain()
        await stage.ear.until(lambda: bool(stage.ear.played), LENGTH_S + 1)
        await stage.after(0.05)
        assert (stage.ear.played, heard_of_it(stage)) == ([""], SPILL)

    staged(story, CAMA)


class Interrupting(FakeKernel):
    """Something happens on the line between the first and the second buffer."""

    def write(self, descriptor: int, data: bytes) -> int:
        count = super().write(descriptor, data)
        if len(self.wire(NEAR).written) == 1 and len(data) > BLOCK:
            self.wire(NEAR).tell(Event.RINGOFFHOOK)
        return count


def test_an_event_in_the_middle_of_the_queueing_does_not_tear_it_either() -> None:
    async def story(stage: Stage) -> None:
        begun(stage)
        await stage.after(0.1)
        assert (heard_of_it(stage), stage.ear.played) == (b"", []), "it waits for the agent"
        stage.held.drain()
        await stage.ear.until(lambda: bool(stage.ear.played), LENGTH_S + 1)
        await stage.after(0.05)
        assert (stage.ear.played, heard_of_it(stage)) == ([""], SPILL)

    staged(story, CAMA, Interrupting)


def test_an_agent_that_takes_no_events_any_more_has_no_spill_played() -> None:
    async def story(stage: Stage) -> None:
        stage.kernel.wire(NEAR).tell(Event.RINGOFFHOOK)
        begun(stage)
        await stage.ear.until(lambda: bool(stage.ear.played))
        assert (stage.ear.played, heard_of_it(stage)) == ([NOT_DRAINED], b"")
        stage.held.drain()
        await voice_works(stage)

    staged(story, CAMA)


def test_a_hang_up_during_a_spill_makes_it_void_though_the_driver_says_nothing() -> None:
    async def story(stage: Stage) -> None:
        stage.held.hook(Hook.OFFHOOK)
        begun(stage)
        await stage.after(1.0)
        stage.held.hook(Hook.ONHOOK)
        await stage.ear.until(lambda: bool(stage.ear.played), LENGTH_S)
        assert stage.ear.played == [CUT_OFF]
        assert 0 < len(heard_of_it(stage)) < len(SPILL)
        await voice_works(stage)

    staged(story, CAMA)


def test_a_hook_that_is_not_its_own_leaves_a_spill_whole() -> None:
    async def story(stage: Stage) -> None:
        beside = stage.kernel.open(CHANNEL)
        ask(stage.kernel, beside, Request.SPECIFY, NEAR + 1)
        begun(stage)
        for what in (Hook.OFFHOOK, Hook.ONHOOK):
            ask(stage.kernel, beside, Request.HOOK, what)
            stage.far_held.hook(Hook.OFFHOOK)  # it answers; its hang-up would empty its own ear
            stage.held.hook(Hook.OFFHOOK)
            for _ in range(50):  # both agents take their events
                await stage.after(0.01)
                stage.held.drain()
                stage.far_held.drain()
        await stage.ear.until(lambda: bool(stage.ear.played), LENGTH_S)
        await stage.after(0.05)
        assert (stage.ear.played, heard_of_it(stage)) == ([""], SPILL)
        stage.held.drain()
        stage.kernel.close(beside)

    staged(story, CAMA)


def test_a_spill_that_is_hushed_before_or_while_it_is_heard_is_told_of_no_more() -> None:
    async def story(stage: Stage) -> None:
        stage.kernel.wire(NEAR).tell(Event.RINGOFFHOOK)
        begun(stage)
        stage.near.hush(NEAR)
        stage.held.drain()
        await stage.after(0.5)
        assert heard_of_it(stage) == b""
        begun(stage)
        await stage.after(0.5)
        stage.near.hush(NEAR)
        await stage.after(4.0)
        assert 0 < len(heard_of_it(stage)) < 0.6 * 8000
        assert stage.ear.played == []
        await voice_works(stage)

    staged(story, CAMA)


def test_a_card_that_is_taken_away_makes_the_spill_void_and_tells_once() -> None:
    stage = Stage(PRI)

    async def played() -> None:
        stage.begin()
        begun(stage)
        await stage.after(0.5)
        stage.kernel.unassign(1)
        await stage.after(5.0)
        assert stage.ear.played == [GONE]
        begun(stage)
        assert stage.ear.played == [GONE, GONE]
        stage.near.close()

    play(stage.kernel, played())


def test_a_voice_half_that_is_closed_tells_nothing_and_the_next_one_has_small_buffers() -> None:
    async def story(stage: Stage) -> None:
        begun(stage)
        await stage.after(0.5)
        stage.near.close()
        wire = stage.kernel.wire(NEAR)
        assert wire.size > BLOCK, "as when media is killed"
        stage.near = stage.borrowed(stage.held, NEAR, stage.ear)
        assert (wire.count, wire.size) == (VOICE_BUFFERS, BLOCK)
        await voice_works(stage)
        await stage.after(4.0)
        assert stage.ear.played == []

    staged(story, CAMA)


class Stopped(FakeKernel):
    """A card whose interrupts have ended: what is queued stays queued."""

    def ioctl(self, descriptor: int, request: Request, argument: bytearray) -> None:
        if request == Request.IOMUX:
            argument[:] = INT.buffer(value=0)
        else:
            super().ioctl(descriptor, request, argument)


def test_a_card_that_does_not_play_is_not_waited_for_without_end() -> None:
    async def story(stage: Stage) -> None:
        began = stage.loop.time()
        begun(stage)
        await stage.ear.until(lambda: bool(stage.ear.played), 5.0)
        assert stage.ear.played == [STANDS_STILL]
        assert stage.loop.time() - began == pytest.approx(LENGTH_S + LATEST_S, abs=0.01)

    staged(story, CAMA, Stopped)


class WithoutMemory(FakeKernel):
    """No room for large buffers."""

    def ioctl(self, descriptor: int, request: Request, argument: bytearray) -> None:
        if request == Request.SET_BUFINFO and argument[0]:
            raise OSError(errno.ENOMEM, "Cannot allocate memory")
        super().ioctl(descriptor, request, argument)


def test_a_kernel_without_room_for_it_is_told_and_costs_no_voice() -> None:
    async def story(stage: Stage) -> None:
        begun(stage)
        assert stage.ear.played == ["Cannot allocate memory"]
        await voice_works(stage)

    staged(story, CAMA, WithoutMemory)


def test_a_spill_waits_for_nobody_who_listens() -> None:
    async def story(stage: Stage) -> None:
        stage.near.listen(set())
        begun(stage)
        await stage.ear.until(lambda: bool(stage.ear.played), LENGTH_S + 1)
        stage.near.listen({NEAR})
        await stage.after(0.05)
        assert (stage.ear.played, heard_of_it(stage)) == ([""], SPILL)

    staged(story, PRI)
