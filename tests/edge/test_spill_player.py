"""A spill that was asked for is answered once: out whole, or void and why."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict

import pytest

from edge_agent.cama.signals import Tones
from edge_agent.drivers.span import OnPlayed
from edge_agent.leg import Law
from edge_agent.media.mf import spill
from edge_agent.media.tones import RATE
from edge_agent.messages import PlaySpill, SpillPlayed, StopSpill
from edge_agent.spill_player import UNKNOWN, SpillPlayer

ORDER = PlaySpill("cama", 3, 7, "*911#", 120, 70, 90, 60, -10.0)


class Half:
    """A voice half that plays when the test says so."""

    def __init__(self) -> None:
        self.sounds: dict[int, tuple[bytes, OnPlayed]] = {}
        self.hushed: list[int] = []

    def send(self, channel: int, block: bytes) -> None:
        raise AssertionError("nobody speaks here")

    def listen(self, channels: Collection[int]) -> None:
        raise AssertionError("nobody listens here")

    def play(self, channel: int, sound: bytes, on_played: OnPlayed) -> None:
        self.sounds[channel] = sound, on_played

    def hush(self, channel: int) -> None:
        self.hushed.append(channel)

    def close(self) -> None:
        raise AssertionError("it is another's to close")

    def is_out(self, channel: int, why: str = "") -> None:
        self.sounds[channel][1](why)


class Stage:
    def __init__(self, law: Law = Law.MU) -> None:
        self.half = Half()
        self.told: list[SpillPlayed] = []
        self.player = SpillPlayer(self.told.append)
        self.player.opened("cama", self.half, (1, 2, 3), law)


@pytest.mark.parametrize(
    ("signals", "tones", "ms"),
    [
        ("*05550142#", Tones(), 1324),
        ("*2#", Tones(), 372),
        ("*1#", Tones(kp_ms=120, digit_ms=60, st_ms=70, gap_ms=65), 380),
        ("*404255550142A", Tones(st_ms=90), 1890),
    ],
)
def test_a_core_that_waits_for_a_spill_waits_for_as_long_as_media_plays_it(
    signals: str, tones: Tones, ms: int
) -> None:
    assert tones.length_ms(signals) == ms
    assert len(spill(signals, **asdict(tones))) == ms * RATE // 1000


@pytest.mark.parametrize("law", list(Law))
def test_a_spill_is_played_as_it_was_asked_for_in_the_law_of_its_span(law: Law) -> None:
    stage = Stage(law)
    stage.player.play(ORDER)
    sound = spill("*911#", kp_ms=120, digit_ms=70, st_ms=90, gap_ms=60, level_dbm0=-10.0, law=law)
    assert stage.half.sounds[3][0] == sound
    assert stage.told == [], "it is not out yet"
    stage.half.is_out(3)
    stage.half.is_out(3)
    assert stage.told == [SpillPlayed("cama", 3, 7)]


@pytest.mark.parametrize(
    ("order", "why"),
    [
        (PlaySpill("other", 3, 1, "*911#"), UNKNOWN),
        (PlaySpill("cama", 4, 1, "*911#"), UNKNOWN),
        (PlaySpill("cama", 3, 1, "*9x1#"), "x"),
        (PlaySpill("cama", 3, 1, ""), ""),
        (PlaySpill("cama", 3, 1, "*911#", level_dbm0=3.0), "G.711"),
    ],
    ids=["span", "channel", "signal", "nothing", "level"],
)
def test_what_cannot_be_played_is_void_at_once(order: PlaySpill, why: str) -> None:
    stage = Stage()
    stage.player.play(order)
    (told,) = stage.told
    assert (told.span, told.channel, told.spill) == (order.span, order.channel, 1)
    assert told.why
    assert why in told.why
    assert stage.half.sounds == {}


def test_a_spill_that_the_card_did_not_play_whole_is_told_with_its_reason() -> None:
    stage = Stage()
    stage.player.play(ORDER)
    stage.half.is_out(3, "the channel took 4096 of 27200 bytes")
    assert stage.told == [SpillPlayed("cama", 3, 7, "the channel took 4096 of 27200 bytes")]


def test_a_spill_that_is_taken_back_is_told_of_no_more() -> None:
    stage = Stage()
    stage.player.play(ORDER)
    stage.player.stop(StopSpill("cama", 3))
    stage.half.is_out(3)
    stage.player.stop(StopSpill("cama", 9))
    stage.player.stop(StopSpill("other", 3))
    assert (stage.half.hushed, stage.told) == ([3], [])


@pytest.mark.parametrize("again", [True, False])
def test_a_span_that_is_closed_makes_what_it_was_playing_void_and_no_other(again: bool) -> None:
    stage, other = Stage(), Half()
    stage.player.opened("other", other, (3,), Law.MU)
    for span, channel in (("cama", 1), ("cama", 3), ("other", 3)):
        stage.player.play(PlaySpill(span, channel, 10 + channel, "*2#"))
    stage.player.closed("cama", "the span was closed")
    assert stage.told == [
        SpillPlayed("cama", 1, 11, "the span was closed"),
        SpillPlayed("cama", 3, 13, "the span was closed"),
    ]
    stage.half.is_out(1)
    other.is_out(3)
    assert stage.told[2:] == [SpillPlayed("other", 3, 13)]
    if again:
        fresh = Half()
        stage.player.opened("cama", fresh, (3,), Law.MU)
        stage.player.play(ORDER)
        fresh.is_out(3)
        assert stage.told[-1] == SpillPlayed("cama", 3, 7)
    else:
        stage.player.play(ORDER)
        assert stage.told[-1] == SpillPlayed("cama", 3, 7, UNKNOWN)
