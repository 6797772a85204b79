"""The route steps of one call: one ELIN for one ERL, a fresh one for another's, nothing twice."""

from __future__ import annotations

from e911.locate import Located
from e911.rows import Identity, TrunkKind, TrunkRow
from e911.snapshot import Snapshot
from edge_agent.gateway.attempts import Attempts
from edge_agent.gateway.outputs import Forget, Remember
from edge_agent.gateway.routing import plan_of, whereabouts
from edge_agent.leg import SeizeTrunk
from tests.flows.springfield import ANA, ELIN_2, dials, gateway, snapshot_of


def attempts(snapshot: Snapshot | None = None) -> Attempts:
    exchange = gateway(snapshot)._exchange
    offered = dials("caller")
    located = whereabouts(exchange, offered, ANA)
    assert isinstance(located, Located)
    plan = plan_of(exchange, offered, ANA, located)
    return Attempts(exchange, "call", offered, ANA, plan)


def test_each_step_is_tried_once_with_the_same_elin_and_one_binding() -> None:
    left = attempts()
    first, second = left.next(0.0), left.next(1.0)
    assert first is not None
    assert second is not None
    assert (first.attempt.step.trunk, second.attempt.step.trunk) == ("pri", "gateway")
    assert first.bound is not None
    assert second.bound is None
    assert left.next(2.0) is None
    assert not left
    (binding,) = left.bindings
    assert (binding.elin, binding.trunk) == (ELIN_2, "gateway")


def test_the_end_starts_the_window_and_a_withdrawal_leaves_nothing() -> None:
    left = attempts()
    left.next(0.0)
    (ended,) = left.end(60.0)
    assert isinstance(ended, Remember)
    assert ended.binding.ended_at is not None
    fresh = attempts()
    fresh.next(0.0)
    assert fresh.withdraw() == [Forget("call")]


def test_r2_only_a_trunk_configured_so_is_given_the_callers_own_number() -> None:
    provider = TrunkRow("pri", "springfield", TrunkKind.SIP, Identity.CALLER, host="127.0.0.1")
    seizure = attempts(snapshot_of([provider])).next(0.0)
    assert seizure is not None
    (seize,) = seizure.outputs
    assert isinstance(seize, SeizeTrunk)
    assert seize.calling != ELIN_2
    assert seize.location is not None
