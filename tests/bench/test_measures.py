"""A budget is held by its numbers: percentiles, limits, ratios."""

from __future__ import annotations

import pytest

from bench.rig.measures import Limit, Row, percentile, ratio, spread


def row(values: dict[str, float], *limits: Limit, unmeasured: str = "") -> Row:
    return Row("b", "a -> b", "ms", values, limits, unmeasured=unmeasured)


@pytest.mark.parametrize(
    ("share", "found"), [(0.5, 50), (0.99, 99), (1.0, 100), (0.001, 1), (0.0, 1)]
)
def test_a_percentile_is_the_nearest_rank(share: float, found: int) -> None:
    assert percentile(range(1, 101), share) == found


def test_one_late_call_in_fifty_is_in_the_99th_percentile() -> None:
    assert spread([0.001] * 49 + [0.5]) == {"n": 50, "p50": 1.0, "p99": 500.0, "max": 500.0}
    assert spread([0.001] * 199 + [0.5])["p99"] == 1.0


def test_a_budget_is_missed_by_any_of_its_limits_and_by_a_value_that_is_not_there() -> None:
    limits = Limit("p50", 1.0), Limit("p99", 3.0)
    assert row({"p50": 0.9, "p99": 2.9}, *limits).ok is True
    assert row({"p50": 0.9, "p99": 3.0}, *limits).ok is False
    assert row(spread([]), *limits).ok is False


def test_a_limit_from_below_counts_what_must_be_there() -> None:
    assert row({"answered": 2000}, Limit("answered", 2000, least=True)).ok is True
    assert row({"answered": 1999}, Limit("answered", 2000, least=True)).ok is False


def test_nothing_is_held_that_was_not_measured_or_not_asked_for() -> None:
    assert row({"p50": 0.1}).ok is None
    assert row({}, Limit("p50", 1.0), unmeasured="no sipp here").ok is None


def test_a_ratio_names_the_peer_and_is_empty_without_one() -> None:
    assert ratio({"p50": 0.9}, {"p50": 0.3}) == "3.0 times the peer's p50 of 0.3"
    assert ratio({"p50": 0.9}, {"n": 0}) == ""
