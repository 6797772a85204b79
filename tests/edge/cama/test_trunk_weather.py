"""A trunk in foul weather: far ends that wink late, long, twice or not at all, spills that are torn
or never told of, spans that come and go. A failing seed is replayed by its number.

Whatever happens, each call ends once and no circuit is left off hook.
"""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from e911.numbers import Elin
from edge_agent.cama.config import Answering, CamaSpan, Start, Supervising
from edge_agent.cama.outputs import CamaOutput, Hook, Hush, Pulse
from edge_agent.leg import (
    Alerting,
    Answered,
    ChannelsChanged,
    Clear,
    Cleared,
    Discarded,
    Flash,
    LegId,
    MediaChanged,
)
from edge_agent.line import BitsChanged, HookChanged, PolarityChanged, Transition, Winked
from tests.edge.cama.line import SPAN, TRUNK, a_trunk, seize

SEEDS = 300
FAR = "cama-2"
SPANS = (CamaSpan(SPAN, (1, 2)), CamaSpan(FAR, (7,), Supervising.LOOP))
NUMBERS = ("4255550142", "4255550143", "2065550142")
SHEETS: list[dict[str, Any]] = [
    {},
    {"format": "fgc"},
    {"format": "fgc", "answer": Answering.DELAY, "answer_delay_ms": 2000},
    {"format": "fgd", "start": Start.IMMEDIATE},
    {"format": "emf-20", "start": Start.DELAY_DIAL, "flash_most_ms": 0},
    {"answer": Answering.CUT_THROUGH, "timers": {"guard": 0.1, "stuck": 0.5, "suspect_clear": 5.0}},
    {"format": "kp-npd-nxx-xxxx-st", "npd": {"425": 0}, "answer": Answering.DELAY},
]
PAUSES = (0.0, 0.03, 0.1, 0.2, 0.36, 0.5, 1.0, 3.0)


class Weather:
    """One trunk, and the gateway, media and far ends at the mercy of the dice."""

    def __init__(self, seed: int) -> None:
        self.dice = Random(seed)
        self.trunk = a_trunk(spans=SPANS, **SHEETS[seed % len(SHEETS)])
        self.now = 100.0
        self.words: dict[LegId, list[CamaOutput]] = {}
        self.off: set[tuple[str, int]] = set()
        self.spills: dict[tuple[str, int], int] = {}
        self.told: dict[str, ChannelsChanged] = {}
        self.far: dict[tuple[str, int], bool] = {
            (SPAN, 1): False,
            (SPAN, 2): False,
            (FAR, 7): False,
        }
        self.numbers: dict[LegId, str] = {}
        self.signals: list[str] = []

    @property
    def up(self) -> list[LegId]:
        return [leg for leg, words in self.words.items() if not self._ended(words)]

    def run(self, until: float) -> None:
        for _ in range(10_000):
            due = self.trunk.next_deadline()
            if due is None or due > until:
                break
            self.now = max(self.now, due)
            self.take(self.trunk.handle_timeout(self.now))
        else:
            raise AssertionError("a timer that is always due")
        self.now = max(self.now, until)

    def take(self, outputs: list[CamaOutput]) -> None:
        for output in outputs:
            match output:
                case Hook(span, channel, off_hook):
                    (self.off.add if off_hook else self.off.discard)((span, channel))
                    assert off_hook or (span, channel) not in self.spills, "hung up in a spill"
                case Pulse(span, channel, spill, signals):
                    assert (span, channel) in self.off
                    assert (span, channel) not in self.spills
                    self.spills[span, channel] = spill
                    self.signals.append(signals)
                case Hush(span, channel):
                    del self.spills[span, channel]
                case ChannelsChanged():
                    self.told[output.span] = output
            leg = getattr(output, "leg", None)
            if leg is not None:
                self.words[leg].append(output)
        assert len(self.off) <= len(self.up), "a circuit is off hook without a call"

    def act(self) -> None:
        """One deed of somebody."""
        match self.dice.randrange(12):
            case 0 | 1:
                self._call()
            case 2 if self.up:
                cause = self.dice.choice((16, 16, 8, 102))
                self.take(self.trunk.handle(Clear(self.dice.choice(self.up), cause), self.now))
            case 3 | 4 if self.spills:
                self.report()
            case 5 if self.dice.random() < 0.3:
                span = self.dice.choice((SPAN, FAR))
                feed = self.dice.choice((self.trunk.span_down, self.trunk.span_up))
                self.take(feed(span, self.now))
            case _:
                self.take_turn(*self.dice.choice(list(self.far)))

    def report(self) -> None:
        """Media tells of a spill, well or badly, or of one that nobody waits for."""
        (span, channel), spill = self.dice.choice(list(self.spills.items()))
        if self.dice.random() < 0.1:
            self.take(self.trunk.spill_played(span, channel, spill + 1000, "", self.now))
            return
        del self.spills[span, channel]
        why = "underrun" if self.dice.random() < 0.1 else ""
        if why:
            self.spills[span, channel] = spill  # the core hushes what it cannot trust
        self.take(self.trunk.spill_played(span, channel, spill, why, self.now))

    def take_turn(self, span: str, channel: int) -> None:
        """The far end of a channel picks up, hangs up or winks; a foreign word changes nothing."""
        at = self.now - self.dice.choice((0.0, 0.0, 0.02))
        if self.dice.random() < 0.2:
            self.far[span, channel] = False
            self.take(self.trunk.hear(span, Winked(channel, at), self.now))
            return
        if self.dice.random() < 0.1:
            strange = BitsChanged(channel, 15, at)
            assert self.trunk.hear(span, strange, self.now) == [Discarded("transition-foreign")]
        self.set_far(span, channel, is_off=not self.far[span, channel], at=at)

    def set_far(self, span: str, channel: int, *, is_off: bool, at: float) -> None:
        self.far[span, channel] = is_off
        shown: Transition = HookChanged(channel, is_off, at)
        if span == FAR:
            shown = PolarityChanged(channel, is_off, at)
        self.take(self.trunk.hear(span, shown, self.now))

    def come_to_rest(self) -> None:
        """Everybody hangs up, and the spans are mended."""
        for span, channel in self.far:
            self.set_far(span, channel, is_off=False, at=self.now)
            self.take(self.trunk.span_up(span, self.now))
        for leg in self.up:
            self.take(self.trunk.handle(Clear(leg, self.dice.choice((16, 102))), self.now))
        self.run(self.now + 700.0)

    def _call(self) -> None:
        leg = LegId(f"leg-{len(self.words)}")
        self.words[leg] = []
        self.numbers[leg] = self.dice.choice(NUMBERS)
        request = seize(
            leg,
            self.dice.choice((None, 1, 2, 107)),
            calling=Elin(self.numbers[leg]),
            without_number=self.dice.random() < 0.3,
        )
        self.take(self.trunk.handle(request, self.now))

    @staticmethod
    def _ended(words: list[CamaOutput]) -> bool:
        return any(isinstance(word, Cleared) for word in words)


