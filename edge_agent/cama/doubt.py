"""Whether a circuit is suspect: its last call failed on the line, or its far end does not hang up.

A suspect circuit is tried last and never left out (R1). It is cleared by a call that went well, by
a minute of a far end on hook without an alarm, or by an operator; nothing is ever seized to find
out, for a seizure without a number may ring a PSAP.
"""

from __future__ import annotations

from edge_agent.cama.timers import Seconds, T
from edge_agent.deadlines import Deadlines

STUCK = "stuck off hook"


class Doubt:
    """What is held against one circuit."""

    def __init__(self, seconds: Seconds) -> None:
        self.why = ""
        """Why it is suspect; empty where it is not."""
        self._seconds = seconds
        self._due: Deadlines[T] = Deadlines()

    def raise_(self, why: str) -> None:
        """Its call failed on the line."""
        self.why = why
        self._due.stop(T.SUSPECT_CLEAR)

    def drop(self) -> None:
        """It is as good as any: a call went well, or an operator says so."""
        self.why = ""
        self._due.stop_all()

    def watch(self, now: float, *, free: bool, off_hook: bool, alarmed: bool) -> None:
        """What the circuit does now: a minute of peace clears it, an off-hook without a call puts
        it in doubt."""
        calm = free and not alarmed
        self._run(T.STUCK, now, calm and off_hook and self.why != STUCK)
        self._run(T.SUSPECT_CLEAR, now, calm and not off_hook and bool(self.why))

    def next_deadline(self) -> float | None:
        """When the doubt may change."""
        return self._due.next_deadline()

    def expire(self, now: float) -> None:
        """Change it where it is due."""
        match self._due.expire(now):
            case T.STUCK:
                self.raise_(STUCK)
            case T.SUSPECT_CLEAR:
                self.drop()

    def _run(self, timer: T, now: float, wanted: bool) -> None:
        if not wanted:
            self._due.stop(timer)
        elif not self._due.runs(timer):
            self._due.start(timer, now + self._seconds[timer])
