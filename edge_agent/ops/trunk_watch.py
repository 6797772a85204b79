"""Which trunks an operator must look after: too few channels, no proof that they work, slips.

A link that is down or a channel out of service is alarmed by the gateway itself, in the step that
hears of it; here is what only time or counting can tell.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from e911.records import CallRecord, CallStep
from edge_agent.ops.health import Health
from edge_agent.store.trunk_files import TrunkFiles, TrunkProof

IDLE = "idle"
STARTING = "starting"
"""Why a link is down of which nothing was heard since the agent started."""
UNANSWERED = "t200-last"
"""Why a link is down that answered none of N200 polls (Q.921 §5.6.7)."""
SLIPS_PER_HOUR = 30
"""More than this in an hour is what a connection may not have (ITU-T G.822, category c)."""
HOUR_S = 3600.0


class Trunk(Protocol):
    """One trunk as the gateway keeps it."""

    id: str
    channels: tuple[int, ...]
    down: dict[str, str]

    @property
    def spans(self) -> Mapping[str, tuple[int, ...]]: ...
    def states(self, span: str) -> Mapping[int, str]: ...
    def room(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Limits:
    """What an operator wants to hear of one trunk; 0 is never."""

    least_free: int = 0
    proof_days: int = 0


class TrunkWatch:
    """Looks at every trunk once a second."""

    def __init__(
        self,
        limits: Mapping[str, Limits],
        files: TrunkFiles,
        health: Health,
        utc: Callable[[], datetime],
    ) -> None:
        self._limits = limits
        self._files = files
        self._health = health
        self._utc = utc
        self._active: set[tuple[str, str]] = set()
        self._slips: dict[str, deque[tuple[float, int]]] = {}

    def look(self, trunks: Iterable[Trunk], now: float) -> None:
        """Alarm what has gone too far, clear what has not."""
        utc = self._utc()
        for trunk in trunks:
            limits = self._limits.get(trunk.id, Limits())
            free = free_channels(trunk)
            few = free < limits.least_free and STARTING not in trunk.down.values()
            detail = f"{free} free, at least {limits.least_free}"
            self._say("channels-few", trunk.id, few, detail, now)
            self._look_at_proof(trunk.id, limits, utc, now)
            for span in trunk.spans:
                silent = trunk.down.get(span) == UNANSWERED
                self._say("link-unanswered", span or trunk.id, silent, "", now)
        for span, count in self.slips(now).items():
            detail = f"{count} in an hour"
            self._say("span-slips", span, count > SLIPS_PER_HOUR, detail, now)

    def hear(self, record: CallRecord) -> None:
        """A call that was answered proves its trunk, whoever called."""
        if record.step is CallStep.ANSWERED and record.trunk:
            held = self._files.proofs.get(record.trunk) or TrunkProof(record.trunk, record.at)
            self._files.prove(TrunkProof(record.trunk, held.since, record.at))

    def slipped(self, span: str, slips: int, now: float) -> None:
        """Blocks of a span were lost or said twice, because its clocks are not one."""
        self._slips.setdefault(span, deque()).append((now, slips))

    def slips(self, now: float) -> dict[str, int]:
        """How many blocks each span lost within the last hour; spans that never lost one are not
        named."""
        for slips in self._slips.values():
            while slips and now - slips[0][0] >= HOUR_S:
                slips.popleft()
        return {span: sum(lost for _, lost in slips) for span, slips in self._slips.items()}

    @property
    def last_good(self) -> dict[str, datetime]:
        """When a call or a test was last answered, by trunk."""
        return {name: proof.good for name, proof in self._files.proofs.items() if proof.good}

    def _look_at_proof(self, trunk: str, limits: Limits, utc: datetime, now: float) -> None:
        if not limits.proof_days:
            return
        proof = self._files.proofs.get(trunk)
        if proof is None:
            proof = TrunkProof(trunk, utc)
            self._files.prove(proof)
        age = utc - (proof.good or proof.since)
        late = age >= timedelta(days=limits.proof_days)
        self._say("trunk-unproved", trunk, late, f"{age.days} days", now)

    def _say(self, slug: str, subject: str, active: bool, detail: str, now: float) -> None:
        """Raised once when it begins, and cleared once when it is over."""
        if active == ((slug, subject) in self._active):
            return
        if active:
            self._active.add((slug, subject))
            self._health.raise_alarm(slug, now, subject, detail)
        else:
            self._active.discard((slug, subject))
            self._health.clear_alarm(slug, now, subject)


def free_channels(trunk: Trunk) -> int:
    """How many calls the trunk could take now on channels that are not in doubt."""
    if not trunk.channels:
        return trunk.room()
    states = (state for span in trunk.spans for state in trunk.states(span).values())
    return sum(state == IDLE for state in states)
