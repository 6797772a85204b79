"""Every socket of the agent in one place: what comes in goes to the switchboard, and back out.

After each input the one timer of the circle is armed again.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from edge_agent.drivers.dahdi import Kernel
from edge_agent.drivers.dahdi_kernel import LinuxKernel
from edge_agent.drivers.dahdi_line import DahdiOrder, DahdiSpan
from edge_agent.drivers.driver import OneTimer
from edge_agent.drivers.loop_signals import LoopSignals
from edge_agent.drivers.loop_span import LoopDChannel, connected_socket
from edge_agent.drivers.span import (
    DChannel,
    OnAlarm,
    OnFrame,
    OnTransition,
    Signals,
    SpanAlarm,
    SpanStatus,
    Voice,
)
from edge_agent.drivers.tcp import TcpWire
from edge_agent.drivers.udp import UdpWire
from edge_agent.line import Transition

log = logging.getLogger(__name__)

LAST_FRAMES_S = 0.05
"""So long a frame may take from the driver to the wire: 5 octets at 16 kbit/s and the card's own
milliseconds.
"""
VOICE_RETRY_S = 0.1
"""How often a voice half that somebody still holds is tried again."""


class Destination(Protocol):
    """Where SIP goes."""

    @property
    def transport(self) -> str: ...
    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def connection(self) -> int | None: ...


class Board(Protocol):
    """The switchboard, with sources spelled out."""

    def hear_sip(
        self, data: bytes, transport: str, host: str, port: int, connection: int | None, now: float
    ) -> None: ...
    def lose_connection(self, host: str, port: int, connection: int | None, now: float) -> None: ...
    def hear_frame(self, span: str, frame: bytes, now: float) -> None: ...
    def hear_transition(self, span: str, transition: Transition, now: float) -> None: ...
    def span_changed(self, span: str, alarm: SpanAlarm, now: float) -> None: ...
    def handle_timeout(self, now: float) -> None: ...
    def next_deadline(self) -> float | None: ...


@dataclass(frozen=True, slots=True)
class SpanPorts:
    """One span of the ``loop`` driver: its id, its host, its four ports."""

    span: str
    host: str
    d_local: int
    d_remote: int
    b_local: int
    b_remote: int
    is_signalled: bool = False
    """Its channels have signalling of their own, and it has no D channel (CAS)."""


SpanOrder = SpanPorts | DahdiOrder
"""A span and its driver."""

Lend = Callable[[SpanOrder, Voice], None]
"""Told of a span's voice half when it is open, and again whenever it changes."""


@dataclass(frozen=True, slots=True)
class _Ears:
    """Who is told what a span's signalling half says."""

    hear: OnFrame
    saw: OnTransition
    alarmed: OnAlarm


class Tap(Protocol):
    """Somebody who may want to know what goes over the D channels."""

    def note(self, span: str, frame: bytes, *, ours: bool) -> None: ...


