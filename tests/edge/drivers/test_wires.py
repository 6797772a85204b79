"""Every socket of an agent, with plain sockets at the other ends."""

from __future__ import annotations

import asyncio
import os
import socket
from typing import Any

from edge_agent.drivers.dahdi import CHANNEL, Alarm, Request, ask
from edge_agent.drivers.span import SpanAlarm, Voice
from edge_agent.drivers.wires import SpanOrder, SpanPorts, Wires
from edge_agent.line import HookChanged, Transition
from edge_agent.sip.outputs import Destination
from tests.edge.drivers.dahdi_lines import t1_order
from tests.edge.office import free_ports
from tests.fakes.dahdi_clock import play
from tests.fakes.dahdi_kernel import FakeKernel

PATIENCE_S = 5.0


class Board:
    """Keeps what it hears."""

    def __init__(self) -> None:
        self.heard: asyncio.Queue[tuple[Any, ...]] = asyncio.Queue()
        self.deadline: float | None = None

    def hear_sip(self, *said: Any) -> None:
        self.heard.put_nowait(("sip", *said[:-1]))

    def lose_connection(self, *said: Any) -> None:
        self.heard.put_nowait(("lost", *said[:-1]))

    def hear_frame(self, span: str, frame: bytes, now: float) -> None:
        self.heard.put_nowait((span, frame))

    def hear_transition(self, span: str, transition: Transition, now: float) -> None:
        self.heard.put_nowait((span, transition))

    def span_changed(self, span: str, alarm: SpanAlarm, now: float) -> None:
        self.heard.put_nowait((span, alarm))

    def handle_timeout(self, now: float) -> None:
        self.deadline = None
        self.heard.put_nowait(("timeout",))

    def next_deadline(self) -> float | None:
        return self.deadline


class Tap:
    """Keeps what went over D channels."""

    def __init__(self) -> None:
        self.noted: list[tuple[str, bytes, bool]] = []

    def note(self, span: str, frame: bytes, *, ours: bool) -> None:
        self.noted.append((span, frame, ours))


def test_all_wires_reach_the_board_and_back() -> None:
    async def story() -> None:
        board = Board()
        tap = Tap()
        wires = Wires(board, tap)
        sip, phone, d_near, d_far, b_near, b_far = free_ports(6)
        await wires.open_sip("127.0.0.1", sip, tcp=True)
        span = SpanPorts("spf-pri", "127.0.0.1", d_near, d_far, b_near, b_far)
        lent: list[Voice] = []
        wires.open_spans([span], lambda _, voice: lent.append(voice))
        (voice,) = lent
        with socket.socket(fileno=os.dup(*voice.descriptors)) as lent_voice:
            assert lent_voice.getsockname() == ("127.0.0.1", b_near)
        loop = asyncio.get_running_loop()

        with (
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line,
        ):
            udp.bind(("127.0.0.1", phone))
            line.bind(("127.0.0.1", d_far))
            udp.setblocking(False)
            line.setblocking(False)

            udp.sendto(b"INVITE", ("127.0.0.1", sip))
            assert await board.heard.get() == ("sip", b"INVITE", "udp", "127.0.0.1", phone, None)
            wires.send(b"100", Destination("udp", "127.0.0.1", phone))
            assert await loop.sock_recv(udp, 100) == b"100"

            line.sendto(b"Dframe", ("127.0.0.1", d_near))
            assert await board.heard.get() == ("spf-pri", b"frame")
            line.sendto(b"A\x01", ("127.0.0.1", d_near))
            assert await board.heard.get() == ("spf-pri", SpanAlarm.RED)
            wires.send_frame("spf-pri", b"SETUP")
            assert await loop.sock_recv(line, 100) == b"DSETUP"
            wires.send_frame("unknown", b"SETUP")
            assert tap.noted == [("spf-pri", b"frame", False), ("spf-pri", b"SETUP", True)]

        reader, writer = await asyncio.open_connection("127.0.0.1", sip)
        writer.write(b"OPTIONS")
        heard = await board.heard.get()
        assert heard[:4] == ("sip", b"OPTIONS", "tcp", "127.0.0.1")
        number = heard[5]
        wires.send(b"200", Destination("tcp", "127.0.0.1", heard[4], number))
        assert await reader.readexactly(3) == b"200"
        wires.cut(number)
        assert await board.heard.get() == ("lost", "127.0.0.1", heard[4], number)
        writer.close()

        board.deadline = loop.time() + 0.01
        wires.rearm()
        assert await board.heard.get() == ("timeout",)
        wires.close()

    asyncio.run(asyncio.wait_for(story(), PATIENCE_S))


