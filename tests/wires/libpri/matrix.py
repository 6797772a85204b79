"""Many calls over one line to libpri: a cell is a switch, a kind of line, and how bad the line is.

Whatever the line does, every call ends in a known state on both sides and leaves nothing. Where it
does nothing, every call also completes.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from edge_agent.isdn.config import BRI_CHANNELS, E1_CHANNELS, T1_CHANNELS, IsdnTrunkConfig
from edge_agent.isdn.lapd_config import Interface, LinkConfig
from edge_agent.isdn.switches import SwitchType
from edge_agent.isdn.timers import T
from edge_agent.isdn.trunk import Output, Trunk
from edge_agent.leg import Answer, Answered, Clear, Cleared, Law, LegId, Offered, Ring
from tests.wires.libpri.faults import ALL
from tests.wires.libpri.rig import Event, Ids, Rig
from tests.wires.libpri.scene import ELIN, PSAP, nothing_is_left, seize

T200_S, T309_S = 0.1, 6.0
TIMERS = MappingProxyType({T.T303: 1.0, T.T305: 4.0, T.T308: 1.0, T.T310: 10.0, T.T313: 2.0})
"""As short as the limits allow, so that a call that has to end by its timers does so soon. Only
where the line is bad: on a good one nothing waits for a timer, and a machine that stands still for
half a second must not look like a line that does.
"""
THEIR_TIMERS = {
    "T200": 100,
    "T303": 1000,
    "T305": 4000,
    "T308": 1000,
    "T309": 6000,
    "T312": 2000,
    "T313": 2000,
}
LINKS = MappingProxyType(
    {
        Interface.PRIMARY: LinkConfig.primary,
        Interface.BASIC: LinkConfig.basic,
        Interface.MULTIPOINT: LinkConfig.multipoint,
    }
)
WE_CLEAR, THEY_CLEAR = "911", "933"
"""What is dialled says who hangs up."""
NORMAL, UNSAID = 16, 0
GIVE_UP_S = 6.0
DIAL_AGAIN_S = 0.2
IDLE_S, PER_CALL_S = 40.0, 0.05
"""How long a cell may take: for the last timers to end what is left, and for every call."""


@dataclass(frozen=True)
class Cell:
    """One line."""

    switch: SwitchType
    line: Interface
    share: float = 0.0
    """Of the frames, in each direction, that meet a fault."""
    kinds: tuple[str, ...] = ALL

    @property
    def channels(self) -> tuple[int, ...]:
        """B channels of the line."""
        if self.line is not Interface.PRIMARY:
            return BRI_CHANNELS
        return E1_CHANNELS if self.switch is SwitchType.EURO else T1_CHANNELS

    @property
    def law(self) -> Law:
        """Where the switch speaks E1 or is European, A-law."""
        return Law.A if self.switch is SwitchType.EURO else Law.MU

    def rig(self) -> Rig:
        """Both ends of it, the link up."""
        good, link = not self.share, LINKS[self.line]()
        ours = MappingProxyType({}) if good else TIMERS
        config = IsdnTrunkConfig(
            "psap",
            "span-1",
            self.channels,
            switch=self.switch,
            law=self.law,
            t309_s=T309_S,
            link=link if good else replace(link, t200_s=T200_S),
            timers=ours,
            emergency_timers=ours,
        )
        theirs = {} if good else THEIR_TIMERS
        timers = [f"--timer={name}={ms}" for name, ms in theirs.items()]
        options = (f"--line={self.line}", *timers)
        return Rig(
            Trunk(config, Ids()),
            switch=self.switch.value,
            share=self.share,
            kinds=self.kinds,
            options=options,
        )

    def patience_s(self, calls: int) -> float:
        """How long ``calls`` may take."""
        slow = 100 * self.share * (1 if self.line is Interface.PRIMARY else 2)
        return IDLE_S + calls * PER_CALL_S * (1 + slow)

    def __str__(self) -> str:
        what = "" if self.kinds == ALL else "-" + "-".join(self.kinds)
        return f"{self.switch.value}-{self.line}-{self.share:.0%}{what}"


@dataclass
class Outcome:
    """What became of the calls of one cell, one way."""

    cell: Cell
    calls: int
    way: str
    completed: int
    """Answered, and cleared with cause 16."""
    given_up: int
    """Not answered: the caller hung up."""
    causes: Counter[int]
    faults: Counter[str] = field(default_factory=Counter)
    frames: int = 0
    seconds: float = 0.0

    def __str__(self) -> str:
        faults = ", ".join(f"{count} {fault}" for fault, count in sorted(self.faults.items()))
        causes = ", ".join(f"{n}x{cause}" for cause, n in sorted(self.causes.items()))
        return (
            f"{self.cell!s:18} {self.way:9} {self.completed}/{self.calls} completed; "
            f"{self.given_up} given up; causes {causes}; "
            f"{self.frames} frames: {faults or 'no fault'}; {self.seconds:.1f} s"
        )


class CallsOut:
    """911 calls, as many at a time as there are channels, cleared from here or from there.

    A caller whom nobody answers gives up, as callers do: after a link was established anew there
    may be no CONNECT that could still come.
    """

    def __init__(self, cell: Cell, rig: Rig, calls: int) -> None:
        self._cell, self._rig = cell, rig
        self._waiting = list(range(calls))
        self._patience: dict[LegId, float] = {}
        self.answered: set[LegId] = set()
        self.cleared: dict[LegId, int] = {}
        self.given_up = 0
        rig.on_said, rig.on_heard, rig.on_turn = self._said, self._heard, self._turn
        self._turn()

    def _next_calls(self) -> None:
        """A channel is free some time after its leg was cleared: when RELEASE COMPLETE is here."""
        while self._waiting:
            free = set(self._cell.channels) - self._rig.trunk.busy_channels
            if not free:
                return
            n = self._waiting.pop(0)
            dialled = THEY_CLEAR if n % 2 else WE_CLEAR
            leg = LegId(f"{dialled}-{n}")
            self._patience[leg] = self._rig.now + GIVE_UP_S
            self._rig.ask(seize(leg, min(free), called=dialled))

    def _said(self, word: Output) -> None:
        if isinstance(word, Answered):
            self.answered.add(word.leg)
            if word.leg.startswith(WE_CLEAR):
                self._rig.ask(Clear(word.leg, NORMAL))
        if isinstance(word, Cleared):
            assert word.leg not in self.cleared, "said once"
            self.cleared[word.leg] = word.cause
            del self._patience[word.leg]

    def _heard(self, event: Event) -> None:
        if event["event"] == "ring" and event["called"] == THEY_CLEAR:
            self._rig.network.do("hangup", call=event["call"], cause=NORMAL)

    def _turn(self) -> None:
        self._next_calls()
        for leg in [leg for leg, due in self._patience.items() if due <= self._rig.now]:
            self._patience[leg] += GIVE_UP_S
            self.given_up += 1
            self._rig.ask(Clear(leg, NORMAL))


class Callbacks:
    """A PSAP dials the ELIN again and again, and either side hangs up.

    A call that libpri offered to all terminals may end there without a word, when its RELEASE or
    the answer to it went under with a link: it counts as ended a while after it ended here, and
    that libpri has none left is asked at the end. Such a call keeps its reference for as long as
    a late terminal may still answer (T312), and a basic rate line has 127: where all are taken, the
    PSAP has to dial again.
    """

    def __init__(self, cell: Cell, rig: Rig, calls: int) -> None:
        self._rig, self._to_place = rig, calls
        self._not_before = 0.0
        self._free = list(cell.channels)
        self._legs: dict[int, LegId] = {}
        self._open: dict[LegId, int] = {}
        self._gone: dict[int, float] = {}
        self.placed: dict[int, int] = {}
        self.answered: set[int] = set()
        self.ended: dict[int, int] = {}
        rig.on_said, rig.on_heard, rig.on_turn = self._said, self._heard, self._turn
        self._call_back()

    def _call_back(self) -> None:
        while self._free and self._to_place and self._rig.now >= self._not_before:
            self._to_place -= 1
            channel = self._free.pop()
            self._rig.network.do("call", called=ELIN.digits, calling=PSAP, channel=channel)

    def _said(self, word: Output) -> None:
        if isinstance(word, Offered):
            assert word.channel is not None
            self._open[word.leg] = word.channel
            self._legs[word.channel] = word.leg
            self._rig.ask(Ring(word.leg))
            self._rig.ask(Answer(word.leg))
        if isinstance(word, Cleared):
            channel = self._open.pop(word.leg)  # said once, and only of what was offered
            calls = [call for call, placed in self.placed.items() if placed == channel]
            if calls[-1] not in self.ended:
                self._gone[calls[-1]] = self._rig.now + GIVE_UP_S

    def _heard(self, event: Event) -> None:
        call = event.get("call", 0)
        match event["event"]:
            case "placed" if event["failed"]:
                self._to_place += 1
                self._free.append(event["channel"])
                self._not_before = self._rig.now + DIAL_AGAIN_S
            case "placed":
                self.placed[call] = event["channel"]
            case "answer":
                self.answered.add(call)
                if call % 2:
                    self._rig.ask(Clear(self._legs[self.placed[call]], NORMAL))
                else:
                    self._rig.network.do("hangup", call=call, cause=NORMAL)
            case "hangup" | "hangup_ack" if call not in self.ended:
                self._end(call, event["cause"])

    def _end(self, call: int, cause: int) -> None:
        self.ended[call] = cause
        self._gone.pop(call, None)
        self._free.append(self.placed[call])
        self._call_back()

    def _turn(self) -> None:
        for call in [call for call, due in self._gone.items() if due <= self._rig.now]:
            self._end(call, UNSAID)
        self._call_back()


def calls_out(cell: Cell, calls: int) -> Outcome:
    """``calls`` 911 calls; every leg is cleared once, and nothing is left."""
    with cell.rig() as rig:
        rig.start()
        out = CallsOut(cell, rig, calls)
        rig.until(lambda: len(out.cleared) == calls, cell.patience_s(calls))
        nothing_is_left(rig, IDLE_S)
        completed = [leg for leg in out.answered if out.cleared[leg] == NORMAL]
        causes = Counter(out.cleared.values())
        return _outcome(rig, Outcome(cell, calls, "out", len(completed), out.given_up, causes))


def callbacks(cell: Cell, calls: int) -> Outcome:
    """``calls`` callbacks; every one ends at the PSAP, every leg here, and nothing is left."""
    with cell.rig() as rig:
        rig.start()
        back = Callbacks(cell, rig, calls)
        rig.until(lambda: len(back.ended) == calls, cell.patience_s(calls))
        nothing_is_left(rig, IDLE_S)
        completed = [call for call in back.answered if back.ended[call] == NORMAL]
        causes = Counter(back.ended.values())
        return _outcome(rig, Outcome(cell, calls, "callbacks", len(completed), 0, causes))


def _outcome(rig: Rig, outcome: Outcome) -> Outcome:
    outcome.faults, outcome.frames = rig.faults, len(rig.frames)
    outcome.seconds = rig.now - rig.began
    return outcome
