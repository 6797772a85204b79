"""The words of a circuit: its states, its inputs, and what a row does and says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from edge_agent.cama.timers import T


class S(Enum):
    """States of a circuit, in the order of a call."""

    __hash__ = object.__hash__  # by identity: that of Enum is made of the name, for every step

    IDLE = auto()
    RESTING = auto()
    """Hung up so lately that the far end may not see a new seizure."""
    HELD = auto()
    """Resting, and a call waits to go off hook."""
    SEIZED = auto()
    """Off hook, waiting for the start signal."""
    READY = auto()
    """The far end is ready; the pause before the digits."""
    CALLED = auto()
    """The called digits are on their way, the number is not asked for yet."""
    ASKING = auto()
    """The called digits are out: waiting to be asked for the number."""
    ASKED = auto()
    """The far end has asked; the pause before the number."""
    PULSING = auto()
    """The last spill is on its way."""
    CUT_THROUGH = auto()
    """All digits are out, nobody has answered."""
    UP = auto()
    """Answered."""
    FLASHING = auto()
    """Answered, and the far end is on hook: a flash, or the end."""


class In(Enum):
    """What can happen to a circuit: asked of us, done by the far end, told by media or of the span,
    noticed by us, or time."""

    __hash__ = object.__hash__

    SEIZE = auto()
    CLEAR = auto()
    """End the call whatever it is doing."""
    CLEAR_WHOLE = auto()
    """End it as soon as its digits are out (R13)."""
    START = auto()
    """The start signal."""
    START_UNSAID = auto()
    """Immediate start: there is no signal, and none is waited for."""
    ASK = auto()
    """The far end is steadily off hook, which asks for the number."""
    ANSWER = auto()
    """The call counts as answered."""
    DROP = auto()
    """The far end, which was off hook, is on hook."""
    HANG_UP = auto()
    """It is on hook for longer than a flash, or flashes are not waited for."""
    BLINK = auto()
    """Off hook again, too soon for a flash."""
    FLASH_SEEN = auto()
    """Off hook again after a flash."""
    SPILL_OUT = auto()
    SPILL_OUT_ABANDONED = auto()
    """Out, of a call that is to end with it."""
    SPILL_VOID = auto()
    """It did not go out as it is."""
    PORT_LOST = auto()
    """Our own hook is on: the port was closed under the call."""
    ALARM = auto()
    NO_ALARM = auto()
    START_WAIT = auto()
    PULSE_DELAY_MORE = auto()
    """Over, and what goes out is not all."""
    PULSE_DELAY_LAST = auto()
    """Over, and what goes out is all."""
    SPILL_GRACE = auto()
    REQUEST_WAIT = auto()
    REQUEST_DELAY = auto()
    ANSWER_DELAY = auto()
    FLASH = auto()
    ALARM_WAIT = auto()
    ALARM_HOLD = auto()
    GUARD = auto()


class Act(Enum):
    """What a row does to the line."""

    SEIZE = auto()
    PULSE = auto()
    """The next spill goes out."""
    RELEASE = auto()
    STOP = auto()
    """Hang up in the midst of a spill: none of it may go out any more."""


class Say(Enum):
    """What a row tells the gateway."""

    PROCEEDING = auto()
    CUT_THROUGH = auto()
    ANSWERED = auto()
    FLASH = auto()
    CLEARED = auto()
    FAILED = auto()
    """Cleared, and the circuit is suspect."""
    LOST = auto()
    """Cleared: the line was lost under a call whose digits were out."""


@dataclass(frozen=True, slots=True)
class Step:
    """One row. Every timer stops and ``timer`` starts; where the row ``keeps`` what runs, none
    does."""

    to: S
    act: Act | None = None
    timer: T | None = None
    say: Say | None = None
    keeps: bool = False


Rows = Mapping[tuple[S, In], Step]

SPILLING = frozenset({S.CALLED, S.PULSING})
"""A spill is on its way."""
UNSEIZED = frozenset({S.IDLE, S.RESTING, S.HELD})
"""We are on hook."""
FREE = frozenset({S.IDLE, S.RESTING})
"""There is no call."""
THROUGH = frozenset({S.CUT_THROUGH, S.UP, S.FLASHING})
"""All digits are out: nothing moves on."""
