"""Durations become percentiles, and everything can be scraped."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from edge_agent.ops.metrics import KEPT, Metrics


def test_percentiles_are_of_the_latest() -> None:
    durations = Metrics().seizures
    assert durations.document() == {"count": 0, "p50_ms": None, "p99_ms": None}
    for _ in range(KEPT):
        durations.observe(9.0)
    for n in range(KEPT):
        durations.observe(n / 1_000_000)
    assert durations.document() == {"count": 2 * KEPT, "p50_ms": 1.024, "p99_ms": 2.027}


def test_the_text_is_read_by_prometheus_own_parser() -> None:
    metrics = Metrics()
    metrics.seizures.observe(0.0007)
    metrics.text([("refused-garbage", 1)], [("calls", 1)], ["old-alarm"])
    text = metrics.text([("refused-garbage", 2)], [("calls", 3)], ["disk-slow"])
    samples = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert samples["elingate_events", "refused-garbage"] == 2
    assert samples["elingate_state", "calls"] == 3
    assert samples["elingate_alarm", "disk-slow"] == 1
    assert ("elingate_alarm", "old-alarm") not in samples
    assert samples["elingate_invite_to_seizure_seconds_bucket", "0.001"] == 1
    assert samples["elingate_invite_to_seizure_seconds_bucket", "0.0005"] == 0
