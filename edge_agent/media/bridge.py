"""Rooms: who hears whom, decided once when a room is set, so that a packet costs a lookup or two.

Two people in a room (or one) need no mixer. Their G.711 passes byte for byte where the law is the
same: what comes from a B channel leaves as RTP at once; RTP leaves as RTP at once; RTP for a
B channel waits in the jitter buffer and leaves at the channel's own pace. More people are mixed, at
the pace of one B channel of the room, or of :meth:`MediaCore.tick` where there is none.
"""

from __future__ import annotations

from collections.abc import Iterator

from edge_agent.leg import Law
from edge_agent.media.g711 import BLOCK, SILENT_BLOCK, from_linear, translate
from edge_agent.media.mixer import mix
from edge_agent.media.ports import (
    Address,
    BearerPort,
    Port,
    RtpPort,
    SendBlock,
    SendRtp,
    StreamIds,
    silence,
)
from edge_agent.media.recorded import Recorded
from edge_agent.media.recording import Recording
from edge_agent.media.rtp import LAWS, Packet, read, read_digit
from edge_agent.media.tones import DTMF, tone
from edge_agent.messages import DropRoom, LegDigit, LegHeard, LegSilent, RoomMember, SetRoom

TICK_S = 0.020
SILENT_AFTER_S = 10.0
CLOCK_LOST_S = 0.1
"""A room whose B channel gives no clock for so long goes by the tick."""
DIGIT_S, DIGIT_GAP_S = 0.1, 0.06
"""A keyed digit as the others hear it (ITU-T Q.24: at least 40 ms each)."""

Voice = SendRtp | SendBlock
MediaOutput = Voice | LegDigit | LegSilent | LegHeard


class _Room:
    """The ports of one call."""

    def __init__(self, ports: list[Port]) -> None:
        self.ports = ports
        self.is_mixed = len(ports) > 2
        self.clock = next((p for p in ports if isinstance(p, BearerPort)), None)
        self.clocked_at = 0.0


