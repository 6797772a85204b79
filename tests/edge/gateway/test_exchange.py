"""What all calls share: ids that never repeat, and incidents that group without hiding (R11)."""

from __future__ import annotations

from edge_agent.gateway.exchange import INCIDENT_GROUPING
from tests.flows.springfield import ANA, BOB, START, at, gateway


def test_call_ids_carry_edge_and_boot_and_never_repeat() -> None:
    exchange = gateway()._exchange
    ids = [exchange.new_call() for _ in range(3)]
    assert ids == ["edge-1-b1-1", "edge-1-b1-2", "edge-1-b1-3"]


def test_r11_calls_of_one_erl_within_ten_minutes_are_one_incident() -> None:
    exchange = gateway()._exchange
    first = exchange.incident("spf-f2", ANA, START, "c1")
    assert exchange.incident("spf-f2", BOB, START + INCIDENT_GROUPING, "c2") == first
    assert exchange.incident("spf-f1", BOB, START, "c3") != first
    later = START + 3 * INCIDENT_GROUPING
    assert exchange.incident("spf-f2", BOB, later, "c4") == "i-c4"
    assert exchange.branch() == "springfield"
    assert exchange.clock.read(60.0) == at(60)
