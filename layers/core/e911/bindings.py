"""A binding ties an ELIN to a caller from an instant on; the window says how long a PSAP may still
call back.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from e911.numbers import Caller, Elin

LONGEST = timedelta(hours=24)
"""No binding outlives its beginning by more than this, however often callbacks renew it (R5)."""


class CallKind(StrEnum):
    """What a call is; its rank (R8) follows from it."""

    EMERGENCY = "emergency"
    CALLBACK = "callback"
    RELAY = "relay"
    DESK = "desk"
    TEST = "test"
    PROBE = "probe"
    ORDINARY = "ordinary"


class How(StrEnum):
    """By what a caller was located, best first."""

    PIDF_ELIN = "pidf-elin"
    CIVIC = "civic"
    BSSID = "bssid"
    PORT = "port"
    SWITCH = "switch"
    SUBNET = "subnet"
    CALLER = "caller-record"
    DEFAULT = "branch-default"
    LAST_RESORT = "last-resort"


@dataclass(frozen=True, slots=True)
class Binding:
    """One caller on one ELIN: an immutable fact but for ``ended_at``, which only moves later."""

    call: str
    """Call id, made once at the edge: ``{edge}-{boot}-{n}``."""
    elin: Elin
    caller: Caller
    erl: str
    how: How
    kind: CallKind
    bound_at: datetime
    incident: str = ""
    ended_at: datetime | None = None
    """When the last leg of the call (or of a callback on it) was gone; ``None`` while one lives."""
    window_s: int = 180 * 60
    trunk: str = ""
    channel: int | None = None
    call_reference: int | None = None
    platform_call_id: str = ""
    forced: bool = False
    """The ELIN was taken from another caller's window (R4)."""

    @property
    def is_open(self) -> bool:
        """Whether a leg of the call still lives."""
        return self.ended_at is None

    def expires_at(self) -> datetime | None:
        """When a callback no longer finds this binding; ``None`` while the call lives, never past
        24 h (R5).
        """
        if self.ended_at is None:
            return None
        return min(self.ended_at + timedelta(seconds=self.window_s), self.bound_at + LONGEST)

    def answers(self, utc: datetime) -> bool:
        """Whether a callback at ``utc`` finds this caller."""
        expires = self.expires_at()
        return expires is None or utc < expires

    def ended(self, utc: datetime) -> Binding:
        """This binding with its window (re)started at ``utc``; an end never moves back."""
        return replace(self, ended_at=max(utc, self.ended_at or utc, self.bound_at))

    def reopened(self) -> Binding:
        """This binding while a callback holds its ELIN (R5)."""
        return replace(self, ended_at=None)