class MediaCore:
    """All rooms of the edge. Every door returns what is to be sent, in order."""

    def __init__(self, ids: StreamIds, *, any_host: bool = False) -> None:
        self._ids = ids
        self._any_host = any_host
        self._rooms: dict[str, _Room] = {}
        self._rtp: dict[int, RtpPort] = {}
        self._bearers: dict[tuple[str, int], BearerPort] = {}
        self._recordings: dict[tuple[str, str], Recording] = {}
        self._silence_seen_at = 0.0
        self.unread = 0
        """Datagrams on RTP ports that are no voice."""

    def local_ports(self) -> set[int]:
        """RTP ports that some room needs."""
        return set(self._rtp)

    def bearers(self, span: str) -> set[int]:
        """Channels of a span that some room needs."""
        return {channel for named, channel in self._bearers if named == span}

    def handle(self, request: SetRoom | DropRoom, now: float) -> None:
        """Have a room be as it is said to be, or not be. A port follows to its latest room."""
        gone = self._rooms.pop(request.call, None)
        if isinstance(request, SetRoom):
            ports = [self._settled(member, request.call, now) for member in request.members]
            room = self._rooms[request.call] = _Room(ports)
            if not room.is_mixed:
                _join(ports)
            room.clocked_at = now
        if gone is not None:
            kept = self._rooms[request.call].ports if request.call in self._rooms else []
            self._let_go([port for port in gone.ports if port not in kept], request.call)

    def play(self, call: str, leg: str, voice: bytes) -> None:
        """Play ``voice`` (8 kHz mu-law) to one leg, over and over, until its room changes."""
        room = self._rooms.get(call)
        for port in room.ports if room else ():
            if port.leg == leg:
                port.playing = Recorded(voice)

    def record(self, call: str, leg: str, recording: Recording) -> None:
        """Have ``recording`` hear what one leg says from now on, wherever its voice is."""
        self._recordings[call, leg] = recording
        room = self._rooms.get(call)
        for port in room.ports if room else ():
            if port.leg == leg:
                port.recording = recording

    def stop_recording(self, call: str, leg: str) -> None:
        """The leg is recorded no more."""
        recording = self._recordings.pop((call, leg), None)
        for port in (*self._rtp.values(), *self._bearers.values()):
            if recording is not None and port.recording is recording:
                port.recording = None

    def event(self, leg: str, event: int, now: float) -> list[MediaOutput]:
        """Tell the far end of an RTP leg of a telephone-event (RFC 4733; 16 is a hook flash); the
        rest of it goes by the tick. Nothing where the leg has agreed to no events.
        """
        begun = (port.begin_event(event, now) for port in self._rtp.values() if port.leg == leg)
        return [sent for sent in begun if sent is not None]

    def on_rtp(
        self, local_port: int, data: bytes, source: Address, now: float
    ) -> list[MediaOutput]:
        """A datagram came in on one of our RTP ports."""
        port = self._rtp.get(local_port)
        packet = read(data)
        if port is None or packet is None:
            self.unread += 1
            return []
        if not port.admits(source, now):
            return []
        law = LAWS.get(packet.payload_type)
        if law is None:
            port.heard_at = now
            return self._keyed(port, packet, now)
        if not port.speaks:
            port.heard_at = now
            return []
        heard = translate(packet.payload, law, port.law)
        port.hear(heard, now)
        hearer = port.direct_to
        if hearer is None:
            port.jitter.push(packet.timestamp, packet.ssrc, heard, now)
            return []
        if hearer.has_own_voice or not isinstance(hearer, RtpPort):
            return []
        sent = hearer.relay(packet, translate(heard, port.law, hearer.law), now)
        return [] if sent is None else [sent]

    def on_block(self, span: str, channel: int, block: bytes, now: float) -> list[MediaOutput]:
        """20 ms came in on a B channel; 20 ms go out on it."""
        port = self._bearers.get((span, channel))
        if port is None:
            return []
        port.hear(block, now)
        room = self._rooms[port.room]
        if room.is_mixed:
            if port.speaks:
                port.arrived.append(block)
            if room.clock is not port:
                return []
            room.clocked_at = now
            return _mixed(room, now)
        outputs: list[MediaOutput] = []
        hearer = port.direct_to
        if hearer is not None and not hearer.has_own_voice:
            sent = hearer.say(translate(block, port.law, hearer.law), now)
            if sent is not None:
                outputs.append(sent)
        heard = port.source.take(now) if port.source is not None else None
        own = port.own_voice()
        if own is not None:
            outputs.append(port.say(own, now))
        elif heard is not None and port.source is not None:
            outputs.append(port.say(translate(heard, port.source.law, port.law), now))
        elif not port.is_fed:
            outputs.append(port.say(silence(port), now))
        return outputs

    def tick(self, now: float) -> list[MediaOutput]:
        """20 ms have gone by: what no B channel paces is paced by this."""
        outputs: list[MediaOutput] = []
        for room in self._rooms.values():
            if room.is_mixed:
                if room.clock is None or now - room.clocked_at > CLOCK_LOST_S:
                    outputs += _mixed(room, now)
            else:
                outputs += _own_voices(room, now)
        due = (port.next_event(now) for port in self._rtp.values())
        outputs += [sent for sent in due if sent is not None]
        if now - self._silence_seen_at >= 1.0:
            self._silence_seen_at = now
            outputs += self._silent_legs(now)
        return outputs

    def _settled(self, member: RoomMember, call: str, now: float) -> Port:
        port: Port
        if member.span:
            key = (member.span, member.channel)
            port = self._bearers.setdefault(key, BearerPort(member))
        else:
            held = self._rtp.get(member.local_port)
            port = held or RtpPort(member, self._ids, any_host=self._any_host)
            self._rtp[member.local_port] = port
        if port.room and port.room != call:
            self._leave(port)
        port.settle(member, call, now)
        port.recording = self._recordings.get((call, port.leg))
        return port

    def _leave(self, port: Port) -> None:
        """Another call takes the port: the one that had it goes on without."""
        room = self._rooms.get(port.room)
        if room is None:
            return
        left = [p for p in room.ports if p is not port]
        for other in left:
            other.direct_to = other.source = None
            other.is_fed = False
        self._rooms[port.room] = remaining = _Room(left)
        remaining.clocked_at = room.clocked_at
        if not remaining.is_mixed:
            _join(left)

    def _let_go(self, ports: list[Port], call: str) -> None:
        for port in ports:
            if port.room != call:
                continue
            if isinstance(port, RtpPort):
                del self._rtp[port.local_port]
            elif isinstance(port, BearerPort):
                del self._bearers[port.span, port.channel]

    def _keyed(self, port: RtpPort, packet: Packet, now: float) -> list[MediaOutput]:
        """A digit is told to the agent; the others get it as an event where they can, else as a
        tone.
        """
        if packet.payload_type != port.event_payload:
            return []
        outputs: list[MediaOutput] = []
        passed = _passed_on(port, packet, now)
        if passed is not None:
            outputs.append(passed)
        digit = read_digit(packet.payload)
        if digit is None or not port.is_new_event(packet):
            return outputs
        if port.speaks and passed is None:
            for hearer in self._rooms[port.room].ports:
                if hearer is not port and hearer.hears:
                    hearer.inserted.extend(_DIGIT_BLOCKS[digit])
        return [*outputs, LegDigit(port.leg, digit)]

    def _silent_legs(self, now: float) -> Iterator[LegSilent | LegHeard]:
        for port in (*self._rtp.values(), *self._bearers.values()):
            silent_s = now - port.heard_at
            span = port.span if isinstance(port, BearerPort) else ""
            if silent_s < SILENT_AFTER_S:
                if port.silence_told_s:
                    yield LegHeard(port.leg, span)
                port.silence_told_s = 0.0
            elif port.speaks and silent_s - port.silence_told_s >= SILENT_AFTER_S:
                port.silence_told_s = silent_s
                yield LegSilent(port.leg, round(silent_s, 1), span)