def test_r1_a_voice_half_that_the_last_run_still_holds_does_not_keep_signalling_waiting() -> None:
    async def story() -> None:
        wires = Wires(Board(), Tap())
        d_near, d_far, b_near, b_far = free_ports(4)
        span = SpanPorts("spf-pri", "127.0.0.1", d_near, d_far, b_near, b_far)
        lent: asyncio.Queue[SpanOrder] = asyncio.Queue()
        with (
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder,
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line,
        ):
            holder.bind(("127.0.0.1", b_near))
            line.bind(("127.0.0.1", d_far))
            line.setblocking(False)
            wires.open_spans([span], lambda which, _: lent.put_nowait(which))
            assert lent.empty()
            wires.send_frame("spf-pri", b"SABME")
            assert await asyncio.get_running_loop().sock_recv(line, 100) == b"DSABME"
        assert await asyncio.wait_for(lent.get(), 5) == span
        wires.close()

    asyncio.run(story())


def test_the_channels_of_a_span_without_a_d_channel_have_hooks() -> None:
    async def story() -> None:
        board = Board()
        wires = Wires(board, Tap())
        d_near, d_far, b_near, b_far = free_ports(4)
        ports = d_near, d_far, b_near, b_far
        span = SpanPorts("spf-em", "127.0.0.1", *ports, is_signalled=True)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
            line.bind(("127.0.0.1", d_far))
            line.setblocking(False)
            wires.open_spans([span], lambda *_: None)
            wires.hook("spf-em", 3, off_hook=True)
            wires.hook("unknown", 3, off_hook=True)
            assert await asyncio.get_running_loop().sock_recv(line, 100) == b"S\x03h\x01"
            line.sendto(b"S\x03h\x01", ("127.0.0.1", d_near))
            told, transition = await board.heard.get()
            assert told == "spf-em"
            assert isinstance(transition, HookChanged)
            assert (transition.channel, transition.off_hook) == (3, True)
            line.sendto(b"A\x01", ("127.0.0.1", d_near))
            assert await board.heard.get() == ("spf-em", SpanAlarm.RED)
        wires.send_frame("spf-em", b"SETUP")
        wires.close()

    asyncio.run(asyncio.wait_for(story(), PATIENCE_S))


def test_a_card_is_a_span_like_any_other_and_says_how_it_is() -> None:
    kernel = FakeKernel()

    async def story() -> None:
        board, tap = Board(), Tap()
        wires = Wires(board, tap, kernel)
        lent: list[tuple[SpanOrder, Voice]] = []
        wires.open_spans([t1_order(1)], lambda order, voice: lent.append((order, voice)))
        ((order, voice),) = lent
        assert (order, len(voice.descriptors)) == (t1_order(1), 23)
        far = kernel.open(CHANNEL)
        ask(kernel, far, Request.SPECIFY, 48)
        kernel.advance(0.2)

        kernel.write(far, b"frame\0\0")
        assert await board.heard.get() == ("t1-1", b"frame")
        kernel.set_alarms(1, Alarm.YELLOW)
        assert await board.heard.get() == ("t1-1", SpanAlarm.YELLOW)
        wires.send_frame("t1-1", b"SETUP")
        kernel.advance(0.2)
        assert kernel.read(far, 100)[:-2] == b"SETUP"
        assert tap.noted == [("t1-1", b"frame", False), ("t1-1", b"SETUP", True)]

        status = wires.status("t1-1")
        assert status is not None
        assert (status.alarms, status.frames_heard) == (SpanAlarm.YELLOW, 1)
        assert wires.status("unknown") is None
        wires.close()
        kernel.close(far)

    play(kernel, story())
    assert kernel.open_descriptors == 0
