"""Frames between the processes: whole messages from any cut of the stream, or a refusal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from e911.errors import InvalidDocument
from edge_agent.messages import (
    LARGEST_FRAME,
    DropRoom,
    FrameReader,
    LegDigit,
    Message,
    RoomMember,
    SetRoom,
    SnapshotStaged,
    encode,
)

TALK: list[Message] = [
    SetRoom("call", (RoomMember("a", local_port=20000), RoomMember("b", span="pri-1", channel=3))),
    LegDigit("a", "5"),
    SnapshotStaged("/state/snapshots/8", 8, 2),
    DropRoom("call"),
]


@given(st.lists(st.integers(1, 40), max_size=60))
def test_messages_come_whole_however_the_stream_is_cut(cuts: list[int]) -> None:
    stream = b"".join(encode(message) for message in TALK)
    reader, heard, at = FrameReader(), [], 0
    for cut in cuts:
        heard += reader.feed(stream[at : at + cut])
        at += cut
    heard += reader.feed(stream[at:])
    assert heard == TALK


@pytest.mark.parametrize(
    "frame",
    [
        (LARGEST_FRAME + 1).to_bytes(4, "big"),
        b"\x00\x00\x00\x02{}",
        b"\x00\x00\x00\x04null",
        b'\x00\x00\x00\x0b{"m":"Oops"}'[:15],
        b"\x00\x00\x00\x03abc",
    ],
    ids=["too-long", "nameless", "no-object", "unknown", "no-json"],
)
def test_a_stream_that_is_not_ours_is_refused_at_once(frame: bytes) -> None:
    with pytest.raises(InvalidDocument):
        FrameReader().feed(frame)
