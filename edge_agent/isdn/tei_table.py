"""TEI management as a table, user side (Q.921 §5.3): a TEI is asked for, kept, put in doubt, lost.

A pair that is not here changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto


class Hold(Enum):
    """Whether there is a TEI."""

    FIXED = auto()
    """For ever: it is configured."""
    NONE = auto()
    ASKED = auto()
    HELD = auto()
    DOUBTED = auto()
    """Held, and the network is asked whether anybody else has it (§5.3.5)."""


class In(Enum):
    """Requests of the link, messages of the network that concern us, and time."""

    ASK = auto()
    DOUBT = auto()
    FORGET = auto()
    ASSIGNED = auto()
    ASSIGNED_TO_ANOTHER = auto()
    """The network gives our TEI to somebody else."""
    DENIED = auto()
    CHECK_REQUEST = auto()
    REMOVE = auto()
    T202_AGAIN = auto()
    T202_LAST = auto()


class Act(Enum):
    """What a row does, in the order written."""

    REQUEST = auto()
    REQUEST_HURRY = auto()
    VERIFY = auto()
    RESPOND = auto()
    TAKE = auto()
    DROP = auto()
    TELL_ASSIGNED = auto()
    TELL_REMOVED = auto()
    TELL_FAILED = auto()


@dataclass(frozen=True, slots=True)
class Step:
    """One row; leaving a state stops T202."""

    to: Hold
    acts: tuple[Act, ...] = ()


_LOST = Step(Hold.NONE, (Act.DROP, Act.TELL_REMOVED))

STEPS: dict[tuple[Hold, In], Step] = {
    (Hold.FIXED, In.CHECK_REQUEST): Step(Hold.FIXED, (Act.RESPOND,)),  # switches insist on it
    (Hold.NONE, In.ASK): Step(Hold.ASKED, (Act.REQUEST,)),
    (Hold.ASKED, In.ASK): Step(Hold.ASKED, (Act.REQUEST_HURRY,)),
    (Hold.ASKED, In.FORGET): Step(Hold.NONE),
    (Hold.ASKED, In.ASSIGNED): Step(Hold.HELD, (Act.TAKE, Act.TELL_ASSIGNED)),
    (Hold.ASKED, In.DENIED): Step(Hold.NONE, (Act.TELL_FAILED,)),
    (Hold.ASKED, In.T202_AGAIN): Step(Hold.ASKED, (Act.REQUEST,)),
    (Hold.ASKED, In.T202_LAST): Step(Hold.NONE, (Act.TELL_FAILED,)),
    (Hold.HELD, In.DOUBT): Step(Hold.DOUBTED, (Act.VERIFY,)),
    (Hold.HELD, In.FORGET): Step(Hold.NONE, (Act.DROP,)),
    (Hold.HELD, In.ASSIGNED_TO_ANOTHER): _LOST,  # §5.3.4.2 c
    (Hold.HELD, In.CHECK_REQUEST): Step(Hold.HELD, (Act.RESPOND,)),
    (Hold.HELD, In.REMOVE): _LOST,
    (Hold.DOUBTED, In.FORGET): Step(Hold.NONE, (Act.DROP,)),
    (Hold.DOUBTED, In.ASSIGNED_TO_ANOTHER): _LOST,
    (Hold.DOUBTED, In.CHECK_REQUEST): Step(Hold.HELD, (Act.RESPOND,)),
    (Hold.DOUBTED, In.REMOVE): _LOST,
    (Hold.DOUBTED, In.T202_AGAIN): Step(Hold.DOUBTED, (Act.VERIFY,)),
    (Hold.DOUBTED, In.T202_LAST): _LOST,  # §5.3.5.3
}
