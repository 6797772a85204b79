"""The desk is told from the edge, again and again until its platform took it (R11)."""

from __future__ import annotations

from dataclasses import replace

from e911.numbers import Elin
from e911.rows import PolicyRow, Scope, TargetKind, TargetRow
from edge_agent.gateway.exchange import LastResort
from edge_agent.gateway.gateway import Gateway
from edge_agent.gateway.outputs import ClearAlarm, RaiseAlarm
from edge_agent.gateway.requests import ClockReading, Equip
from edge_agent.gateway.telling import ANSWERED_BY_S, LADDER_S, peer_of
from edge_agent.leg import Answered, Cleared, LegId, SendText, TextSettled
from tests.flows.springfield import (
    ANA,
    DESK,
    START,
    SeededIds,
    Story,
    dials,
    gateway,
    snapshot_of,
)


def test_r11_the_notice_says_who_where_when_and_as_which_elin() -> None:
    story = Story()
    story.say(dials("caller"))
    (text,) = story.said(SendText)
    for part in ("Ana B", "4255551234", "4255550102", "Floor 2", "1200 Harbor Ave"):
        assert part in text.body, part
    assert (text.contact, text.peer) == (DESK, "desk")


def test_r11_a_desk_that_does_not_take_it_is_tried_along_the_ladder_then_alarmed() -> None:
    story = Story()
    story.say(dials("caller"))
    (text,) = story.said(SendText)
    for rung in LADDER_S:
        story.say(TextSettled(text.notice, delivered=False))
        assert not story.said(RaiseAlarm, slug="desk-not-told")
        story.wait(rung)
        assert story.said(SendText, notice=text.notice)
    story.say(TextSettled(text.notice, delivered=False))
    assert story.said(RaiseAlarm, slug="desk-not-told")


def test_r11_a_text_of_whose_fate_nobody_tells_is_tried_again_and_forgotten_in_the_end() -> None:
    story = Story()
    story.say(dials("caller"))
    trunk = story.seized().leg
    story.say(Answered(trunk), Cleared(LegId("caller"), 16), Cleared(trunk, 16))
    story.wait(ANSWERED_BY_S + LADDER_S[0])
    assert len(story.said(SendText)) == 1
    story.wait(3600)
    assert story.said(RaiseAlarm, slug="desk-not-told")
    assert len(story.ever(SendText)) == 1 + len(LADDER_S)
    assert story.gateway.next_deadline() is None


def test_r11_a_text_taken_after_all_is_not_sent_again() -> None:
    story = Story()
    story.say(dials("caller"))
    (text,) = story.said(SendText)
    story.say(TextSettled(text.notice, delivered=False), TextSettled(text.notice, delivered=True))
    story.wait(1)
    assert not story.said(SendText)


def test_without_a_snapshot_the_desk_is_told_through_the_last_resorts_peer() -> None:
    last = LastResort(Elin("4255550100"), "pri", "911", DESK, ("sbc",))
    bare = Gateway("e", "b", SeededIds(), last)
    bare.handle(ClockReading(START), 0.0)
    bare.handle(Equip("pri", (1, 2)), 0.0)
    story = Story(bare)
    story.say(dials("caller"))
    assert story.said(SendText)[0].peer == "sbc"


def test_r11_delivery_ends_the_trying_and_clears_the_alarm() -> None:
    story = Story()
    story.say(dials("caller"))
    (text,) = story.said(SendText)
    story.say(TextSettled(text.notice, delivered=True))
    assert story.said(ClearAlarm, slug="desk-not-told")
    story.say(TextSettled(text.notice, delivered=False))
    assert not story.last, "what was taken once is not sent again"


def test_r11_every_target_is_told_and_each_once() -> None:
    policy = PolicyRow("global", Scope.GLOBAL, usage="911", targets=("desk", "night", "hook"))
    night = TargetRow("night", "springfield", TargetKind.SIP_MESSAGE, "sip:night@127.0.0.1:5091")
    hook = TargetRow("hook", "springfield", TargetKind.WEBHOOK, "https://desk.example/hook")
    story = Story(gateway(snapshot_of([policy, night, hook])))
    story.say(dials("caller"))
    assert [text.contact for text in story.said(SendText)] == [DESK, night.address]
    assert len({text.notice for text in story.said(SendText)}) == 2


def test_r11_two_calls_of_one_incident_are_both_told() -> None:
    story = Story()
    story.say(dials("a"), dials("b", replace(ANA, contact="sip:eve@contoso.example", name="Eve")))
    first, second = story.ever(SendText)
    assert "Eve" in second.body
    assert first.notice.split("/")[0] == second.notice.split("/")[0], "one incident"


def test_r11_an_abandoned_call_is_told_as_such() -> None:
    story = Story()
    story.say(dials("caller"), Cleared(LegId("caller"), 16))
    assert "hung up before answer" in story.said(SendText)[-1].body


def test_a_contact_is_reached_through_the_peer_whose_address_it_names_or_any() -> None:
    snapshot = snapshot_of()
    assert peer_of(snapshot, DESK) == "desk"
    assert peer_of(snapshot, "sip:127.0.0.1:5070") == "lync"
    assert peer_of(snapshot, "sip:security@contoso.example") == "desk"
    assert peer_of(None, DESK) == ""
