"""The two kinds of place where a leg's voice comes in and goes out: an RTP port and a B channel.

A port knows its own wire and nothing of the others: who hears whom is the room's business.

Where RTP goes (symmetric RTP, RFC 4961): to the signalled address, until voice comes from another
port of the *signalled host*; then there. Voice from any other host is dropped and counted, unless
``any_host`` is configured for phones behind a NAT. While a source is being heard no other one takes
its place, so that a stray or forged stream cannot carry a call away.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple, Protocol

from edge_agent.leg import Law
from edge_agent.media.g711 import BLOCK, SILENT_BLOCK, translate
from edge_agent.media.jitter import JitterBuffer
from edge_agent.media.recorded import Recorded
from edge_agent.media.recording import Recording
from edge_agent.media.rtp import PAYLOAD_TYPES, Packet, render, render_event
from edge_agent.messages import RoomMember

Address = tuple[str, int]

LATCH_HOLD_S = 0.5
"""A source that was heard within this time keeps its place."""
PATIENCE = 4
"""Blocks of a B channel that wait for a room's clock."""
GAP_S = 0.06
"""After so long without a packet of ours the next one begins a talkspurt."""
EVENT_BLOCKS = 5
"""An event of ours lasts 100 ms: a packet each 20 ms, and the last one three times (RFC 4733
§2.5.1.4)."""
END_PACKETS = 3


class SendRtp(NamedTuple):
    """Send ``data`` from the socket of ``local_port``."""

    local_port: int
    data: bytes
    to: Address


class SendBlock(NamedTuple):
    """Play 20 ms on a B channel."""

    span: str
    channel: int
    block: bytes


class StreamIds(Protocol):
    """Where SSRCs and first numbers come from (RFC 3550 §5.1: unpredictable)."""

    def bits(self, count: int) -> int:
        """A number of so many random bits."""


class Port:
    """What both kinds share: who it is, and voices of our own that it is to hear."""

    def __init__(self, member: RoomMember) -> None:
        self.room = ""
        self.heard_at = 0.0
        self.silence_told_s = 0.0
        """How long a silence was when it was last told of; 0 while there is none."""
        self.recording: Recording | None = None
        self.playing: Recorded | None = None
        self.inserted: deque[bytes] = deque()
        """Blocks (mu-law) that this port hears instead of the others: keyed digits."""
        self.direct_to: Port | None = None
        """The one port that hears this one as it comes, without a mixer or a buffer of ours."""
        self.source: Port | None = None
        """The one port that this one hears at its own pace."""
        self.is_fed = False
        """Somebody speaks directly to this port."""
        self._take_over(member)

    def settle(self, member: RoomMember, room: str, now: float) -> None:
        """Be ``member`` of ``room`` from now on; streams that go on are not disturbed."""
        self._take_over(member)
        self.room = room
        self.playing = self.direct_to = self.source = None
        self.is_fed = False
        self.heard_at = now

    def _take_over(self, member: RoomMember) -> None:
        self.leg = member.leg
        self.hears = member.hears
        self.speaks = member.speaks
        self.law = Law(member.law)

    def hear(self, voice: bytes, now: float) -> None:
        """This came in here, in this port's law."""
        if self.recording is not None:
            self.recording.hear(voice, self.law)
        self.heard_at = now

    @property
    def has_own_voice(self) -> bool:
        """Whether it hears us now, and nobody else."""
        return bool(self.inserted) or self.playing is not None

    def own_voice(self) -> bytes | None:
        """The next 20 ms of ours in this port's law."""
        if self.inserted:
            return translate(self.inserted.popleft(), Law.MU, self.law)
        if self.playing is not None:
            return translate(self.playing.next_block(), Law.MU, self.law)
        return None

    def take(self, now: float) -> bytes | None:
        """The next 20 ms that came in here, in this port's law."""
        raise NotImplementedError

    def say(self, block: bytes, now: float) -> SendRtp | SendBlock | None:
        """Have the far end hear ``block``, in this port's law."""
        raise NotImplementedError


class BearerPort(Port):
    """A B channel: the card's clock paces it."""

    def __init__(self, member: RoomMember) -> None:
        super().__init__(member)
        self.span = member.span
        self.channel = member.channel
        self.arrived: deque[bytes] = deque(maxlen=PATIENCE)

    def hear(self, voice: bytes, now: float) -> None:
        """A card reads octets whether or not anybody speaks: those of an open path differ."""
        if self.recording is not None:
            self.recording.hear(voice, self.law)
        if voice.count(voice[0]) != len(voice):
            self.heard_at = now

    def take(self, now: float) -> bytes | None:
        return self.arrived.popleft() if self.arrived else None

    def say(self, block: bytes, now: float) -> SendBlock:
        return SendBlock(self.span, self.channel, block)


