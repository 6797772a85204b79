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
from edge_agent.leg import Clear, Cleared, LegId, LinkChanged, SeizeTrunk
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


def test_r6_the_end_starts_the_window_of_what_was_sent_and_withdraws_what_was_not() -> None:
    for sent in (True, False):
        left = attempts()
        seizure = left.next(0.0)
        assert seizure is not None
        left.cleared(Cleared(seizure.leg, 16, sent=sent))
        left.cleared(Cleared(LegId("caller"), 16))
        (ended,) = left.end(60.0)
        if sent:
            assert isinstance(ended, Remember)
            assert ended.binding.ended_at is not None
        else:
            assert ended == Forget("call")


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
        left.refused(Cleared(LegId("refused"), cause))
        for trunk in exchange.trunks:
            trunk.holds.clear()
        seizure = left.next(0.0)
        rest += [seizure.channel] if seizure else []
    assert rest == then


# ---- a format that cannot carry the ELIN ---------------------------------------------------------


def tried_where(
    cannot: set[str], spans: tuple[tuple[str, tuple[int, ...]], ...] = TWO_SPANS
) -> list[tuple[str, int | None, bool]]:
    """Trunk, channel and ``without_number`` of every seizure of a call that no trunk takes, where
    the formats of some ``cannot`` carry its ELIN."""
    made = gateway()
    made.handle(Equip("pri", (), spans), 0.0)
    exchange, offered = made._exchange, dials("caller")
    located = whereabouts(exchange, offered, ANA)
    assert isinstance(located, Located)
    left = Attempts(exchange, "call", offered, ANA, plan_of(exchange, offered, ANA, located))
    tried = []
    while (seizure := left.next(0.0)) is not None:
        seize = seizure.outputs[-1]
        assert isinstance(seize, SeizeTrunk)
        assert seize.calling == ELIN_2, "never another number (R2)"
        tried.append((seize.trunk, seize.channel, seize.without_number))
        exchange.trunks.release(seizure.leg)
        uncarried = seize.trunk in cannot and not seize.without_number
        cause = 28 if uncarried else 16
        left.refused(Cleared(seizure.leg, cause, sent=not uncarried, uncarried=uncarried))
    assert not left
    return tried


def test_r1_a_trunk_that_cannot_carry_the_elin_is_asked_without_it_when_all_else_has_failed() -> (
    None
):
    assert tried_where({"pri"}) == [
        ("pri", 102, False),
        ("gateway", None, False),
        ("pri", 102, True),
        ("pri", 2, True),
    ]


def test_r1_where_no_trunk_can_carry_it_each_is_asked_once_more_in_the_order_of_the_route() -> None:
    assert tried_where({"pri", "gateway"}, spans=(("em-1", (1,)),)) == [
        ("pri", 1, False),
        ("gateway", None, False),
        ("pri", 1, True),
        ("gateway", None, True),
    ]


def test_a_call_that_can_still_go_without_its_number_has_a_step_that_remains() -> None:
    left, _ = over_two_spans()
    first, second = left.next(0.0), left.next(0.0)
    assert first is not None
    assert second is not None
    left.refused(Cleared(second.leg, 28, sent=False, uncarried=True))
    assert left


def test_r1_a_trunk_that_says_uncarried_even_without_a_number_is_not_asked_for_ever() -> None:
    left, exchange = over_two_spans()
    count = 0
    while (seizure := left.next(0.0)) is not None:
        count += 1
        exchange.trunks.release(seizure.leg)
        left.refused(Cleared(seizure.leg, 28, sent=False, uncarried=True))
    assert count == 5, "two trunks once with it; then both, and the second span, without"


def test_r1_where_a_line_is_faulty_a_second_one_is_tried_after_all_other_steps_and_no_third() -> (
    None
):
    left, exchange = over_two_spans()
    tried = []
    while (seizure := left.next(0.0)) is not None:
        seize = seizure.outputs[-1]
        assert isinstance(seize, SeizeTrunk)
        tried.append((seize.trunk, exchange.trunks[seize.trunk].span_of(seize.channel)))
        exchange.trunks.release(seizure.leg)
        left.refused(Cleared(seizure.leg, 27, faulty=seize.trunk == "pri"))
    assert tried[:2] == [("pri", tried[0][1]), ("gateway", "")]
    again = [span for trunk, span in tried[2:] if trunk == "pri"]
    assert len(again) == len(tried) - 2 == 2, "one more line, and the other span as ever"
    assert set(again) == {"pri-1", "pri-2"}
