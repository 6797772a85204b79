"""The documents that cross a boundary, byte for byte: the two halves of the product may never
disagree.

A file of ``tests/data/golden`` changes only with a decision: a new optional field for one release,
or a new schema number. What was written by the last release must still be read by this one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any, get_args

import pytest

from e911.alarms import Alarm
from e911.bindings import Binding, CallKind, How
from e911.manifest import Held, accept, render
from e911.notice import Notice, NoticeStep, fields
from e911.numbers import Caller, Did
from e911.records import CallRecord, CallStep, HealthRecord
from e911.snapshot import read_body, render_body
from e911.wire import from_document, from_line, to_document, to_line
from edge_agent import messages
from tests.contracts.tree import ROOT
from tests.core.springfield import ANA, BEN, E1, HEADER, NOON, rows

GOLDEN = ROOT / "tests" / "data" / "golden"

BINDING = Binding(
    call="edge-springfield-b1-7",
    elin=E1,
    caller=replace(ANA, name="Ana Báez", alternates=(BEN.contact,)),
    erl="spf-f2",
    how=How.PIDF_ELIN,
    kind=CallKind.EMERGENCY,
    bound_at=NOON,
    incident="edge-springfield-b1-i3",
    ended_at=NOON + timedelta(minutes=4, microseconds=250_000),
    window_s=3600,
    trunk="spf-pri",
    channel=3,
    call_reference=12,
    platform_call_id="3f0c@10.20.30.41",
    forced=True,
)
BARE_BINDING = Binding("c-1", E1, Caller(""), "spf-f1", How.DEFAULT, CallKind.EMERGENCY, NOON)

RECORD = CallRecord(
    id="edge-springfield-b1-7-1",
    call="edge-springfield-b1-7",
    incident="edge-springfield-b1-i3",
    step=CallStep.STARTED,
    kind=CallKind.EMERGENCY,
    at=NOON,
    edge="edge-springfield",
    branch="springfield",
    erl="spf-f2",
    how=How.SUBNET,
    elin=E1,
    caller=Caller(ANA.contact, Did("4255551001"), "1001", "Ana B", "lync"),
    dialled="911",
    trunk="spf-pri",
    channel=3,
    cause=16,
    bound_at=NOON,
    ended_at=NOON,
    window_s=10800,
    platform_call_id="3f0c@10.20.30.41",
    targets=("spf-desk",),
    shared_with=("edge-springfield-b1-6",),
    disagreeing=("civic says spf-f1",),
    forced=True,
)
HEALTH = HealthRecord(
    id="edge-springfield-b1-h1",
    edge="edge-springfield",
    branch="springfield",
    at=NOON,
    serial=1_772_452_800,
    generation=3,
    version="0.1.0",
    alarms=(Alarm("trunk-down", NOON, NOON, 2, None, "spf-pri", "no frames"),),
    trunks_down=("spf-pri",),
    bindings=2,
    calls=1,
    outbox=4,
)
NOTICE = Notice(
    incident="edge-springfield-b1-i3",
    call="edge-springfield-b1-7",
    step=NoticeStep.STARTED,
    at=NOON,
    branch="springfield",
    erl="spf-f2",
    place="1200 Harbor Ave NE, Flr 2, Springfield, WA, 98000",
    name="Ana B",
    number="4255551001",
    elin=E1.digits,
    dialled="911",
    zone="America/Los_Angeles",
    how="subnet",
    remark="the clues disagree",
    targets=("spf-desk",),
)

MESSAGES: tuple[messages.Message, ...] = (
    messages.SetRoom(
        "c-1",
        (
            messages.RoomMember(
                "leg-1",
                hears=False,
                local_port=20000,
                remote_host="10.1.2.3",
                remote_port=4000,
                event_payload=101,
            ),
            messages.RoomMember("leg-2", speaks=False, law="a", span="pri-1", channel=3),
        ),
    ),
    messages.DropRoom("c-1"),
    messages.OpenSpan("pri-1", "loop", (1, 2, 3), "mu", "127.0.0.1", 9000),
    messages.PrepareVoice("spf-f2", "1200 Harbor Avenue"),
    messages.PlayVoice("c-1", "leg-2", "spf-f2"),
    messages.KeepVoice("c-1", "leg-2", "tests/c-1.wav", 75.0),
    messages.VoiceKept("c-1", "tests/c-1.wav", 18.5),
    messages.MediaReady(4711),
    messages.LegSilent("leg-1", 2.5),
    messages.LegHeard("leg-2", "pri-1"),
    messages.SpanSlips("pri-1", 3),
    messages.LegDigit("leg-1", "#"),
    messages.PlaySpill("em-1", 3, 12, "*05550142#", level_dbm0=-8.5),
    messages.StopSpill("em-1", 3),
    messages.SpillPlayed("em-1", 3, 12, "the channel took 8192 of 10592 bytes"),
    messages.PlayEvent("leg-1", 16),
    messages.RecordsWaiting(7),
    messages.SnapshotStaged("snapshots/staged.jsonl", 1_772_452_800, 3),
    messages.SyncCondition("snapshot-serial", True, "serial 7 is not above 7"),
    messages.OutboxDrained(0),
)

LINES: dict[str, tuple[Any, ...]] = {
    "binding.jsonl": (BINDING, BARE_BINDING),
    "call-record.jsonl": (RECORD,),
    "health-record.jsonl": (HEALTH,),
    "notice.jsonl": (NOTICE,),
}


def held(name: str) -> bytes:
    return (GOLDEN / name).read_bytes()


def lines(values: Iterable[object]) -> bytes:
    return b"".join(to_line(to_document(value)) for value in values)


@pytest.mark.parametrize("name", LINES)
def test_a_document_is_written_to_the_byte_and_read_back(name: str) -> None:
    values = LINES[name]
    assert lines(values) == held(name)
    read = [from_document(type(values[0]), from_line(line)) for line in held(name).splitlines()]
    assert read == list(values)


def test_a_snapshot_is_written_to_the_byte_and_read_back() -> None:
    assert render_body(HEADER, rows()) == held("snapshot.jsonl")
    header, read = read_body(held("snapshot.jsonl"))
    assert render_body(header, read) == held("snapshot.jsonl")


def test_a_manifest_is_written_to_the_byte_and_accepted_with_its_body() -> None:
    body, manifest = render(
        HEADER,
        rows(),
        deployment="lab",
        edge="edge-springfield",
        key_id="alias/elingate-signing",
        poll_s=60,
        body_key="edges/edge-springfield/body-7.jsonl",
    )
    assert (body, manifest) == (held("snapshot.jsonl"), held("manifest.json"))
    accepted = accept(
        Held(6, 2),
        held("manifest.json"),
        b"",
        held("snapshot.jsonl"),
        lambda key_id, message, signature: key_id == "alias/elingate-signing",
        deployment="lab",
        branch="springfield",
        edge="edge-springfield",
    )
    assert accepted.sha256 == hashlib.sha256(body).hexdigest()


def test_a_webhooks_fields_are_written_to_the_byte() -> None:
    assert to_line(fields(NOTICE)) == held("notice-fields.json")


def test_every_message_between_the_processes_has_its_golden_frame() -> None:
    assert {type(message) for message in MESSAGES} == set(get_args(messages.Message))
    frames = b"".join(messages.encode(message) for message in MESSAGES)
    assert frames == held("messages.frames")


@pytest.mark.parametrize("size", [1, 2, 3, 5, 64, 100_000])
def test_golden_frames_are_read_back_however_the_stream_is_cut(size: int) -> None:
    reader, stream = messages.FrameReader(), held("messages.frames")
    read: list[messages.Message] = []
    for start in range(0, len(stream), size):
        read += reader.feed(stream[start : start + size])
    assert tuple(read) == MESSAGES
