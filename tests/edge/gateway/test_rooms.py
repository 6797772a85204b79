"""Voices meet when they are known, and the room is said only when it changes."""

from __future__ import annotations

from edge_agent.gateway.outputs import CloseRoom, Room, RoomPort
from edge_agent.gateway.rooms import Voices
from edge_agent.leg import BearerMedia, LegId, RtpMedia

A, B = LegId("a"), LegId("b")
RTP, BEARER = RtpMedia(20000, None), BearerMedia("pri-1", 3)


def test_a_room_grows_as_voices_become_known() -> None:
    voices = Voices("call")
    assert voices.meet(A, B) == []
    voices.moved(A, RTP)
    assert voices.meet(A, B) == [Room("call", (RoomPort(A, RTP),))]
    voices.moved(B, BEARER)
    both = [Room("call", (RoomPort(A, RTP), RoomPort(B, BEARER)))]
    assert voices.meet(A, B) == both
    assert voices.meet(A, B) == []


def test_a_voice_that_moves_is_said_again_and_nobody_left_closes_the_room() -> None:
    voices = Voices("call")
    voices.moved(A, RTP)
    voices.meet(A, None)
    voices.moved(A, RtpMedia(20000, ("127.0.0.1", 4000)))
    assert len(voices.meet(A, None)) == 1
    voices.gone(A)
    assert voices.meet(A, B) == [CloseRoom("call")]
    assert voices.close() == []
