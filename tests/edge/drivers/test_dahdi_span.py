"""The D channel on the fake kernel: whole frames, and a count of what the line spoiled."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from edge_agent.drivers.dahdi import CHANNEL, Event, Request, ask
from edge_agent.drivers.dahdi_span import FRAME_BUFFERS, FRAME_SIZE, MOST_HELD, DahdiDChannel
from tests.edge.drivers.span_conformance import Ear
from tests.fakes.dahdi_clock import play
from tests.fakes.dahdi_kernel import FakeKernel

D_NEAR, D_FAR = 24, 48


class Stage:
    """Our D channel, and the bare other end."""

    def __init__(self) -> None:
        self.kernel = FakeKernel()
        self.ear = Ear()
        self.moved: list[str] = []

    def begin(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.far = self.kernel.open(CHANNEL)
        ask(self.kernel, self.far, Request.SPECIFY, D_FAR)
        self.kernel.wire(D_FAR).buffers(FRAME_BUFFERS, FRAME_SIZE)
        self.d_channel = DahdiDChannel(
            self.kernel,
            self.loop,
            D_NEAR,
            self.ear.on_frame,
            lambda: self.moved.append("alarm"),
            lambda: self.moved.append("gone"),
        )

    async def after(self, seconds: float) -> None:
        passed = asyncio.Event()
        self.loop.call_later(seconds, passed.set)
        await passed.wait()

    def heard(self) -> list[bytes]:
        """What the far end can read, without its check sequence."""
        return [frame[:-2] for frame in self.kernel.wire(D_FAR).read]


def staged(story: Callable[[Stage], Coroutine[Any, Any, None]]) -> None:
    stage = Stage()

    async def played() -> None:
        stage.begin()
        await story(stage)
        stage.d_channel.close()
        stage.kernel.close(stage.far)

    play(stage.kernel, played())
    assert stage.kernel.open_descriptors == 0


def test_frames_go_and_come_without_their_check_sequence() -> None:
    async def story(stage: Stage) -> None:
        await stage.after(0.2)
        stage.d_channel.send(b"\x00\x01\x7f")
        stage.kernel.write(stage.far, b"\x02\x01\x73\0\0")
        await stage.ear.until(lambda: bool(stage.ear.frames))
        assert stage.ear.frames == [b"\x02\x01\x73"]
        assert stage.heard() == [b"\x00\x01\x7f"]
        assert stage.d_channel.counts == {"sent": 1, "heard": 1}

    staged(story)


def test_what_is_sent_right_after_the_open_waits_until_the_far_end_can_hear_it() -> None:
    async def story(stage: Stage) -> None:
        for number in range(3):
            stage.d_channel.send(bytes([number]) * 4)
        await stage.after(0.3)
        assert stage.heard() == [bytes([number]) * 4 for number in range(3)]

    staged(story)


def test_of_what_waits_for_the_far_end_the_latest_is_kept() -> None:
    async def story(stage: Stage) -> None:
        for number in range(MOST_HELD + 5):
            stage.d_channel.send(bytes([number]))
        stage.kernel.wire(D_FAR).buffers(64, 100)
        await stage.after(1.0)
        assert stage.heard() == [bytes([n]) for n in range(5, MOST_HELD + 5)]

    staged(story)


def test_a_frame_that_finds_no_room_is_lost_and_counted() -> None:
    async def story(stage: Stage) -> None:
        await stage.after(0.2)
        for _ in range(FRAME_BUFFERS + 3):
            stage.d_channel.send(bytes(200))
        assert stage.d_channel.counts == {"sent": FRAME_BUFFERS, "lost": 3}

    staged(story)


def test_an_event_in_the_way_of_a_frame_costs_no_frame() -> None:
    async def story(stage: Stage) -> None:
        await stage.after(0.2)
        stage.kernel.wire(D_NEAR).tell(Event.BADFCS)
        stage.d_channel.send(b"frame")
        await stage.after(0.1)
        assert stage.heard() == [b"frame"]
        assert stage.d_channel.counts["badfcs"] == 1

    staged(story)


@pytest.mark.parametrize(
    ("event", "counted"),
    [(Event.BADFCS, "badfcs"), (Event.ABORT, "abort"), (Event.OVERRUN, "overrun")],
)
def test_a_spoiled_frame_is_counted_with_no_data_to_wake_anybody(
    event: Event, counted: str
) -> None:
    async def story(stage: Stage) -> None:
        for _ in range(3):
            stage.kernel.wire(D_NEAR).tell(event)
        await stage.after(0.1)
        assert stage.d_channel.counts == {counted: 3}
        assert stage.ear.frames == []

    staged(story)


def test_alarms_are_passed_on_as_news_not_as_what_they_are() -> None:
    async def story(stage: Stage) -> None:
        stage.kernel.set_alarms(1, 8)
        await stage.after(0.1)
        stage.kernel.set_alarms(1, 0)
        await stage.after(0.1)
        assert stage.moved == ["alarm", "alarm"]

    staged(story)


def test_a_span_that_is_taken_away_is_told_and_sending_is_no_error() -> None:
    async def story(stage: Stage) -> None:
        await stage.after(0.2)
        stage.kernel.unassign(1)
        await stage.after(0.01)
        assert "gone" in stage.moved
        await stage.after(1.5)
        stage.moved.clear()
        stage.d_channel.send(b"nobody")
        assert stage.moved == [], "never from within a send"
        await stage.after(0.01)
        assert "gone" in stage.moved

    staged(story)
