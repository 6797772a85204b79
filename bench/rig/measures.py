"""A budget is held or not by numbers: percentiles of what was measured, a target, and from where to
where.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Run:
    """What every budget is told: a folder of its own to work in, and whether time is short."""

    folder: Path
    quick: bool = False

    def many(self, full: int, quick: int) -> int:
        """How often to repeat."""
        return quick if self.quick else full


@dataclass(frozen=True, slots=True)
class Limit:
    """The most that one of the measured values may be; ``least`` turns it around."""

    value: str
    bound: float
    least: bool = False

    def holds(self, values: dict[str, float]) -> bool:
        """Whether the value is there and within the bound."""
        found = values.get(self.value)
        if found is None:
            return False
        return found >= self.bound if self.least else found < self.bound


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    budget: str
    path: str
    """From where to where."""
    unit: str
    values: dict[str, float]
    limits: tuple[Limit, ...] = ()
    """None: a number for comparison, which nothing is asked of."""
    target: str = ""
    note: str = ""
    unmeasured: str = ""
    """Why there is no number."""

    @property
    def ok(self) -> bool | None:
        """Whether the budget is held; ``None`` where nothing is asked or nothing was measured."""
        if self.unmeasured or not self.limits:
            return None
        return all(limit.holds(self.values) for limit in self.limits)


def percentile(ordered: Sequence[float], share: float) -> float:
    """The value that ``share`` (0 to 1) of the ordered values do not exceed: nearest rank."""
    return ordered[max(0, -(-int(share * 1e6) * len(ordered) // 1_000_000) - 1)]


def spread(seconds: Iterable[float]) -> dict[str, float]:
    """Count, median, 99th percentile and maximum, in milliseconds; empty for nothing."""
    ordered = sorted(seconds)
    if not ordered:
        return {"n": 0}
    in_ms = {
        "p50": percentile(ordered, 0.5),
        "p99": percentile(ordered, 0.99),
        "max": ordered[-1],
    }
    return {"n": len(ordered), **{name: round(value * 1000, 3) for name, value in in_ms.items()}}


def ratio(ours: dict[str, float], theirs: dict[str, float], name: str = "p50") -> str:
    """How many times the peer's value ours is, in words; empty where there is no peer."""
    if not theirs.get(name) or name not in ours:
        return ""
    return f"{ours[name] / theirs[name]:.1f} times the peer's {name} of {theirs[name]:g}"
