"""What is counted and timed, for a scraper as text and for ``status`` as percentiles."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

BUCKETS = (0.0005, 0.001, 0.002, 0.003, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1.0)
KEPT = 2048
"""Durations that percentiles are taken of: the latest."""


TRUNKS = {
    "free": ("Channels free and not in doubt, or calls that still fit", ("trunk",)),
    "last_good": ("When a call or a test was last answered, seconds UTC", ("trunk",)),
    "link": ("1 while the link of a span is up", ("trunk", "span")),
    "channels": ("Channels of a span, by what they do", ("trunk", "span", "state")),
    "alarm": ("1 while a span has the alarm", ("trunk", "span", "alarm")),
    "slips": ("Blocks that a span lost within the last hour", ("trunk", "span")),
    "card": (
        "What a card counts of a line since its driver was loaded",
        ("trunk", "span", "count"),
    ),
}
"""Numbers of trunks: meaning and labels by name."""


class TrunkNumber(Protocol):
    """One number of a trunk."""

    @property
    def name(self) -> str: ...
    @property
    def labels(self) -> tuple[str, ...]: ...
    @property
    def value(self) -> float: ...


class Durations:
    """Durations of one kind: a histogram for the scraper, the latest ones for percentiles."""

    def __init__(self, name: str, meaning: str, registry: CollectorRegistry) -> None:
        self._histogram = Histogram(name, meaning, registry=registry, buckets=BUCKETS)
        self._latest: deque[float] = deque(maxlen=KEPT)
        self.count = 0

    def observe(self, seconds: float) -> None:
        """One more."""
        self.count += 1
        self._latest.append(seconds)
        self._histogram.observe(seconds)

    def percentile(self, share: float) -> float | None:
        """The duration, in seconds, that ``share`` (0 to 1) of the latest did not exceed."""
        ordered = sorted(self._latest)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else None

    def document(self) -> dict[str, object]:
        """Count and percentiles in milliseconds, for ``status``."""
        found = {"p50_ms": self.percentile(0.5), "p99_ms": self.percentile(0.99)}
        in_ms = {key: None if s is None else round(s * 1000, 3) for key, s in found.items()}
        return {"count": self.count, **in_ms}


class Metrics:
    """All of one agent, in a registry of its own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.seizures = Durations(
            "elingate_invite_to_seizure_seconds",
            "From the INVITE's datagram in to the trunk's first bytes out",
            self._registry,
        )
        self.callbacks = Durations(
            "elingate_setup_to_invite_seconds",
            "From a callback's SETUP in to the INVITE out",
            self._registry,
        )
        self.saved = Durations(
            "elingate_binding_saved_seconds",
            "From the end of a step to its rows being safe on disk",
            self._registry,
        )
        self._counts = Gauge(
            "elingate_events", "Things counted, by what", ["what"], registry=self._registry
        )
        self._states = Gauge(
            "elingate_state", "What is, by what", ["what"], registry=self._registry
        )
        self._alarms = Gauge(
            "elingate_alarm", "1 while an alarm is active", ["slug"], registry=self._registry
        )
        self._trunks = {name: self._gauge(name, *meaning) for name, meaning in TRUNKS.items()}
        self.records = Counter(
            "elingate_records", "Records put into the outbox", registry=self._registry
        )

    def text(
        self,
        counts: Iterable[tuple[str, float]],
        states: Iterable[tuple[str, float]],
        alarms: Iterable[str],
        trunks: Iterable[TrunkNumber] = (),
    ) -> str:
        """Everything in the text format of Prometheus, as it is now."""
        for what, count in counts:
            self._counts.labels(what).set(count)
        for what, value in states:
            self._states.labels(what).set(value)
        self._alarms.clear()
        for slug in alarms:
            self._alarms.labels(slug).set(1)
        for gauge in self._trunks.values():
            gauge.clear()
        for number in trunks:
            self._trunks[number.name].labels(*number.labels).set(number.value)
        return generate_latest(self._registry).decode()

    def _gauge(self, name: str, meaning: str, labels: tuple[str, ...]) -> Gauge:
        return Gauge(f"elingate_trunk_{name}", meaning, labels, registry=self._registry)
