"""What an emergency call does in each state on each input: where R1 and R13 are read from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto


class S(Enum):
    """States of an emergency call."""

    SEIZING = "seizing"
    """A trunk was seized; no sign of life yet."""
    PROCEEDING = "proceeding"
    """The network has the call in hand; a failure still moves on."""
    QUEUED = "queued"
    """The PSAP rings: nothing moves on any more."""
    TALKING = "talking"
    ABANDONED = "abandoned"
    """The caller is gone before answer; the trunk leg is held for the ALI bid."""
    PSAP_ALONE = "psap-alone"
    """The PSAP answered an abandoned call; the caller is rung."""
    HELD = "held"
    """The caller of an answered call hung up; the PSAP still has the line and decides when it
    ends, for as long as the branch says. A held leg is of the first rank (R8)."""
    OVER = "over"
    """Nothing left but legs that still clear."""


class In(Enum):
    """Inputs of an emergency call."""

    LIFE = auto()
    FAILED_PROGRESS = auto()
    ALERTING = auto()
    ANSWERED = auto()
    TRUNK_GONE = auto()
    TRUNK_LOST = auto()
    """Nobody ended the trunk's leg: its line was lost."""
    CHANNEL_LOST = auto()
    STEP_SILENT = auto()
    PLATFORM_WAITS = auto()
    EXHAUSTED = auto()
    UNANSWERED = auto()
    FLASH = auto()
    """The PSAP flashed its hook: that is for the human it talks with, and only while they talk."""
    CALLER_GONE = auto()
    CALLER_GONE_HELD = auto()
    """The caller hung up, and the trunk of this answered call is kept: the branch lets the PSAP
    hold it, or nobody is known to have answered and the ALI bid may not be over (R13)."""
    HOLD_OVER = auto()
    HUMAN_GONE = auto()


@dataclass(frozen=True, slots=True)
class Step:
    """What an input does: the state after it, and the action's name."""

    to: S
    do: str


WITH_CALLER = frozenset({S.SEIZING, S.PROCEEDING, S.QUEUED, S.TALKING})
"""States in which the caller is on the line: another phone may take the caller's place."""

STEPS: dict[tuple[S, In], Step] = {
    (S.SEIZING, In.LIFE): Step(S.PROCEEDING, "show_progress"),
    (S.SEIZING, In.FAILED_PROGRESS): Step(S.SEIZING, "drop_and_advance"),
    (S.SEIZING, In.ALERTING): Step(S.QUEUED, "ring"),
    (S.SEIZING, In.ANSWERED): Step(S.TALKING, "answer"),
    (S.SEIZING, In.TRUNK_GONE): Step(S.SEIZING, "advance"),
    (S.SEIZING, In.CHANNEL_LOST): Step(S.SEIZING, "drop_and_advance"),
    (S.SEIZING, In.STEP_SILENT): Step(S.SEIZING, "drop_and_advance"),
    (S.SEIZING, In.PLATFORM_WAITS): Step(S.SEIZING, "reassure_platform"),
    (S.SEIZING, In.EXHAUSTED): Step(S.OVER, "fail"),
    (S.SEIZING, In.CALLER_GONE): Step(S.ABANDONED, "abandon"),
    (S.PROCEEDING, In.FAILED_PROGRESS): Step(S.SEIZING, "drop_and_advance"),
    (S.PROCEEDING, In.CHANNEL_LOST): Step(S.SEIZING, "drop_and_advance"),
    (S.PROCEEDING, In.ALERTING): Step(S.QUEUED, "ring"),
    (S.PROCEEDING, In.ANSWERED): Step(S.TALKING, "answer"),
    (S.PROCEEDING, In.UNANSWERED): Step(S.PROCEEDING, "tell_unanswered"),
    (S.PROCEEDING, In.TRUNK_GONE): Step(S.SEIZING, "advance"),
    (S.PROCEEDING, In.CALLER_GONE): Step(S.ABANDONED, "abandon"),
    (S.QUEUED, In.ANSWERED): Step(S.TALKING, "answer"),
    (S.QUEUED, In.UNANSWERED): Step(S.QUEUED, "tell_unanswered"),
    (S.QUEUED, In.TRUNK_GONE): Step(S.OVER, "clear_caller"),
    (S.QUEUED, In.TRUNK_LOST): Step(S.SEIZING, "advance"),  # no PSAP has the caller queued now
    (S.QUEUED, In.CALLER_GONE): Step(S.ABANDONED, "abandon"),
    (S.TALKING, In.FLASH): Step(S.TALKING, "pass_flash"),
    (S.TALKING, In.TRUNK_GONE): Step(S.OVER, "clear_caller"),
    (S.TALKING, In.CALLER_GONE): Step(S.OVER, "clear_trunk"),
    (S.TALKING, In.CALLER_GONE_HELD): Step(S.HELD, "hold"),
    (S.HELD, In.TRUNK_GONE): Step(S.OVER, "rest"),
    (S.HELD, In.HOLD_OVER): Step(S.OVER, "clear_trunk"),
    (S.ABANDONED, In.ANSWERED): Step(S.PSAP_ALONE, "ring_back"),
    (S.ABANDONED, In.TRUNK_GONE): Step(S.OVER, "rest"),
    (S.ABANDONED, In.HOLD_OVER): Step(S.OVER, "clear_trunk"),
    (S.PSAP_ALONE, In.FLASH): Step(S.PSAP_ALONE, "pass_flash"),
    (S.PSAP_ALONE, In.TRUNK_GONE): Step(S.OVER, "stop_ringing"),
    (S.PSAP_ALONE, In.HUMAN_GONE): Step(S.OVER, "clear_trunk"),
}
"""A pair that is not here changes nothing."""