class RtpPort(Port):
    """One of our RTP ports, and the far end that it talks with."""

    def __init__(self, member: RoomMember, ids: StreamIds, *, any_host: bool = False) -> None:
        self._any_host = any_host
        self._ids = ids
        self.local_port = member.local_port
        self._signalled: Address | None = None
        self.remote: Address | None = None
        self._source: Address | None = None
        self._source_at = 0.0
        super().__init__(member)
        self.jitter = JitterBuffer(self.law)
        self._ssrc = ids.bits(32)
        self._sequence = ids.bits(16)
        self._timestamp = ids.bits(32)
        self._sent_at: float | None = None
        self._relayed: tuple[int, int, int] | None = None
        """SSRC of the relayed stream and what is added to its numbers and timestamps."""
        self._event_at: int | None = None
        self._events: deque[tuple[int, int, bool]] = deque()
        """What is still to be sent of our own events: code, blocks so far, whether it is over."""
        self._event_timestamp = 0
        self.strangers = 0
        """Packets from addresses that were never signalled."""

    def _take_over(self, member: RoomMember) -> None:
        before = getattr(self, "law", None)
        super()._take_over(member)
        self.event_payload = member.event_payload
        signalled = (member.remote_host, member.remote_port) if member.remote_host else None
        if signalled != self._signalled:
            self._signalled = self.remote = signalled
            self._source = None
        if before is not None and before is not self.law:
            self.jitter = JitterBuffer(self.law)

    def admits(self, source: Address, now: float) -> bool:
        """Whether a packet from ``source`` is the far end's; where to send follows it."""
        if source == self._source:
            self._source_at = now
            return True
        is_known = source == self._signalled
        is_host = self._signalled is not None and source[0] == self._signalled[0]
        is_free = self._source is None or now - self._source_at > LATCH_HOLD_S
        if is_known or ((is_host or self._any_host) and is_free):
            self._source = self.remote = source
            self._source_at = now
            return True
        self.strangers += 1
        return False

    def is_new_event(self, packet: Packet) -> bool:
        """Whether this packet begins a telephone-event; its repeats share the timestamp."""
        if packet.timestamp == self._event_at:
            return False
        self._event_at = packet.timestamp
        return True

    def begin_event(self, event: int, now: float) -> SendRtp | None:
        """Tell the far end of a telephone-event: at once, or after those it is being told of."""
        is_telling = bool(self._events)
        self._events.extend((event, blocks, False) for blocks in range(1, EVENT_BLOCKS))
        self._events.extend([(event, EVENT_BLOCKS, True)] * END_PACKETS)
        return None if is_telling else self.next_event(now)

    def next_event(self, now: float) -> SendRtp | None:
        """The packet of an event of ours that is due every 20 ms, where the far end takes events.

        It is numbered between those of the voice, whose time runs on beside it.
        """
        if self.event_payload is None or self.remote is None:
            self._events.clear()
            return None
        if not self._events:
            return None
        event, blocks, ended = self._events.popleft()
        if blocks == 1:
            self._event_timestamp = self._timestamp_at(now)
            if self._sent_at is None:
                self._sent_at = now
        self._sequence = self._sequence + 1 & 0xFFFF
        if self._relayed is not None:
            ssrc, more, later = self._relayed
            self._relayed = (ssrc, more + 1, later)
        payload = render_event(event, blocks * BLOCK, ended=ended)
        data = render(
            self.event_payload,
            self._sequence,
            self._event_timestamp,
            self._ssrc,
            payload,
            marker=blocks == 1,
        )
        return SendRtp(self.local_port, data, self.remote)

    def take(self, now: float) -> bytes | None:
        return self.jitter.take(now)

    def say(self, block: bytes, now: float) -> SendRtp | None:
        if self.remote is None:
            return None
        marker = self._relayed is not None or self._is_gap(now)
        self._relayed = None
        self._move_on(now)
        kind, sequence, timestamp = PAYLOAD_TYPES[self.law], self._sequence, self._timestamp
        data = render(kind, sequence, timestamp, self._ssrc, block, marker=marker)
        return SendRtp(self.local_port, data, self.remote)

    def relay(
        self, packet: Packet, payload: bytes, now: float, payload_type: int | None = None
    ) -> SendRtp | None:
        """Pass a packet on as it came: its gaps and its order stay for the far end to see."""
        if self.remote is None:
            return None
        marker = False
        if self._relayed is None or self._relayed[0] != packet.ssrc:
            self._move_on(now)
            marker = True
            self._relayed = (
                packet.ssrc,
                self._sequence - packet.sequence,
                self._timestamp - packet.timestamp,
            )
        self._sent_at = now
        _, more, later = self._relayed
        self._sequence = packet.sequence + more & 0xFFFF
        self._timestamp = packet.timestamp + later & 0xFFFFFFFF
        data = render(
            PAYLOAD_TYPES[self.law] if payload_type is None else payload_type,
            self._sequence,
            self._timestamp,
            self._ssrc,
            payload,
            marker=marker,
        )
        return SendRtp(self.local_port, data, self.remote)

    def _is_gap(self, now: float) -> bool:
        return self._sent_at is None or now - self._sent_at > GAP_S

    def _move_on(self, now: float) -> None:
        """The numbers of the next packet: time that was silent is in the timestamp."""
        self._sequence = self._sequence + 1 & 0xFFFF
        self._timestamp = self._timestamp_at(now)
        self._sent_at = now

    def _timestamp_at(self, now: float) -> int:
        silent_s = 0.0 if self._sent_at is None else now - self._sent_at
        steps = max(1, round(silent_s * 50)) if silent_s > GAP_S else 1
        return self._timestamp + steps * BLOCK & 0xFFFFFFFF


def silence(port: Port) -> bytes:
    """20 ms of nothing for a port."""
    return SILENT_BLOCK[port.law]