class Wires:
    """SIP over UDP and TCP, the spans, and the timer of the cores behind them."""

    def __init__(self, board: Board, tap: Tap, kernel: Kernel | None = None) -> None:
        self._board = board
        self._tap = tap
        self._loop = asyncio.get_running_loop()
        self._kernel = kernel or LinuxKernel(self._loop)
        self._timer = OneTimer(self._loop, board.next_deadline, self._fire)
        self._udp: UdpWire | None = None
        self._tcp = TcpWire(self._hear_tcp, self._lose_tcp)
        self._spans: dict[str, DChannel] = {}
        self._signals: dict[str, Signals] = {}
        self._cards: dict[str, DahdiSpan] = {}
        self._voices: list[socket.socket] = []
        self._waiting: dict[str, asyncio.TimerHandle] = {}
        self._late: set[str] = set()

    async def open_sip(self, host: str, port: int, *, tcp: bool) -> None:
        """Listen for SIP.

        Raises:
            OSError: the port is taken or the address is not ours.
        """
        self._udp = await UdpWire.open(host, port, self._hear_udp)
        if tcp:
            await self._tcp.listen(host, port)

    def open_spans(self, spans: Iterable[SpanOrder], lend: Lend) -> None:
        """Open the signalling halves now, and the voice halves as soon as they are free.

        After a crash media holds the voice half of the last run for two seconds more. Signalling
        does not wait for that (R1): ``lend`` is called with each voice half when it is ours. It
        stays ours and is lent to media. A card that is not there is waited for in the same way,
        under a red alarm.

        Raises:
            OSError: the port of a D channel is taken.
        """
        for order in spans:
            if isinstance(order, DahdiOrder):
                self._open_card(order, lend)
                continue
            self._open_signalling(order)
            self._open_voice(order, lend)

    def _open_card(self, order: DahdiOrder, lend: Lend) -> None:
        ears, lent = self._ears(order.span), partial(lend, order)
        card = DahdiSpan(self._kernel, self._loop, order, ears.hear, ears.alarmed, lent, ears.saw)
        half: dict[str, DChannel] | dict[str, Signals]
        half = self._spans if order.d_channel else self._signals
        half[order.span] = self._cards[order.span] = card

    def _open_signalling(self, order: SpanPorts) -> None:
        ears = self._ears(order.span)
        d_half = connected_socket((order.host, order.d_local), (order.host, order.d_remote))
        if order.is_signalled:
            signals = LoopSignals(d_half, self._loop, ears.saw, ears.alarmed)
            self._signals[order.span] = signals
        else:
            self._spans[order.span] = LoopDChannel(d_half, self._loop, ears.hear, ears.alarmed)

    def status(self, span: str) -> SpanStatus | None:
        """What the card says of a span; ``None``: its driver has no card."""
        card = self._cards.get(span)
        return None if card is None else card.status()

    def _open_voice(self, span: SpanPorts, lend: Lend) -> None:
        self._waiting.pop(span.span, None)
        try:
            voice = connected_socket((span.host, span.b_local), (span.host, span.b_remote))
        except OSError as error:
            if span.span not in self._late:
                self._late.add(span.span)
                log.warning("voice of %s is not free yet: %s", span.span, error.strerror)
            again = partial(self._open_voice, span, lend)
            self._waiting[span.span] = self._loop.call_later(VOICE_RETRY_S, again)
            return
        self._voices.append(voice)
        lend(span, Voice((voice.fileno(),)))

    def send(self, data: bytes, to: Destination) -> None:
        """Write SIP."""
        if to.transport != "udp":
            self._tcp.send(data, to.host, to.port, to.connection)
        elif self._udp is not None:
            self._udp.send(data, to.host, to.port)

    def send_frame(self, span: str, frame: bytes) -> None:
        """Write on a D channel; before it is open the frame is lost, and Q.921 repeats it."""
        channel = self._spans.get(span)
        if channel is not None:
            channel.send(frame)
            self._tap.note(span, frame, ours=True)

    def hook(self, span: str, channel: int, *, off_hook: bool) -> None:
        """Take a channel off hook, or hang up; before it is open there is nothing to take."""
        signals = self._signals.get(span)
        if signals is not None:
            signals.hook(channel, off_hook=off_hook)

    def cut(self, connection: int) -> None:
        """End a stream whose framing is lost."""
        self._tcp.cut(connection)

    def rearm(self) -> None:
        """Something was asked of a core from elsewhere: its deadline may have moved."""
        self._timer.rearm()

    def close(self) -> None:
        """Let go of everything, the spans last: what was said last on them is on the wire first."""
        self._timer.cancel()
        if self._udp is not None:
            self._udp.close()
        self._tcp.close()
        if self._cards:
            # The driver throws away what waits for the line when a channel is closed. Nothing may
            # be heard any more, so nothing else waits for these milliseconds.
            time.sleep(LAST_FRAMES_S)
        halves: list[DChannel | Signals] = [*self._spans.values(), *self._signals.values()]
        for half in halves:
            half.close()
        for again in self._waiting.values():
            again.cancel()
        for voice in self._voices:
            voice.close()

    def _fire(self, now: float) -> None:
        self._board.handle_timeout(now)
        self._timer.rearm()

    def _hear_udp(self, data: bytes, host: str, port: int) -> None:
        self._board.hear_sip(data, "udp", host, port, None, self._loop.time())
        self._timer.rearm()

    def _hear_tcp(self, data: bytes, host: str, port: int, connection: int) -> None:
        self._board.hear_sip(data, "tcp", host, port, connection, self._loop.time())
        self._timer.rearm()

    def _lose_tcp(self, host: str, port: int, connection: int) -> None:
        self._board.lose_connection(host, port, connection or None, self._loop.time())
        self._timer.rearm()

    def _ears(self, span: str) -> _Ears:
        def hear(frame: bytes, now: float) -> None:
            self._tap.note(span, frame, ours=False)
            self._board.hear_frame(span, frame, now)
            self._timer.rearm()

        def saw(transition: Transition) -> None:
            self._board.hear_transition(span, transition, self._loop.time())
            self._timer.rearm()

        def alarmed(alarm: SpanAlarm, now: float) -> None:
            self._board.span_changed(span, alarm, now)
            self._timer.rearm()

        return _Ears(hear, saw, alarmed)
