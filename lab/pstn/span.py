"""The exchange's end of a primary rate span: D and B halves as datagrams, calls above them."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass

from lab.phones.bulletin import Bulletin
from lab.phones.tones import BLOCK
from lab.pstn import q931
from lab.pstn.circuit import Circuit
from lab.pstn.half import Half
from lab.pstn.lapd import NetworkLink
from lab.pstn.q931 import Message
from lab.pstn.span_call import SpanCall

CHANNELS = tuple(range(1, 24))
"""A T1's; 24 is the D channel."""
CHANNEL_NOT_AVAILABLE, INVALID_REFERENCE = 44, 81
_VOICE = struct.Struct("!cBH")


@dataclass(frozen=True, slots=True)
class SpanPorts:
    """The four ports of a span on loopback, as this end sees them."""

    d_local: int
    d_remote: int
    b_local: int
    b_remote: int


class NetworkSpan:
    """One span. ``offered`` is told of each call that the enterprise places."""

    def __init__(
        self, trunk: str, ports: SpanPorts, news: Bulletin, offered: Callable[[Circuit], None]
    ) -> None:
        self.trunk, self.news, self._offered = trunk, news, offered
        self.link = NetworkLink(self._write_frame, self._deliver, self._link_changed)
        self.calls: dict[tuple[bool, int], SpanCall] = {}
        self.setups: list[Message] = []
        """Every SETUP that came in, as it was."""
        self.restarts = 0
        self._busy: dict[int, SpanCall] = {}
        self._reference = 0
        self._numbers: dict[int, int] = {}
        self._d = Half(ports.d_local, ports.d_remote, self._hear_frame)
        self._b = Half(ports.b_local, ports.b_remote, self._hear_block)

    def start(self) -> None:
        """Listen, and begin to establish the link."""
        self._d.start()
        self._b.start()
        self.link.start()

    def close(self) -> None:
        """Let go of everything."""
        self.link.close()
        for call in list(self.calls.values()):
            call.drop()
        self._d.close()
        self._b.close()

    async def place(self, calling: str, called: str) -> Circuit:
        """Call the enterprise on the highest free channel: the other end hunts from the lowest.

        Raises:
            ConnectionError: every channel is taken.
        """
        free = [channel for channel in CHANNELS if channel not in self._busy]
        if not free:
            raise ConnectionError("no channel is free")
        self._reference = self._reference % 0x7FFF + 1
        call = SpanCall(self, self._reference, free[-1], (calling, called), ours=True)
        self.calls[True, call.reference] = call
        self._busy[call.channel] = call
        call.place()
        return call

    def send(self, message: Message) -> None:
        """Write a message of a call."""
        self.link.send(q931.encode(message))

    def send_block(self, channel: int, block: bytes) -> None:
        """Write 20 ms of voice."""
        number = self._numbers.get(channel, -1) + 1 & 0xFFFF
        self._numbers[channel] = number
        self._b.write(_VOICE.pack(b"B", channel, number) + block)

    def move(self, call: SpanCall, channel: int) -> None:
        """The far end chose another channel for a call of ours."""
        self._busy.pop(call.channel, None)
        self._busy[channel] = call

    def forget(self, call: SpanCall) -> None:
        """A call is gone."""
        self.calls.pop((call.ours, call.reference), None)
        if self._busy.get(call.channel) is call:
            del self._busy[call.channel]

    def _deliver(self, octets: bytes) -> None:
        message = q931.decode(octets)
        if message is None:
            return
        if message.reference == 0:
            self._restart(message)
            return
        # The flag is set in what goes to the side that chose the reference.
        call = self.calls.get((message.to_originator, message.reference))
        if call is not None:
            call.receive(message)
        elif message.kind == q931.SETUP and not message.to_originator:
            self._setup(message)
        elif message.kind not in (q931.RELEASE_COMPLETE, q931.STATUS):
            self._refuse(message, q931.RELEASE_COMPLETE, INVALID_REFERENCE)

    def _setup(self, message: Message) -> None:
        self.setups.append(message)
        channel = self._choose(message)
        if channel is None:
            self._refuse(message, q931.RELEASE_COMPLETE, CHANNEL_NOT_AVAILABLE)
            return
        parties = (message.digits(q931.CALLING), message.digits(q931.CALLED))
        call = SpanCall(self, message.reference, channel, parties, ours=False)
        self.calls[False, call.reference] = call
        self._busy[channel] = call
        call.proceed()
        self._offered(call)
        self.news.post()

    def _choose(self, message: Message) -> int | None:
        """The channel asked for, another where it was only preferred, none where it must be it."""
        asked = message.channel()
        if asked is not None and asked not in self._busy:
            return asked
        if asked is not None and message.is_exclusive():
            return None
        return next((channel for channel in CHANNELS if channel not in self._busy), None)

    def _restart(self, message: Message) -> None:
        """RESTART: what was on the channels is gone (§5.5)."""
        if message.kind != q931.RESTART:
            return
        self.restarts += 1
        named = message.channel()
        for channel, call in list(self._busy.items()):
            if named is None or channel == named:
                call.drop()
        keep = (q931.CHANNEL, q931.RESTART_INDICATOR)
        elements = {ie: message.elements[ie] for ie in keep if ie in message.elements}
        self.send(Message(q931.RESTART_ACK, 0, not message.to_originator, elements))

    def _refuse(self, message: Message, kind: int, value: int) -> None:
        elements = {q931.CAUSE: q931.cause(value)}
        self.send(Message(kind, message.reference, not message.to_originator, elements))

    def _link_changed(self, up: bool) -> None:
        """The far end may have begun anew: ask it which calls it still knows (§5.8.8)."""
        for call in list(self.calls.values()) if up else ():
            call.enquire()
        self.news.post()

    def _write_frame(self, frame: bytes) -> None:
        self._d.write(b"D" + frame)

    def _hear_frame(self, data: bytes) -> None:
        if data[:1] == b"D":
            self.link.receive(data[1:])

    def _hear_block(self, data: bytes) -> None:
        if len(data) == _VOICE.size + BLOCK and data[:1] == b"B":
            call = self._busy.get(data[1])
            if call is not None:
                call.voice.hear(data[_VOICE.size :])
