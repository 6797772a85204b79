"""The tandem of the simulation: the far end of E&M channels, with manners drawn anew for each
seizure.

It winks well, late, long, short, twice or not at all, asks for the number or does not, drops a call
in the midst of its digits, answers late or never, flashes, hangs up, or does not. It keeps its own
idea of what it was shown and told.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from random import Random

from edge_agent.line import HookChanged, Transition, Winked

WINK_S, DROP_S, HEARD_S = 0.2, 0.5, 0.02
"""A wink as it should be; an off-hook in the midst of the digits that ends before they do; so late
at most is a change heard of."""
WINKS: tuple[tuple[tuple[float, float], ...], ...] = (
    *(((0.15, WINK_S),),) * 7,
    ((3.5, WINK_S),),
    ((4.6, WINK_S),),
    ((0.1, 0.05),),
    ((0.1, 0.6),),
    ((0.1, 2.0),),
    ((0.1, 0.05), (0.6, WINK_S)),
    ((0.1, WINK_S), (0.5, WINK_S)),
    ((0.1, WINK_S), (0.9, DROP_S)),
    (),
)
"""When after the seizure, and for how long: good, late, too late, short, long, much too long, short
and good, twice, good and then in the midst of the digits off hook as if to take the call, none."""
FAIR_WINKS = (WINKS[0], WINKS[7], WINKS[12], WINKS[13])
ASKS_S = (0.1, 0.1, 0.3, 1.0, 3.0, 4.5, None)
ANSWERS_S = (0.4, 1.0, 1.0, 2.5, 6.0, None)
FLASHES = ((), (), (), ((0.6, 0.5),), ((0.6, 0.1),), ((0.5, 0.5), (2.0, 0.7)))
"""When after the answer, and for how long it is on hook: a flash, one too short, two of them."""
HANGS_UP_S = (1.0, 4.0, 20.0, None)
LETS_GO_S = (0.05, 0.05, 0.05, 0.3, 1.5, 4.0, 15.0)
"""How long after our hanging up a far end that is off hook is so still."""


@dataclass(frozen=True, slots=True)
class Manners:
    """What a far end does with one seizure; seconds, and ``None`` where it never does."""

    winks: tuple[tuple[float, float], ...] = WINKS[0]
    says_wink: bool = False
    """The port tells no more than that there was a wink."""
    asks: float | None = 0.1
    """After the called digits."""
    answers: float | None = 1.0
    """After the last digits."""
    flashes: tuple[tuple[float, float], ...] = ()
    hangs_up: float | None = None
    """After its answer."""
    lets_go: float = 0.05
    stubborn: bool = False
    """It winks and answers though we have hung up."""

    @property
    def takes_digits(self) -> bool:
        """Whether nothing that it does keeps the digits of a call from it. That it asks for the
        number is known 0.4 s later, when its off-hook is too long for a wink."""
        return self.winks in FAIR_WINKS and self.asks is not None and self.asks < 3.1


SILENT = Manners(winks=())
CALM = Manners(hangs_up=2.0)
"""It takes every call, and ends it soon."""


def drawn(dice: Random) -> Manners:
    """By the dice."""
    return Manners(
        dice.choice(WINKS),
        dice.random() < 0.15,
        dice.choice(ASKS_S),
        dice.choice(ANSWERS_S),
        dice.choice(FLASHES),
        dice.choice(HANGS_UP_S),
        dice.choice(LETS_GO_S),
        dice.random() < 0.2,
    )


@dataclass
class Seizure:
    """One seizure as the far end sees it."""

    channel: int
    at: float
    manners: Manners
    stale: bool
    """The far end was off hook already."""
    heard: list[str] = field(default_factory=list)
    """Spills that it heard whole."""
    over_at: float | None = None
    dropped: bool = False
    """The far end has hung up in the midst of the digits: it has no call any more."""
    meddled: bool = False
    """What the far end meant for an earlier seizure has come to this one."""

    @property
    def is_fair(self) -> bool:
        """Whether nothing that the far end did kept the digits of the call from it."""
        return self.manners.takes_digits and not self.stale and not self.meddled


@dataclass
class Far:
    """The far end of one channel."""

    off_hook: bool = False
    since: float = 0.0
    """When that was shown last."""
    shown: bool = False
    """What our port has told last."""
    told_at: float = 0.0
    seizure: Seizure | None = None
    """The one that lasts."""


class Tandem:
    """All channels of one span, on the clock of the world."""

    def __init__(
        self,
        channels: tuple[int, ...],
        groups: int,
        dice: Random,
        clock: Callable[[], float],
        at: Callable[[float, Callable[[], object]], None],
        tell: Callable[[Transition], object],
    ) -> None:
        self._groups, self._dice, self._clock, self._at, self._tell = groups, dice, clock, at, tell
        self.far = {channel: Far() for channel in channels}
        self.seizures: list[Seizure] = []
        self.manners: Manners | None = None
        """Those of every seizure; ``None``: by the dice."""
        self.cut = False
        """Our end hears nothing."""

    # ---- what our end does ---------------------------------------------------------------------

    def hook(self, channel: int, *, off_hook: bool) -> None:
        """Our end goes off hook, or on."""
        far, now = self.far[channel], self._clock()
        if not off_hook:
            self._released(channel, far, now)
            return
        manners = self.manners or drawn(self._dice)
        far.seizure = Seizure(channel, now, manners, far.off_hook)
        self.seizures.append(far.seizure)
        for after, length in manners.winks:
            self._later(far.seizure, after, partial(self._wink, channel, length))

    def hear(self, channel: int, signals: str) -> None:
        """The last of a spill has come."""
        seizure = self.far[channel].seizure
        if seizure is None or seizure.dropped:
            return
        seizure.heard.append(signals)
        manners = seizure.manners
        if len(seizure.heard) < self._groups:
            if manners.asks is not None:
                self._later(seizure, manners.asks, lambda: self._turn(channel, off_hook=True))
        elif manners.answers is not None:
            self._later(seizure, manners.answers, lambda: self._answer(seizure))

    # ---- what it does of itself ----------------------------------------------------------------

    def false_off_hook(self, channel: int, seconds: float) -> None:
        """Off hook without a call, for so long."""
        if self.far[channel].seizure is None:
            self._turn(channel, off_hook=True)
            self._at(self._clock() + seconds, lambda: self._let_go(channel))

    def mend(self) -> None:
        """Our end hears again, and is told what has changed meanwhile."""
        self.cut = False
        for channel, far in self.far.items():
            self._show(channel, far)

    def calm_down(self) -> None:
        """Good manners from now on, and every far end on hook."""
        self.manners = CALM
        for channel, far in self.far.items():
            if far.seizure is not None:
                far.seizure.manners, far.seizure.meddled = CALM, True
            self._turn(channel, off_hook=False)

    def begin_anew(self) -> None:
        """Our end is another program, whose ports tell how it is now."""
        for channel, far in self.far.items():
            far.shown = False
            self._show(channel, far)

    # ---- pieces --------------------------------------------------------------------------------

    def _released(self, channel: int, far: Far, now: float) -> None:
        seizure, far.seizure = far.seizure, None
        if seizure is None:
            return
        seizure.over_at = now
        if far.off_hook:
            self._at(now + seizure.manners.lets_go, lambda: self._let_go(channel))

    def _let_go(self, channel: int) -> None:
        """A far end that was off hook for a call that is over."""
        lasting = self.far[channel].seizure
        if lasting is None or lasting.stale:
            self._turn(channel, off_hook=False)

    def _later(self, seizure: Seizure, after: float, do: Callable[[], object]) -> None:
        def then() -> None:
            lasting = self.far[seizure.channel].seizure
            if lasting is seizure:
                do()
            elif seizure.manners.stubborn and self.manners is None:
                if lasting is not None:
                    lasting.meddled = True
                do()

        self._at(self._clock() + after, then)

    def _wink(self, channel: int, length: float) -> None:
        far, now = self.far[channel], self._clock()
        seizure = far.seizure
        if seizure is not None and seizure.manners.says_wink and not far.off_hook:
            if WINK_S <= length < 0.3:
                self._at(now + length, lambda: self._say(channel, Winked(channel, now + length)))
            return
        self._turn(channel, off_hook=True)
        self._at(now + length, lambda: self._wink_over(channel, length))

    def _wink_over(self, channel: int, length: float) -> None:
        seizure = self.far[channel].seizure
        if seizure is not None and length == DROP_S and len(seizure.heard) < self._groups:
            seizure.dropped = True
        self._turn(channel, off_hook=False)

    def _answer(self, seizure: Seizure) -> None:
        channel, manners = seizure.channel, seizure.manners
        self._turn(channel, off_hook=True)
        for after, length in manners.flashes:
            self._later(seizure, after, lambda: self._turn(channel, off_hook=False))
            self._later(seizure, after + length, lambda: self._turn(channel, off_hook=True))
        if manners.hangs_up is not None:
            self._later(seizure, manners.hangs_up, lambda: self._turn(channel, off_hook=False))

    def _turn(self, channel: int, *, off_hook: bool) -> None:
        far = self.far[channel]
        far.off_hook = off_hook
        self._show(channel, far)

    def _show(self, channel: int, far: Far) -> None:
        if self.cut or far.shown == far.off_hook:
            return
        far.shown, far.since = far.off_hook, self._clock()
        self._say(channel, HookChanged(channel, far.off_hook, far.since))

    def _say(self, channel: int, transition: Transition) -> None:
        """Heard a little later, in the order in which it was shown."""
        far, late = self.far[channel], self._dice.uniform(0.0, HEARD_S)
        far.told_at = max(far.told_at, self._clock() + late)
        if not self.cut:
            self._at(far.told_at, lambda: self._tell(transition))
