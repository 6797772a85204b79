"""Two trunks back to back in foul weather: every call ends once, and leaves no timer and no
channel.

A fifth of the frames is lost, doubled or late, the line breaks and is mended, both sides call and
clear when they like. A failing seed is replayed by its number.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import pytest

from edge_agent.isdn.config import E1_CHANNELS
from edge_agent.isdn.lapd_config import LinkConfig
from edge_agent.isdn.lapd_frame import Side
from edge_agent.isdn.switches import SwitchType
from edge_agent.leg import (
    Answer,
    Answered,
    Clear,
    Cleared,
    LegId,
    LinkChanged,
    Offered,
    Ring,
    ShowProgress,
)
from tests.edge.isdn.pair import NETWORK, USER, Pair, call_back, dial_911

SEEDS = 200
FAULTS = 0.2
_QUIET = LinkConfig(t203_s=60.0)
_BASIC = replace(LinkConfig.basic(), t203_s=60.0)
LINES: list[dict[str, Any]] = [
    {"channels": (1, 2, 3), "restart": True},
    {"channels": (1, 2), "link": _BASIC, "switch": SwitchType.EURO},
    {"channels": E1_CHANNELS[-4:], "switch": SwitchType.EURO, "overlap": True, "overlap_digits": 9},
    {"channels": (22, 23), "announces": True, "t309_s": 6.0},
]


class Weather:
    """The gateways of both sides, at the mercy of the dice."""

    def __init__(self, seed: int) -> None:
        self.dice = Random(seed)
        self.pair = Pair(self.dice, FAULTS, **{"link": _QUIET, **LINES[seed % len(LINES)]})
        self.words: dict[LegId, list[object]] = {}
        self.up: dict[LegId, Side] = {}
        self._count = 0

    def act(self) -> None:
        """One deed of somebody."""
        self.hear()
        side = self.dice.choice((USER, NETWORK))
        legs = sorted(leg for leg, of in self.up.items() if of is side)
        match self.dice.randrange(12):
            case 0 | 1 | 2 | 3:
                self._call(side)
            case 4 if self.dice.random() < 0.3:
                self.pair.break_line()
                self.pair.run(self.pair.now + self.dice.choice((0.5, 5.0, 40.0, 120.0)))
                self.pair.mend_line()
            case deed if legs:
                self._ask(side, self.dice.choice(legs), deed)

    def hear(self) -> None:
        """Sort what was said by leg."""
        for side in (USER, NETWORK):
            for word in self.pair.take(side):
                leg = getattr(word, "leg", None)
                if leg is not None:
                    self.words.setdefault(leg, []).append(word)
                    self.up[leg] = side
                    if isinstance(word, Cleared):
                        del self.up[leg]

    def _call(self, side: Side) -> None:
        self._count += 1
        leg = f"ours-{self._count}"
        channel = self.dice.choice((None, 1, 2, 23))
        urgent = self.dice.random() < 0.5
        request = dial_911(leg, channel, emergency=urgent) if side is USER else call_back(leg)
        self.up[request.leg] = side
        self.words.setdefault(request.leg, [])
        self.pair.ask(side, request)

    def _ask(self, side: Side, leg: LegId, deed: int) -> None:
        requests = (Clear(leg, 16), Answer(leg), Ring(leg, in_band=True), ShowProgress(leg))
        self.pair.ask(side, requests[deed % 4])


def checked(weather: Weather) -> None:
    """What must hold for every leg, whatever happened."""
    for leg, words in weather.words.items():
        ends = [word for word in words if isinstance(word, Cleared)]
        assert len(ends) == 1, (leg, words)
        assert words[-1] is ends[0], (leg, words)
        offered = [word for word in words if isinstance(word, Offered)]
        assert len(offered) == (0 if leg.startswith("ours") else 1), (leg, words)
        assert not offered or words[0] is offered[0], (leg, words)
        assert len([word for word in words if isinstance(word, Answered)]) <= 1, (leg, words)


@pytest.mark.parametrize("tens", range(SEEDS // 10))
def test_every_call_ends_once_and_leaves_nothing(tens: int) -> None:
    for seed in range(10 * tens, 10 * tens + 10):
        weather = Weather(seed)
        for _ in range(25):
            weather.act()
            weather.pair.run(weather.pair.now + weather.dice.choice((0.0, 0.01, 0.5, 3.0)))
        weather.hear()
        pair = weather.pair
        pair.faults = 0.0
        for leg, side in list(weather.up.items()):
            pair.ask(side, Clear(leg, 16))
        pair.run(pair.now + 700.0)
        weather.hear()
        checked(weather)
        for trunk in pair.trunks.values():
            assert not trunk.legs | trunk.busy_channels, seed
            assert trunk.link_up, seed
            assert not (trunk.config.restart and trunk.out_of_service), seed
        before = list(pair.frames)
        pair.run(pair.now + 60.0)
        assert all(len(frame) == 4 for frame in pair.frames[len(before) :]), seed
        assert pair.take(USER, LinkChanged) == [], seed


def test_the_weather_is_foul_enough_to_matter() -> None:
    """Calls come up and fail, on both sides, or the simulation would prove nothing."""
    seen: set[type] = set()
    causes: set[int] = set()
    for seed in range(12):
        weather = Weather(seed)
        for _ in range(25):
            weather.act()
            weather.pair.run(weather.pair.now + weather.dice.choice((0.0, 0.01, 0.5, 3.0)))
        weather.hear()
        for words in weather.words.values():
            seen |= {type(word) for word in words}
            causes |= {word.cause for word in words if isinstance(word, Cleared)}
    assert {Offered, Answered, Cleared} <= seen
    assert {16, 34, 102} <= causes
