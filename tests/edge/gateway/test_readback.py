"""A test call as a story: lowest rank, no binding, and what the far end says is kept."""

from __future__ import annotations

from e911.bindings import CallKind
from e911.records import CallStep
from edge_agent.gateway.outputs import (
    CloseRoom,
    Forget,
    GatewayOutput,
    Listen,
    ReadbackNews,
    Remember,
    Report,
    Room,
)
from edge_agent.gateway.readback import ANSWER_BY_S
from edge_agent.gateway.requests import Force, PlaceReadback
from edge_agent.leg import (
    Alerting,
    Answered,
    Clear,
    Cleared,
    LegId,
    Proceeding,
    Progress,
    RingParty,
    SeizeTrunk,
    SendText,
)
from tests.flows.springfield import (
    BOB,
    ELIN_1,
    ELIN_2,
    Story,
    bearer,
    calls_back,
    dials,
    gateway,
    rtp,
)

ANAC = "2065550199"
ASK = PlaceReadback("pri", ANAC, ELIN_2, seconds=12.0)


def begun(story: Story | None = None) -> tuple[Story, LegId]:
    """A test call on its way, and its leg."""
    story = story or Story()
    story.ask(ASK)
    return story, story.seized().leg


def news(outputs: list[GatewayOutput]) -> list[ReadbackNews]:
    return [each for each in outputs if isinstance(each, ReadbackNews)]


def test_a_test_leaves_with_the_elin_and_is_no_emergency_r2() -> None:
    story, leg = begun()
    seize = story.seized()
    assert (seize.calling, seize.called, seize.emergency) == (ELIN_2, ANAC, False)
    assert [type(output) for output in story.last] == [SeizeTrunk, Report, ReadbackNews]
    view = story.gateway.calls()[0]
    assert (view.kind, view.state, view.elin, view.erl) == (
        CallKind.TEST,
        "calling",
        ELIN_2.digits,
        "spf-f2",
    )
    assert leg == seize.leg


def test_the_answer_is_listened_to_for_as_long_as_asked_and_then_hung_up() -> None:
    story, leg = begun()
    story.say(Proceeding(leg, 21), bearer(leg, 21))
    (room,), (listen,) = story.said(Room), story.said(Listen)
    assert [port.leg for port in room.ports] == [leg]
    assert (listen.leg, listen.seconds) == (leg, ANSWER_BY_S + 12.0)
    story.wait(3)
    story.say(Alerting(leg), Answered(leg, "2065550100"))
    assert news(story.last)[0].state == "listening"
    story.wait(11.9)
    assert not story.ever(Clear)
    story.wait(0.2)
    assert story.said(Clear, leg=leg, cause=16)
    story.say(Cleared(leg, 16))
    assert story.said(CloseRoom)
    (end,) = news(story.last)
    assert (end.state, end.answered_s, end.cause, end.connected, end.channel) == (
        "over",
        3.0,
        16,
        "2065550100",
        21,
    )
    steps = [report.record.step for report in story.ever(Report)]
    assert steps == [CallStep.STARTED, CallStep.ANSWERED, CallStep.ENDED]
    assert all(report.record.kind is CallKind.TEST for report in story.ever(Report))
    assert not story.gateway.calls()
    assert not story.gateway._exchange.trunks["pri"].holds
    assert story.gateway.next_deadline() is None


def test_nobody_is_told_of_a_test_and_nothing_is_bound() -> None:
    story, leg = begun()
    story.say(Answered(leg), Cleared(leg, 16))
    assert not story.ever(SendText)
    assert not story.ever(Remember)
    assert not story.ever(Forget)
    assert story.gateway.bindings(story.now) == ()


def test_a_callback_during_a_test_of_its_elin_rings_whoever_holds_it() -> None:
    story = Story()
    story.say(dials("caller", BOB))
    trunk = story.seized().leg
    story.say(Answered(trunk), Cleared(LegId("caller"), 16), Cleared(trunk, 16))
    begun(story)
    story.say(calls_back("psap", ELIN_2))
    assert story.said(RingParty, contact=BOB.contact)


def test_a_test_takes_no_elin_from_a_caller() -> None:
    story, _ = begun()
    story.say(dials("caller"))
    assert story.seized().calling == ELIN_2


def test_r8_an_emergency_takes_the_channel_of_a_test() -> None:
    story, leg = begun(Story(gateway(channels=(1, 2))))
    story.say(dials("ana"))
    story.say(dials("bob", BOB, location=None))
    assert story.said(Clear, leg=leg, cause=8)
    assert story.seized().trunk == "pri"
    story.say(Cleared(leg, 8))
    assert (news(story.last)[0].state, news(story.last)[0].cause) == ("over", 8)
    assert len(story.gateway.calls()) == 2


def test_r8_a_callback_that_meets_a_test_in_glare_keeps_the_channel() -> None:
    story, leg = begun()
    story.say(calls_back("psap", ELIN_1, channel=23))
    assert story.said(Clear, leg=leg, cause=44)
    story.say(Cleared(leg, 44))
    assert news(story.last)[0].cause == 44
    assert [view.kind for view in story.gateway.calls()] == [CallKind.CALLBACK]


def test_a_number_that_reads_back_without_answering_is_heard_and_then_given_up() -> None:
    story, leg = begun()
    story.say(bearer(leg, 23), Progress(leg, in_band=True))
    assert story.ever(Listen)
    story.wait(ANSWER_BY_S)
    assert story.said(Clear, leg=leg)
    story.say(Cleared(leg, 16))
    (end,) = news(story.last)
    assert (end.answered_s, end.cause) == (None, 102)
    assert story.said(Report)[0].record.step is CallStep.FAILED


def test_a_failure_that_the_network_only_says_in_words_ends_the_test() -> None:
    story, leg = begun()
    story.say(Progress(leg, True, 1))
    assert story.said(Clear, leg=leg)
    story.say(Cleared(leg, 16))
    assert news(story.last)[0].cause == 1


def test_a_trunk_that_refuses_ends_the_test_at_once() -> None:
    story, leg = begun()
    story.say(Cleared(leg, 21))
    assert (news(story.last)[0].state, news(story.last)[0].cause) == ("over", 21)
    assert not story.gateway.calls()


def test_an_operator_may_end_a_test_by_name() -> None:
    story, leg = begun()
    story.ask(Force(story.gateway.calls()[0].call))
    assert story.said(Clear, leg=leg)
    story.say(Cleared(leg, 41))
    assert not story.gateway.calls()


def test_what_is_refused_places_no_call() -> None:
    story = Story()
    assert story.ask(PlaceReadback("pri", "911", ELIN_2)) == []
    assert not story.gateway.calls()


def test_a_voice_that_moves_is_listened_to_once() -> None:
    story, leg = begun()
    story.say(rtp(leg, 20000), rtp(leg, 20002))
    assert len(story.ever(Room)) == 2
    assert len(story.ever(Listen)) == 1
