"""The pipe between two processes of the edge: framed messages and descriptors, never a wait.

What a peer has not taken yet is kept by subject (the latest room of a call, the latest snapshot),
so that a slow or dead peer costs a bounded amount of memory and the agent never waits for one.
:class:`MediaOrders` remembers what a new media process has to be told.
"""

from __future__ import annotations

import array
import asyncio
import socket
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from e911.errors import InvalidDocument
from edge_agent.messages import (
    DropRoom,
    FrameReader,
    LegHeard,
    LegSilent,
    Message,
    OpenSpan,
    OutboxDrained,
    PlayVoice,
    PrepareVoice,
    RecordsWaiting,
    SetRoom,
    SnapshotStaged,
    SyncCondition,
    encode,
)

MOST_WAITING = 4096
"""Messages kept for a peer that does not read; later ones about new subjects are then dropped."""
MOST_DESCRIPTORS = 250
"""Linux passes at most 253 descriptors beside one message."""
AT_ONCE = 1 << 16

Heard = Callable[[Message, list[int]], None]
"""A message, and the descriptors that came beside it: the hearer owns and closes them."""
Closed = Callable[[str], None]
"""Said once: the peer is gone, or what it says is not ours to understand."""
Subject = tuple[object, ...]


@dataclass(slots=True)
class _Parcel:
    frame: memoryview
    descriptors: tuple[int, ...]


class IpcLink:
    """One end of a unix stream socket, which it owns, on the loop."""

    def __init__(
        self, sock: socket.socket, loop: asyncio.AbstractEventLoop, heard: Heard, closed: Closed
    ) -> None:
        sock.setblocking(False)
        self._sock = sock
        self._loop = loop
        self._heard = heard
        self._closed = closed
        self._reader = FrameReader()
        self._arrived: list[list[int]] = []
        self._waiting: dict[Subject, _Parcel] = {}
        self._leaving: _Parcel | None = None
        self._count = 0
        self._is_open = True
        self.dropped = 0
        """Messages that a peer did not take in time."""
        loop.add_reader(sock, self._readable)

    @property
    def is_open(self) -> bool:
        """Whether the peer may still be there."""
        return self._is_open

    @property
    def waiting(self) -> int:
        """Messages that the peer has not taken yet."""
        return len(self._waiting) + (self._leaving is not None)

    def send(self, message: Message, descriptors: Iterable[int] = ()) -> None:
        """Send as soon as the peer takes it; never blocks, and does nothing on a closed link.

        Descriptors must stay open until they are sent: the agent keeps its own for as long as the
        span lives.
        """
        if not self._is_open:
            return
        subject = self._subject(message)
        self._supersede(message, subject)
        if len(self._waiting) >= MOST_WAITING:
            self.dropped += 1
            return
        self._waiting[subject] = _Parcel(memoryview(encode(message)), tuple(descriptors))
        if self._leaving is None:
            self._writable()

    def close(self) -> None:
        """Let go of the socket without a word to ``closed``."""
        if not self._is_open:
            return
        self._is_open = False
        self._loop.remove_reader(self._sock)
        self._loop.remove_writer(self._sock)
        self._sock.close()
        for descriptor in (d for group in self._arrived for d in group):
            socket.close(descriptor)
        self._arrived.clear()

    def _supersede(self, message: Message, subject: Subject) -> None:
        """Take out of the queue what the message makes untrue, so that the order stays right."""
        self._waiting.pop(subject, None)
        if isinstance(message, SetRoom | DropRoom):
            for play in [s for s in self._waiting if s[:2] == (PlayVoice, message.call)]:
                del self._waiting[play]

    def _subject(self, message: Message) -> Subject:
        """What the message is about: of two about the same, only the later is worth sending."""
        match message:
            case SetRoom() | DropRoom():
                return (SetRoom, message.call)
            case PlayVoice():
                return (PlayVoice, message.call, message.leg)
            case OpenSpan():
                return (OpenSpan, message.span)
            case PrepareVoice():
                return (PrepareVoice, message.erl)
            case LegSilent() | LegHeard():
                return (LegSilent, message.leg)
            case SyncCondition():
                return (SyncCondition, message.slug)
            case RecordsWaiting() | SnapshotStaged() | OutboxDrained():
                return (type(message),)
            case _:
                self._count += 1
                return (type(message), self._count)

    def _writable(self) -> None:
        try:
            while self._leaving is not None or self._waiting:
                self._write_some()
        except BlockingIOError:
            self._loop.add_writer(self._sock, self._writable)
            return
        except OSError:
            self._fail("the peer is gone")
            return
        self._loop.remove_writer(self._sock)

    def _write_some(self) -> None:
        if self._leaving is None:
            self._leaving = self._waiting.pop(next(iter(self._waiting)))
        parcel = self._leaving
        if parcel.descriptors:
            rights = array.array("i", parcel.descriptors)
            beside = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)]
            sent = self._sock.sendmsg([parcel.frame], beside)
            parcel.descriptors = ()
        else:
            sent = self._sock.send(parcel.frame)
        parcel.frame = parcel.frame[sent:]
        if not parcel.frame:
            self._leaving = None

    def _readable(self) -> None:
        try:
            data, descriptors = _receive(self._sock)
        except BlockingIOError:
            return
        except OSError:
            self._fail("the peer is gone")
            return
        if descriptors:
            self._arrived.append(descriptors)
        if not data:
            self._fail("the peer closed")
            return
        try:
            messages = self._reader.feed(data)
        except InvalidDocument as error:
            self._fail(str(error))
            return
        for message in messages:
            # One read brings at most one group of descriptors, and groups come in frame order.
            beside = self._arrived.pop(0) if isinstance(message, OpenSpan) and self._arrived else []
            self._heard(message, beside)
            if not self._is_open:
                return

    def _fail(self, why: str) -> None:
        if self._is_open:
            self.close()
            self._closed(why)


