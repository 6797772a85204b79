"""A paced sound on a loop that is driven by hand: exact times, and nothing lost by a late timer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from edge_agent.drivers.paced import CLOSED, NOTHING, REPLACED, PacedSounds
from edge_agent.drivers.span import BLOCK
from edge_agent.leg import Law


class Clock(asyncio.SelectorEventLoop):
    """A loop whose time a test moves; timers that are due then run, however late."""

    now = 100.0

    def time(self) -> float:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += seconds
        self.call_soon(self.stop)
        self.run_forever()


class Stage:
    def __init__(self, law: Law = Law.MU) -> None:
        self.clock = Clock()
        self.sent: list[tuple[float, int, bytes]] = []
        self.played: list[tuple[float, str]] = []
        self.sounds = PacedSounds(self.clock, self._send, law)

    def _send(self, channel: int, block: bytes) -> None:
        self.sent.append((round(self.clock.now - 100.0, 3), channel, block))

    def on_played(self, why: str) -> None:
        self.played.append((round(self.clock.now - 100.0, 3), why))

    def play(self, sound: bytes, channel: int = 1) -> None:
        self.sounds.play(channel, sound, self.on_played)


def staged(story: Callable[[Stage], None], law: Law = Law.MU) -> None:
    stage = Stage(law)
    try:
        story(stage)
    finally:
        stage.clock.close()


def test_a_block_goes_every_20_ms_and_the_sound_is_out_20_ms_after_the_last() -> None:
    def story(stage: Stage) -> None:
        stage.play(b"a" * BLOCK + b"b" * BLOCK + b"c" * BLOCK)
        for _ in range(70):
            stage.clock.move(0.001)
        assert [(at, block[:1]) for at, _, block in stage.sent] == [
            (0.0, b"a"),
            (0.02, b"b"),
            (0.04, b"c"),
        ]
        assert stage.played == [(0.06, "")]
        assert 1 not in stage.sounds

    staged(story)


def test_what_became_due_while_the_timer_was_late_goes_at_once_and_the_rest_on_time() -> None:
    def story(stage: Stage) -> None:
        stage.play(b"".join(bytes([n]) * BLOCK for n in range(1, 6)))
        stage.clock.move(0.05)
        for _ in range(60):
            stage.clock.move(0.001)
        assert [(at, block[0]) for at, _, block in stage.sent] == [
            (0.0, 1),
            (0.05, 2),
            (0.05, 3),
            (0.06, 4),
            (0.08, 5),
        ]
        assert stage.played == [(0.1, "")]

    staged(story)


@pytest.mark.parametrize(("law", "silence"), [(Law.MU, 0xFF), (Law.A, 0xD5)])
def test_the_last_block_is_filled_up_with_the_silence_of_the_law(law: Law, silence: int) -> None:
    def story(stage: Stage) -> None:
        stage.play(b"ab")
        assert stage.sent == [(0.0, 1, b"ab" + bytes([silence]) * 158)]

    staged(story, law)


def test_each_channel_has_a_sound_of_its_own() -> None:
    def story(stage: Stage) -> None:
        stage.play(b"a" * BLOCK * 3, 1)
        stage.play(b"b" * BLOCK * 3, 2)
        stage.sounds.hush(1)
        for _ in range(5):
            stage.clock.move(0.02)
        assert [channel for _, channel, _ in stage.sent] == [1, 2, 2, 2]
        assert [why for _, why in stage.played] == [""]

    staged(story)


def test_a_sound_that_cannot_be_whole_is_told_why() -> None:
    def story(stage: Stage) -> None:
        stage.play(b"")
        stage.play(b"a" * BLOCK * 3)
        stage.play(b"b" * BLOCK * 3)
        stage.sounds.close()
        stage.play(b"c" * BLOCK)
        stage.clock.move(1.0)
        assert [why for _, why in stage.played] == [NOTHING, REPLACED, CLOSED]

    staged(story)
