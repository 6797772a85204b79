"""One circuit: applies the table's rows, runs its timers, and turns rows into hooks, spills and leg
words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from edge_agent.cama.circuit_table import STEPS
from edge_agent.cama.circuit_words import FREE, SPILLING, THROUGH, UNSEIZED, Act, In, S, Say, Step
from edge_agent.cama.config import Answering, CamaSpan, CamaTrunkConfig, Start
from edge_agent.cama.digits import Spill
from edge_agent.cama.doubt import STUCK, Doubt
from edge_agent.cama.outputs import CamaOutput, Hook, Hush, Pulse
from edge_agent.cama.supervision import Far, Supervision, off_hook
from edge_agent.cama.timers import T
from edge_agent.deadlines import Deadlines
from edge_agent.leg import (
    Alerting,
    Answered,
    BearerMedia,
    Cleared,
    Discarded,
    Flash,
    LegId,
    MediaChanged,
    Proceeding,
)
from edge_agent.line import PortLost, Transition, Winked

NORMAL_CLEARING = 16
_OUT_OF_ORDER = 27
_NETWORK_OUT_OF_ORDER = 38
TEMPORARY_FAILURE = 41
_STEP_SILENT = 102
"""The route step waited no longer (Q.850: recovery on timer expiry)."""
NO_START, NO_WINK = "no start signal", "no wink"

_OWN_CAUSES: Mapping[In, tuple[int, str]] = {
    In.START_WAIT: (_OUT_OF_ORDER, NO_START),
    In.REQUEST_WAIT: (_OUT_OF_ORDER, "number not asked for"),
    In.SPILL_VOID: (TEMPORARY_FAILURE, "digits torn"),
    In.SPILL_GRACE: (TEMPORARY_FAILURE, "digits not told to be out"),
    In.DROP: (TEMPORARY_FAILURE, "far end hung up before it had the digits"),
    In.PORT_LOST: (_NETWORK_OUT_OF_ORDER, "port lost"),
    In.ALARM: (_NETWORK_OUT_OF_ORDER, "span alarm"),
    In.ALARM_WAIT: (_NETWORK_OUT_OF_ORDER, "span alarm"),
    In.ALARM_HOLD: (_NETWORK_OUT_OF_ORDER, "span alarm"),
}
"""Why a call ends where nobody says why (Q.850), and in the operator's words."""

_STARTS: Mapping[Start, frozenset[Far]] = {
    Start.WINK: frozenset({Far.WINK}),
    Start.IMMEDIATE: frozenset(),
    Start.DELAY_DIAL: frozenset({Far.WINK, Far.LONG, Far.DROPPED}),
}
"""What of the far end's doings says that it is ready."""

_OUT = frozenset({In.SPILL_OUT, In.SPILL_OUT_ABANDONED})
_BY_TIMER = {T[event.name]: event for event in In if event.name in T.__members__}


@dataclass(frozen=True, slots=True)
class Call:
    """What a seizure is for."""

    leg: LegId
    spills: tuple[Spill, ...]


