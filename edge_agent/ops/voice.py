"""Rooms, told to the media process: who is in a call, where each one's voice is, who hears whom."""

from __future__ import annotations

from e911.snapshot import Snapshot
from edge_agent.gateway.outputs import Announce, CloseRoom, Room, RoomPort
from edge_agent.leg import BearerMedia, Digits, LegId, Silence
from edge_agent.messages import (
    DropRoom,
    LegDigit,
    LegHeard,
    LegSilent,
    Message,
    PlayVoice,
    PrepareVoice,
    RoomMember,
    SetRoom,
)


def order_of(output: Room | CloseRoom | Announce) -> Message:
    """What media is told of a gateway output."""
    match output:
        case Room(call, ports):
            return SetRoom(call, tuple(_member(port) for port in ports))
        case CloseRoom(call):
            return DropRoom(call)
        case Announce(call, leg, erl):
            return PlayVoice(call, leg, erl)


def words_of(message: LegDigit | LegSilent | LegHeard) -> list[Digits | Silence]:
    """What media says of a leg, in the language of legs; RTP may be silent, a B channel may not."""
    match message:
        case LegDigit(leg, digit):
            return [Digits(LegId(leg), digit)]
        case LegSilent(leg, seconds, span):
            return [Silence(LegId(leg), seconds)] if span else []
        case LegHeard(leg, span):
            return [Silence(LegId(leg), 0.0)] if span else []


def voices_of(snapshot: Snapshot) -> list[PrepareVoice]:
    """What the recorded voice of each ERL of the branch says (R7)."""
    number = snapshot.branch.main_number.digits
    digits = " ".join(number)
    return [
        PrepareVoice(erl.id, f"{erl.civic.one_line()}. The main number is {digits}.")
        for erl in snapshot.erls.values()
        if erl.branch == snapshot.branch.id
    ]


def _member(port: RoomPort) -> RoomMember:
    media = port.media
    if isinstance(media, BearerMedia):
        return RoomMember(
            port.leg,
            port.hears,
            port.speaks,
            media.law.value,
            span=media.span,
            channel=media.channel,
        )
    host, remote_port = media.remote or ("", 0)
    return RoomMember(
        port.leg,
        port.hears,
        port.speaks,
        media.law.value,
        media.local_port,
        host,
        remote_port,
        media.event_payload,
    )
