"""Rooms as media is told of them."""

from __future__ import annotations

from pathlib import Path

from e911.snapshot import Header, Snapshot
from edge_agent.gateway.outputs import Announce, CloseRoom, Room, RoomPort
from edge_agent.leg import BearerMedia, Digits, Law, LegId, RtpMedia, Silence
from edge_agent.messages import (
    DropRoom,
    LegDigit,
    LegHeard,
    LegSilent,
    PlayVoice,
    RoomMember,
    SetRoom,
)
from edge_agent.ops.voice import order_of, voices_of, words_of
from tests.edge.office import Office


def test_a_room_is_its_members_with_where_their_voice_is() -> None:
    phone = RoomPort(LegId("a"), RtpMedia(20000, ("192.0.2.1", 4000), Law.A, 101), speaks=False)
    silent = RoomPort(LegId("b"), RtpMedia(20002, None))
    trunk = RoomPort(LegId("c"), BearerMedia("pri-1", 7), hears=False)
    assert order_of(Room("c1", (phone, silent, trunk))) == SetRoom(
        "c1",
        (
            RoomMember("a", True, False, "a", 20000, "192.0.2.1", 4000, 101),
            RoomMember("b", True, True, "mu", 20002),
            RoomMember("c", False, True, "mu", span="pri-1", channel=7),
        ),
    )


def test_ends_and_announcements() -> None:
    assert order_of(CloseRoom("c1")) == DropRoom("c1")
    assert order_of(Announce("c1", LegId("a"), "floor-2")) == PlayVoice("c1", "a", "floor-2")


def test_each_erl_of_the_branch_has_a_voice_with_its_address_and_the_main_number_r7(
    tmp_path: Path,
) -> None:
    rows = Office(tmp_path).rows()
    snapshot = Snapshot.build(Header(1, 1, "springfield", 1, 1), rows)
    (voice,) = voices_of(snapshot)
    assert voice.erl == "floor-2"
    assert voice.text.startswith("1 Main St, 2, Springfield, IL.")
    assert voice.text.endswith("4 2 5 5 5 5 0 1 9 9.")


def test_what_media_hears_is_said_in_words_of_legs_and_silent_rtp_says_nothing() -> None:
    leg = LegId("c")
    assert words_of(LegDigit("c", "5")) == [Digits(leg, "5")]
    assert words_of(LegSilent("c", 10.2, "pri-1")) == [Silence(leg, 10.2)]
    assert words_of(LegHeard("c", "pri-1")) == [Silence(leg, 0.0)]
    assert words_of(LegSilent("c", 10.2)) == words_of(LegHeard("c")) == []