class Circuit:
    """One channel and the call on it. Nothing outside :meth:`feed` assigns ``state``."""

    def __init__(
        self, number: int, channel: int, span: CamaSpan, config: CamaTrunkConfig, ids: Iterator[int]
    ) -> None:
        self.number = number
        self.channel = channel
        self.span = span
        self.state = S.IDLE
        self.call: Call | None = None
        self.alarmed = False
        """Its span is in alarm: what the far end shows proves nothing."""
        self.laid_off = False
        """The operator has taken it out of service."""
        self._config = config
        self._ids = ids
        self._seconds = config.seconds()
        self._due: Deadlines[T] = Deadlines()
        self._doubt = Doubt(self._seconds)
        self._far = Supervision(config.wink_least_ms, config.wink_most_ms, self._seconds[T.HEARING])
        self._left: list[Spill] = []
        self._spill = 0
        """The spill that is on its way, or was the last."""
        self._abandoned = False
        self._proceeded = False

    @property
    def free(self) -> bool:
        """Whether there is no call on it."""
        return self.state in FREE

    @property
    def resting(self) -> bool:
        """Whether it was hung up so lately that the far end may not see a new seizure."""
        return self.state in (S.RESTING, S.HELD)

    @property
    def suspect(self) -> str:
        """Why it is suspect; empty where it is not."""
        return self._doubt.why

    @property
    def is_silent(self) -> bool:
        """Whether its last seizure was answered by nothing."""
        return self._doubt.why in (NO_START, NO_WINK)

    @property
    def rank(self) -> int:
        """The lower, the sooner it is chosen where nobody else has chosen."""
        flaws = (self.resting, bool(self.suspect), self.laid_off, self.alarmed)
        return sum(1 << place for place, flaw in enumerate(flaws) if flaw)

    # ---- the doors ----

    def seize(self, call: Call, now: float) -> list[CamaOutput]:
        """Begin a call: off hook in this step, or, where it rests, as soon as it has rested."""
        self.call = call
        self._left = list(call.spills)
        self._abandoned = self._proceeded = False
        return self._fed(In.SEIZE, now)

    def clear(self, cause: int, now: float) -> list[CamaOutput]:
        """End the call; one that was abandoned sends its digits first (R13). A far end that gave no
        sign for as long as a route step waits is as silent as one that gave none for longer."""
        if cause == _STEP_SILENT and self.state is S.SEIZED:
            self._doubt.raise_(NO_WINK if self._config.start is Start.WINK else NO_START)
        if cause != NORMAL_CLEARING:
            return self._fed(In.CLEAR, now, cause)
        self._abandoned = True
        return self._fed(In.CLEAR_WHOLE, now, cause)

    def hear(self, transition: Transition, now: float) -> list[CamaOutput]:
        """The far end has done something, or our own port was lost."""
        if isinstance(transition, PortLost):
            return self._fed(In.PORT_LOST, now)
        if isinstance(transition, Winked):
            words = self._far.winked(transition.at)
        else:
            is_off = off_hook(self.span.supervision, transition)
            if is_off is None:
                return [Discarded("transition-foreign")]
            on_hook_ms = self._far.lasted_ms(transition.at)
            words = self._far.hear(is_off, transition.at)
            if words == [Far.BACK]:
                return self._came_back(on_hook_ms, now)
        return self._judged(words, now)

    def spill_played(self, spill: int, why: str, now: float) -> list[CamaOutput]:
        """Media has put a spill out, or (``why``) has not."""
        if self.state not in SPILLING or spill != self._spill:
            return [Discarded("spill-unknown")]
        if why:
            return self._fed(In.SPILL_VOID, now, why=f"digits torn: {why}")
        if self.state is S.PULSING and self._abandoned:
            return self._fed(In.SPILL_OUT_ABANDONED, now, NORMAL_CLEARING)
        return self._fed(In.SPILL_OUT, now)

    def alarm(self, now: float, *, active: bool) -> list[CamaOutput]:
        """The span is in alarm, or no longer."""
        self.alarmed = active
        if active:
            self._far.look_away()
            return self._fed(In.ALARM, now)
        words = self._far.look_again(now)
        return self._fed(In.NO_ALARM, now) + self._judged(words, now)

    def prove(self, now: float) -> None:
        """The operator says that it is sound."""
        self._doubt.drop()
        self._watch(now)

    def next_deadline(self) -> float | None:
        """When a timer of this circuit is due."""
        clocks = (self._due, self._far, self._doubt)
        return min(
            (at for clock in clocks if (at := clock.next_deadline()) is not None), default=None
        )

    def expire(self, now: float) -> list[CamaOutput]:
        """Do the next thing that is due at ``now``."""
        timer = self._due.expire(now)
        if timer is not None:
            return self._fed(self._timed_out(timer), now)
        words = self._far.expire(now)
        if words:
            return self._judged(words, now)
        self._doubt.expire(now)
        self._watch(now)
        return []

    # ---- what is heard becomes inputs ----

    def _judged(self, words: list[Far], now: float) -> list[CamaOutput]:
        outputs: list[CamaOutput] = []
        for word in words:
            event = self._input(word)
            if event is not None:
                outputs += self._fed(event, now)
        return outputs + self._at_once(now)

    def _input(self, word: Far) -> In | None:
        """What a word of the far end means now; a wink too many means nothing."""
        if self.state is S.SEIZED:  # an off-hook too long for a wink says nothing: wait on
            return In.START if word in _STARTS[self._config.start] else None
        if word is not Far.DROPPED or self.state in UNSEIZED:
            return None
        if self.state is S.UP and not self._config.flash_most_ms:
            return In.HANG_UP
        return In.DROP

    def _came_back(self, on_hook_ms: int, now: float) -> list[CamaOutput]:
        """Off hook again after an answer: too soon to be meant, a flash, or too late for one."""
        if self.state is not S.FLASHING:
            return self._at_once(now)
        if on_hook_ms > self._config.flash_most_ms:
            return self._fed(In.HANG_UP, now)
        self._far.resume()
        short = on_hook_ms < self._config.flash_least_ms
        return self._fed(In.BLINK if short else In.FLASH_SEEN, now)

    def _timed_out(self, timer: T) -> In:
        if timer is T.PULSE_DELAY:
            return In.PULSE_DELAY_MORE if len(self._left) > 1 else In.PULSE_DELAY_LAST
        return _BY_TIMER[timer]

    def _at_once(self, now: float) -> list[CamaOutput]:
        """What need not be waited for: it is so already."""
        self._watch(now)
        event = self._noticed()
        return [] if event is None else self._fed(event, now)

    def _noticed(self) -> In | None:
        steady = self._far.steady
        if steady and self._supervised and self.state in THROUGH:
            self._doubt.drop()  # the digits were taken and the call was answered
        match self.state:
            case S.SEIZED if self._config.start is Start.IMMEDIATE:
                return In.START_UNSAID
            case S.ASKING if steady:
                return In.ASK
            case S.CUT_THROUGH if self.alarmed:
                return None if self._due.runs(T.ALARM_WAIT) else In.ALARM
            case S.CUT_THROUGH if self._answering is Answering.CUT_THROUGH:
                return In.ANSWER
            case S.CUT_THROUGH if steady and self._supervised:
                return In.ANSWER
        return None

    @property
    def _supervised(self) -> bool:
        """Whether going off hook says *answered*: it does not where it has asked for the number."""
        return self.call is not None and not any(spill.on_request for spill in self.call.spills)

    @property
    def _answering(self) -> Answering:
        by_format = Answering.SUPERVISION if self._supervised else Answering.CUT_THROUGH
        return self._config.answer or by_format

    # ---- what a row does ----

    def _fed(
        self, event: In, now: float, cause: int | None = None, why: str = ""
    ) -> list[CamaOutput]:
        return self.feed(event, now, cause, why) + self._at_once(now)

    def feed(
        self, event: In, now: float, cause: int | None = None, why: str = ""
    ) -> list[CamaOutput]:
        """Apply one input and return what is to be done and said, in order."""
        step = STEPS.get((self.state, event))
        if step is None:
            return [Discarded("input-unexpected")]
        sent = self.state not in UNSEIZED
        own_cause, own_why = self._own(event)
        self._run_timers(step, now)
        self.state = step.to
        outputs = self._act(step.act, now)
        if event in _OUT and step.to is not S.ASKING and not self._supervised:
            self._doubt.drop()  # nothing more will show that the digits were taken
        if step.say is not None:
            outputs += self._say(step.say, cause or own_cause, why or own_why, sent=sent)
        return outputs

    def _own(self, event: In) -> tuple[int, str]:
        """Cause and reason of an end that nobody gave one for."""
        if event is In.START_WAIT and self._far.off_hook:
            return _OUT_OF_ORDER, STUCK
        if event is In.START_WAIT and self._config.start is Start.WINK:
            return _OUT_OF_ORDER, NO_WINK
        if event is In.DROP and self.state in THROUGH:
            return NORMAL_CLEARING, ""
        return _OWN_CAUSES.get(event, (NORMAL_CLEARING, ""))

    def _run_timers(self, step: Step, now: float) -> None:
        if not step.keeps:
            self._due.stop_all()
        if step.timer is None:
            return
        if step.timer is T.ANSWER_DELAY and self._answering is not Answering.DELAY:
            return
        seconds = self._seconds[step.timer]
        if step.timer is T.SPILL_GRACE:
            seconds += self._config.tones.length_ms(self._left[0].signals) / 1000
        self._due.start(step.timer, now + seconds)

    def _act(self, act: Act | None, now: float) -> list[CamaOutput]:
        name = self.span.span
        match act:
            case Act.SEIZE:
                self._far.begin(now)
                return [Hook(name, self.channel, True)]
            case Act.PULSE:
                self._spill = next(self._ids)
                signals = self._left.pop(0).signals
                return [Pulse(name, self.channel, self._spill, signals, self._config.tones)]
            case Act.RELEASE:
                return [Hook(name, self.channel, False)]
            case Act.STOP:
                return [Hush(name, self.channel), Hook(name, self.channel, False)]
        return []

    def _say(self, word: Say, cause: int, why: str, *, sent: bool) -> list[CamaOutput]:
        assert self.call is not None
        leg = self.call.leg
        match word:
            case Say.PROCEEDING:
                if self._proceeded:
                    return []
                self._proceeded = True
                return [Proceeding(leg, self.number)]
            case Say.CUT_THROUGH:
                media = BearerMedia(self.span.span, self.channel, self.span.law)
                return [MediaChanged(leg, media), Alerting(leg, in_band=True)]
            case Say.ANSWERED:
                shown = self._far.steady and self._supervised
                return [Answered(leg, assumed=not shown)]
            case Say.FLASH:
                return [Flash(leg)]
            case Say.FAILED:
                self._doubt.raise_(why)
        self.call = None
        text = why.replace(" ", "-")
        lost, faulty = word is Say.LOST, word is Say.FAILED
        return [Cleared(leg, cause, text=text, sent=sent, lost=lost, faulty=faulty)]

    def _watch(self, now: float) -> None:
        self._doubt.watch(now, free=self.free, off_hook=self._far.off_hook, alarmed=self.alarmed)
