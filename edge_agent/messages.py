"""What the three processes of the edge say to each other: small documents in length-prefixed
frames, with golden files.

A frame is a 4-byte big-endian length and one JSON object ``{"m": name, …fields}``. File descriptors
(B channels) ride beside a frame as SCM_RIGHTS.
"""

from __future__ import annotations

from dataclasses import dataclass

from e911.errors import InvalidDocument
from e911.wire import Document, from_document, from_line, to_document, to_line

LARGEST_FRAME = 1 << 20


@dataclass(frozen=True, slots=True)
class RoomMember:
    """One port of a room: RTP (``local_port`` not 0) or a B channel (``span`` not empty)."""

    leg: str
    hears: bool = True
    speaks: bool = True
    law: str = "mu"
    local_port: int = 0
    remote_host: str = ""
    remote_port: int = 0
    event_payload: int | None = None
    span: str = ""
    channel: int = 0


@dataclass(frozen=True, slots=True)
class SetRoom:
    """Agent to media: who is in the call now; replaces what was said before."""

    call: str
    members: tuple[RoomMember, ...]


@dataclass(frozen=True, slots=True)
class DropRoom:
    """Agent to media: the call has no voice any more."""

    call: str


@dataclass(frozen=True, slots=True)
class OpenSpan:
    """Agent to media: the B channels of a span; the descriptors ride beside this frame.

    ``driver`` names how they are read: ``loop`` has one datagram socket for all channels, ``dahdi``
    one descriptor for each in order, and none at all while the card is away.
    """

    span: str
    driver: str
    channels: tuple[int, ...]
    law: str = "mu"
    peer_host: str = ""
    peer_port: int = 0


@dataclass(frozen=True, slots=True)
class PrepareVoice:
    """Agent to media: have the recorded voice of an ERL ready (done when a snapshot is adopted)."""

    erl: str
    text: str


@dataclass(frozen=True, slots=True)
class PlayVoice:
    """Agent to media: play the recorded voice of an ERL to one leg until its room changes."""

    call: str
    leg: str
    erl: str


@dataclass(frozen=True, slots=True)
class KeepVoice:
    """Agent to media: keep what one leg of a call says as a WAV file, for so long at most and until
    its room is dropped."""

    call: str
    leg: str
    path: str
    seconds: float


@dataclass(frozen=True, slots=True)
class VoiceKept:
    """Media to agent: so much of a call was kept at ``path``, or nothing could be written (``why``
    says so)."""

    call: str
    path: str
    seconds: float = 0.0
    why: str = ""


@dataclass(frozen=True, slots=True)
class MediaReady:
    """Media to agent: sockets can be had; said once after start."""

    pid: int


@dataclass(frozen=True, slots=True)
class LegSilent:
    """Media to agent: nothing was heard from a leg for so long; said again and again.

    A B channel always has octets: it is silent while all of them are the same, which is what comes
    of a path that ends nowhere.
    """

    leg: str
    seconds: float
    span: str = ""
    """The span of a B channel; empty for RTP."""


@dataclass(frozen=True, slots=True)
class LegHeard:
    """Media to agent: a leg that was told to be silent is heard again."""

    leg: str
    span: str = ""


@dataclass(frozen=True, slots=True)
class SpanSlips:
    """Media to agent: so many blocks of the worst channel of a span were lost since last told."""

    span: str
    blocks: int


@dataclass(frozen=True, slots=True)
class LegDigit:
    """Media to agent: a telephone-event digit was heard from a leg."""

    leg: str
    digit: str


@dataclass(frozen=True, slots=True)
class PlaySpill:
    """Agent to media: put MF signals on a B channel, all of them queued at once.

    ``signals`` are written as DAHDI and Asterisk write them: digits, ``*`` KP, ``#`` ST, ``A`` ST',
    ``B`` ST'', ``C`` ST'''. Times are in milliseconds, the level is of each of two frequencies.
    """

    span: str
    channel: int
    spill: int
    """The agent's number for it."""
    signals: str
    kp_ms: int = 100
    digit_ms: int = 68
    st_ms: int = 68
    gap_ms: int = 68
    level_dbm0: float = -7.0


@dataclass(frozen=True, slots=True)
class StopSpill:
    """Agent to media: what is still on its way to a B channel must not go out."""

    span: str
    channel: int


@dataclass(frozen=True, slots=True)
class SpillPlayed:
    """Media to agent: the last sample of a spill has gone out, or (``why``) it did not go out as it
    is and must not be taken for sent."""

    span: str
    channel: int
    spill: int
    why: str = ""


@dataclass(frozen=True, slots=True)
class PlayEvent:
    """Agent to media: send an RFC 4733 telephone-event (16 is a hook flash) to an RTP leg."""

    leg: str
    event: int


@dataclass(frozen=True, slots=True)
class RecordsWaiting:
    """Agent to sync: the outbox has grown."""

    count: int


@dataclass(frozen=True, slots=True)
class SnapshotStaged:
    """Sync to agent: a verified snapshot lies ready to be adopted."""

    path: str
    serial: int
    generation: int


@dataclass(frozen=True, slots=True)
class SyncCondition:
    """Sync to agent: a condition that an operator must see (or that is over)."""

    slug: str
    active: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class OutboxDrained:
    """Sync to agent: so many records are still waiting."""

    waiting: int


Message = (
    SetRoom
    | DropRoom
    | OpenSpan
    | PrepareVoice
    | PlayVoice
    | KeepVoice
    | VoiceKept
    | MediaReady
    | LegSilent
    | LegHeard
    | SpanSlips
    | LegDigit
    | PlaySpill
    | StopSpill
    | SpillPlayed
    | PlayEvent
    | RecordsWaiting
    | SnapshotStaged
    | SyncCondition
    | OutboxDrained
)

_BY_NAME: dict[str, type[Message]] = {
    kind.__name__: kind
    for kind in (
        SetRoom,
        DropRoom,
        OpenSpan,
        PrepareVoice,
        PlayVoice,
        KeepVoice,
        VoiceKept,
        MediaReady,
        LegSilent,
        LegHeard,
        SpanSlips,
        LegDigit,
        PlaySpill,
        StopSpill,
        SpillPlayed,
        PlayEvent,
        RecordsWaiting,
        SnapshotStaged,
        SyncCondition,
        OutboxDrained,
    )
}


def encode(message: Message) -> bytes:
    """The frame of a message."""
    document: Document = {"m": type(message).__name__, **to_document(message)}
    body = to_line(document)
    return len(body).to_bytes(4, "big") + body


class FrameReader:
    """Bytes in, whole messages out; keeps what is not whole yet."""

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, data: bytes) -> list[Message]:
        """Every message that ``data`` completes.

        Raises:
            InvalidDocument: the stream is not ours any more (the peer process is then restarted).
        """
        self._held += data
        messages = []
        while len(self._held) >= 4:
            length = int.from_bytes(self._held[:4], "big")
            if length > LARGEST_FRAME:
                raise InvalidDocument("frame", "is longer than any message")
            if len(self._held) < 4 + length:
                break
            messages.append(_decode(bytes(self._held[4 : 4 + length])))
            del self._held[: 4 + length]
        return messages


def _decode(body: bytes) -> Message:
    document = from_line(body, "frame")
    kind = _BY_NAME.get(document.get("m", ""))
    if kind is None:
        raise InvalidDocument("m", "names no message")
    return from_document(kind, document)
