"""The network's end of a span, as fast as it can be: it notes when each SETUP arrived and answers.

Only the D half; who wants voice sends it from a process of its own, so that the stopwatch here is
not kept waiting. Q.921 and Q.931 are the lab's, written apart from the agent's.
"""

from __future__ import annotations

import asyncio

from bench.rig.branch import T1_CHANNELS
from bench.rig.wire import StampedSocket
from lab.pstn import q931
from lab.pstn.lapd import NetworkLink
from lab.pstn.q931 import Message

PSAP = "2065550911"


class Exchange:
    """One span."""

    def __init__(self, local: int, remote: int, channels: tuple[int, ...] = T1_CHANNELS) -> None:
        self._remote = remote
        self._channels = channels
        self._sock = StampedSocket(local, self._hear)
        self.link = NetworkLink(self._write, self._deliver, self._changed)
        self.setups: list[tuple[str, float]] = []
        """Calling number of each SETUP that came in, and when it arrived."""
        self.up = asyncio.Event()
        self._expected: asyncio.Future[float] | None = None
        self._at = 0.0
        self._reference = 0
        self._busy: dict[tuple[bool, int], int] = {}
        self._connected: dict[int, asyncio.Future[None]] = {}
        self._gone: dict[int, asyncio.Future[None]] = {}

    def start(self) -> None:
        """Establish the link."""
        self.link.start()

    def close(self) -> None:
        """Let go of it."""
        self.link.close()
        self._sock.close()

    def forget_all(self) -> None:
        """The far end is gone, and its calls with it."""
        self._busy.clear()

    @property
    def busy(self) -> int:
        """Channels in use."""
        return len(self._busy)

    def expect(self) -> asyncio.Future[float]:
        """When the next SETUP arrives."""
        self._expected = asyncio.get_running_loop().create_future()
        return self._expected

    def place(self, called: str) -> tuple[int, float]:
        """Call the enterprise; the call's reference and when the SETUP was sent."""
        self._reference = self._reference % 0x7FFF + 1
        taken = set(self._busy.values())
        channel = max(channel for channel in self._channels if channel not in taken)
        self._busy[True, self._reference] = channel
        loop = asyncio.get_running_loop()
        self._connected[self._reference] = loop.create_future()
        self._gone[self._reference] = loop.create_future()
        elements = {
            q931.BEARER: q931.SPEECH,
            q931.CHANNEL: q931.channel_id(channel),
            q931.CALLING: q931.calling(PSAP),
            q931.CALLED: q931.called(called),
        }
        self._sent_at = 0.0
        self.link.send(q931.encode(Message(q931.SETUP, self._reference, False, elements)))
        return self._reference, self._sent_at

    async def connected(self, reference: int) -> None:
        """Wait until a call of ours is answered."""
        await self._connected[reference]

    async def hang_up(self, reference: int) -> None:
        """Clear a call of ours and wait until it is gone."""
        self._send(q931.DISCONNECT, reference, True, {q931.CAUSE: q931.cause(16)})
        await self._gone[reference]

    # ---- frames ----------------------------------------------------------------------------------

    def _write(self, frame: bytes) -> None:
        self._sent_at = self._sock.send(b"D" + frame, self._remote)

    def _hear(self, data: bytes, port: int, at: float) -> None:
        if data[:1] == b"D":
            self._at = at
            self.link.receive(data[1:])

    def _changed(self, up: bool) -> None:
        if up:
            self.up.set()

    # ---- messages --------------------------------------------------------------------------------

    def _deliver(self, octets: bytes) -> None:
        message = q931.decode(octets)
        if message is None:
            return
        ours = message.to_originator
        match message.kind:
            case q931.RESTART:
                keep = (q931.CHANNEL, q931.RESTART_INDICATOR)
                back = {ie: message.elements[ie] for ie in keep if ie in message.elements}
                self.link.send(q931.encode(Message(q931.RESTART_ACK, 0, not ours, back)))
            case q931.SETUP if not ours:
                self._take(message)
            case q931.CONNECT if ours:
                self._send(q931.CONNECT_ACK, message.reference, ours, {})
                _settle(self._connected.pop(message.reference, None))
            case q931.DISCONNECT:
                reason = {q931.CAUSE: q931.cause(message.cause())}
                self._send(q931.RELEASE, message.reference, ours, reason)
            case q931.RELEASE:
                self._send(q931.RELEASE_COMPLETE, message.reference, ours, {})
                self._forget(message.reference, ours)
            case q931.RELEASE_COMPLETE:
                self._forget(message.reference, ours)
            case _:
                pass

    def _take(self, message: Message) -> None:
        self.setups.append((message.digits(q931.CALLING), self._at))
        if self._expected is not None and not self._expected.done():
            self._expected.set_result(self._at)
        taken = set(self._busy.values())
        asked = message.channel()
        free = [channel for channel in self._channels if channel not in taken]
        channel = asked if asked is not None and asked not in taken else free[0] if free else None
        if channel is None:
            busy = {q931.CAUSE: q931.cause(34)}
            self._send(q931.RELEASE_COMPLETE, message.reference, False, busy)
            return
        self._busy[False, message.reference] = channel
        place = {q931.CHANNEL: q931.channel_id(channel)}
        self._send(q931.CALL_PROCEEDING, message.reference, False, place)
        self._send(q931.CONNECT, message.reference, False, {})

    def _forget(self, reference: int, ours: bool) -> None:
        self._busy.pop((ours, reference), None)
        if ours:
            _settle(self._gone.pop(reference, None))

    def _send(self, kind: int, reference: int, ours: bool, elements: dict[int, bytes]) -> None:
        self.link.send(q931.encode(Message(kind, reference, not ours, elements)))


def _settle(future: asyncio.Future[None] | None) -> None:
    if future is not None and not future.done():
        future.set_result(None)
