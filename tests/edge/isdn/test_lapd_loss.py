"""Two of our links on a bad line, in moved time: what is handed to one comes out of the other.

A line that loses, doubles or swaps frames takes nothing. One that does all three at once may: an
acknowledgement from before an establishment that overtakes it acknowledges what was never heard,
and no number in Q.921 tells the two apart. Even then both links come to rest, and work.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from random import Random

import pytest

from edge_agent.isdn.lapd_frame import Side
from edge_agent.isdn.lapd_link import Deliver, Link, LinkConfig, LinkOutput, LinkUp, SendFrame

MESSAGES, PAUSES = 60, 4
ONE_WAY_S, LATER_S, SWAPPED_S = 0.005, 0.0005, 0.006
BUSY_FROM_S, QUIET_FROM_S, END_S = 5.0, 45.0, 200.0


@dataclass(frozen=True)
class Weather:
    """Shares of all frames, each way."""

    lost: float = 0.0
    doubled: float = 0.0
    swapped: float = 0.0


class End:
    """One side: what it was given, what it heard, and on which establishment."""

    def __init__(self, link: Link) -> None:
        self.link = link
        self.given = 0
        self.heard: list[tuple[int, int]] = []
        self.establishments = 0

    @property
    def numbers(self) -> list[int]:
        """The messages heard, as numbered when given."""
        return [number for _, number in self.heard]

    @property
    def first(self) -> list[int]:
        """The same without repetitions."""
        return list(dict.fromkeys(self.numbers))

    @property
    def at_rest(self) -> bool:
        """Nothing is out, nothing waits, and T203 alone runs."""
        due, window = self.link.next_deadline(), self.link._window
        watched = due is not None and END_S < due <= END_S + 10.0
        return self.link.up and watched and not window.outstanding and not window.ready


class Line:
    """Both ends, the frames between them, and the clock."""

    def __init__(self, seed: int, weather: Weather, config: LinkConfig) -> None:
        self.ends = [End(Link(config)), End(Link(config, Side.NETWORK))]
        self.now = 0.0
        self._weather = weather
        self._dice = Random(seed)
        self._count = 0
        self._agenda: list[tuple[float, int, Callable[[], None]]] = []

    def day(self) -> None:
        """The links come up, messages go both ways, layer 3 is busy at times, the weather turns
        fair, all comes to rest.
        """
        for end in self.ends:
            self._do(end, end.link.establish(0.0))
            for _ in range(MESSAGES):
                self._at(self._dice.uniform(BUSY_FROM_S, QUIET_FROM_S), self._gives(end))
            for _ in range(PAUSES):
                begins = self._dice.uniform(BUSY_FROM_S, QUIET_FROM_S)
                self._at(begins, self._is_busy(end, True))
                self._at(begins + self._dice.uniform(0.0, 3.0), self._is_busy(end, False))
        self._run(QUIET_FROM_S + 60.0)
        self._weather = Weather()
        self._run(END_S)

    def _gives(self, end: End) -> Callable[[], None]:
        def give() -> None:
            number, end.given = end.given, end.given + 1
            self._do(end, end.link.send(bytes((number,)), number, self.now))

        return give

    def _is_busy(self, end: End, busy: bool) -> Callable[[], None]:
        return lambda: self._do(end, end.link.set_own_busy(busy, self.now))

    def _hears(self, end: End, data: bytes) -> Callable[[], None]:
        def hear() -> None:
            self._do(end, end.link.receive(data, self.now))
            self._do(end, end.link.settle(self.now))

        return hear

    def _do(self, end: End, outputs: Iterable[LinkOutput]) -> None:
        other = self.ends[1 - self.ends.index(end)]
        for output in outputs:
            match output:
                case SendFrame(data):
                    self._carry(other, data)
                case Deliver(info):
                    end.heard.append((end.establishments, info[0]))
                case LinkUp():
                    end.establishments += 1

    def _carry(self, end: End, data: bytes) -> None:
        lost, doubled, swapped = (self._dice.random() for _ in range(3))
        if lost < self._weather.lost:
            return
        at = self.now + ONE_WAY_S + (SWAPPED_S if swapped < self._weather.swapped else 0.0)
        self._at(at, self._hears(end, data))
        if doubled < self._weather.doubled:
            self._at(at + LATER_S, self._hears(end, data))

    def _at(self, at: float, act: Callable[[], None]) -> None:
        self._count += 1
        heapq.heappush(self._agenda, (at, self._count, act))

    def _run(self, until: float) -> None:
        while True:
            due = [end.link.next_deadline() for end in self.ends]
            times = [at for at in due if at is not None] + [at for at, _, _ in self._agenda[:1]]
            self.now = min(times)
            if self.now > until:
                return
            if self._agenda and self._agenda[0][0] <= self.now:
                heapq.heappop(self._agenda)[2]()
                continue
            for end in self.ends:
                self._do(end, end.link.handle_timeout(self.now))


def day(seed: int, weather: Weather, config: LinkConfig | None = None) -> Line:
    """One day on one line."""
    line = Line(seed, weather, config or LinkConfig())
    line.day()
    return line


PATIENT = LinkConfig(n200=10)
"""So patient that the link is not given up between two messages that get through."""
ALL = list(range(MESSAGES))


@pytest.mark.parametrize("seed", range(25))
def test_a_fifth_of_all_frames_lost_costs_no_message_doubles_none_and_keeps_their_order(
    seed: int,
) -> None:
    for end in day(seed, Weather(lost=0.2), PATIENT).ends:
        assert end.numbers == ALL
        assert end.at_rest


@pytest.mark.parametrize("seed", range(25))
def test_a_link_that_is_given_up_and_comes_back_repeats_a_message_rather_than_lose_it(
    seed: int,
) -> None:
    for end in day(seed, Weather(lost=0.35)).ends:
        assert end.first == ALL
        assert len(set(end.heard)) == len(end.heard), "twice on one establishment"
        assert end.at_rest


@pytest.mark.parametrize("weather", [Weather(doubled=0.2), Weather(swapped=0.2)])
@pytest.mark.parametrize("config", [LinkConfig.primary(), LinkConfig.basic()])
@pytest.mark.parametrize("seed", range(8))
def test_doubled_or_swapped_frames_cost_no_message_either(
    seed: int, config: LinkConfig, weather: Weather
) -> None:
    for end in day(seed, weather, config).ends:
        assert end.first == ALL
        assert end.at_rest


@pytest.mark.parametrize("seed", range(15))
def test_on_a_line_that_does_everything_wrong_both_links_come_to_rest_and_work(seed: int) -> None:
    line = day(seed, Weather(lost=0.2, doubled=0.2, swapped=0.2))
    assert all(end.at_rest for end in line.ends)
    heard = sum(len(end.first) for end in line.ends)
    assert heard >= 0.95 * 2 * MESSAGES


def test_the_weather_is_as_bad_as_it_says() -> None:
    """Guard of the tests above: links that are never given up would prove nothing."""
    given_up = sum(
        end.establishments > 1 for seed in range(25) for end in day(seed, Weather(0.35)).ends
    )
    assert given_up > 20
