"""The route steps of one call: one ELIN for one ERL, a fresh one for another's, nothing twice."""

from __future__ import annotations

import pytest

from e911.locate import Located
from e911.rows import Identity, TrunkKind, TrunkRow
from e911.snapshot import Snapshot
from edge_agent.gateway.attempts import Attempts
from edge_agent.gateway.exchange import Exchange
from edge_agent.gateway.outputs import Forget, Remember
from edge_agent.gateway.requests import Equip
from edge_agent.gateway.routing import plan_of, whereabouts
from edge_agent.gateway.trunks import Rank
from edge_agent.leg import Clear, LegId, LinkChanged, SeizeTrunk
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


TWO_SPANS = (("pri-1", (1, 2)), ("pri-2", (101, 102)))


def over_two_spans(down: str = "") -> tuple[Attempts, Exchange]:
    """A call whose first step is a trunk of two spans."""
    made = gateway()
    made.handle(Equip("pri", (), TWO_SPANS), 0.0)
    if down:
        made.receive(LinkChanged("pri", False, "t200-last", down), 0.0)
    exchange, offered = made._exchange, dials("caller")
    located = whereabouts(exchange, offered, ANA)
    assert isinstance(located, Located)
    plan = plan_of(exchange, offered, ANA, located)
    return Attempts(exchange, "call", offered, ANA, plan), exchange


def channels_tried(down: str = "") -> list[tuple[str, int | None]]:
    """Trunk and channel of every seizure of one call that nobody takes, in order."""
    left, exchange = over_two_spans(down)
    tried = []
    while (seizure := left.next(0.0)) is not None:
        tried.append((seizure.attempt.step.trunk, seizure.channel))
        exchange.trunks.release(seizure.leg)
    return tried


def test_r1_each_span_of_a_trunk_is_tried_once_the_further_ones_after_all_other_steps() -> None:
    assert channels_tried() == [("pri", 102), ("gateway", None), ("pri", 2)]


def test_r1_a_span_that_is_down_is_tried_after_everything_else() -> None:
    assert channels_tried(down="pri-2") == [("pri", 2), ("gateway", None), ("pri", 102)]


def test_glare_on_one_span_lets_the_same_step_be_tried_there_again() -> None:
    left, _ = over_two_spans()
    first = left.next(0.0)
    left.lose_channel()
    second = left.next(0.0)
    assert first is not None
    assert second is not None
    assert (first.channel, second.channel) == (102, 101)


def test_glare_on_the_second_span_does_not_send_the_call_to_the_first_one_again() -> None:
    left, _ = over_two_spans()
    left.next(0.0)
    left.next(0.0)
    second = left.next(0.0)
    left.lose_channel()
    rest = [seizure.channel for seizure in iter(lambda: left.next(0.0), None)]
    assert second is not None
    assert (second.channel, rest) == (2, [1])


@pytest.mark.parametrize(
    ("cause", "then"),
    [(34, [2, None]), (44, [2, None]), (47, [2, None]), (16, [None]), (1, [None])],
)
def test_r8_a_network_that_refuses_a_preempted_channel_is_asked_for_it_once_more(
    cause: int, then: list[int | None]
) -> None:
    left, exchange = over_two_spans()
    exchange.trunks.equip("pri", spans={"pri-1": (2,)})
    exchange.trunks.reserve("pri", LegId("test"), Rank.TEST, 0)
    first = left.next(0.0)
    assert first is not None
    assert Clear(LegId("test"), 8) in first.outputs
    rest = []
    for _ in range(2):
        left.refused(cause)
        for trunk in exchange.trunks:
            trunk.holds.clear()
        seizure = left.next(0.0)
        rest += [seizure.channel] if seizure else []
    assert rest == then