def _receive(sock: socket.socket) -> tuple[bytes, list[int]]:
    # socket.recv_fds of 3.11 ignores its flags, and a descriptor must not leak into a child.
    space = socket.CMSG_SPACE(MOST_DESCRIPTORS * array.array("i").itemsize)
    data, beside, _, _ = sock.recvmsg(AT_ONCE, space, socket.MSG_CMSG_CLOEXEC)
    descriptors = array.array("i")
    for level, kind, rights in beside:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            descriptors.frombytes(rights[: len(rights) - len(rights) % descriptors.itemsize])
    return data, list(descriptors)


class MediaOrders:
    """What the media process has been told and must be told again after it was restarted."""

    def __init__(self) -> None:
        self._spans: dict[str, tuple[OpenSpan, tuple[int, ...]]] = {}
        self._voices: dict[str, PrepareVoice] = {}
        self._rooms: dict[str, SetRoom] = {}
        self._plays: dict[tuple[str, str], PlayVoice] = {}

    def note(self, message: Message, descriptors: Iterable[int] = ()) -> None:
        """Remember what outlives its delivery, and forget what it replaces."""
        match message:
            case OpenSpan():
                self._spans[message.span] = (message, tuple(descriptors))
            case PrepareVoice():
                self._voices[message.erl] = message
            case SetRoom() | DropRoom():
                self._rooms.pop(message.call, None)
                self._plays = {k: play for k, play in self._plays.items() if k[0] != message.call}
                if isinstance(message, SetRoom):
                    self._rooms[message.call] = message
            case PlayVoice():
                self._plays[message.call, message.leg] = message
            case _:
                pass

    def __iter__(self) -> Iterator[tuple[Message, tuple[int, ...]]]:
        """Everything that holds; live calls first, since a branch may have thousands of voices."""
        yield from self._spans.values()
        yield from ((room, ()) for room in self._rooms.values())
        yield from ((play, ()) for play in self._plays.values())
        yield from ((voice, ()) for voice in self._voices.values())


class MediaLink:
    """The agent's end towards media: survives restarts of the other side, and never waits for
    it.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, heard: Heard, closed: Closed) -> None:
        self._loop = loop
        self._heard = heard
        self._closed = closed
        self._orders = MediaOrders()
        self._link: IpcLink | None = None

    def attach(self, sock: socket.socket) -> None:
        """A media process is at the other end of ``sock``: tell it all that holds now."""
        if self._link is not None:
            self._link.close()
        self._link = IpcLink(sock, self._loop, self._heard, self._closed)
        for message, descriptors in self._orders:
            self._link.send(message, descriptors)

    def send(self, message: Message, descriptors: Iterable[int] = ()) -> None:
        """Tell media now where there is one; what still holds is told to the next one too."""
        kept = tuple(descriptors)
        self._orders.note(message, kept)
        if self._link is not None:
            self._link.send(message, kept)

    def close(self) -> None:
        """Let go of the socket: the media process ends by itself."""
        if self._link is not None:
            self._link.close()
            self._link = None