def played(seed: int) -> Weather:
    weather = Weather(seed)
    for _ in range(60):
        weather.act()
        weather.run(weather.now + weather.dice.choice(PAUSES))
    return weather


def checked(weather: Weather) -> None:
    for leg, words in weather.words.items():
        ends = [word for word in words if isinstance(word, Cleared)]
        assert len(ends) == 1, (leg, words)
        assert words[-1] is ends[0], (leg, words)
        kinds = [type(word) for word in words]
        assert kinds.count(Answered) <= 1, (leg, words)
        for late in (Answered, Flash):
            if late in kinds:
                assert MediaChanged in kinds[: kinds.index(late)], (leg, words)
                assert Alerting in kinds[: kinds.index(late)], (leg, words)
        if Answered in kinds or Alerting in kinds:
            assert ends[0].sent
            assert not ends[0].uncarried


def only_given_numbers(weather: Weather) -> None:
    """R2: no spill holds a number that no call was given."""
    given = set(weather.numbers.values())
    for signals in weather.signals:
        groups = signals.translate(dict.fromkeys(map(ord, "*#ABC"), " ")).split()
        for group in groups:
            assert len(group) <= 3 or any(group.endswith(n[3:]) for n in given), signals


@pytest.mark.parametrize("tens", range(SEEDS // 10))
def test_r2_calls_end_once_circuits_on_hook_and_no_strange_number_is_said(
    tens: int,
) -> None:
    for seed in range(10 * tens, 10 * tens + 10):
        weather = played(seed)
        weather.come_to_rest()
        checked(weather)
        only_given_numbers(weather)
        assert weather.off == set(), seed
        assert weather.spills == {}, seed
        assert weather.trunk.next_deadline() is None, seed
        for span, told in weather.told.items():
            assert told == ChannelsChanged(TRUNK, span, frozenset()), seed


def test_the_weather_is_foul_enough_to_matter() -> None:
    """Calls are answered, flash, fail in each way and are lost, or the simulation proves
    nothing.
    """
    ends: set[str] = set()
    kinds: set[type] = set()
    for seed in range(SEEDS // 2):
        for words in played(seed).words.values():
            kinds |= {type(word) for word in words}
            ends |= {f"{word.text}{word.lost:d}" for word in words if isinstance(word, Cleared)}
    assert {Answered, Flash, Alerting, Cleared} <= kinds
    assert {
        "0",
        "ani-not-carried0",
        "digits-not-told-to-be-out0",
        "digits-torn:-underrun0",
        "far-end-hung-up-before-it-had-the-digits0",
        "no-circuit0",
        "no-start-signal0",
        "no-wink0",
        "number-not-asked-for0",
        "span-alarm0",
        "span-alarm1",
        "stuck-off-hook0",
    } == ends
