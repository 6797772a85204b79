"""The ladder alone: who is rung, who joins when, who wins (R7)."""

from __future__ import annotations

from dataclasses import replace

from e911.numbers import Elin
from edge_agent.gateway.exchange import LastResort
from edge_agent.gateway.gateway import Gateway
from edge_agent.gateway.ladder import Ladder, Pace
from edge_agent.gateway.outputs import GatewayOutput
from edge_agent.gateway.trunks import Rank
from edge_agent.leg import Alerting, Answered, Clear, Cleared, LegId, RingParty, SeizeTrunk
from tests.flows.springfield import ANA, BOB, DESK, SeededIds, gateway


def ladder(pace: Pace | None = None, *callers: object) -> Ladder:
    exchange = gateway()._exchange
    rung = (ANA,) if not callers else (ANA, BOB)
    return Ladder(exchange, "call", "2065550911", rung, (DESK,), pace or Pace())


def rung(outputs: list[GatewayOutput]) -> list[RingParty]:
    return [output for output in outputs if isinstance(output, RingParty)]


def test_the_first_human_to_answer_has_the_call_and_the_others_stop_ringing() -> None:
    climbing = ladder()
    (ana,) = rung(climbing.start(0.0))
    climbing.hear(Alerting(ana.leg), 1.0)
    (desk,) = rung(climbing.handle_timeout(40.0))
    assert climbing.desk_joined
    assert climbing.hear(Answered(desk.leg), 41.0) == [Clear(ana.leg, 26)]
    assert climbing.human == desk.leg
    assert climbing.next_deadline() is None
    assert climbing.hear(Answered(ana.leg), 41.1) == [], "too late"


def test_a_shared_elin_may_ring_two_callers_at_once() -> None:
    assert [ring.contact for ring in rung(ladder(None, BOB).start(0.0))] == [
        ANA.contact,
        BOB.contact,
    ]


def test_with_nobody_known_the_desk_is_rung_at_once() -> None:
    climbing = Ladder(gateway()._exchange, "call", "", (), (DESK,), Pace())
    assert [ring.contact for ring in rung(climbing.start(0.0))] == [DESK]


def test_r7_a_phone_that_the_platform_gave_up_rings_again_beside_the_desk() -> None:
    climbing = ladder()
    (ana,) = rung(climbing.start(0.0))
    climbing.hear(Alerting(ana.leg), 1.0)
    (desk,) = rung(climbing.hear(Cleared(ana.leg, 18), 30.0))
    assert desk.contact == DESK
    assert [ring.contact for ring in rung(climbing.handle_timeout(35.0))] == [ANA.contact]


def test_r7_a_caller_who_said_no_is_left_alone_while_the_desk_rings() -> None:
    climbing = ladder()
    (ana,) = rung(climbing.start(0.0))
    climbing.hear(Cleared(ana.leg, 21), 2.0)
    assert rung(climbing.handle_timeout(19.0)) == []


def test_r7_a_busy_desk_is_rung_again_while_the_caller_rings() -> None:
    climbing = ladder()
    (ana,) = rung(climbing.start(0.0))
    climbing.hear(Alerting(ana.leg), 1.0)
    (desk,) = rung(climbing.handle_timeout(40.0))
    climbing.hear(Cleared(desk.leg, 17), 41.0)
    assert [ring.contact for ring in rung(climbing.handle_timeout(46.0))] == [DESK]


def test_r7_a_desk_behind_a_full_trunk_is_tried_until_there_is_room() -> None:
    exchange = gateway(channels=(1, 2))._exchange
    exchange.trunks.reserve("pri", LegId("other"), Rank.FIRST, 0)
    number = "tel:+14255559999;trunk=pri"
    climbing = Ladder(exchange, "call", "2065550911", (ANA,), (number,), Pace())
    (ana,) = rung(climbing.start(0.0))
    climbing.hear(Alerting(ana.leg), 1.0)
    assert climbing.handle_timeout(40.0) == []
    exchange.trunks.release(LegId("other"))
    (seize,) = climbing.handle_timeout(45.0)
    assert isinstance(seize, SeizeTrunk)


def test_an_alternate_that_is_a_number_is_rung_through_the_platform() -> None:
    caller = replace(ANA, alternates=("tel:+14255550188",))
    climbing = Ladder(gateway()._exchange, "call", "2065550911", (caller,), (DESK,), Pace())
    (ana,) = rung(climbing.start(0.0))
    climbing.hear(Alerting(ana.leg), 1.0)
    (mobile,) = rung(climbing.handle_timeout(20.0))
    assert (mobile.contact, mobile.peer) == ("tel:+14255550188", "lync")


def test_without_a_snapshot_people_are_rung_through_the_last_resorts_peers() -> None:
    last = LastResort(Elin("4255550100"), "pri", "911", DESK, ("sbc",))
    exchange = Gateway("e", "b", SeededIds(), last)._exchange
    climbing = Ladder(exchange, "call", "", (replace(ANA, peer=""),), (DESK,), Pace())
    (ana,) = rung(climbing.start(0.0))
    (desk,) = rung(climbing.hear(Cleared(ana.leg, 17), 1.0))
    assert (ana.peer, desk.peer) == ("sbc", "sbc")


def test_a_ladder_without_anybody_gives_up_in_time_and_not_before() -> None:
    climbing = Ladder(gateway()._exchange, "call", "", (), (), Pace())
    assert rung(climbing.start(0.0)) == []
    climbing.handle_timeout(89.9)
    assert not climbing.given_up
    climbing.handle_timeout(90.0)
    assert climbing.given_up


def test_stopping_clears_every_leg_and_every_timer() -> None:
    climbing = ladder()
    (ana,) = rung(climbing.start(0.0))
    assert climbing.owns(ana.leg)
    assert climbing.stop(16) == [Clear(ana.leg, 16)]
    assert climbing.next_deadline() is None
    assert climbing.hear(Cleared(ana.leg, 16), 1.0) == []


def test_a_silent_peer_is_joined_once_and_an_alerting_one_is_trusted() -> None:
    climbing = ladder()
    (first,) = rung(climbing.start(0.0))
    (second,) = rung(climbing.handle_timeout(4.0))
    assert (first.peer, second.peer) == ("lync", "desk")
    assert rung(climbing.handle_timeout(8.0)) == []
    trusted = ladder()
    (ring,) = rung(trusted.start(0.0))
    trusted.hear(Alerting(ring.leg), 1.0)
    assert rung(trusted.handle_timeout(4.0)) == []


def test_a_busy_caller_is_tried_again_only_while_the_pace_says_so() -> None:
    climbing = ladder(Pace(desk_s=20.0, busy_for_s=20.0))
    (ring,) = rung(climbing.start(0.0))
    assert climbing.hear(Cleared(ring.leg, 17), 1.0) == []
    (again,) = rung(climbing.handle_timeout(3.0))
    assert again.contact == ANA.contact
    assert rung(climbing.hear(Cleared(LegId("other"), 17), 4.0)) == []
    plain = ladder()
    (ring,) = rung(plain.start(0.0))
    assert rung(plain.hear(Cleared(ring.leg, 17), 1.0))[0].contact == DESK