def _join(ports: list[Port]) -> None:
    """Decide for a room of two how each one's voice reaches the other."""
    if len(ports) != 2:
        return
    for speaker, hearer in (ports, reversed(ports)):
        if not (speaker.speaks and hearer.hears):
            continue
        if isinstance(speaker, RtpPort) and isinstance(hearer, BearerPort):
            hearer.source = speaker
        else:
            speaker.direct_to = hearer
            hearer.is_fed = True


def _passed_on(port: RtpPort, packet: Packet, now: float) -> SendRtp | None:
    """The event as it is, under the number that the one RTP hearer has agreed to."""
    hearer = port.direct_to
    if not isinstance(hearer, RtpPort) or hearer.event_payload is None or hearer.has_own_voice:
        return None
    return hearer.relay(packet, packet.payload, now, hearer.event_payload)


def _own_voices(room: _Room, now: float) -> Iterator[Voice]:
    """A B channel's own voice goes out when a block comes in; RTP has only the tick."""
    for port in room.ports:
        if isinstance(port, RtpPort) and (block := port.own_voice()) is not None:
            sent = port.say(block, now)
            if sent is not None:
                yield sent


def _mixed(room: _Room, now: float) -> list[MediaOutput]:
    spoken = [
        (port, block, port.law)
        for port in room.ports
        if port.speaks and (block := port.take(now)) is not None
    ]
    outputs: list[MediaOutput] = []
    for hearer in room.ports:
        block = hearer.own_voice()
        if block is None:
            voices = [(voice, law) for port, voice, law in spoken if port is not hearer]
            block = mix(voices if hearer.hears else (), hearer.law)
        sent = hearer.say(block, now)
        if sent is not None:
            outputs.append(sent)
    return outputs


def _digit_blocks(digit: str) -> tuple[bytes, ...]:
    coded = from_linear(tone(DTMF[digit], DIGIT_S, -7.0), Law.MU)
    keyed = [coded[at : at + BLOCK] for at in range(0, len(coded), BLOCK)]
    return (*keyed, *(SILENT_BLOCK[Law.MU],) * round(DIGIT_GAP_S / TICK_S))


_DIGIT_BLOCKS = {digit: _digit_blocks(digit) for digit in DTMF}
